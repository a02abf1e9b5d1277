#include "takt/async/tasks/internal/loop_state.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "takt/async/tasks/wait.hpp"
#include "takt/core/error.hpp"

// One turn of the loop:
//
//   ready tasks (at most kReadyBudget) → inbox of other threads → due timers → file descriptors
//
// When nothing is ready after that, it marks the inbox as asleep and waits in the kernel until the next deadline. A
// push into the inbox between the last look and the mark makes try_sleep() fail; one after it finds the mark and writes
// the eventfd: no wake-up is lost.

namespace takt::async::internal {
namespace {

constexpr int kReadyBudget = 256;
constexpr int kEventsPerPoll = 64;

/// epoll_wait with nanoseconds where the kernel has it (5.11), else with milliseconds, rounded up.
int wait_on(int epoll, std::array<epoll_event, kEventsPerPoll>& events, core::Nanoseconds timeout_ns) noexcept {
  static std::atomic<bool> has_nanoseconds{true};
  if (timeout_ns <= 0) {
    return epoll_wait(epoll, events.data(), kEventsPerPoll, timeout_ns == 0 ? 0 : -1);
  }
  if (has_nanoseconds.load(std::memory_order_relaxed)) {
    const timespec timeout{.tv_sec = timeout_ns / core::kNanosecondsPerSecond,
                           .tv_nsec = timeout_ns % core::kNanosecondsPerSecond};
    const int count = epoll_pwait2(epoll, events.data(), kEventsPerPoll, &timeout, nullptr);
    if (count >= 0 || errno != ENOSYS) {
      return count;
    }
    has_nanoseconds.store(false, std::memory_order_relaxed);
  }
  constexpr core::Nanoseconds kLongest_ms = 1'000'000'000;
  const core::Nanoseconds timeout_ms = std::min((timeout_ns + 999'999) / 1'000'000, kLongest_ms);
  return epoll_wait(epoll, events.data(), kEventsPerPoll, static_cast<int>(timeout_ms));
}

}  // namespace

LoopState::LoopState(LoopTime time) : clock(time), epoll(epoll_create1(EPOLL_CLOEXEC)) {
  epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.ptr = nullptr}};
  if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, inbox->descriptor(), &event) != 0) {
    throw SystemError("the event loop needs an epoll", errno);
  }
}

LoopState::~LoopState() {
  if (turns.observer() != nullptr) {
    turns.observer()->loop_ends();
  }
  watches.for_each([](IoWatch& watch) { watch.forget(); });
  reactor.reset();  // it watches the epoll
  close(epoll);
}

void LoopState::turn() noexcept {
  take_cancellation();
  run_ready_tasks();
  inbox->deliver_all();
  clock.fire_due();
  if (!ready.empty()) {
    poll_io();
  } else if (!root_done) {
    clock.is_virtual() ? sleep_virtual() : sleep();
  }
}

void LoopState::take_cancellation() noexcept {
  if (cancel_reason.load(std::memory_order_relaxed) == nullptr) [[likely]] {
    return;
  }
  const char* reason = cancel_reason.exchange(nullptr, std::memory_order_acquire);
  root_scope->cancel(reason);
}

void LoopState::run_ready_tasks() noexcept {
  for (int left = kReadyBudget; left > 0 && !ready.empty() && !root_done; --left) {
    turns.begin();
    TaskRunner::resume(*this, ready.pop());
  }
  turns.rest();
}

void LoopState::poll_io() noexcept {
  if (reactor != nullptr) {
    reactor->poll();
  }
  if (!watches.empty()) {
    dispatch_io(0);
  }
}

void LoopState::sleep() noexcept {
  core::Nanoseconds timeout_ns = -1;
  if (!clock.heap().empty()) {
    timeout_ns = clock.heap().earliest_ns() - clock.now_ns();
    if (timeout_ns <= 0) {
      return;
    }
  }
  if (inbox->try_sleep()) {
    ++statistics.sleeps;
    wait_io(timeout_ns);
  }
}

