#include "takt/controller/internal/packet.hpp"

#include <algorithm>
#include <concepts>

namespace takt::controller::internal {
namespace {

constexpr std::array<std::byte, 4> kMagic{std::byte{'T'}, std::byte{'A'}, std::byte{'K'}, std::byte{'T'}};
constexpr std::size_t kVersionAt = 4;
constexpr std::size_t kTypeAt = 6;
constexpr std::size_t kNumberAt = 8;

// Little endian, on any host: a header must be readable before anything is agreed.
template <std::unsigned_integral T>
T read_number(std::span<const std::byte> bytes, std::size_t at) noexcept {
  T value = 0;
  for (std::size_t i = sizeof(T); i-- > 0;) {
    value = static_cast<T>((std::uint64_t{value} << 8U) | std::to_integer<std::uint64_t>(bytes[at + i]));
  }
  return value;
}

template <std::unsigned_integral T>
void write_number(std::span<std::byte> bytes, std::size_t at, T value) noexcept {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[at + i] = static_cast<std::byte>((std::uint64_t{value} >> (8U * i)) & 0xFFU);
  }
}

}  // namespace

Expected<PacketView, PacketError> parse_packet(std::span<const std::byte> bytes) {
  if (bytes.size() < kPacketHeaderSize) {
    return Unexpected(PacketError{.text = "a packet of " + std::to_string(bytes.size()) +
                                          " bytes, the header alone has " + std::to_string(kPacketHeaderSize)});
  }
  if (!std::equal(kMagic.begin(), kMagic.end(), bytes.begin())) {
    return Unexpected(PacketError{.text = "not a packet of takt's controller protocol"});
  }
  const auto version = read_number<std::uint16_t>(bytes, kVersionAt);
  const auto number = read_number<std::uint64_t>(bytes, kNumberAt);
  if (version != kProtocolVersion) {
    return Unexpected(PacketError{.text = "version " + std::to_string(version) +
                                          " of the protocol, this side speaks version " +
                                          std::to_string(kProtocolVersion) + "; use the same takt on both sides",
                                  .version = version,
                                  .number = number});
  }
  if (bytes.size() > kMaxPacketBytes) {
    return Unexpected(PacketError{.text = "a packet of " + std::to_string(bytes.size()) + " bytes, the most is " +
                                          std::to_string(kMaxPacketBytes),
                                  .number = number});
  }
  return PacketView{.type = static_cast<PacketType>(read_number<std::uint16_t>(bytes, kTypeAt)),
                    .number = number,
                    .body = bytes.subspan(kPacketHeaderSize)};
}

std::array<std::byte, kPacketHeaderSize> packet_header(PacketType type, std::uint64_t number) noexcept {
  std::array<std::byte, kPacketHeaderSize> header{};
  std::copy(kMagic.begin(), kMagic.end(), header.begin());
  write_number(std::span(header), kVersionAt, kProtocolVersion);
  write_number(std::span(header), kTypeAt, static_cast<std::uint16_t>(type));
  write_number(std::span(header), kNumberAt, number);
  return header;
}

std::vector<std::byte> make_packet(PacketType type, std::uint64_t number, std::span<const std::byte> body) {
  if (kPacketHeaderSize + body.size() > kMaxPacketBytes) {
    throw LogicError("make_packet: a body of " + std::to_string(body.size()) + " bytes, the most is " +
                     std::to_string(kMaxPacketBytes - kPacketHeaderSize));
  }
  const auto header = packet_header(type, number);
  std::vector<std::byte> packet(header.begin(), header.end());
  packet.insert(packet.end(), body.begin(), body.end());
  return packet;
}

}  // namespace takt::controller::internal
