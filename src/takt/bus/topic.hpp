#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "takt/bus/publish_guard.hpp"
#include "takt/bus/retained.hpp"
#include "takt/bus/subscription.hpp"
#include "takt/bus/topic_core.hpp"

namespace takt::bus {

/// A named stream of values of one type inside a process. Obtained from a Bus, which owns it.
///
/// `publish` is a call: it stores the value as the latest, then calls every subscriber in the order of subscription, on
/// the caller's thread, and returns when the last one has. No queue, no copy for subscribers, no serialization, no
/// thread. A publish from inside a callback runs deeper on the same stack.
template <class T>
class Topic {
 public:
  using Callback = std::move_only_function<void(const T&)>;

  explicit Topic(std::shared_ptr<internal::TopicCore> core) : core_(std::move(core)) {}
  Topic(const Topic&) = delete;
  Topic& operator=(const Topic&) = delete;

  /// Any thread, several at once too. Takes no lock and allocates nothing, but for a thread's very first publish and
  /// for messages that are not trivially copyable. What a callback throws is counted, logged once per second at most,
  /// and the next callback still runs. @throws LogicError when publishes nest deeper than 16: the topics form a cycle.
  void publish(const T& message) {
    retained_.store(message);
    internal::PublishGuard guard;
    const internal::SubscriberList& list = *guard.protect(core_->subscribers());
    for (const auto& entry : list) {
      guard.enter_callback(entry.get());
      if (entry->alive()) {
        call(static_cast<TypedSubscriber&>(*entry), message);
      }
    }
  }

  /// `name` stands in logs. The first call is for the next publish that starts after this returns. A callback may be
  /// inside several threads at once when several publish. Any thread, also from inside a callback.
  [[nodiscard]] Subscription subscribe(std::string name, Callback callback) {
    auto subscriber = std::make_shared<TypedSubscriber>(std::move(name), std::move(callback));
    core_->add(subscriber);
    return {core_, subscriber};
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
    TypedSubscriber(std::string name, Callback callback) : Subscriber(std::move(name)), call(std::move(callback)) {}
    void drop_callback() noexcept override { call = nullptr; }
    Callback call;
  };

  void call(TypedSubscriber& subscriber, const T& message) {
    try {
      subscriber.call(message);
    } catch (...) {
      subscriber.count_failure(core_->name());
    }
  }

  std::shared_ptr<internal::TopicCore> core_;
  internal::Retained<T> retained_;
};

}  // namespace takt::bus
