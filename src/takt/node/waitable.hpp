#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include "takt/async/tasks/task.hpp"
#include "takt/node/failure_policy.hpp"
#include "takt/node/internal/entity.hpp"

namespace takt::node {

/// Something of one's own that a node's loop serves: it says when it is ready, from any thread, and then is asked to
/// execute, on the loop, until it has nothing more. Made for what wraps another library's events; topics and services
/// have their own.
class Waitable {
 public:
  Waitable() = default;
  Waitable(const Waitable&) = delete;
  Waitable& operator=(const Waitable&) = delete;
  virtual ~Waitable() = default;

  /// From now on `on_ready` is called whenever there may be something to execute; any thread, cheap, never blocks.
  /// Replaces an earlier one. Empty ends it, and returns when it does not run any more.
  virtual void set_on_ready(std::function<void()> on_ready) = 0;

  /// Does one piece of work. False: there was none. Cancelled when the node goes, or the attachment is destroyed.
  [[nodiscard]] virtual async::Task<bool> execute() = 0;
};

struct WaitableOptions {
  FailurePolicy on_failure{};
  std::size_t execute_per_turn{64};  ///< pieces at most before other tasks, timers and threads have their turn
};

/// A Waitable's place in a node. Made by Node::attach; a handle, dropping it leaves the place.
class Attachment {
 public:
  /// It is not executed any more. Idempotent. Loop thread.
  void destroy() noexcept { core_->destroy(); }
  [[nodiscard]] bool destroyed() const noexcept { return core_->destroyed(); }

 private:
  friend class Node;
  explicit Attachment(std::shared_ptr<internal::Entity> core) noexcept : core_(std::move(core)) {}
  std::shared_ptr<internal::Entity> core_;
};

}  // namespace takt::node