void LoopState::wait_io(core::Nanoseconds timeout_ns) noexcept {
  if (reactor == nullptr) {
    dispatch_io(timeout_ns);
  } else if (reactor->wait(timeout_ns < 0 ? kNoDeadline : clock.heap().earliest_ns())) {
    dispatch_io(0);
  }
}

void LoopState::dispatch_io(core::Nanoseconds timeout_ns) noexcept {
  std::array<epoll_event, kEventsPerPoll> events;  // NOLINT(cppcoreguidelines-pro-type-member-init): written by epoll
  const int count = wait_on(epoll, events, timeout_ns);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    auto* watch = static_cast<IoWatch*>(event.data.ptr);
    if (watch != nullptr && watch->watching()) {  // one before it in this batch may have ended its wait
      watch->ready(event.events);
    }
  }
}

bool LoopState::outside_may_act() const noexcept {
  return outside_work > 0 || outside_waits > 0;
}

// Calls that run elsewhere are waited for in real time; then time jumps to the next deadline; without one, what only
// the outside can end is waited for; without that, nothing will ever happen.
void LoopState::sleep_virtual() noexcept {
  const bool has_deadline = !clock.heap().empty();
  const bool must_wait = outside_work > 0 || (!has_deadline && outside_may_act());
  if (must_wait) {
    if (inbox->try_sleep()) {
      ++statistics.sleeps;
      wait_io(-1);
    }
    return;
  }
  poll_io();
  if (inbox->deliver_all() || !ready.empty()) {
    return;
  }
  if (has_deadline) {
    clock.jump_to(std::max(clock.now_ns(), clock.heap().earliest_ns()));
  } else if (cancel_reason.load(std::memory_order_relaxed) == nullptr) {
    break_deadlock();
  }
}

void LoopState::break_deadlock() noexcept {
  if (deadlock.empty()) {
    deadlock = "nothing can happen any more; these tasks wait:";
    for (const TaskInfo& task : this_thread.loop->tasks()) {
      deadlock += "\n  " + task.path + " (started at " + task.started_at + "): " + task.waiting_for;
    }
    root_scope->cancel("deadlock");
  } else {
    root_scope->cancel_shielded("deadlock");
  }
}

void LoopClock::fire_due() noexcept {
  if (!timers().empty()) {
    timers().fire_due(now_ns());
  }
}

void IoWatch::watch(int descriptor, std::uint32_t events) {
  if (!try_watch(descriptor, events)) {
    throw SystemError("descriptor " + std::to_string(descriptor) + " cannot be waited for", EPERM);
  }
}

bool IoWatch::try_watch(int descriptor, std::uint32_t events) {
  loop_ = &this_loop_state("a file descriptor's readiness");
  epoll_event event{.events = events, .data = {.ptr = this}};
  descriptor_ = descriptor;
  int refused = epoll_ctl(loop_->epoll, EPOLL_CTL_ADD, descriptor_, &event);
  if (refused != 0 && errno == EEXIST) {  // another task watches it: epoll takes a descriptor only once
    descriptor_ = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    duplicate_ = descriptor_ >= 0;
    refused = duplicate_ ? epoll_ctl(loop_->epoll, EPOLL_CTL_ADD, descriptor_, &event) : -1;
  }
  if (refused == 0) {
    loop_->watches.push_back(*this);
    return true;
  }
  const int error_number = errno;
  if (duplicate_) {
    close(descriptor_);
    duplicate_ = false;
  }
  descriptor_ = -1;
  if (error_number == EPERM) {
    return false;
  }
  throw SystemError("descriptor " + std::to_string(descriptor) + " cannot be waited for", error_number);
}

void IoWatch::unwatch() noexcept {
  if (descriptor_ >= 0) {
    epoll_ctl(loop_->epoll, EPOLL_CTL_DEL, descriptor_, nullptr);
    forget();
  }
}

void IoWatch::forget() noexcept {
  unlink();
  if (duplicate_) {
    close(descriptor_);
    duplicate_ = false;
  }
  descriptor_ = -1;
}

}  // namespace takt::async::internal
