#include "takt/transports/zmq/internal/header.hpp"

#include "takt/bus/wire.hpp"
#include "takt/transports/zmq/internal/announcement.hpp"

namespace takt::zmq::internal {
namespace {

constexpr std::string_view kMagic = "TKZ";

}  // namespace

std::array<std::byte, kHeaderBytes> write_header(const Header& header) noexcept {
  std::array<std::byte, kHeaderBytes> bytes{};
  std::size_t at = 0;
  const auto number = [&](std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      bytes[at++] = static_cast<std::byte>((value >> (8U * i)) & 0xffU);
    }
  };
  for (const char letter : kMagic) {
    number(static_cast<std::uint8_t>(letter), 1);
  }
  number(kVersion, sizeof(kVersion));
  number(static_cast<std::uint8_t>(header.kind), sizeof(header.kind));
  number(header.session, sizeof(header.session));
  for (const std::uint64_t word : {header.from, header.to, header.position, header.sequence, header.source_wall_ns}) {
    number(word, sizeof(word));
  }
  return bytes;
}

std::string_view text_of(HeaderFault fault) noexcept {
  switch (fault) {
    case HeaderFault::kNotOurs:
      return "not a message of takt";
    case HeaderFault::kOtherVersion:
      return "a message of another version";
    case HeaderFault::kKind:
      return "a kind of message that this version does not know";
    case HeaderFault::kLength:
      return "a header that is too short";
  }
  return "?";
}

Expected<Header, HeaderFault> read_header(bus::Bytes bytes) noexcept {
  bus::WireReader reader(bytes);
  if (reader.text(kMagic.size()) != kMagic) {
    return Unexpected(HeaderFault::kNotOurs);
  }
  if (reader.number<std::uint8_t>() != kVersion) {
    return Unexpected(reader.ok() ? HeaderFault::kOtherVersion : HeaderFault::kLength);
  }
  const auto kind = reader.number<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(Header::Kind::kParcel)) {
    return Unexpected(HeaderFault::kKind);
  }
  Header header;
  header.kind = static_cast<Header::Kind>(kind);
  header.session = reader.number<std::uint32_t>();
  for (std::uint64_t* const number :
       {&header.from, &header.to, &header.position, &header.sequence, &header.source_wall_ns}) {
    *number = reader.number<std::uint64_t>();
  }
  if (!reader.ok()) {
    return Unexpected(HeaderFault::kLength);
  }
  return header;
}

}  // namespace takt::zmq::internal
