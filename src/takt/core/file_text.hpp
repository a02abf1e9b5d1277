#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace takt::core {

/// The whole of a file, text or not, that comes from somebody else: read to its end, so that pipes serve as well.
/// @throws ConfigError naming the file: it is missing, cannot be read, is a folder, or is larger than `at_most_bytes`.
[[nodiscard]] std::string read_file_text(const std::filesystem::path& path, std::size_t at_most_bytes);

}  // namespace takt::core
