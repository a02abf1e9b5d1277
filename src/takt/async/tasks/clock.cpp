#include "takt/async/tasks/clock.hpp"

#include <atomic>

namespace takt::async {
namespace {

std::uint64_t next_serial() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

Clock::Clock() noexcept : serial_(next_serial()) {}

Clock::~Clock() {
  timers_.lose_all(internal::TimerLoss::kClockDestroyed);
}

void Clock::set_timer(internal::Timer& timer, core::Nanoseconds deadline_ns) {
  check_thread("sleeping on a clock");
  const bool earliest = timers_.empty() || deadline_ns < timers_.earliest_ns();
  timers_.set(timer, deadline_ns);
  if (!earliest) {
    return;
  }
  try {
    rearm();
  } catch (...) {
    cancel_timer(timer);
    throw;
  }
}

// A clock that wakes for nothing does no harm: it is told of the last timer only.
void Clock::cancel_timer(internal::Timer& timer) noexcept {
  if (timer.set()) {
    timers_.cancel(timer);
    if (timers_.empty()) {
      rearm();
    }
  }
}

}  // namespace takt::async
