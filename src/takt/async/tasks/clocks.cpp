#include "takt/async/tasks/clocks.hpp"

#include <algorithm>
#include <cerrno>
#include <string>

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace takt::async {
namespace {

/// Makes the timer expire when the wall shows `deadline_ns`, and be readable as well when the wall is set.
void arm_at_wall_time(int timer, core::Nanoseconds deadline_ns) noexcept {
  deadline_ns = std::max(deadline_ns, core::Nanoseconds{1});  // zero would disarm it
  const itimerspec when{.it_interval = {},
                        .it_value = {.tv_sec = deadline_ns / core::kNanosecondsPerSecond,
                                     .tv_nsec = deadline_ns % core::kNanosecondsPerSecond}};
  while (timerfd_settime(timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, nullptr) != 0 &&
         errno == ECANCELED) {  // the wall was set since the last look: armed against the new wall the next time
  }
}

}  // namespace

SystemClock::SystemClock() : descriptor_(timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK)) {
  if (descriptor_ < 0) {
    throw SystemError("a SystemClock needs a timerfd", errno);
  }
  leave_thread();
}

SystemClock::~SystemClock() {
  alarm_.unwatch();
  close(descriptor_);
}

void SystemClock::rearm() {
  if (timers().empty()) {
    alarm_.unwatch();
    outside_.end();
    leave_thread();
    return;
  }
  arm_at_wall_time(descriptor_, timers().earliest_ns());
  if (!alarm_.watching()) {
    alarm_.watch(descriptor_, EPOLLIN);
    outside_.begin("a SystemClock");
  }
}

// The deadline has come, or the wall was set (the read says ECANCELED): then the timer is armed again, and who is due
// by the new wall wakes. After what fired another deadline is the earliest.
void SystemClock::wall_moved() noexcept {
  std::uint64_t expirations = 0;
  static_cast<void>(!read(descriptor_, &expirations, sizeof(expirations)));
  timers().fire_due(now_ns());
  rearm();
}

void ManualClock::advance(Duration duration) {
  check_thread("ManualClock::advance");
  if (duration < Duration::zero()) {
    throw LogicError("ManualClock::advance: " + std::to_string(duration.count()) + " ns would run time backwards");
  }
  now_ns_.store(internal::deadline_after(now_ns(), duration.count()), std::memory_order_relaxed);
  timers().fire_due(now_ns());
}

void SimulatedClock::set_time(core::Nanoseconds now_ns) {
  check_thread("SimulatedClock::set_time");
  const bool back = active() && now_ns < this->now_ns();
  now_ns_.store(now_ns, std::memory_order_relaxed);
  active_.store(true, std::memory_order_relaxed);
  if (back) {
    jumps_back_.store(jumps_back() + 1, std::memory_order_relaxed);
  }
  timers().fire_due(now_ns);
}

void SimulatedClock::change_source() {
  check_thread("SimulatedClock::change_source");
  active_.store(false, std::memory_order_relaxed);
  now_ns_.store(0, std::memory_order_relaxed);
  timers().lose_all(internal::TimerLoss::kSourceChanged);
}

}  // namespace takt::async
