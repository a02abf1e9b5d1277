#include "takt/transports/udp/internal/datagram.hpp"

#include <algorithm>

#include "takt/bus/wire.hpp"

namespace takt::udp::internal {
namespace {

constexpr std::string_view kMagic = "TKTU";
constexpr std::size_t kFixedBytes = 82;

bool fits(const Datagram& datagram) noexcept {
  if (datagram.fragment_bytes == 0 || datagram.fragments() > kMaxFragments || datagram.index >= datagram.fragments()) {
    return false;
  }
  const std::size_t begin = std::size_t{datagram.index} * datagram.fragment_bytes;
  return datagram.payload.size() == std::min<std::size_t>(datagram.fragment_bytes, datagram.message_bytes - begin);
}

}  // namespace

std::size_t header_bytes(std::string_view topic, std::string_view type) noexcept {
  return kFixedBytes + topic.size() + type.size();
}

void write_header(const Datagram& datagram, std::vector<std::byte>& to) {
  bus::WireWriter writer(to);
  writer.text(kMagic);
  writer.number(kVersion);
  writer.number(static_cast<std::uint8_t>(datagram.kind));
  writer.number(std::uint16_t{0});
  writer.array(datagram.sender);
  if (datagram.kind == Kind::kHere) {
    return;
  }
  writer.number(datagram.sequence);
  writer.number(datagram.source_wall_ns);
  writer.number(datagram.message_bytes);
  writer.number(datagram.fragment_bytes);
  writer.number(datagram.index);
  writer.array(datagram.hash);
  writer.number(static_cast<std::uint8_t>(datagram.topic.size()));
  writer.number(static_cast<std::uint8_t>(datagram.type.size()));
  writer.text(datagram.topic);
  writer.text(datagram.type);
}

std::string_view text_of(DatagramFault fault) noexcept {
  switch (fault) {
    case DatagramFault::kNotOurs:
      return "not a datagram of takt";
    case DatagramFault::kOtherVersion:
      return "another version of the format";
    case DatagramFault::kKind:
      return "a kind of datagram that this version does not know";
    case DatagramFault::kTruncated:
      return "shorter than its header says";
    case DatagramFault::kNames:
      return "without a topic";
    case DatagramFault::kFragment:
      return "a fragment whose place or length cannot be";
  }
  return "?";
}

Expected<Datagram, DatagramFault> read_datagram(bus::Bytes bytes) noexcept {
  bus::WireReader reader(bytes);
  if (reader.text(kMagic.size()) != kMagic) {
    return Unexpected(DatagramFault::kNotOurs);
  }
  if (reader.number<std::uint8_t>() != kVersion) {
    return Unexpected(reader.ok() ? DatagramFault::kOtherVersion : DatagramFault::kTruncated);
  }
  const auto kind = reader.number<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(Kind::kHere)) {
    return Unexpected(DatagramFault::kKind);
  }
  Datagram datagram;
  datagram.kind = static_cast<Kind>(kind);
  static_cast<void>(reader.number<std::uint16_t>());
  datagram.sender = reader.array<16>();
  if (datagram.kind == Kind::kHere) {
    return reader.ok() ? Expected<Datagram, DatagramFault>(datagram) : Unexpected(DatagramFault::kTruncated);
  }
  datagram.sequence = reader.number<std::uint64_t>();
  datagram.source_wall_ns = reader.number<std::uint64_t>();
  datagram.message_bytes = reader.number<std::uint32_t>();
  datagram.fragment_bytes = reader.number<std::uint16_t>();
  datagram.index = reader.number<std::uint16_t>();
  datagram.hash = reader.array<32>();
  const auto topic_bytes = reader.number<std::uint8_t>();
  const auto type_bytes = reader.number<std::uint8_t>();
  datagram.topic = reader.text(topic_bytes);
  datagram.type = reader.text(type_bytes);
  datagram.payload = reader.rest();
  if (!reader.ok()) {
    return Unexpected(DatagramFault::kTruncated);
  }
  if (datagram.topic.empty()) {
    return Unexpected(DatagramFault::kNames);
  }
  if (!fits(datagram)) {
    return Unexpected(DatagramFault::kFragment);
  }
  return datagram;
}

}  // namespace takt::udp::internal
