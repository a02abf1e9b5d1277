#include "takt/transports/zmq/internal/header.hpp"

#include "takt/bus/internal/wire.hpp"

namespace takt::zmq::internal {
namespace {

constexpr std::string_view kMagic = "TKZ";
constexpr std::uint8_t kReliableBit = 1;
constexpr std::uint8_t kTransientLocalBit = 2;

}  // namespace

void write_header(const Header& header, std::vector<std::byte>& to) {
  to.clear();
  bus::internal::WireWriter writer(to);
  writer.text(kMagic);
  writer.number(kVersion);
  writer.number(static_cast<std::uint8_t>(header.kind));
  writer.number(static_cast<std::uint8_t>((header.reliable ? kReliableBit : 0) |
                                          (header.transient_local ? kTransientLocalBit : 0)));
  writer.array(header.from);
  writer.array(header.to);
  writer.number(header.sequence);
  writer.number(header.source_wall_ns);
  writer.number(static_cast<std::uint16_t>(header.type.size()));
  writer.text(header.type);
  writer.array(header.hash);
}

std::string_view text_of(HeaderFault fault) noexcept {
  switch (fault) {
    case HeaderFault::kNotOurs:
      return "not a message of takt";
    case HeaderFault::kVersion:
      return "a message of another version";
    case HeaderFault::kKind:
      return "a kind of message that this version does not know";
    case HeaderFault::kLength:
      return "a header that is too short or too long";
  }
  return "?";
}

Expected<Header, HeaderFault> read_header(bus::Bytes bytes) noexcept {
  bus::internal::WireReader reader(bytes);
  if (reader.text(kMagic.size()) != kMagic) {
    return Unexpected(HeaderFault::kNotOurs);
  }
  if (reader.number<std::uint8_t>() != kVersion) {
    return Unexpected(reader.ok() ? HeaderFault::kVersion : HeaderFault::kLength);
  }
  const auto kind = reader.number<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(Header::Kind::kWelcome)) {
    return Unexpected(HeaderFault::kKind);
  }
  const auto quality = reader.number<std::uint8_t>();
  Header header{.kind = static_cast<Header::Kind>(kind),
                .reliable = (quality & kReliableBit) != 0,
                .transient_local = (quality & kTransientLocalBit) != 0,
                .from = reader.array<16>(),
                .to = reader.array<16>(),
                .sequence = reader.number<std::uint64_t>(),
                .source_wall_ns = reader.number<std::uint64_t>(),
                .type = {},
                .hash = {}};
  const auto type_bytes = reader.number<std::uint16_t>();
  header.type = reader.text(type_bytes > kMaxTextBytes ? SIZE_MAX : type_bytes);
  header.hash = reader.array<32>();
  if (!reader.ok() || !reader.rest().empty()) {
    return Unexpected(HeaderFault::kLength);
  }
  return header;
}

}  // namespace takt::zmq::internal
