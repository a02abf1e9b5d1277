#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "takt/async/tasks/channel.hpp"
#include "takt/async/tasks/internal/task_name.hpp"
#include "takt/async/tasks/internal/thread_bound.hpp"
#include "takt/async/tasks/wait_queue.hpp"

namespace takt::async {

/// One slot between tasks, of which only the newest value counts: a slow receiver skips values, a fast sender never
/// waits.
///
///   LatestChannel<RobotState> states("states");
///   states.send(state);                                               // overwrites what nobody has received
///   while (auto state = co_await states.receive()) { draw(*state); }  // ends when closed
///
/// Not where each value counts (Channel), not for a flag (Event), not for one value to many receivers (a bus topic),
/// not between threads or into a control cycle (a mailbox of the realtime module; a Doorbell to wake the loop).
///
/// Each value goes to one receiver; of several that wait, to the one that waits longest. A receiver that was woken and
/// has not run yet gets what is sent until it does: it never starts with a value that is out of date. Values are moved,
/// never copied; T is any object type whose move constructor does not throw. Nothing is allocated.
///
/// A resource. Loop thread only, else LogicError. When it is destroyed, who still waits gets a LogicError; a value that
/// stands in it is destroyed.
template <class T>
class LatestChannel {
  static_assert(std::is_nothrow_move_constructible_v<T>, "a value is handed over without a chance to fail");

 public:
  explicit LatestChannel(std::string_view name = {}) noexcept : name_(name) {}
  LatestChannel(const LatestChannel&) = delete;
  LatestChannel& operator=(const LatestChannel&) = delete;
  ~LatestChannel() {
    if (woken_ != nullptr) {
      woken_->woken_by_ = nullptr;
    }
  }

  class Receive;

  /// Never waits. A value that was not received before is dropped, and counted. @return false when the channel is
  /// closed: the value is gone. @throws LogicError on another thread
  bool send(T value) {
    thread_.check("LatestChannel::send", name_.view());
    if (closed_) {
      return false;
    }
    ++statistics_.sent;
    if (woken_ != nullptr) {
      ++statistics_.dropped;
      woken_->value_.emplace(std::move(value));
    } else if (!receivers_.empty()) {
      wake(receivers_.front(), std::move(value));
    } else {
      statistics_.dropped += slot_.has_value() ? 1U : 0U;
      slot_.emplace(std::move(value));
    }
    return true;
  }

  /// Waits for a value that nobody has received; gives nothing when the channel is closed and its last value was
  /// received. Cancellation: Cancelled, and nothing was received. A value that was handed over before the cancellation
  /// is given.
  [[nodiscard]] Receive receive() noexcept { return Receive(*this); }
  /// A value that nobody has received, when there is one. @throws LogicError on another thread
  [[nodiscard]] std::optional<T> try_receive() {
    thread_.check("LatestChannel::try_receive", name_.view());
    std::optional<T> value;
    take(value);
    return value;
  }
  /// Looks at the value that try_receive() would give, null when there is none. Valid until the next send or receive,
  /// so not over an await. @throws LogicError on another thread
  [[nodiscard]] const T* latest() const { return checked().slot_.has_value() ? &*slot_ : nullptr; }

  /// Nothing is taken any more; who waits gets nothing. A value that stands in it can still be received.
  /// @throws LogicError when it is closed already, and on another thread
  void close() {
    thread_.check("LatestChannel::close", name_.view());
    if (closed_) {
      internal::throw_closed_twice("LatestChannel", name_.view());
    }
    closed_ = true;
    receivers_.wake_all();
  }

  /// Both: @throws LogicError on another thread
  [[nodiscard]] bool closed() const { return checked().closed_; }
  [[nodiscard]] ChannelStatistics statistics() const { return checked().statistics_; }

 private:
  [[nodiscard]] const LatestChannel& checked() const {
    thread_.check("LatestChannel's state", name_.view());
    return *this;
  }

  void wake(Receive& receiver, T&& value) noexcept {
    ++statistics_.received;
    receiver.value_.emplace(std::move(value));
    receiver.woken_by_ = this;
    woken_ = &receiver;
    receivers_.wake(receiver);
  }

  // Puts the value that stands into `value`; false when there is none.
  bool take(std::optional<T>& value) noexcept {
    if (!slot_.has_value()) {
      return false;
    }
    value.emplace(std::move(*slot_));
    slot_.reset();
    ++statistics_.received;
    return true;
  }

  mutable internal::ThreadBound thread_;
  TaskName name_;
  std::optional<T> slot_;    // empty while somebody waits or is woken
  Receive* woken_{nullptr};  // has a value and has not run yet
  bool closed_{false};
  ChannelStatistics statistics_;
  WaitQueue<Receive> receivers_;
};

template <class T>
class LatestChannel<T>::Receive final : public QueuedAwaitable<typename LatestChannel<T>::Receive> {
 public:
  explicit Receive(LatestChannel& channel) noexcept : channel_(&channel) {}

  [[nodiscard]] bool try_complete() {
    channel_->thread_.check("LatestChannel::receive", channel_->name_.view());
    return channel_->take(value_) || channel_->closed_;
  }
  void arm() noexcept { channel_->receivers_.push(*this); }
  [[nodiscard]] std::optional<T> result() noexcept {
    if (woken_by_ != nullptr) {
      woken_by_->woken_ = nullptr;
      woken_by_ = nullptr;
    }
    return std::move(value_);
  }
  [[nodiscard]] std::string describe() const override {
    return "a value of " + internal::describe_primitive("LatestChannel", channel_->name_.view());
  }

 private:
  friend class LatestChannel;
  LatestChannel* channel_;            // may be gone by the time of result()
  LatestChannel* woken_by_{nullptr};  // never gone
  std::optional<T> value_;
};

}  // namespace takt::async
