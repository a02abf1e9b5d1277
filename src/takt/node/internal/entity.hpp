#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/task.hpp"

/// Internal to node.
namespace takt::node::internal {

class NodeCore;

/// A part of a node that works: a subscription, a server, a client, a timer … Shared by its node, until it is
/// destroyed, by the user's handles, and by its task while that runs.
///
///   made ──(node entered)──► running ──destroy()──► unwinding ──► closed
///     └──────────────────────destroy()─────────────────────────────┘
///
/// Loop thread, where not said otherwise; before the node is entered, one thread at a time.
class Entity : public std::enable_shared_from_this<Entity> {
 public:
  /// @param kind  "subscription" @param name  "/scan"
  Entity(std::shared_ptr<NodeCore> node, std::string kind, std::string name);
  virtual ~Entity() = default;
  Entity(const Entity&) = delete;
  Entity& operator=(const Entity&) = delete;

  /// Stops listening at once, cancels its task; what the task uses is closed when it has ended. Idempotent.
  void destroy() noexcept;
  /// Any thread.
  [[nodiscard]] bool destroyed() const noexcept { return destroyed_.load(std::memory_order_acquire); }
  /// @throws LogicError when it is destroyed. @param what  "publish"
  void check_alive(const char* what) const;

  /// Takes nothing new; its task ends when it has handled what it had. Of an entity without drainable work: nothing.
  virtual void begin_drain() noexcept {}
  /// Whether drain() must wait for its task.
  [[nodiscard]] virtual bool drains() const noexcept { return false; }
  [[nodiscard]] bool running() const noexcept { return scope_ != nullptr; }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// "subscription /scan of /driver"
  [[nodiscard]] std::string title() const;
  [[nodiscard]] NodeCore& node() const noexcept { return *node_; }

  /// What the node starts, once, when it is entered or when it is inside already.
  [[nodiscard]] static async::Task<void> supervise(std::shared_ptr<Entity> self);
  /// False for one that only acts when it is called.
  [[nodiscard]] virtual bool has_task() const noexcept { return true; }

 protected:
  /// The work. Ends by cancellation, or by itself when drained.
  virtual async::Task<void> run() = 0;
  /// Nothing new is heard from now on. Called once, by destroy(); may be called inside one of its own handlers.
  virtual void stop_listening() noexcept {}
  /// Gives back what the task used. Called once, when nothing of it runs any more.
  virtual void close() noexcept = 0;

 private:
  class Running;
  void close_once() noexcept;

  std::shared_ptr<NodeCore> node_;
  std::string kind_;
  std::string name_;
  std::atomic<bool> destroyed_{false};
  bool closed_{false};
  async::CancelScope* scope_{nullptr};  // of its task, while that runs
};

}  // namespace takt::node::internal
