#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "takt/bus/transport.hpp"
#include "takt/core/error.hpp"

/// The datagrams of docs/formats/udp.md.
namespace takt::udp::internal {

inline constexpr std::size_t kMaxDatagramBytes = 65507;
inline constexpr std::size_t kMinDatagramBytes = 768;  // the longest names, and something to say
inline constexpr std::size_t kMaxNameBytes = 255;
inline constexpr std::size_t kMaxFragments = 65536;
inline constexpr std::uint8_t kVersion = 1;

enum class Kind : std::uint8_t { kData, kHere };

/// One datagram. Views are into what was read, or what is to be written.
struct Datagram {
  Kind kind{Kind::kData};
  std::array<std::uint8_t, 16> sender{};
  std::uint64_t sequence{0};
  std::uint64_t source_wall_ns{0};
  std::uint32_t message_bytes{0};
  std::uint16_t fragment_bytes{1};
  std::uint16_t index{0};
  std::array<std::uint8_t, 32> hash{};
  std::string_view topic;
  std::string_view type;
  bus::Bytes payload;

  [[nodiscard]] std::size_t fragments() const noexcept {
    return message_bytes == 0 ? 1 : (std::size_t{message_bytes} + fragment_bytes - 1) / fragment_bytes;
  }
};

/// Bytes before the payload of a datagram of data.
[[nodiscard]] std::size_t header_bytes(std::string_view topic, std::string_view type) noexcept;

/// All but the payload, appended. @pre names of at most kMaxNameBytes
void write_header(const Datagram& datagram, std::vector<std::byte>& to);

enum class DatagramFault : std::uint8_t { kNotOurs, kVersion, kKind, kTruncated, kNames, kFragment };
[[nodiscard]] std::string_view text_of(DatagramFault fault) noexcept;

/// Any bytes; allocates nothing.
[[nodiscard]] Expected<Datagram, DatagramFault> read_datagram(bus::Bytes bytes) noexcept;

}  // namespace takt::udp::internal
