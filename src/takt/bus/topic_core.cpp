#include "takt/bus/topic_core.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <new>
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

void Subscriber::drop() noexcept {
  if (!dropping_.test_and_set(std::memory_order_acq_rel)) {
    dropper_.store(std::this_thread::get_id(), std::memory_order_relaxed);  // read as equal by this thread only
    drop_callback();
    dropper_.store({}, std::memory_order_relaxed);
    dropped_.test_and_set(std::memory_order_release);
    dropped_.notify_all();
  } else if (dropper_.load(std::memory_order_relaxed) != std::this_thread::get_id()) {
    dropped_.wait(false, std::memory_order_acquire);
  }
}

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
    : name_(std::move(name)), type_name_(std::move(type_name)), owned_(1), current_(&owned_.front()) {}

TopicCore::~TopicCore() = default;

// What add() and forget_ended() free is destroyed after the lock is gone: a capture may own a subscription of this
// topic.

void TopicCore::add(std::shared_ptr<Subscriber> subscriber) {
  Snapshots freed;
  const std::scoped_lock lock(mutex_);
  Snapshots next = copy_living();
  next.front().push_back(std::move(subscriber));
  freed = replace(std::move(next));
}

void TopicCore::remove(Subscriber& subscriber) noexcept {
  if (subscriber.end()) {
    forget_ended();
  }
  heavy_fence();
  if (!is_inside(&subscriber)) {
    wait_until_left(&subscriber);
    subscriber.drop();
  }
}

std::size_t TopicCore::subscriber_count() const {
  const std::scoped_lock lock(mutex_);
  const auto living = std::ranges::count_if(owned_.front(), [](const auto& entry) { return entry->alive(); });
  return static_cast<std::size_t>(living);
}

TopicCore::Snapshots TopicCore::copy_living() const {
  Snapshots copy(1);
  std::ranges::copy_if(owned_.front(), std::back_inserter(copy.front()),
                       [](const auto& entry) { return entry->alive(); });
  return copy;
}

/// Publishes `next` and returns the snapshots that no publish walks any more.
TopicCore::Snapshots TopicCore::replace(Snapshots next) noexcept {
  current_.store(&next.front(), std::memory_order_seq_cst);
  retired_.splice(retired_.end(), owned_);
  owned_.swap(next);
  heavy_fence();
  Snapshots freed;
  for (auto it = retired_.begin(); it != retired_.end();) {
    const auto list = it++;
    if (!is_walked(&*list)) {
      freed.splice(freed.end(), retired_, list);
    }
  }
  return freed;
}

void TopicCore::forget_ended() noexcept {
  Snapshots freed;
  const std::scoped_lock lock(mutex_);
  try {
    freed = replace(copy_living());
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): a full memory leaves the ended entry where it is,
  }  // not called any more, until the next change
}

}  // namespace internal

Subscription::Subscription(std::shared_ptr<internal::TopicCore> topic,
                           const std::shared_ptr<internal::Subscriber>& subscriber) noexcept
    : topic_(std::move(topic)), subscriber_(subscriber) {}

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
  // Copies: destroying the callback may destroy this handle.
  const auto topic = topic_;
  const auto subscriber = subscriber_.lock();
  if (subscriber != nullptr) {
    topic->remove(*subscriber);
  }
}

bool Subscription::active() const noexcept {
  const auto subscriber = subscriber_.lock();
  return subscriber != nullptr && subscriber->alive();
}

std::uint64_t Subscription::failures() const noexcept {
  const auto subscriber = subscriber_.lock();
  return subscriber != nullptr && subscriber->alive() ? subscriber->failures() : 0;
}

}  // namespace takt::bus
