#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "takt/node/internal/subscription_core.hpp"
#include "takt/node/received.hpp"

namespace takt::node {

/// Hears a topic, of this process and of all transports. Made by Node::subscribe; a handle: copies mean the same
/// subscription, and dropping all of them leaves it alive: it ends with destroy() or its node.
///
/// Before its node is entered, messages wait in its history. The last `qos.depth` that were not taken stay, for each
/// source: this process, each transport; older ones are overwritten and counted. Of a message of this process it has no
/// copy of its own: all subscriptions share one.
template <internal::Message T>
class Subscription {
 public:
  /// The next message, of a subscription that was made without a function. Nothing: it was destroyed, and what had come
  /// is taken. Works whether the node is entered or not. Lets other tasks run at times, however many messages there
  /// are. Loop thread. Cancellation: Cancelled, and no message is lost.
  ///
  ///   while (auto received = co_await scans.next()) { use(received->message); }
  ///
  /// @throws LogicError when it was made with a function
  [[nodiscard]] async::Task<std::optional<Received<T>>> next() const {
    return internal::SubscriptionCore<T>::next(core_);
  }

  /// Publishers now, of this process and beyond.
  [[nodiscard]] std::size_t publishers() const { return core_->publishers(); }
  [[nodiscard]] const std::string& topic() const noexcept { return core_->name(); }
  [[nodiscard]] SubscriptionStatistics statistics() const { return core_->statistics(); }

  /// Nothing is delivered any more; handlers that wait are cancelled. Idempotent. Loop thread.
  void destroy() noexcept { core_->destroy(); }
  [[nodiscard]] bool destroyed() const noexcept { return core_->destroyed(); }

 private:
  friend class Node;
  explicit Subscription(std::shared_ptr<internal::SubscriptionCore<T>> core) noexcept : core_(std::move(core)) {}
  std::shared_ptr<internal::SubscriptionCore<T>> core_;
};

}  // namespace takt::node
