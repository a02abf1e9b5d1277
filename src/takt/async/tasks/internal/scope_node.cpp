#include "takt/async/tasks/internal/scope_node.hpp"

#include <utility>

#include "takt/async/tasks/internal/this_thread.hpp"
#include "takt/async/tasks/wait.hpp"
#include "takt/core/error.hpp"

namespace takt::async::internal {

void ScopeNode::reset() noexcept {
  reason_ = {};
  requested_ = effective_ = shielded_ = outer_unwinding_ = false;
}

void ScopeNode::enter(RunningTask& task, bool shielded) noexcept {
  owner_ = &task;
  parent_ = task.scope;
  shielded_ = shielded;
  parent_->children_.push_back(*this);
  task.unlink();
  tasks_.push_back(task);
  task.scope = this;
  effective_ = requested_ || (!shielded && parent_->effective_);
  outer_unwinding_ = std::exchange(task.unwinding, false);
}

void ScopeNode::leave() noexcept {
  RunningTask& task = *std::exchange(owner_, nullptr);
  task.unlink();
  parent_->tasks_.push_back(task);
  task.scope = parent_;
  unlink();
  parent_ = nullptr;
  task.unwinding = task.unwinding || outer_unwinding_;
}

void ScopeNode::adopt(RunningTask& task) noexcept {
  tasks_.push_back(task);
  task.scope = this;
}

void ScopeNode::cancel(std::string_view reason) {
  if (!requested_) {
    reason_ = reason;
    requested_ = true;
    spread(false);
  }
}

void ScopeNode::cancel_shielded(std::string_view reason) {
  cancel(reason);
  spread(true);
}

void ScopeNode::spread(bool through_shields) noexcept {
  walk([&](ScopeNode& node) {
    const bool shielded = &node != this && node.shielded_ && !through_shields;
    if (shielded || (node.effective_ && !through_shields)) {
      return false;
    }
    node.become_cancelled();
    return true;
  });
}

void ScopeNode::become_cancelled() noexcept {
  if (effective_) {
    return;
  }
  effective_ = true;
  tasks_.for_each([](RunningTask& task) {
    if (task.wait != nullptr) {
      task.wait->deliver_cancel();
    }
  });
}

void ScopeNode::end_cancellation() {
  const bool cancelled_around = !shielded_ && parent_->effective_;
  owner_->unwinding = !requested_ || cancelled_around;
  if (owner_->unwinding) {
    throw Cancelled();
  }
}

std::string_view ScopeNode::reason() const noexcept {
  for (const ScopeNode* node = this; node != nullptr; node = node->shielded_ ? nullptr : node->parent_) {
    if (node->requested_) {
      return node->reason_.view();
    }
  }
  return {};
}

}  // namespace takt::async::internal
