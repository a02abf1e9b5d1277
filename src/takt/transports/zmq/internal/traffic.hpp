#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace takt::zmq::internal {

/// Messages (a parcel is one) and bytes of content on the way to one process, on all lanes together, beyond a single
/// message of any size. ZeroMQ keeps what a peer does not read: no more than this.
inline constexpr std::size_t kMaxBytesToPeer = std::size_t{32} << 20U;
inline constexpr std::size_t kMaxMessagesToPeer = 32768;

/// What one process has sent to another in a session: data, requests, replies and parcels of them. The other says how
/// many of them it read, and proves it by the sum of their clocks, which only who read them can know. One thread at a
/// time.
class Departures {
 public:
  [[nodiscard]] bool may_send() const noexcept {
    return bytes_ < kMaxBytesToPeer && on_the_way_.size() < kMaxMessagesToPeer;
  }
  void send(std::size_t bytes, std::uint64_t clock);

  /// Any numbers. @return false when that cannot be so: nothing is changed
  [[nodiscard]] bool confirm(std::uint64_t count, std::uint64_t proof);

 private:
  struct Sent {
    std::size_t bytes{0};
    std::uint64_t proof{0};  // the sum up to here
  };
  std::deque<Sent> on_the_way_;
  std::size_t bytes_{0};
  std::uint64_t sum_{0};
  std::uint64_t confirmed_{0};
};

/// The other end. A value.
class Arrivals {
 public:
  /// @return it is time to say so
  [[nodiscard]] bool receive(std::size_t bytes, std::uint64_t clock) noexcept;
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint64_t proof() const noexcept { return sum_; }

 private:
  std::uint64_t count_{0};
  std::uint64_t sum_{0};
  std::size_t bytes_unsaid_{0};
  std::size_t messages_unsaid_{0};
};

}  // namespace takt::zmq::internal
