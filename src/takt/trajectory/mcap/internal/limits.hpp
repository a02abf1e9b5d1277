#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "takt/core/time.hpp"

/// What fits into the fields of an MCAP file. Each throws LogicError with the value; `what` it is of: "a message".
namespace takt::trajectory::mcap::internal {

void require_length(std::size_t bytes, const char* what);
void require_lengths(const std::map<std::string, std::string>& map, const char* what);
void require_time(core::Nanoseconds time_ns, const char* what);
void require_room(std::size_t have, const char* what);  ///< for one more of what has 16 bits for its number

}  // namespace takt::trajectory::mcap::internal
