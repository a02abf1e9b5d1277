#include "takt/transports/zmq/internal/header.hpp"

#include "takt/bus/wire.hpp"
#include "takt/transports/zmq/internal/announcement.hpp"

namespace takt::zmq::internal {
namespace {

constexpr std::string_view kMagic = "TKZ";

}  // namespace

void write_header(const Header& header, std::vector<std::byte>& to) {
  to.clear();
  bus::WireWriter writer(to);
  writer.text(kMagic);
  writer.number(kVersion);
  writer.number(static_cast<std::uint8_t>(header.kind));
  writer.number(header.session);
  for (const std::uint64_t number : {header.from, header.to, header.position, header.sequence, header.source_wall_ns}) {
    writer.number(number);
  }
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
      return "a header that is too short or too long";
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
  if (kind > static_cast<std::uint8_t>(Header::Kind::kReceipt)) {
    return Unexpected(HeaderFault::kKind);
  }
  Header header;
  header.kind = static_cast<Header::Kind>(kind);
  header.session = reader.number<std::uint32_t>();
  for (std::uint64_t* const number :
       {&header.from, &header.to, &header.position, &header.sequence, &header.source_wall_ns}) {
    *number = reader.number<std::uint64_t>();
  }
  if (!reader.ok() || !reader.rest().empty()) {
    return Unexpected(HeaderFault::kLength);
  }
  return header;
}

}  // namespace takt::zmq::internal
