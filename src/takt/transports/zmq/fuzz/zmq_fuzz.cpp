// Any frame is an announcement or a header that says the same when it is written again, or is refused with a text.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "takt/transports/zmq/internal/announcement.hpp"
#include "takt/transports/zmq/internal/header.hpp"

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
  std::vector<std::byte> again;
  takt::zmq::internal::write_header(*read, again);
  require(again.size() == bytes.size());
  require(takt::zmq::internal::read_header(again) == read);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  try_announcement(bytes);
  try_header(bytes);
  return 0;
}
