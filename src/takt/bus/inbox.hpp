#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "takt/bus/transport.hpp"

namespace takt::bus {

/// What has come and was not taken yet: the last `depth` messages, or all up to a bound; of their bytes no more than
/// another bound, beyond a single message of any size. Knows when on_data is due: for the first message after take gave
/// nothing. A Message owns its bytes. Thread safe.
template <class Message>
class Inbox {
 public:
  /// @param depth  as Qos::depth; @param bound  messages that "all" means, above 0; @param max_bytes  as push counts
  /// them
  Inbox(std::uint32_t depth, std::size_t bound, std::size_t max_bytes = SIZE_MAX)
      : keeps_all_(depth == 0), room_(depth == 0 ? bound : depth), max_bytes_(max_bytes) {}

  /// Keeps the message; where there is no room the oldest give way, and count as lost. @return on_data is due
  [[nodiscard]] bool push(Message message, std::size_t bytes = 0) {
    std::vector<Message> overwritten;  // destroyed after the lock
    const std::scoped_lock lock(mutex_);
    add(std::move(message), bytes, overwritten);
    return std::exchange(asked_in_vain_, false);
  }

  /// Several at once, in their order, after so many were lost on the way. @param messages  are moved from
  /// @pre the bytes are counted elsewhere: this has no bound of them
  [[nodiscard]] bool push_all(std::span<Message> messages, std::uint64_t lost) {
    std::vector<Message> overwritten;
    const std::scoped_lock lock(mutex_);
    lost_ += lost;
    for (Message& message : messages) {
      add(std::move(message), 0, overwritten);
    }
    return !messages.empty() && std::exchange(asked_in_vain_, false);
  }

  /// The oldest message. Nothing: push says when to ask again.
  [[nodiscard]] std::optional<Message> take() {
    const std::scoped_lock lock(mutex_);
    if (messages_.empty()) {
      asked_in_vain_ = true;
      return std::nullopt;
    }
    return pop_oldest();
  }

  /// One more can come, after those that are `on_the_way`, and nothing is lost that was to be kept.
  [[nodiscard]] bool has_room(std::size_t on_the_way = 0) const {
    const std::scoped_lock lock(mutex_);
    return !keeps_all_ || messages_.size() + on_the_way < room_;
  }

  [[nodiscard]] std::size_t size() const {
    const std::scoped_lock lock(mutex_);
    return messages_.size();
  }

  void add_lost(std::uint64_t count) {
    const std::scoped_lock lock(mutex_);
    lost_ += count;
  }

  [[nodiscard]] std::uint64_t lost() const {
    const std::scoped_lock lock(mutex_);
    return lost_;
  }

 private:
  struct Kept {
    Message message;
    std::size_t bytes{0};
  };
  void add(Message message, std::size_t bytes, std::vector<Message>& overwritten) {
    while (!messages_.empty() && (messages_.size() >= room_ || bytes_ + bytes > max_bytes_)) {
      overwritten.push_back(pop_oldest());
      ++lost_;
    }
    messages_.push_back({.message = std::move(message), .bytes = bytes});
    bytes_ += bytes;
  }
  Message pop_oldest() {
    Kept oldest = std::move(messages_.front());
    messages_.pop_front();
    bytes_ -= oldest.bytes;
    return std::move(oldest.message);
  }

  const bool keeps_all_;
  const std::size_t room_;
  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::deque<Kept> messages_;
  std::size_t bytes_{0};
  std::uint64_t lost_{0};
  bool asked_in_vain_{true};
};

}  // namespace takt::bus
