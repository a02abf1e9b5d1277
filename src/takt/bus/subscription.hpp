#pragma once

#include <cstdint>
#include <memory>

namespace takt::bus {

namespace internal {
class Subscriber;
class TopicCore;
}  // namespace internal

/// A running subscription; ends with its destruction. Movable, owned by one place.
///
/// Unsubscribing from another thread returns when no thread is inside the callback any more, so that what the callback
/// refers to may be destroyed next. From inside the callback it returns at once. Do not hold a lock while unsubscribing
/// that the callback takes: it would wait for ever.
class Subscription {
 public:
  Subscription() noexcept = default;
  Subscription(std::shared_ptr<internal::TopicCore> topic, std::shared_ptr<internal::Subscriber> subscriber) noexcept;
  Subscription(Subscription&&) noexcept = default;
  Subscription& operator=(Subscription&& other) noexcept;
  ~Subscription();

  /// Ends the subscription; does nothing when it has ended. Any thread, also from inside the callback.
  void unsubscribe() noexcept;

  [[nodiscard]] bool active() const noexcept { return subscriber_ != nullptr; }

  /// Exceptions that the callback threw so far.
  [[nodiscard]] std::uint64_t failures() const noexcept;

 private:
  std::shared_ptr<internal::TopicCore> topic_;
  std::shared_ptr<internal::Subscriber> subscriber_;
};

}  // namespace takt::bus
