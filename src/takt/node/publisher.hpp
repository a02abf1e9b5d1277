#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "takt/node/internal/publisher_core.hpp"

namespace takt::node {

/// What owns a message alone, or with others of whom nobody changes it.
template <class Pointer, class T>
concept SharedMessage = std::convertible_to<Pointer, std::shared_ptr<const T>>;

/// Says things on a topic. Made by Node::publisher; a handle: copies mean the same publisher.
///
/// In this process a publish is a call: inline subscribers run on the caller's thread and look at the caller's message.
/// All others, and what is kept for who comes late, share one copy of it, made here when there is one of them; none
/// where the publisher gives its message away. For the transports on which somebody listens the message is encoded,
/// once. It works from the moment it is made, whether its node is entered or not.
template <internal::Message T>
class Publisher {
 public:
  /// Waits for no reader and no transport; for another thread that publishes here at this moment, until that one has
  /// handed its message over, what its handlers published meanwhile included. Any thread. When a transport does not
  /// take it now it is lost there, counted, and said: the error of the first such transport; the others and this
  /// process have it all the same. From inside a handler that another publish of this thread has called inline, it may
  /// be sent after that one only, and a refusal is only counted.
  /// @throws LogicError when it is destroyed
  [[nodiscard]] Expected<void, bus::SendError> publish(const T& message) const { return core_->publish(message); }

  /// As above, giving the message away: no copy is made of it. A shared_ptr or unique_ptr, also of const; a shared one
  /// must not be changed any more. @throws LogicError when it is null, too
  template <SharedMessage<T> Pointer>
  [[nodiscard]] Expected<void, bus::SendError> publish(Pointer message) const {
    return core_->publish(std::shared_ptr<const T>(std::move(message)));
  }

  /// As publish, but waits where a transport has no room, until it has. Loop thread. kClosed when the publisher is
  /// destroyed meanwhile. Cancellation: Cancelled; this process, and transports that had room, have the message.
  /// @throws LogicError when it is destroyed already
  [[nodiscard]] async::Task<Expected<void, bus::SendError>> publish_when_ready(T message) const {
    return internal::PublisherCore<T>::publish_when_ready(core_, std::make_shared<const T>(std::move(message)));
  }
  template <SharedMessage<T> Pointer>
  [[nodiscard]] async::Task<Expected<void, bus::SendError>> publish_when_ready(Pointer message) const {
    return internal::PublisherCore<T>::publish_when_ready(core_, std::shared_ptr<const T>(std::move(message)));
  }

  /// Subscribers now, of this process and beyond.
  [[nodiscard]] std::size_t subscribers() const { return core_->subscribers(); }
  /// Waits until there are that many; event driven. False: there were not within `limit`, or it was destroyed.
  /// Cancellation: Cancelled.
  [[nodiscard]] async::Task<bool> wait_for_subscribers(std::size_t count = 1,
                                                       std::optional<async::Duration> limit = {}) const {
    return internal::PublisherCore<T>::wait_for_subscribers(core_, count, limit);
  }

  [[nodiscard]] const std::string& topic() const noexcept { return core_->name(); }
  [[nodiscard]] PublisherStatistics statistics() const noexcept { return core_->statistics(); }

  /// Idempotent. Nobody hears of it any more.
  void destroy() noexcept { core_->destroy(); }
  [[nodiscard]] bool destroyed() const noexcept { return core_->destroyed(); }

 private:
  friend class Node;
  explicit Publisher(std::shared_ptr<internal::PublisherCore<T>> core) noexcept : core_(std::move(core)) {}
  std::shared_ptr<internal::PublisherCore<T>> core_;
};

}  // namespace takt::node
