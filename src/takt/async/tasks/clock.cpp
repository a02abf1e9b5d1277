#include "takt/async/tasks/clock.hpp"

namespace takt::async {

Clock::~Clock() = default;

void Clock::set_timer(internal::Timer& timer, core::Nanoseconds deadline_ns) {
  const bool earliest = timers_.empty() || deadline_ns < timers_.earliest_ns();
  timers_.set(timer, deadline_ns);
  if (earliest) {
    rearm();
  }
}

void Clock::cancel_timer(internal::Timer& timer) noexcept {
  timers_.cancel(timer);  // a clock that wakes for nothing does no harm
}

}  // namespace takt::async
