#include "takt/async/internal/thread_account.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <string_view>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

namespace takt::async::internal {
namespace {

/// A small file of /proc. "" when it cannot be read.
class ProcFile {
 public:
  ProcFile(std::uint32_t thread_id, const char* name) noexcept {
    std::array<char, 64> path{};
    fmt::format_to_n(path.data(), path.size() - 1, "/proc/self/task/{}/{}", thread_id, name);
    const int descriptor = open(path.data(), O_RDONLY | O_CLOEXEC);
    if (descriptor >= 0) {
      size_ = static_cast<std::size_t>(std::max<ssize_t>(0, read(descriptor, text_.data(), text_.size())));
      close(descriptor);
    }
  }
  [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), size_}; }

 private:
  std::array<char, 4096> text_;  // NOLINT(cppcoreguidelines-pro-type-member-init): size_ says what is written
  std::size_t size_{0};
};

/// What follows `label` in `text`, without blanks; "" when it is not there.
std::string_view after(std::string_view text, std::string_view label) noexcept {
  const auto at = text.find(label);
  if (at == std::string_view::npos) {
    return {};
  }
  text.remove_prefix(at + label.size());
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return text;
}

std::int64_t number_in(std::string_view text) noexcept {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

core::Nanoseconds read_clock(clockid_t clock) noexcept {
  timespec time{};
  return clock_gettime(clock, &time) == 0 ? time.tv_sec * core::kNanosecondsPerSecond + time.tv_nsec : 0;
}

/// The kernel's number for the CPU clock of a thread.
clockid_t cpu_clock_of(std::uint32_t thread_id) noexcept {
  return static_cast<clockid_t>((~thread_id << 3U) | 6U);
}

}  // namespace

ThreadAccount account_of(std::uint32_t thread_id) noexcept {
  ThreadAccount account{.at_ns = core::monotonic_now_ns(), .cpu_ns = read_clock(cpu_clock_of(thread_id))};
  const ProcFile status(thread_id, "status");
  const std::string_view state = after(status.text(), "State:");
  account.asleep = !state.starts_with('R');
  account.voluntary_switches = number_in(after(status.text(), "\nvoluntary_ctxt_switches:"));
  const ProcFile schedule(thread_id, "schedstat");  // "cpu queued slices"
  account.queued_ns = number_in(after(schedule.text(), " "));
  return account;
}

ThreadAccount own_account() noexcept {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return {.at_ns = core::monotonic_now_ns(),
          .cpu_ns = read_clock(CLOCK_THREAD_CPUTIME_ID),
          .voluntary_switches = usage.ru_nvcsw};
}

// A thread that never slept of its own will wanted the CPU all the time. One that did is judged by the kernel's queue.
core::Nanoseconds kept_waiting_ns(const ThreadAccount& before, const ThreadAccount& after) noexcept {
  const core::Nanoseconds passed_ns = after.at_ns - before.at_ns;
  const bool slept = before.asleep || after.voluntary_switches != before.voluntary_switches;
  const core::Nanoseconds waited_ns =
      slept ? after.queued_ns - before.queued_ns : passed_ns - (after.cpu_ns - before.cpu_ns);
  return std::clamp<core::Nanoseconds>(waited_ns, 0, std::max<core::Nanoseconds>(passed_ns, 0));
}

}  // namespace takt::async::internal
