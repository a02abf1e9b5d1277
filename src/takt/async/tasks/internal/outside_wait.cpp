#include "takt/async/tasks/internal/outside_wait.hpp"

#include "takt/async/tasks/internal/loop_state.hpp"

namespace takt::async::internal {

void OutsideWait::begin(const char* what) {
  end();
  loop_ = &this_loop_state(what);
  ++loop_->outside_waits;
}

void OutsideWait::end() noexcept {
  if (loop_ != nullptr) {
    --loop_->outside_waits;
    loop_ = nullptr;
  }
}

}  // namespace takt::async::internal
