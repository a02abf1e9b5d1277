#include "takt/realtime/sentinel.hpp"

#include <fstream>
#include <sstream>
#include <string>

#include <sched.h>

#include "takt/core/error.hpp"

namespace takt::realtime {
namespace {

SentinelOptions checked(const SentinelOptions& options) {
  if (options.period_ns <= 0 || options.threshold_ns <= 0) {
    throw LogicError("Sentinel: period and threshold must be positive, are " + std::to_string(options.period_ns) +
                     " and " + std::to_string(options.threshold_ns) + " ns");
  }
  return options;
}

bool runs_as_fifo() noexcept {
  return (sched_getscheduler(0) & ~SCHED_RESET_ON_FORK) == SCHED_FIFO;
}

std::optional<std::uint64_t> difference(std::optional<std::uint64_t> from, std::optional<std::uint64_t> to) noexcept {
  return from && to && *to >= *from ? std::optional(*to - *from) : std::nullopt;
}

}  // namespace

Sentinel::Sentinel(StallLog& log, int cpu, SentinelOptions options)
    : log_(log),
      options_(checked(options)),
      clock_(options.clock != nullptr ? *options.clock : core::steady_clock()),
      cpu_(cpu),
      steal_(cpu),
      first_ticks_(steal_.ticks()),
      last_ticks_(first_ticks_),
      thread_({.name = "sentinel", .fifo_priority = options.fifo_priority, .cpu = cpu},
              [this](const std::stop_token& stop) { watch(stop); }) {}

bool Sentinel::useful() const noexcept {
  return thread_.report().fifo && thread_.report().pinned;
}

SentinelReport Sentinel::report() const noexcept {
  return {.fifo = thread_.report().fifo,
          .pinned = thread_.report().pinned,
          .cpu = cpu_,
          .looks = looks_.load(std::memory_order_acquire),
          .stalls = log_.count(),
          .steal_ticks = difference(first_ticks_, steal_.ticks())};
}

// Without the priority that was asked for, what it would see is not the host.
void Sentinel::watch(const std::stop_token& stop) noexcept {
  if (options_.fifo_priority && !runs_as_fifo()) {
    return;
  }
  core::Beat beat(clock_.now_ns(), options_.period_ns);
  while (!stop.stop_requested()) {
    const core::Nanoseconds due_ns = beat.next_ns(clock_.now_ns());
    clock_.sleep_until_ns(due_ns);
    look(due_ns);
  }
}

void Sentinel::look(core::Nanoseconds due_ns) noexcept {
  const core::Nanoseconds late_ns = clock_.now_ns() - due_ns;
  if (late_ns > options_.threshold_ns) {
    Stall stall{.start_ns = due_ns, .length_ns = late_ns};
    log_.add(stall);  // first: the cycle may ask at any moment now
    const std::optional<std::uint64_t> ticks = steal_.ticks();
    stall.steal_ticks = difference(last_ticks_, ticks).value_or(0);
    last_ticks_ = ticks;
    log_.amend(stall);
  }
  looks_.store(looks_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

std::optional<int> cpu_of_thread(std::uint32_t thread_id) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread_id) + "/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t name_end = text.rfind(')');  // the name may hold blanks
  if (name_end == std::string::npos) {
    return std::nullopt;
  }
  constexpr int kFieldsToCpu = 37;  // state is field 3 and processor field 39, proc_pid_stat(5)
  std::istringstream fields(text.substr(name_end + 1));
  std::string field;
  for (int i = 0; i < kFieldsToCpu; ++i) {
    fields >> field;
  }
  int cpu = -1;
  return fields && std::istringstream(field) >> cpu && cpu >= 0 ? std::optional(cpu) : std::nullopt;
}

}  // namespace takt::realtime
