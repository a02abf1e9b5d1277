#include "takt/core/time.hpp"

#include <cerrno>
#include <cmath>
#include <ctime>
#include <string>

#include "takt/core/error.hpp"

namespace takt::core {
namespace {

Nanoseconds read_clock(clockid_t id) noexcept {
  timespec now{};
  clock_gettime(id, &now);
  return now.tv_sec * kNanosecondsPerSecond + now.tv_nsec;
}

void sleep_on(clockid_t id, Nanoseconds deadline_ns) noexcept {
  const timespec deadline{.tv_sec = deadline_ns / kNanosecondsPerSecond,
                          .tv_nsec = deadline_ns % kNanosecondsPerSecond};
  while (clock_nanosleep(id, TIMER_ABSTIME, &deadline, nullptr) == EINTR) {
  }
}

}  // namespace

Nanoseconds monotonic_now_ns() noexcept {
  return read_clock(CLOCK_MONOTONIC);
}

Nanoseconds wall_now_ns() noexcept {
  return read_clock(CLOCK_REALTIME);
}

Nanoseconds from_seconds(double seconds) noexcept {
  return std::llround(seconds * 1e9);
}

void SteadyClock::sleep_until_ns(Nanoseconds deadline_ns) noexcept {
  if (deadline_ns > now_ns()) {
    sleep_on(CLOCK_MONOTONIC, deadline_ns);
  }
}

void WallClock::sleep_until_ns(Nanoseconds deadline_ns) noexcept {
  if (deadline_ns > now_ns()) {
    sleep_on(CLOCK_REALTIME, deadline_ns);
  }
}

void ManualClock::advance_ns(Nanoseconds duration_ns) {
  if (duration_ns < 0) {
    throw LogicError("ManualClock::advance_ns: " + std::to_string(duration_ns) + " ns would run time backwards");
  }
  now_ns_.fetch_add(duration_ns, std::memory_order_acq_rel);
  now_ns_.notify_all();
}

void ManualClock::sleep_until_ns(Nanoseconds deadline_ns) noexcept {
  sleepers_.fetch_add(1, std::memory_order_acq_rel);
  for (Nanoseconds now = now_ns(); now < deadline_ns; now = now_ns()) {
    now_ns_.wait(now, std::memory_order_acquire);
  }
  sleepers_.fetch_sub(1, std::memory_order_acq_rel);
}

Clock& steady_clock() noexcept {
  static SteadyClock clock;
  return clock;
}

Beat::Beat(Nanoseconds start_ns, Nanoseconds period_ns) : deadline_ns_(start_ns), period_ns_(period_ns) {
  if (period_ns <= 0) {
    throw LogicError("Beat: period must be positive, is " + std::to_string(period_ns) + " ns");
  }
}

Nanoseconds Beat::next_ns(Nanoseconds now_ns) noexcept {
  deadline_ns_ += period_ns_;
  if (deadline_ns_ <= now_ns) {
    const Nanoseconds behind = (now_ns - deadline_ns_) / period_ns_ + 1;
    missed_ += static_cast<std::uint64_t>(behind);
    deadline_ns_ += behind * period_ns_;
  }
  return deadline_ns_;
}

}  // namespace takt::core
