// Any datagrams: read or refused, and what is read is consistent; reassembly gives messages of the promised size and
// keeps to its memory. The input is cut into datagrams by lengths of two bytes.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "takt/transports/udp/internal/reassembly.hpp"

namespace {

using takt::udp::internal::Datagram;
using takt::udp::internal::Kind;

constexpr std::size_t kBound = 1U << 16U;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void require_same(const Datagram& one, const Datagram& other) {
  require(one.kind == other.kind && one.sender == other.sender && one.sequence == other.sequence);
  require(one.message_bytes == other.message_bytes && one.fragment_bytes == other.fragment_bytes);
  require(one.index == other.index && one.topic == other.topic && one.type == other.type && one.hash == other.hash);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  takt::udp::internal::Reassembly reassembly(kBound);
  auto rest = std::as_bytes(std::span(data, size));
  while (rest.size() >= 2) {
    const std::size_t wanted = std::to_integer<std::size_t>(rest[0]) + 256U * std::to_integer<std::size_t>(rest[1]);
    rest = rest.subspan(2);
    const auto bytes = rest.first(std::min(wanted, rest.size()));
    rest = rest.subspan(bytes.size());
    const auto datagram = takt::udp::internal::read_datagram(bytes);
    if (!datagram) {
      require(!takt::udp::internal::text_of(datagram.error()).empty());
      continue;
    }
    std::vector<std::byte> again;
    takt::udp::internal::write_header(*datagram, again);
    again.insert(again.end(), datagram->payload.begin(), datagram->payload.end());
    const auto reread = takt::udp::internal::read_datagram(again);
    require(reread.has_value());
    require_same(*datagram, *reread);
    if (datagram->kind == Kind::kData) {
      if (const auto message = reassembly.add(*datagram)) {
        require(message->size() == datagram->message_bytes);
      }
      require(reassembly.bytes() <= kBound);
    }
  }
  return 0;
}
