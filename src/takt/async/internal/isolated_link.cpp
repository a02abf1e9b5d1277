#include "takt/async/internal/isolated_link.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "takt/async/tasks/internal/loop_state.hpp"
#include "takt/core/error.hpp"

// A call is in `waiting_`, or it is `running_`, or it is over. Whatever ends the running one (answer, death of the
// child, deadline) leads to finish(), which starts the next. After the child's death each of them ends with the same
// error, as IsolatedProcess::submit() throws it.
//
// The timer is never set later than the deadline, but may fire earlier: it stays set when a call ends in time, and is
// then good for the next ones. So calls with deadlines cost a system call once per deadline, not each.

namespace takt::async::internal {

IsolatedLink::IsolatedLink(IsolateOptions options)
    : loop_(this_loop_state("isolate")),
      process_(std::move(options)),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
  if (!timer_) {
    throw SystemError("isolate: cannot make a timerfd", errno);
  }
  timer_watch_.watch(timer_.get(), EPOLLIN);
  bell_watch_.watch(process_.reply_bell(), EPOLLIN);
  life_watch_.watch(process_.life(), EPOLLIN);
}

IsolatedLink::~IsolatedLink() {
  close();
}

void IsolatedLink::close() noexcept {
  if (std::exchange(closed_, true)) {
    return;
  }
  process_.kill();
  bell_watch_.unwatch();
  life_watch_.unwatch();
  timer_watch_.unwatch();
  waiting_.for_each([](IsolatedCall& call) {
    call.unlink();
    call.lost();
  });
  if (running_ != nullptr) {
    --loop_.outside_work;
    std::exchange(running_, nullptr)->lost();
  }
}

void IsolatedLink::enter(IsolatedCall& call) {
  thread_.check("Isolated::call", process_.options().name);
  if (closed_) {
    throw LogicError("isolated '" + process_.options().name + "' was destroyed before this call of it was awaited");
  }
  if (!timer_watch_.watching() || &this_loop_state("Isolated::call") != &loop_) {
    throw LogicError("isolated '" + process_.options().name + "' was called on another loop than the one that it was " +
                     "made on" + (timer_watch_.watching() ? "" : ", which has been destroyed"));
  }
  waiting_.push_back(call);
  if (running_ == nullptr) {
    start_next();
  }
}

bool IsolatedLink::withdraw(IsolatedCall& call) noexcept {
  if (&call != running_) {
    call.unlink();
    return true;
  }
  if (!call.cancelled_) {
    call.cancelled_ = true;
    set_deadline(process_.options().grace);
  }
  return false;
}

std::string IsolatedLink::describe(std::string_view what) const {
  return std::string(what) + " of isolated '" + process_.options().name + "'";
}

void IsolatedLink::start_next() noexcept {
  while (running_ == nullptr && !waiting_.empty()) {
    IsolatedCall& call = waiting_.front();
    call.unlink();
    try {
      if (stopped_) {
        throw LogicError("isolated '" + process_.options().name + "' was called after stop()");
      }
      call.submit(process_);
    } catch (...) {
      call.error_ = std::current_exception();
      call.finished();
      continue;
    }
    running_ = &call;
    ++loop_.outside_work;
    started_ns_ = core::monotonic_now_ns();
    if (call.deadline_) {
      set_deadline(*call.deadline_);
    }
  }
}

void IsolatedLink::set_deadline(Duration left) noexcept {
  const core::Nanoseconds wanted_ns = deadline_after(core::monotonic_now_ns(), left.count());
  if (!deadline_ns_ || wanted_ns < *deadline_ns_) {
    deadline_ns_ = wanted_ns;
    set_timer();
  }
}

void IsolatedLink::set_timer() noexcept {
  if (timer_ns_ && *timer_ns_ <= *deadline_ns_) {
    return;
  }
  timer_ns_ = std::max(*deadline_ns_, core::Nanoseconds{1});  // 0 would be none
  const itimerspec when{.it_interval = {},
                        .it_value = {.tv_sec = *timer_ns_ / core::kNanosecondsPerSecond,
                                     .tv_nsec = *timer_ns_ % core::kNanosecondsPerSecond}};
  timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

void IsolatedLink::timer_fired() noexcept {
  std::uint64_t times = 0;
  (void)!read(timer_.get(), &times, sizeof(times));
  timer_ns_.reset();
  if (!deadline_ns_) {
    return;
  }
  if (core::monotonic_now_ns() < *deadline_ns_) {
    set_timer();
  } else {
    time_is_up();
  }
}

void IsolatedLink::answer_came() noexcept {
  if (running_ == nullptr || stopped_) {
    bell_watch_.unwatch();  // a fault between calls, or on the way out
    (void)process_.try_end();
    return;
  }
  try {
    const auto reply = process_.try_collect();
    if (!reply) {
      return;
    }
    stopped_ = running_->is_stop();
    running_->take(process_, *reply);
  } catch (...) {
    running_->error_ = std::current_exception();
  }
  if (!stopped_ || process_.try_end()) {
    finish();
  }
}

void IsolatedLink::life_ended() noexcept {
  if (!process_.try_end()) {
    return;
  }
  life_watch_.unwatch();
  if (running_ == nullptr) {
    return;
  }
  if (stopped_) {
    finish();
  } else {
    answer_came();  // there is one, or it throws how the child ended
  }
}

void IsolatedLink::time_is_up() noexcept {
  running_->abandoned_ = running_->cancelled_;
  try {
    process_.give_up(Duration(core::monotonic_now_ns() - started_ns_));
  } catch (...) {
    running_->error_ = std::current_exception();
  }
  finish();
}

void IsolatedLink::finish() noexcept {
  deadline_ns_.reset();
  --loop_.outside_work;
  std::exchange(running_, nullptr)->finished();
  start_next();
}

}  // namespace takt::async::internal
