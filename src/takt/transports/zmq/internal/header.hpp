#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "takt/bus/transport.hpp"
#include "takt/transports/zmq/internal/announcement.hpp"

namespace takt::zmq::internal {

/// The frame before a payload: docs/formats/zmq.md. The type's name is a view into what was read, or is to be written.
struct Header {
  enum class Kind : std::uint8_t { kData, kRequest, kReply, kHello, kWelcome };
  Kind kind{Kind::kData};
  bool reliable{false};
  bool transient_local{false};
  EndpointId from{};
  EndpointId to{};
  std::uint64_t sequence{0};
  std::uint64_t source_wall_ns{0};
  std::string_view type;
  std::array<std::uint8_t, 32> hash{};
  friend bool operator==(const Header&, const Header&) = default;
};

/// Replaces what is in `to`, whose memory is kept.
void write_header(const Header& header, std::vector<std::byte>& to);

enum class HeaderFault : std::uint8_t { kNotOurs, kVersion, kKind, kLength };
[[nodiscard]] std::string_view text_of(HeaderFault fault) noexcept;

/// Any bytes; allocates nothing.
[[nodiscard]] Expected<Header, HeaderFault> read_header(bus::Bytes bytes) noexcept;

}  // namespace takt::zmq::internal
