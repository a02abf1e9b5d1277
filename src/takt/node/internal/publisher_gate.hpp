#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "takt/bus/transport.hpp"

/// Internal to node.
namespace takt::node::internal {

/// A publisher's endpoints on the transports. Each is used by one thread at a time, and may run handlers inside its
/// publish() that publish themselves. Those wait for nobody, since somebody may wait for them: they leave the bytes to
/// who is sending. Thread safe, but for add().
class PublisherGate {
 public:
  using SendResult = Expected<void, bus::SendError>;
  /// Puts the message into the bytes; called once at most, before send() or try_send() returns. May throw.
  using Encode = std::function<void(std::vector<std::byte>& bytes)>;

  /// @param keeps_for_late  what is sent is for those too who come later
  explicit PublisherGate(bool keeps_for_late) noexcept : keeps_for_late_(keeps_for_late) {}

  /// Before anything is sent. @param tells_matches  matched() of 0 means that nobody listens
  void add(std::unique_ptr<bus::TransportPublisher> endpoint, bool tells_matches);
  /// What their EndpointEvents count matches in.
  [[nodiscard]] std::shared_ptr<std::atomic<std::uint64_t>> matches() const noexcept { return matches_; }
  /// From now on there are none. Waits for their events, and for no sender.
  void close() noexcept;

  /// To all on which somebody listens. What they refuse is counted; the first refusal is the result.
  [[nodiscard]] SendResult send(const Encode& encode);
  /// To one. Not counted. kWouldBlock also from inside another's publish(), when this is sending already; kClosed after
  /// close().
  [[nodiscard]] SendResult try_send(std::size_t index, const Encode& encode);
  /// Counts a refusal, and makes the first one the result.
  void note(const SendResult& sent, SendResult& result) noexcept;

  /// Whether there ever were any.
  [[nodiscard]] bool carried() const noexcept { return carried_; }
  [[nodiscard]] std::size_t count() const noexcept;
  /// Who listens beyond this process; each of them hears the next message.
  [[nodiscard]] std::size_t matched() const;
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }

  static constexpr std::size_t kMostLeft = 1024;  // to one sender; what is more is refused

 private:
  struct Remote {
    std::unique_ptr<bus::TransportPublisher> endpoint;
    bool tells_matches{false};
  };
  class Sending;

  [[nodiscard]] bool begin_sending(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] SendResult leave(const Encode& encode);
  [[nodiscard]] bool wanted(const Remote& remote) const;
  void send_left() noexcept;
  [[nodiscard]] bool take_left() noexcept;
  [[nodiscard]] std::shared_ptr<Remote> at(std::size_t index) const noexcept;

  const bool keeps_for_late_;
  bool carried_{false};
  mutable std::mutex mutex_;                     // of what follows
  std::vector<std::shared_ptr<Remote>> remote_;  // shared with who sends just now
  bool sending_{false};                          // the endpoints, and bytes_, are in use
  std::condition_variable free_;                 // not sending_
  std::deque<std::vector<std::byte>> outbox_;    // left for who uses them
  std::size_t left_{0};                          // to that one, so far

  std::vector<std::byte> bytes_;
  std::shared_ptr<std::atomic<std::uint64_t>> matches_{std::make_shared<std::atomic<std::uint64_t>>(1)};
  std::atomic<std::uint64_t> nobody_at_{0};  // nobody listened at that count: a send need not look again
  std::atomic<std::uint64_t> refused_{0};
};

}  // namespace takt::node::internal
