#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "takt/core/log.hpp"

/// Internal to the bus: what a topic is, whatever its type.
namespace takt::bus::internal {

/// One subscriber. `alive` turns false once, when it is unsubscribed.
class Subscriber {
 public:
  explicit Subscriber(std::string name) : name_(std::move(name)) {}
  virtual ~Subscriber() = default;
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  [[nodiscard]] bool alive() const noexcept { return alive_.load(std::memory_order_seq_cst); }
  void end() noexcept { alive_.store(false, std::memory_order_seq_cst); }

  /// Counts the exception being handled and logs it, once per second at most. Call inside a catch block.
  void count_failure(std::string_view topic) noexcept;
  [[nodiscard]] std::uint64_t failures() const noexcept { return failures_.load(std::memory_order_relaxed); }

 private:
  std::string name_;
  std::atomic<bool> alive_{true};
  std::atomic<std::uint64_t> failures_{0};
  core::RateGate log_gate_;
};

/// An immutable snapshot of a topic's subscribers, in the order of subscription.
using SubscriberList = std::vector<std::shared_ptr<Subscriber>>;

/// Name, type and subscribers of a topic. Publishing reads `subscribers` under a PublishGuard; changing it locks,
/// copies, swaps, and frees old snapshots when no publish walks them any more.
class TopicCore {
 public:
  TopicCore(std::string name, std::string type_name);
  virtual ~TopicCore();
  TopicCore(const TopicCore&) = delete;
  TopicCore& operator=(const TopicCore&) = delete;

  void add(std::shared_ptr<Subscriber> subscriber);
  /// Blocks as Subscription::unsubscribe says.
  void remove(Subscriber& subscriber) noexcept;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& type_name() const noexcept { return type_name_; }
  [[nodiscard]] std::size_t subscriber_count() const;
  [[nodiscard]] const std::atomic<const SubscriberList*>& subscribers() const noexcept { return current_; }

 private:
  void replace(std::unique_ptr<const SubscriberList> next);

  std::string name_;
  std::string type_name_;
  mutable std::mutex mutex_;  // guards changes, never taken by a publish
  std::unique_ptr<const SubscriberList> owned_;
  std::vector<std::unique_ptr<const SubscriberList>> retired_;  // perhaps still walked
  std::atomic<const SubscriberList*> current_;
};

}  // namespace takt::bus::internal
