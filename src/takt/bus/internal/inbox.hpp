#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "takt/bus/transport.hpp"

namespace takt::bus::internal {

/// What has come and was not taken yet: the last `depth` messages, or all up to a bound; of their bytes no more than
/// another bound, beyond a single message of any size. Knows when on_data is due: for
/// the first message after take gave nothing. A Message owns its bytes. Thread safe.
template <class Message>
class Inbox {
 public:
  /// @param depth  as Qos::depth; @param bound  messages that "all" means, above 0; @param max_bytes  as push counts
  /// them
  Inbox(std::uint32_t depth, std::size_t bound, std::size_t max_bytes = SIZE_MAX)
      : keeps_all_(depth == 0), room_(depth == 0 ? bound : depth), max_bytes_(max_bytes) {}

  /// Keeps the message; where there is no room the oldest give way, and count as lost. @return on_data is due
  [[nodiscard]] bool push(Message message, std::size_t bytes = 0) {
    const std::scoped_lock lock(mutex_);
    while (!messages_.empty() && (messages_.size() >= room_ || bytes_ + bytes > max_bytes_)) {
      pop_oldest();
      ++lost_;
    }
    messages_.push_back({.message = std::move(message), .bytes = bytes});
    bytes_ += bytes;
    return std::exchange(asked_in_vain_, false);
  }

  /// The oldest message. Nothing: push says when to ask again.
  [[nodiscard]] std::optional<Message> take() {
    const std::scoped_lock lock(mutex_);
    if (messages_.empty()) {
      asked_in_vain_ = true;
      return std::nullopt;
    }
    std::optional<Message> message(std::move(messages_.front().message));
    pop_oldest();
    return message;
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
  void pop_oldest() {
    bytes_ -= messages_.front().bytes;
    messages_.pop_front();
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

}  // namespace takt::bus::internal
