#include "takt/trajectory/mcap/internal/limits.hpp"

#include <cstdint>
#include <limits>

#include <fmt/format.h>

#include "takt/core/error.hpp"

namespace takt::trajectory::mcap::internal {
namespace {

constexpr std::size_t kMostNumbers = std::numeric_limits<std::uint16_t>::max();

}  // namespace

void throw_too_long(std::size_t bytes, const char* what) {
  throw LogicError(fmt::format("{} has {} bytes; MCAP has room for {}", what, bytes, kMostBytes));
}

void throw_before_1970(core::Nanoseconds time_ns, const char* what) {
  throw LogicError(fmt::format("{} {} ns: MCAP's times begin in 1970", what, time_ns));
}

void require_lengths(const std::map<std::string, std::string>& map, const char* what) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : map) {
    bytes += key.size() + value.size() + 2 * sizeof(std::uint32_t);
  }
  require_length(bytes, what);
}

void require_room(std::size_t have, const char* what) {
  if (have >= kMostNumbers) {
    throw LogicError(fmt::format("an MCAP file has room for {} {}", kMostNumbers, what));
  }
}

}  // namespace takt::trajectory::mcap::internal
