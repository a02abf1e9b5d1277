#include "takt/async/tasks/sleep.hpp"

#include <fmt/core.h>

#include "takt/async/tasks/internal/loop_state.hpp"

namespace takt::async {

bool Sleep::try_complete() {
  if (clock_ == nullptr) {
    clock_ = &internal::this_thread.loop->state().clock;
  }
  if (relative_) {
    deadline_ns_ = internal::deadline_after(clock_->now_ns(), deadline_ns_);
    relative_ = false;
  }
  return false;
}

void Sleep::arm() {
  if (deadline_ns_ <= clock_->now_ns()) {
    complete();
  } else {
    clock_->set_timer(*this, deadline_ns_);
  }
}

bool Sleep::withdraw() noexcept {
  clock_->cancel_timer(*this);
  return true;
}

std::string Sleep::describe() const {
  if (clock_ == nullptr || relative_) {
    return "sleep";
  }
  return fmt::format("sleep, for another {:.6g} s", core::to_seconds(deadline_ns_ - clock_->now_ns()));
}

}  // namespace takt::async
