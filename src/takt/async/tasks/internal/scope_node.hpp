#pragma once

#include <string_view>

#include "takt/async/tasks/internal/intrusive_list.hpp"
#include "takt/async/tasks/internal/running_task.hpp"
#include "takt/core/fixed_string.hpp"

/// Internal to async.
namespace takt::async::internal {

struct InScope;   // a task's link in its innermost scope
struct InParent;  // a scope's link in its parent

/// A node of the tree that cancellation runs down: every CancelScope and every nursery is one. Loop thread only.
class ScopeNode : public ListLink<InParent> {
 public:
  ScopeNode() = default;

  /// As new. @pre not entered
  void reset() noexcept;

  /// Becomes the innermost scope of `task`; leave() gives it back the one before. Shielded: cancellation of the scopes
  /// around does not pass.
  void enter(RunningTask& task, bool shielded) noexcept;
  void leave() noexcept;
  [[nodiscard]] bool entered() const noexcept { return owner_ != nullptr; }
  [[nodiscard]] RunningTask* owner() const noexcept { return owner_; }
  /// A Cancelled of inside has arrived: ends here when it is this scope's own, goes on as Cancelled when it is not.
  void end_cancellation();

  void adopt(RunningTask& task) noexcept;  ///< a new task begins in this scope

  /// Cancels everything inside. The first reason stands.
  void cancel(std::string_view reason);
  /// Also what is shielded: the last resort of a loop that cannot go on.
  void cancel_shielded(std::string_view reason);

  /// An await inside throws.
  [[nodiscard]] bool cancelled() const noexcept { return effective_; }
  /// cancel() was called for this scope itself.
  [[nodiscard]] bool requested() const noexcept { return requested_; }
  /// Why the innermost scope that asked for it was cancelled, "" when none was.
  [[nodiscard]] std::string_view reason() const noexcept;

  /// Visits all tasks in this scope and the scopes inside.
  template <class Visit>
  void for_each_task(Visit&& visit) {
    walk([&](ScopeNode& node) {
      node.tasks_.for_each(visit);
      return true;
    });
  }

 private:
  // Visits this node and those below it, parents first; not what is below a node for which `enter` gives false. Takes
  // no stack: trees may be deep.
  template <class Enter>
  void walk(Enter&& enter) {
    ScopeNode* node = this;
    while (node != nullptr) {
      ScopeNode* next = enter(*node) && !node->children_.empty() ? &node->children_.front() : nullptr;
      while (next == nullptr && node != this) {
        next = node->parent_->children_.after(*node);
        node = node->parent_;
      }
      node = next;
    }
  }

  void spread(bool through_shields) noexcept;
  void become_cancelled() noexcept;

  ScopeNode* parent_{nullptr};
  RunningTask* owner_{nullptr};
  List<RunningTask, InScope> tasks_;
  List<ScopeNode, InParent> children_;
  core::FixedString<64> reason_;
  bool requested_{false};
  bool effective_{false};
  bool shielded_{false};
  bool outer_unwinding_{false};
};

}  // namespace takt::async::internal
