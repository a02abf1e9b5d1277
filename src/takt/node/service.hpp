#pragma once

#include <memory>
#include <string>
#include <utility>

#include "takt/node/internal/service_core.hpp"

namespace takt::node {

/// Answers requests. Made by Node::serve; a handle: copies mean the same server, and dropping all of them leaves it
/// alive: it ends with destroy() or its node.
///
/// Requests that come before its node is entered wait. While a handler runs, the next request waits too, or runs beside
/// it (Delivery::kConcurrent). Sending a response never blocks the loop: where a transport has no room, or does not
/// know the way back to the client yet, the response waits a while for it, then is dropped and counted.
template <internal::ServiceType S>
class Service {
 public:
  [[nodiscard]] const std::string& name() const noexcept { return core_->name(); }
  [[nodiscard]] ServiceStatistics statistics() const { return core_->statistics(); }

  /// Handlers that wait are cancelled and their callers get no response: in this process they hear kServerVanished at
  /// once. Idempotent. Loop thread.
  void destroy() noexcept { core_->destroy(); }
  [[nodiscard]] bool destroyed() const noexcept { return core_->destroyed(); }

 private:
  friend class Node;
  explicit Service(std::shared_ptr<internal::ServiceCore<S>> core) noexcept : core_(std::move(core)) {}
  std::shared_ptr<internal::ServiceCore<S>> core_;
};

}  // namespace takt::node
