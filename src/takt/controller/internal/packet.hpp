#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "takt/core/error.hpp"

/// The outside of a packet between a server and its clients: which protocol, what it is, whose. What is inside is in
/// wire.hpp; docs/formats/controller-protocol.md has the bytes.
namespace takt::controller::internal {

/// Raised with every change of a packet or of the shared memory: both sides run the same protocol or none.
inline constexpr std::uint16_t kProtocolVersion = 1;

/// Magic, version, type, number. Stays as it is in every version, so that a wrong one can be named.
inline constexpr std::size_t kPacketHeaderSize = 16;

/// A packet is at most this long; longer ones end the connection.
inline constexpr std::size_t kMaxPacketBytes = 65536;

/// What is inside. Numbers are never used again for something else.
enum class PacketType : std::uint16_t {
  kWelcome = 1,       ///< server, number 0, with the descriptor of the state segment: the first of a connection
  kDone = 2,          ///< server: done
  kFailed = 3,        ///< server: not done, and why; number 0: it was no request, and the connection ends
  kLeaseGiven = 4,    ///< server, with the descriptor of the command segment
  kEvidenceKept = 5,  ///< server, with the descriptor of the cycles
  kStatusNow = 6,     ///< server

  kStart = 32,
  kStop = 33,
  kRecover = 34,
  kUse = 35,
  kSetTool = 36,
  kSetPayload = 37,
  kAcquire = 38,
  kRelease = 39,
  kEvidence = 40,
  kSafeStop = 41,
  kShutDown = 42,
  kStatus = 43,
};

/// A packet as it came. `body` refers into the buffer that was parsed.
struct PacketView {
  PacketType type{};
  std::uint64_t number{0};  ///< of the request; replies carry that of theirs; 0: none is expected
  std::span<const std::byte> body;
};

/// Why bytes are no packet of this protocol.
struct PacketError {
  std::string text;
  std::uint16_t version{kProtocolVersion};  ///< the sender's, when it is another
  std::uint64_t number{0};                  ///< 0 when it cannot be read
};

[[nodiscard]] Expected<PacketView, PacketError> parse_packet(std::span<const std::byte> bytes);

[[nodiscard]] std::array<std::byte, kPacketHeaderSize> packet_header(PacketType type, std::uint64_t number) noexcept;

/// Header and body in one. @throws LogicError when that is longer than kMaxPacketBytes.
[[nodiscard]] std::vector<std::byte> make_packet(PacketType type, std::uint64_t number,
                                                 std::span<const std::byte> body);

}  // namespace takt::controller::internal
