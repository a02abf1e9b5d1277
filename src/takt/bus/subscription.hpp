#pragma once

#include <cstdint>
#include <memory>

namespace takt::bus {

namespace internal {
class Subscriber;
class TopicCore;
}  // namespace internal

/// A running subscription; ends with its destruction. Movable, owned by one place. Moving it is not thread-safe, nor is
/// destroying it while another thread uses it; everything else may be called from several threads at once.
///
/// Unsubscribing from outside the callback returns when no other thread is inside it any more and what it captured is
/// destroyed, so that what it refers to may be destroyed next; also when it had ended before, for instance by itself.
/// From inside the callback it returns at once, and what the callback captured lives until an unsubscribe from outside,
/// the destructor's included, or, when the handle itself died inside the callback, until the subscribers of the topic
/// change next. Two things wait for ever: to unsubscribe while holding a lock that the callback takes, and two
/// callbacks on two threads that unsubscribe each other from inside, or any longer circle of such.
class Subscription {
 public:
  Subscription() noexcept = default;
  Subscription(std::shared_ptr<internal::TopicCore> topic,
               const std::shared_ptr<internal::Subscriber>& subscriber) noexcept;
  Subscription(Subscription&&) noexcept = default;
  Subscription& operator=(Subscription&& other) noexcept;
  ~Subscription();

  /// Ends the subscription; when it has ended, only waits as said above. Any thread, also from inside the callback.
  void unsubscribe() noexcept;

  /// False from the moment somebody ends it, even while the callback still runs.
  [[nodiscard]] bool active() const noexcept;

  /// Exceptions that the callback threw so far; 0 when the subscription has ended.
  [[nodiscard]] std::uint64_t failures() const noexcept;

 private:
  std::shared_ptr<internal::TopicCore> topic_;
  std::weak_ptr<internal::Subscriber> subscriber_;  // the topic owns it; a callback may own this handle
};

}  // namespace takt::bus
