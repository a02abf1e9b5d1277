// Any frame is an announcement, a header or a parcel that says the same when it is written again, or is refused.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "takt/transports/zmq/internal/announcement.hpp"
#include "takt/transports/zmq/internal/header.hpp"
#include "takt/transports/zmq/internal/parcel.hpp"

namespace {

constexpr std::uint64_t kProcess = 1;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void try_announcement(takt::bus::Bytes bytes) {
  const auto read = takt::zmq::internal::read_announcement(bytes, kProcess);
  if (!read) {
    require(!takt::zmq::internal::text_of(read.error()).empty());
    return;
  }
  const auto again = takt::zmq::internal::write_announcement(*read);
  require(again.size() == bytes.size());
  require(takt::zmq::internal::read_announcement(again, kProcess) == read);
}

void try_header(takt::bus::Bytes bytes) {
  const auto read = takt::zmq::internal::read_header(bytes);
  if (!read) {
    require(!takt::zmq::internal::text_of(read.error()).empty());
    return;
  }
  const auto again = takt::zmq::internal::write_header(*read);
  require(std::ranges::equal(again, bytes.first(again.size())));
}

void try_parcel(takt::bus::Bytes bytes) {
  std::vector<takt::zmq::internal::Packed> unpacked;
  if (!takt::zmq::internal::read_parcel(bytes, unpacked)) {
    return;
  }
  takt::zmq::internal::Parcel again;
  const bool may_be_ours = unpacked.front().later_ns == 0;
  for (const takt::zmq::internal::Packed& one : unpacked) {
    require(one.bytes.empty() ||
            (one.bytes.data() >= bytes.data() && one.bytes.data() + one.bytes.size() <= bytes.data() + bytes.size()));
    if (!may_be_ours || !again.takes(again.count(), one.later_ns, one.bytes.size())) {
      return;  // larger than what goes with others
    }
    again.add(again.count(), one.later_ns, one.bytes);
  }
  require(std::ranges::equal(again.bytes(), bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  try_announcement(bytes);
  try_header(bytes);
  try_parcel(bytes);
  return 0;
}
