#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "takt/node/internal/action_server_core.hpp"
#include "takt/node/node.hpp"

namespace takt::node {

/// Works on goals, one after the other or, with `max_concurrent`, side by side. Made by Node::action_server:
///
///   node.action_server<Fibonacci>("/fibonacci", [&](ActiveGoal<Fibonacci>& goal) -> Task<Fibonacci::Result> {
///     … goal.publish_feedback({…}); co_await node.clock().sleep_for(1s); …
///     co_return result;                                     // the goal has succeeded; see ActiveGoal for other ends
///   }, {.cancel = CancelPolicy::kCancelTask});
///
/// A coroutine that throws ends its goal as aborted. When the server or its node is destroyed all goals are aborted and
/// their coroutines cancelled; who waits for a result gets that, or finds that the server has vanished.
///
/// A handle: copies mean the same server, and dropping all of them leaves it alive. Loop thread.
template <messages::RosAction A>
class ActionServer {
 public:
  [[nodiscard]] const std::string& name() const noexcept { return core_->name(); }
  [[nodiscard]] ActionServerStatistics statistics() const { return core_->statistics(); }

  /// Idempotent.
  void destroy() noexcept { core_->destroy(); }
  [[nodiscard]] bool destroyed() const noexcept { return core_->destroyed(); }

 private:
  friend class Node;
  explicit ActionServer(std::shared_ptr<internal::ActionServerCore<A>> core) noexcept : core_(std::move(core)) {}
  std::shared_ptr<internal::ActionServerCore<A>> core_;
};

template <messages::RosAction A, GoalHandler<A> F>
ActionServer<A> Node::action_server(std::string_view name, F execute, ActionServerOptions<A> options) {
  return ActionServer<A>(
      make_opened<internal::ActionServerCore<A>>(resolve(name), std::move(execute), std::move(options)));
}

}  // namespace takt::node
