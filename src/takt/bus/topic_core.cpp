#include "takt/bus/topic_core.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "takt/bus/publish_guard.hpp"
#include "takt/bus/subscription.hpp"

namespace takt::bus {
namespace internal {
namespace {

std::string describe_current_exception() {
  try {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

}  // namespace

void Subscriber::count_failure(std::string_view topic) noexcept {
  const std::uint64_t failures = failures_.fetch_add(1, std::memory_order_relaxed) + 1;
  if (!log_gate_.pass(core::monotonic_now_ns())) {
    return;
  }
  try {
    core::log(core::LogLevel::kError, "bus: subscriber '" + name_ + "' of " + std::string(topic) + " threw (" +
                                          std::to_string(failures) + " so far): " + describe_current_exception());
  } catch (...) {  // no memory for the text: the count stands
  }
}

TopicCore::TopicCore(std::string name, std::string type_name)
    : name_(std::move(name)),
      type_name_(std::move(type_name)),
      owned_(std::make_unique<const SubscriberList>()),
      current_(owned_.get()) {}

TopicCore::~TopicCore() = default;

void TopicCore::add(std::shared_ptr<Subscriber> subscriber) {
  const std::scoped_lock lock(mutex_);
  auto next = std::make_unique<SubscriberList>(*owned_);
  next->push_back(std::move(subscriber));
  replace(std::move(next));
}

void TopicCore::remove(Subscriber& subscriber) noexcept {
  {
    const std::scoped_lock lock(mutex_);
    auto next = std::make_unique<SubscriberList>(*owned_);
    std::erase_if(*next, [&](const auto& entry) { return entry.get() == &subscriber; });
    subscriber.end();
    replace(std::move(next));
  }
  if (!is_inside(&subscriber)) {
    wait_until_left(&subscriber);
  }
}

std::size_t TopicCore::subscriber_count() const {
  const std::scoped_lock lock(mutex_);
  return owned_->size();
}

void TopicCore::replace(std::unique_ptr<const SubscriberList> next) {
  current_.store(next.get(), std::memory_order_seq_cst);
  retired_.push_back(std::exchange(owned_, std::move(next)));
  heavy_fence();
  std::erase_if(retired_, [](const auto& list) { return !is_walked(list.get()); });
}

}  // namespace internal

Subscription::Subscription(std::shared_ptr<internal::TopicCore> topic,
                           std::shared_ptr<internal::Subscriber> subscriber) noexcept
    : topic_(std::move(topic)), subscriber_(std::move(subscriber)) {}

Subscription& Subscription::operator=(Subscription&& other) noexcept {
  if (this != &other) {
    unsubscribe();
    topic_ = std::move(other.topic_);
    subscriber_ = std::move(other.subscriber_);
  }
  return *this;
}

Subscription::~Subscription() {
  unsubscribe();
}

void Subscription::unsubscribe() noexcept {
  // Both are taken first: the callback's own destruction may come back here.
  const auto topic = std::exchange(topic_, nullptr);
  const auto subscriber = std::exchange(subscriber_, nullptr);
  if (subscriber != nullptr) {
    topic->remove(*subscriber);
  }
}

std::uint64_t Subscription::failures() const noexcept {
  return subscriber_ == nullptr ? 0 : subscriber_->failures();
}

}  // namespace takt::bus
