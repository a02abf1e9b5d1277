#include "takt/realtime/steal_counter.hpp"

#include <array>
#include <charconv>
#include <cstddef>

#include <fcntl.h>
#include <unistd.h>

namespace takt::realtime {
namespace {

// cpu<n> user nice system idle iowait irq softirq steal guest guest_nice, proc_stat(5)
constexpr int kStealField = 8;
constexpr std::size_t kTextBytes = 16384;  // CPUs come first, about 60 bytes each: the first 200 or so

/// Cuts the next word off the front.
std::string_view next_word(std::string_view& line) noexcept {
  const std::size_t begin = line.find_first_not_of(' ');
  if (begin == std::string_view::npos) {
    line = {};
    return {};
  }
  const std::size_t end = line.find(' ', begin);
  const std::string_view word = line.substr(begin, end - begin);
  line = end == std::string_view::npos ? std::string_view{} : line.substr(end);
  return word;
}

template <class Number>
bool parse(std::string_view word, Number& number) noexcept {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc{} && end == word.data() + word.size();
}

}  // namespace

std::optional<std::uint64_t> parse_steal_ticks(std::string_view proc_stat, int cpu) noexcept {
  while (true) {
    const std::size_t end = proc_stat.find('\n');
    if (end == std::string_view::npos) {
      return std::nullopt;  // a last line without its end may be cut in a number
    }
    std::string_view line = proc_stat.substr(0, end);
    proc_stat.remove_prefix(end + 1);
    std::string_view word = next_word(line);
    int number = -1;
    if (!word.starts_with("cpu") || !parse(word.substr(3), number) || number != cpu) {
      continue;
    }
    for (int field = 0; field < kStealField; ++field) {
      word = next_word(line);
    }
    std::uint64_t ticks = 0;
    return parse(word, ticks) ? std::optional(ticks) : std::nullopt;
  }
}

StealCounter::StealCounter(int cpu) noexcept : cpu_(cpu), descriptor_(open("/proc/stat", O_RDONLY | O_CLOEXEC)) {}

StealCounter::~StealCounter() {
  if (descriptor_ >= 0) {
    close(descriptor_);
  }
}

std::optional<std::uint64_t> StealCounter::ticks() const noexcept {
  std::array<char, kTextBytes> text;
  const ssize_t bytes = descriptor_ < 0 ? -1 : pread(descriptor_, text.data(), text.size(), 0);
  return bytes <= 0 ? std::nullopt : parse_steal_ticks({text.data(), static_cast<std::size_t>(bytes)}, cpu_);
}

}  // namespace takt::realtime
