#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "takt/async/tasks/internal/ring.hpp"
#include "takt/async/tasks/internal/task_name.hpp"
#include "takt/async/tasks/internal/thread_bound.hpp"
#include "takt/async/tasks/wait_queue.hpp"
#include "takt/core/error.hpp"

namespace takt::async {

/// Why a value was not taken at once.
enum class SendError : std::uint8_t {
  kFull,    ///< there is no room, and no receiver waits
  kClosed,  ///< nothing is taken any more
};

/// What has gone through a Channel or a LatestChannel since it was made.
struct ChannelStatistics {
  std::uint64_t sent{0};  ///< values that were taken; sent = received + what stands in it (+ dropped, if conflating)
  std::uint64_t received{0};  ///< values that were handed to a receiver
  std::uint64_t dropped{0};   ///< Channel: values that try_send found no room for; LatestChannel: values overwritten

  friend bool operator==(const ChannelStatistics&, const ChannelStatistics&) = default;
};

namespace internal {
[[noreturn]] void throw_closed_twice(const char* type, std::string_view name);
}

/// A bounded queue of values between tasks: each value goes to one receiver, in the order in which it was sent.
///
///   Channel<Frame> frames(8, "frames");
///   if (!co_await frames.send(std::move(frame))) { co_return; }         // nobody wants frames any more
///   while (auto frame = co_await frames.receive()) { encode(*frame); }  // ends when closed and drained
///
/// Not between a producer and a consumer of setpoints or anything else of which only the newest counts (LatestChannel),
/// not for a flag (Event), not for one value to many receivers (a bus topic), not across threads (a mailbox and a
/// Doorbell). A full channel makes the sender wait: that is its purpose; who must not wait uses try_send and looks at
/// `dropped`.
///
/// Fair: receivers and senders are served in the order in which they came, and nobody passes those who wait.
/// Capacity 0 is a meeting: send() returns when a receiver has the value. Values are moved, never copied; T is any
/// object type whose move constructor does not throw. Memory is allocated once, by the constructor.
///
/// A resource. Loop thread only, else LogicError. When it is destroyed, who still waits gets a LogicError; the values
/// that stand in it are destroyed.
template <class T>
class Channel {
  static_assert(std::is_nothrow_move_constructible_v<T>, "a value is handed over without a chance to fail");

 public:
  explicit Channel(std::size_t capacity, std::string_view name = {}) : name_(name), ring_(capacity) {}
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  class Send;
  class Receive;

  /// Waits for room. Gives true when the value was taken; false when the channel is closed, then the value is gone.
  /// Cancellation: Cancelled, nothing was sent, and the value is gone. What was taken before the cancellation is sent.
  [[nodiscard]] Send send(T value) noexcept { return Send(*this, std::move(value)); }

  /// Waits for a value; gives nothing when the channel is closed and drained. Cancellation: Cancelled, and nothing was
  /// received. A value that was handed over before the cancellation is given.
  [[nodiscard]] Receive receive() noexcept { return Receive(*this); }

  /// Sends when that is possible without waiting. Moves from `value` only then. @throws LogicError on another thread
  template <class U = T>
    requires std::constructible_from<T, U&&>
  [[nodiscard]] Expected<void, SendError> try_send(U&& value) {
    thread_.check("Channel::try_send", name_.view());
    if (closed_) {
      return Unexpected(SendError::kClosed);
    }
    if (!has_room()) {
      ++statistics_.dropped;
      return Unexpected(SendError::kFull);
    }
    put(T(std::forward<U>(value)));
    return {};
  }

  /// A value when there is one. @throws LogicError on another thread
  [[nodiscard]] std::optional<T> try_receive() {
    thread_.check("Channel::try_receive", name_.view());
    std::optional<T> value;
    take(value);
    return value;
  }

  /// Nothing is taken any more: who waits to send gets false, who waits to receive gets nothing. What stands in it can
  /// still be received. @throws LogicError when it is closed already, and on another thread
  void close() {
    thread_.check("Channel::close", name_.view());
    if (closed_) {
      internal::throw_closed_twice("Channel", name_.view());
    }
    closed_ = true;
    receivers_.wake_all();
    senders_.wake_all();
  }

