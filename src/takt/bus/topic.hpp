#pragma once

#include <algorithm>
#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "takt/bus/publish_guard.hpp"
#include "takt/bus/retained.hpp"
#include "takt/bus/subscription.hpp"
#include "takt/bus/topic_core.hpp"

namespace takt::bus {

/// A named stream of values of one type inside a process. Obtained from a Bus, which owns it.
///
/// `publish` is a call: it stores the value as the latest, then calls every subscriber in the order of subscription, on
/// the caller's thread, and returns when the last one has. No queue, no copy for subscribers that only look, one for
/// all that keep what they get, no serialization, no thread. A publish from inside a callback runs deeper on the same
/// stack.
template <class T>
class Topic {
 public:
  using Callback = std::move_only_function<void(const T&)>;
  using KeepCallback = std::move_only_function<void(const std::shared_ptr<const T>&)>;

  explicit Topic(std::shared_ptr<internal::TopicCore> core) : core_(std::move(core)) {}
  Topic(const Topic&) = delete;
  Topic& operator=(const Topic&) = delete;

  /// Any thread, several at once too. Takes no lock and allocates nothing, but for a thread's very first publish, for
  /// messages that are not trivially copyable, and where subscribers keep messages: they share one copy, allocated here
  /// once whatever their number, and may lock. A real-time thread publishes only where nobody keeps, or that is good
  /// enough. What a callback throws is counted, logged once per second at most, and the next callback still runs.
  /// @throws LogicError when publishes nest deeper than 16: the topics form a cycle.
  void publish(const T& message) {
    internal::PublishGuard guard;
    std::shared_ptr<const T> shared;
    if constexpr (!std::is_trivially_copyable_v<T>) {  // the latest value is a copy in any case: let it be the same one
      const internal::SubscriberList& list = *guard.protect(core_->subscribers());
      if (std::ranges::any_of(list, [](const auto& entry) { return as_typed(*entry).keeps; })) {
        shared = std::make_shared<const T>(message);
      }
    }
    deliver(guard, message, std::move(shared));
  }

  /// Gives the message away: who keeps it shares it, and nothing is copied but a latest value that is trivially
  /// copyable. Else as above. @pre not null; nobody changes the message any more
  template <std::same_as<std::shared_ptr<const T>> Shared>  // a template, so that {} means a message
  void publish(Shared message) {
    internal::PublishGuard guard;
    const T& content = *message;
    deliver(guard, content, std::move(message));
  }

  /// `name` stands in logs. The first call is for the next publish that starts after this returns. A callback may be
  /// inside several threads at once when several publish. Any thread, also from inside a callback.
  [[nodiscard]] Subscription subscribe(std::string name, Callback callback) {
    return add(std::move(name), std::move(callback), nullptr);
  }

  /// As subscribe, for who keeps messages beyond the callback: all such subscribers get the same one.
  [[nodiscard]] Subscription subscribe_to_keep(std::string name, KeepCallback callback) {
    return add(std::move(name), nullptr, std::move(callback));
  }

  /// The value published last; nothing before the first. Any thread. The callbacks of a publish find its own value here
  /// unless another thread publishes on the topic at the same time: of values published at the same instant one stays,
  /// not always the newer. Waits while a value is being stored, so a real-time thread, which may have taken the
  /// publisher's CPU, uses try_latest.
  [[nodiscard]] std::optional<T> latest() const { return retained_.load(); }

  /// Copies the value published last into `value`. False, and `value` untouched, when there is none yet or one is just
  /// being stored. Any thread. Bounded; real-time safe for trivially copyable messages, others copy their memory too.
  [[nodiscard]] bool try_latest(T& value) const { return retained_.try_load(value); }

  [[nodiscard]] const std::string& name() const noexcept { return core_->name(); }

 private:
  struct TypedSubscriber final : internal::Subscriber {
    TypedSubscriber(std::string name, Callback look_callback, KeepCallback keep_callback)
        : Subscriber(std::move(name)),
          keeps(keep_callback != nullptr),
          look(std::move(look_callback)),
          keep(std::move(keep_callback)) {}
    void drop_callback() noexcept override {
      look = nullptr;
      keep = nullptr;
    }
    const bool keeps;
    Callback look;
    KeepCallback keep;  // one of the two
  };
  [[nodiscard]] static TypedSubscriber& as_typed(internal::Subscriber& subscriber) noexcept {
    return static_cast<TypedSubscriber&>(subscriber);
  }

  [[nodiscard]] Subscription add(std::string name, Callback look, KeepCallback keep) {
    auto subscriber = std::make_shared<TypedSubscriber>(std::move(name), std::move(look), std::move(keep));
    core_->add(subscriber);
    return {core_, subscriber};
  }

  /// @param shared  holds the message, or a copy; null: made when a subscriber wants to keep it
  void deliver(internal::PublishGuard& guard, const T& message, std::shared_ptr<const T> shared) {
    retain(message, shared);  // first: who subscribes and finds an older latest value is called with this one
    const internal::SubscriberList& list = *guard.protect(core_->subscribers());
    for (const auto& entry : list) {
      guard.enter_callback(entry.get());
      if (entry->alive()) {
        call(as_typed(*entry), message, shared);
      }
    }
  }

  void retain(const T& message, const std::shared_ptr<const T>& shared) {
    if constexpr (!std::is_trivially_copyable_v<T>) {
      if (shared != nullptr) {
        retained_.store(shared);
        return;
      }
    }
    retained_.store(message);
  }

  void call(TypedSubscriber& subscriber, const T& message, std::shared_ptr<const T>& shared) {
    try {
      if (!subscriber.keeps) {
        subscriber.look(message);
        return;
      }
      if (shared == nullptr) {
        shared = std::make_shared<const T>(message);
      }
      subscriber.keep(shared);
    } catch (...) {
      subscriber.count_failure(core_->name());
    }
  }

  std::shared_ptr<internal::TopicCore> core_;
  internal::Retained<T> retained_;
};

}  // namespace takt::bus
