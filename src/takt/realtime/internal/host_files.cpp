#include "takt/realtime/internal/host_files.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace takt::realtime::internal {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1024} * 1024;
constexpr std::int64_t kMaxCpu = 8191;
constexpr std::string_view kWhiteSpace = " \t\r\n";

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find_first_of(separators, start), text.size());
    if (end > start) {
      parts.push_back(text.substr(start, end - start));
    }
    start = end + 1;
  }
  return parts;
}

}  // namespace

std::filesystem::path HostFiles::at(std::string_view path) const {
  return root_ / std::filesystem::path(path).relative_path();
}

std::optional<std::string> HostFiles::text(std::string_view path) const {
  std::error_code none;
  if (!std::filesystem::is_regular_file(at(path), none)) {
    return std::nullopt;
  }
  std::ifstream file(at(path), std::ios::binary);
  std::string text;
  std::array<char, 4096> chunk{};
  while (text.size() < kMaxFileBytes && (file.read(chunk.data(), chunk.size()), file.gcount() > 0)) {
    text.append(chunk.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (!file.is_open() || file.bad()) {
    return std::nullopt;
  }
  text.resize(text.find_last_not_of(kWhiteSpace) + 1);
  return text;
}

std::optional<std::int64_t> HostFiles::number(std::string_view path) const {
  const auto read = text(path);
  return read ? to_number(*read) : std::nullopt;
}

std::optional<std::vector<int>> HostFiles::cpus(std::string_view path) const {
  const auto read = text(path);
  return read ? to_cpus(*read) : std::nullopt;
}

std::optional<std::vector<std::string>> HostFiles::names(std::string_view folder) const {
  std::error_code error;
  std::filesystem::directory_iterator entry(at(folder), error);
  if (error) {
    return std::nullopt;
  }
  std::vector<std::string> names;
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

bool HostFiles::exists(std::string_view path) const {
  std::error_code none;
  return std::filesystem::exists(at(path), none);
}

bool HostFiles::may_write(std::string_view path) const {
  const int descriptor = open(at(path).c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor >= 0) {
    close(descriptor);
  }
  return descriptor >= 0;
}

std::optional<std::int64_t> to_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::optional<std::vector<int>> to_cpus(std::string_view text) {
  std::vector<int> cpus;
  for (const std::string_view part : split(text, ",")) {
    const std::size_t dash = part.find('-');
    const auto first = to_number(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : to_number(part.substr(dash + 1));
    if (!first || !last || *first < 0 || *last < *first || *last > kMaxCpu) {
      return std::nullopt;
    }
    for (std::int64_t cpu = *first; cpu <= *last; ++cpu) {
      cpus.push_back(static_cast<int>(cpu));
    }
  }
  return cpus;
}

std::string cpu_list(const std::vector<int>& cpus) {
  std::string text;
  for (std::size_t first = 0; first < cpus.size();) {
    std::size_t last = first;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) {
      ++last;
    }
    text += (text.empty() ? "" : ",") + std::to_string(cpus[first]);
    text += last == first ? "" : "-" + std::to_string(cpus[last]);
    first = last + 1;
  }
  return text;
}

std::vector<std::string_view> words_of(std::string_view text) {
  return split(text, kWhiteSpace);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  return split(text, "\r\n");
}

}  // namespace takt::realtime::internal
