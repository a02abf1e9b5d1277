#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace takt::realtime::internal {

/// The files in which Linux describes itself, below a root. Nothing here throws for what a file holds or lacks.
class HostFiles {
 public:
  explicit HostFiles(std::filesystem::path root) : root_(std::move(root)) {}

  /// The text of a file such as "/proc/version" without the white space at its end; its first MiB. Nothing when it
  /// cannot be read.
  [[nodiscard]] std::optional<std::string> text(std::string_view path) const;

  /// A file that holds one decimal number.
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view path) const;

  /// A file that holds a list of CPUs.
  [[nodiscard]] std::optional<std::vector<int>> cpus(std::string_view path) const;

  /// The names in a folder, sorted. Nothing when it is none.
  [[nodiscard]] std::optional<std::vector<std::string>> names(std::string_view folder) const;

  [[nodiscard]] bool exists(std::string_view path) const;

  /// Opens a file for writing and closes it again.
  [[nodiscard]] bool may_write(std::string_view path) const;

 private:
  [[nodiscard]] std::filesystem::path at(std::string_view path) const;

  std::filesystem::path root_;
};

/// A decimal number and nothing else.
[[nodiscard]] std::optional<std::int64_t> to_number(std::string_view text);

/// "0-3,8" as 0 1 2 3 8; an empty text is an empty list. Nothing for any other form, or for CPUs above 8191.
[[nodiscard]] std::optional<std::vector<int>> to_cpus(std::string_view text);

/// The inverse, for ascending lists.
[[nodiscard]] std::string cpu_list(const std::vector<int>& cpus);

/// The words between white space.
[[nodiscard]] std::vector<std::string_view> words_of(std::string_view text);

/// The lines, without their ends.
[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace takt::realtime::internal
