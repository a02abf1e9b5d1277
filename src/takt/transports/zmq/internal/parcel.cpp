#include "takt/transports/zmq/internal/parcel.hpp"

#include <array>
#include <limits>

#include "takt/bus/wire.hpp"

namespace takt::zmq::internal {
namespace {

using Size = std::uint16_t;
using Later = std::uint32_t;

constexpr std::size_t kHeadBytes = sizeof(Size) + sizeof(Later);
static_assert(kMaxSmallBytes <= std::numeric_limits<Size>::max());

}  // namespace

bool Parcel::takes(std::uint64_t sequence, std::uint64_t clock, std::size_t bytes) const noexcept {
  if (bytes > kMaxSmallBytes) {
    return false;
  }
  return count_ == 0 || (sequence == sequence_ + count_ && bytes_.size() + kHeadBytes + bytes <= kMaxParcelBytes &&
                         clock - clock_ <= std::numeric_limits<Later>::max());  // of one that is earlier it is far more
}

void Parcel::add(std::uint64_t sequence, std::uint64_t clock, bus::Bytes message) {
  if (count_++ == 0) {
    sequence_ = sequence;
    clock_ = clock;
  } else {
    bytes_.reserve(kMaxParcelBytes);
  }
  std::array<std::byte, kHeadBytes> head{};
  const std::uint64_t word = message.size() | ((clock - clock_) << (8U * sizeof(Size)));
  for (std::size_t i = 0; i < head.size(); ++i) {
    head[i] = static_cast<std::byte>((word >> (8U * i)) & 0xffU);
  }
  bytes_.insert(bytes_.end(), head.begin(), head.end());
  bytes_.insert(bytes_.end(), message.begin(), message.end());
}

void Parcel::clear() noexcept {
  if (count_ > 1) {
    bytes_ = {};
  }
  bytes_.clear();
  count_ = 0;
}

bus::Bytes Parcel::front() const noexcept {
  bus::WireReader reader(bytes_);
  const auto size = reader.number<Size>();
  static_cast<void>(reader.number<Later>());
  return reader.bytes(size);
}

std::size_t Parcel::message_bytes() const noexcept {
  return bytes_.size() - (count_ * kHeadBytes);
}

bool read_parcel(bus::Bytes parcel, std::vector<Packed>& to) {
  to.clear();
  if (parcel.size() > kMaxParcelBytes) {
    return false;
  }
  bus::WireReader reader(parcel);
  while (!reader.rest().empty()) {
    const auto size = reader.number<Size>();
    const auto later_ns = reader.number<Later>();
    to.push_back({.bytes = reader.bytes(size), .later_ns = later_ns});
  }
  return reader.ok() && !to.empty();
}

}  // namespace takt::zmq::internal
