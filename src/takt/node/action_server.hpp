#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "takt/node/internal/action_server_core.hpp"
#include "takt/node/internal/names.hpp"
#include "takt/node/node.hpp"

namespace takt::node {

/// Works on goals. Each accepted one has a coroutine, side by side with those of the others:
///
///   ActionServer<Fibonacci> server(node, "/fibonacci", [](ActiveGoal<Fibonacci>& goal) -> Task<Fibonacci::Result> {
///     … goal.publish_feedback({…}); co_await node.clock().sleep_for(1s); …
///     co_return result;                                     // the goal has succeeded; see ActiveGoal for other ends
///   }, {.cancel = CancelPolicy::kCancelTask});
///
/// A coroutine that throws ends its goal as aborted; that is counted and logged. When the server or its node is
/// destroyed all of them are cancelled, and who waits for a result sees the server vanish.
///
/// A handle: copies mean the same server, and dropping all of them leaves it alive. Loop thread.
template <messages::RosAction A>
class ActionServer {
 public:
  using Accept = typename internal::ActionServerCore<A>::Accept;

  /// @param execute  callable with ActiveGoal<A>&, gives Task<A::Result>
  /// @param accept   whether a goal is taken; empty: all are
  /// @throws as the makers of Node
  template <class Execute>
    requires std::same_as<std::invoke_result_t<Execute&, ActiveGoal<A>&>, async::Task<typename A::Result>>
  ActionServer(Node& node, std::string_view name, Execute execute, const ActionServerOptions& options = {},
               Accept accept = {})
      : core_(internal::make_entity<internal::ActionServerCore<A>>(
            node.core(), internal::resolve_name(node.name(), name), std::move(execute), std::move(accept), options)) {
    try {
      core_->open();
    } catch (...) {
      core_->destroy();
      throw;
    }
  }

  [[nodiscard]] const std::string& name() const noexcept { return core_->name(); }
  /// Goals that have not ended.
  [[nodiscard]] std::size_t goals() const { return core_->goals(); }
  /// Coroutines that threw.
  [[nodiscard]] std::uint64_t failures() const noexcept { return core_->failures(); }

  /// Idempotent.
  void destroy() noexcept { core_->destroy(); }
  [[nodiscard]] bool destroyed() const noexcept { return core_->destroyed(); }

 private:
  std::shared_ptr<internal::ActionServerCore<A>> core_;
};

}  // namespace takt::node
