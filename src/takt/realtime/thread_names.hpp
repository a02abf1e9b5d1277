#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace takt::realtime {

/// The name of a thread of this process, "?" when it has ended.
[[nodiscard]] std::string thread_name(std::uint32_t thread_id);

/// The names of all threads of this process now, sorted: what `ps -L` shows.
[[nodiscard]] std::vector<std::string> thread_names();

}  // namespace takt::realtime
