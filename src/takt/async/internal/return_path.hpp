#pragma once

#include <memory>
#include <utility>

#include "takt/async/tasks/internal/loop_state.hpp"

/// Internal to async.
namespace takt::async::internal {

/// The way home of a call that another thread does for a task of this loop. While one is under way, virtual time waits.
///
///   depart()  loop      the call leaves
///   arrive()  a worker  it is done: arrived() follows on the loop's thread   ⎫ exactly one
///   recall()  loop      it was taken back before anybody began it            ⎭ of the two
class ReturnPath : private InboxNode {
 public:
  /// @throws LogicError outside of a task
  void depart(const char* what) {
    loop_ = &this_loop_state(what);
    inbox_ = loop_->inbox;
    ++loop_->outside_work;
  }
  /// Any thread. The loop may destroy this object at once: only the inbox, which is kept alive here, is used after.
  void arrive() noexcept {
    const std::shared_ptr<Inbox> inbox = std::move(inbox_);
    inbox->push(*this);
  }
  void recall() noexcept {
    inbox_.reset();
    --loop_->outside_work;
  }
  /// The loop it departed from.
  [[nodiscard]] LoopState& loop() const noexcept { return *loop_; }

 protected:
  ReturnPath() = default;
  ~ReturnPath() = default;

 private:
  virtual void arrived() noexcept = 0;

  void deliver() noexcept final {
    --loop_->outside_work;
    arrived();
  }

  LoopState* loop_{nullptr};
  std::shared_ptr<Inbox> inbox_;
};

}  // namespace takt::async::internal
