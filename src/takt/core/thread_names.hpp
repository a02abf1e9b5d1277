#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace takt::core {

/// Names the calling thread, as `ps -L` and traces show it; longer names are cut to 15 bytes.
void set_current_thread_name(std::string_view name) noexcept;

/// The name of a thread of this process, "?" when it has ended.
[[nodiscard]] std::string thread_name(std::uint32_t thread_id);

/// The names of all threads of this process now, sorted: what `ps -L` shows.
[[nodiscard]] std::vector<std::string> thread_names();

}  // namespace takt::core
