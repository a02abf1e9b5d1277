#include "takt/async/tasks/sleep.hpp"

#include <utility>

#include <fmt/core.h>

#include "takt/async/tasks/internal/loop_state.hpp"

namespace takt::async {

bool Sleep::try_complete() {
  if (clock_ == nullptr) {
    clock_ = &internal::this_thread.loop->state().clock;
  }
  return false;
}

void Sleep::arm() {
  const core::Nanoseconds now_ns = clock_->now_ns();
  if (std::exchange(relative_, false)) {
    deadline_ns_ = internal::deadline_after(now_ns, deadline_ns_);
  }
  if (deadline_ns_ <= now_ns) {
    complete();
  } else {
    clock_->set_timer(*this, deadline_ns_);
  }
}

bool Sleep::withdraw() noexcept {
  clock_->cancel_timer(*this);
  return true;
}

void Sleep::lose(internal::TimerLoss why) noexcept {
  if (why == internal::TimerLoss::kClockDestroyed) {
    fail();
  } else {
    source_changed_ = true;
    complete();
  }
}

void Sleep::result() {
  if (std::exchange(source_changed_, false)) {
    throw TimeSourceChanged("the source of time was changed during a sleep");
  }
}

std::string Sleep::describe() const {
  if (clock_ == nullptr || relative_) {
    return "sleep";
  }
  return fmt::format("sleep, for another {:.6g} s", core::to_seconds(deadline_ns_ - clock_->now_ns()));
}

}  // namespace takt::async
