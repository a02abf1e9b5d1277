#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "takt/bus/transport.hpp"

/// Small messages of one lane that go out as one: docs/formats/zmq.md.
namespace takt::zmq::internal {

/// Of this size, or below it, is what goes with others.
inline constexpr std::size_t kMaxSmallBytes = 1024;

/// No more goes together.
inline constexpr std::size_t kMaxParcelBytes = std::size_t{32} << 10U;

/// What is packed and was not sent yet. Sequences go on by one, and clocks forward. A resource's part; one thread at a
/// time.
class Parcel {
 public:
  /// The next that may be added; false of what goes by itself, or in the next one.
  [[nodiscard]] bool takes(std::uint64_t sequence, std::uint64_t clock, std::size_t bytes) const noexcept;
  /// @pre takes
  void add(std::uint64_t sequence, std::uint64_t clock, bus::Bytes message);
  /// Keeps what memory a small message takes, and no more: there may be many lanes.
  void clear() noexcept;

  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] bool is_empty() const noexcept { return count_ == 0; }
  /// Of the first.
  [[nodiscard]] std::uint64_t sequence() const noexcept { return sequence_; }
  [[nodiscard]] std::uint64_t clock() const noexcept { return clock_; }
  /// As they travel.
  [[nodiscard]] bus::Bytes bytes() const noexcept { return bytes_; }
  /// The first of them, as it is. @pre not empty
  [[nodiscard]] bus::Bytes front() const noexcept;
  /// Of the messages themselves.
  [[nodiscard]] std::size_t message_bytes() const noexcept;

 private:
  std::vector<std::byte> bytes_;
  std::size_t count_{0};
  std::uint64_t sequence_{0};
  std::uint64_t clock_{0};
};

/// One message of a parcel. A value.
struct Packed {
  bus::Bytes bytes;
  std::uint32_t later_ns{0};  ///< than the clock of the first
};

/// Replaces what is in `to`, whose memory is kept; its views are of `parcel`. Any bytes. @return false for what is no
/// parcel: larger than one, without a message, or ending inside of one
[[nodiscard]] bool read_parcel(bus::Bytes parcel, std::vector<Packed>& to);

}  // namespace takt::zmq::internal
