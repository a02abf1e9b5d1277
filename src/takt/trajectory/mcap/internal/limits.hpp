#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>

#include "takt/core/time.hpp"

/// What fits into the fields of an MCAP file. Each throws LogicError with the value; `what` it is of: "a message".
namespace takt::trajectory::mcap::internal {

inline constexpr std::size_t kMostBytes = std::numeric_limits<std::uint32_t>::max();

[[noreturn]] void throw_too_long(std::size_t bytes, const char* what);
[[noreturn]] void throw_before_1970(core::Nanoseconds time_ns, const char* what);

// Inline: two of each are on the way of every message.
inline void require_length(std::size_t bytes, const char* what) {
  if (bytes > kMostBytes) {
    throw_too_long(bytes, what);
  }
}
inline void require_time(core::Nanoseconds time_ns, const char* what) {
  if (time_ns < 0) {
    throw_before_1970(time_ns, what);
  }
}

void require_lengths(const std::map<std::string, std::string>& map, const char* what);
void require_room(std::size_t have, const char* what);  ///< for one more of what has 16 bits for its number

}  // namespace takt::trajectory::mcap::internal
