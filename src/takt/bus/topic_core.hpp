#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "takt/core/log.hpp"

/// Internal to the bus: what a topic is, whatever its type.
namespace takt::bus::internal {

/// One subscriber. `alive` turns false once, when it is unsubscribed; the callback is dropped at most once, after that.
class Subscriber {
 public:
  explicit Subscriber(std::string name) : name_(std::move(name)) {}
  virtual ~Subscriber() = default;
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  [[nodiscard]] bool alive() const noexcept { return alive_.load(std::memory_order_seq_cst); }
  /// True for the one call that ended it.
  bool end() noexcept { return alive_.exchange(false, std::memory_order_seq_cst); }

  /// Destroys the callback and what it captured, once, and returns when they are; at once where this is called by what
  /// is being destroyed. Only after end(), and when no thread is inside the callback.
  void drop() noexcept;

  /// Counts the exception being handled and logs it, once per second at most. Call inside a catch block.
  void count_failure(std::string_view topic) noexcept;
  [[nodiscard]] std::uint64_t failures() const noexcept { return failures_.load(std::memory_order_relaxed); }

 private:
  virtual void drop_callback() noexcept = 0;

  std::string name_;
  std::atomic<bool> alive_{true};
  std::atomic_flag dropping_;
  std::atomic<std::thread::id> dropper_;  // while it drops
  std::atomic_flag dropped_;
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
  /// Blocks as Subscription::unsubscribe says, also when the subscriber has ended before.
  void remove(Subscriber& subscriber) noexcept;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& type_name() const noexcept { return type_name_; }
  /// Those that have not ended.
  [[nodiscard]] std::size_t subscriber_count() const;
  [[nodiscard]] const std::atomic<const SubscriberList*>& subscribers() const noexcept { return current_; }

 private:
  /// Snapshots stay where they are in memory; moving one from list to list allocates nothing.
  using Snapshots = std::list<SubscriberList>;

  [[nodiscard]] Snapshots copy_living() const;
  [[nodiscard]] Snapshots replace(Snapshots next) noexcept;
  void forget_ended() noexcept;

  std::string name_;
  std::string type_name_;
  mutable std::mutex mutex_;  // guards changes, never taken by a publish
  Snapshots owned_;           // exactly one
  Snapshots retired_;         // perhaps still walked
  std::atomic<const SubscriberList*> current_;
};

}  // namespace takt::bus::internal