  /// All of them: @throws LogicError on another thread
  [[nodiscard]] bool closed() const { return checked().closed_; }
  [[nodiscard]] std::size_t size() const { return checked().ring_.size(); }
  [[nodiscard]] std::size_t capacity() const { return checked().ring_.capacity(); }
  [[nodiscard]] ChannelStatistics statistics() const { return checked().statistics_; }

 private:
  // A receiver waits only while there is nothing to receive, a sender only while there is no room: whoever changes that
  // serves the one who waits longest on the spot.

  [[nodiscard]] const Channel& checked() const {
    thread_.check("Channel's state", name_.view());
    return *this;
  }
  [[nodiscard]] bool has_room() const noexcept { return !receivers_.empty() || !ring_.full(); }

  // @pre has_room()
  void put(T&& value) noexcept {
    ++statistics_.sent;
    if (receivers_.empty()) {
      ring_.push(std::move(value));
      return;
    }
    ++statistics_.received;
    Receive& receiver = receivers_.front();
    receiver.value_.emplace(std::move(value));
    receivers_.wake(receiver);
  }

  // Puts what is next into `value`; false when there is nothing.
  bool take(std::optional<T>& value) noexcept {
    if (!ring_.empty()) {
      value.emplace(ring_.pop());
      if (!senders_.empty()) {
        ring_.push(take_from_sender());
      }
    } else if (!senders_.empty()) {  // a meeting
      value.emplace(take_from_sender());
    } else {
      return false;
    }
    ++statistics_.received;
    return true;
  }

  [[nodiscard]] T take_from_sender() noexcept {
    ++statistics_.sent;
    Send& sender = senders_.front();
    sender.sent_ = true;
    senders_.wake(sender);
    return std::move(sender.value_);
  }

  mutable internal::ThreadBound thread_;
  TaskName name_;
  internal::Ring<T> ring_;
  bool closed_{false};
  ChannelStatistics statistics_;
  WaitQueue<Send> senders_;
  WaitQueue<Receive> receivers_;
};

template <class T>
class Channel<T>::Send final : public QueuedAwaitable<typename Channel<T>::Send> {
 public:
  Send(Channel& channel, T&& value) noexcept : channel_(&channel), value_(std::move(value)) {}

  [[nodiscard]] bool await_resume() { return QueuedAwaitable<Send>::await_resume(); }  // for [[nodiscard]]

  [[nodiscard]] bool try_complete() {
    channel_->thread_.check("Channel::send", channel_->name_.view());
    if (!channel_->closed_) {
      if (!channel_->has_room()) {
        return false;
      }
      channel_->put(std::move(value_));
      sent_ = true;
    }
    return true;
  }
  void arm() noexcept { channel_->senders_.push(*this); }
  [[nodiscard]] bool result() const noexcept { return sent_; }
  [[nodiscard]] std::string describe() const override {
    return "room in " + internal::describe_primitive("Channel", channel_->name_.view());
  }

 private:
  friend class Channel;
  Channel* channel_;
  T value_;
  bool sent_{false};
};

template <class T>
class Channel<T>::Receive final : public QueuedAwaitable<typename Channel<T>::Receive> {
 public:
  explicit Receive(Channel& channel) noexcept : channel_(&channel) {}

  [[nodiscard]] bool try_complete() {
    channel_->thread_.check("Channel::receive", channel_->name_.view());
    return channel_->take(value_) || channel_->closed_;
  }
  void arm() noexcept { channel_->receivers_.push(*this); }
  [[nodiscard]] std::optional<T> result() noexcept { return std::move(value_); }
  [[nodiscard]] std::string describe() const override {
    return "a value of " + internal::describe_primitive("Channel", channel_->name_.view());
  }

 private:
  friend class Channel;
  Channel* channel_;
  std::optional<T> value_;
};

}  // namespace takt::async
