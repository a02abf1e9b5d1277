#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "takt/bus/transport.hpp"

namespace takt::zmq::internal {

/// What each message begins with: docs/formats/zmq.md. A value.
struct Header {
  enum class Kind : std::uint8_t {
    kHello,     ///< a connector's: forget what you know of me; `from` is its process number
    kWelcome,   ///< the binder's answer, likewise; `position` is the hello's sequence, and its own is to be said back
    kAgain,     ///< the binder's: no such session, say hello again
    kPulse,     ///< nothing; fails to be sent when nobody is there
    kAnnounce,  ///< the payload is an announcement
    kWithdraw,  ///< the announced `from` has gone
    kData,
    kRequest,
    kReply,
    kGrant,    ///< `from` has got what goes up to `position`, and takes what goes up to `sequence`
    kReceipt,  ///< so many (`position`) data, requests, replies and parcels of this session were read, or, of none, the
               ///< welcome; `sequence` proves it
    kParcel,   ///< several data, requests or replies: position, sequence and clock are those of the first
  };
  Kind kind{Kind::kPulse};
  std::uint32_t session{0};   ///< the connector's choice; of both directions
  std::uint64_t from{0};      ///< the sending endpoint's number in its process
  std::uint64_t to{0};        ///< the number of the endpoint that it is for
  std::uint64_t position{0};  ///< from 1, of what goes from `from` to `to` in this session
  std::uint64_t sequence{0};  ///< from 1, of a publisher's messages, or of a client's requests and the replies to them
  std::uint64_t source_wall_ns{0};
  friend bool operator==(const Header&, const Header&) = default;
};

inline constexpr std::size_t kHeaderBytes = 49;

[[nodiscard]] std::array<std::byte, kHeaderBytes> write_header(const Header& header) noexcept;

enum class HeaderFault : std::uint8_t { kNotOurs, kOtherVersion, kKind, kLength };
[[nodiscard]] std::string_view text_of(HeaderFault fault) noexcept;

/// Any bytes, which begin with it; what follows is the payload. Allocates nothing.
[[nodiscard]] Expected<Header, HeaderFault> read_header(bus::Bytes bytes) noexcept;

}  // namespace takt::zmq::internal
