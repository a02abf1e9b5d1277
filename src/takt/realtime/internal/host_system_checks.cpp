#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <linux/capability.h>
#include <unistd.h>

#include "takt/realtime/internal/host_checks.hpp"

namespace takt::realtime::internal {
namespace {

constexpr double kLeastRealtimeShare = 0.9;  // of a CPU; a cycle with less to itself is close to being throttled

/// The soft limit in a row of /proc/self/limits, as it is written there.
std::optional<std::string> soft_limit(const HostFiles& files, std::string_view row) {
  const auto text = files.text("/proc/self/limits");
  for (const std::string_view line : lines_of(text ? *text : std::string_view())) {
    if (line.starts_with(row)) {
      const auto words = words_of(line.substr(row.size()));
      return words.empty() ? std::nullopt : std::optional<std::string>(words.front());
    }
  }
  return std::nullopt;
}

/// False too when the process's status does not say.
bool has_capability(const HostFiles& files, unsigned capability) {
  constexpr std::string_view kRow = "CapEff:";
  const auto text = files.text("/proc/self/status");
  for (const std::string_view line : lines_of(text ? *text : std::string_view())) {
    const auto words = words_of(line);
    if (words.size() == 2 && words[0] == kRow) {
      std::uint64_t set = 0;
      const auto result = std::from_chars(words[1].data(), words[1].data() + words[1].size(), set, 16);
      return result.ec == std::errc() && ((set >> capability) & 1U) != 0;
    }
  }
  return false;
}

/// The ticks in the first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal.
std::optional<std::array<std::int64_t, 8>> cpu_ticks(const HostFiles& files) {
  const auto text = files.text("/proc/stat");
  const auto lines = lines_of(text ? *text : std::string_view());
  const auto words = words_of(lines.empty() ? std::string_view() : lines.front());
  std::array<std::int64_t, 8> ticks{};
  if (words.size() <= ticks.size() || words.front() != "cpu") {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    const auto number = to_number(words[i + 1]);
    if (!number || *number < 0) {
      return std::nullopt;
    }
    ticks[i] = *number;
  }
  return ticks;
}

std::string stolen(const HostFiles& files) {
  const auto ticks = cpu_ticks(files);
  if (!ticks) {
    return "how much CPU time it took is not known";
  }
  double total = 0;
  for (const std::int64_t part : *ticks) {
    total += static_cast<double>(part);
  }
  const auto steal = static_cast<double>(ticks->back());
  return fmt::format("which took {:.1f} s of CPU time since boot ({:.3f} %)",
                     steal / static_cast<double>(sysconf(_SC_CLK_TCK)), total > 0 ? 100.0 * steal / total : 0.0);
}

}  // namespace

Observation check_kernel(const HostFiles& files, const HostCheckOptions& /*options*/) {
  const auto version = files.text("/proc/version");
  if (files.text("/sys/kernel/realtime") == "1" || (version && version->contains("PREEMPT_RT"))) {
    return fine("PREEMPT_RT");
  }
  const auto words = words_of(version ? *version : std::string_view());
  if (words.size() < 3 || words[0] != "Linux" || words[1] != "version") {
    return unknown("neither /sys/kernel/realtime nor /proc/version tells which kernel this is");
  }
  return problem(fmt::format("Linux {} is not PREEMPT_RT: a driver may delay any thread by milliseconds", words[2]),
                 "sudo apt install linux-image-rt-amd64 (Debian), sudo pro enable realtime-kernel (Ubuntu); reboot");
}

Observation check_priority(const HostFiles& files, const HostCheckOptions& options) {
  const int priority = options.fifo_priority;
  const auto limit = soft_limit(files, "Max realtime priority");
  if (options.try_fifo(priority)) {
    return fine(fmt::format("SCHED_FIFO {} is granted", priority));
  }
  const auto allowed = limit ? to_number(*limit) : std::nullopt;
  if (has_capability(files, CAP_SYS_NICE) || (allowed && *allowed >= priority)) {
    return problem(fmt::format("SCHED_FIFO {} is refused although the limits allow it", priority),
                   "a control group or container forbids it: run outside, or give the group a share of "
                   "cpu.rt_runtime_us");
  }
  return problem(fmt::format("SCHED_FIFO {} is refused: the limit of the priority is {}", priority,
                             allowed ? std::to_string(*allowed) : "unknown"),
                 "echo \"$USER - rtprio 95\" | sudo tee /etc/security/limits.d/95-rtprio.conf; log in again");
}

Observation check_locked_memory(const HostFiles& files, const HostCheckOptions& /*options*/) {
  const auto limit = soft_limit(files, "Max locked memory");
  if (limit == "unlimited") {
    return fine("may be locked without a limit");
  }
  if (has_capability(files, CAP_IPC_LOCK)) {
    return fine("may be locked (CAP_IPC_LOCK)");
  }
  const auto bytes = limit ? to_number(*limit) : std::nullopt;
  if (!bytes || *bytes < 0) {
    return unknown("/proc/self/limits does not tell how much memory may be locked");
  }
  return advice(fmt::format("only {} KiB may be locked: a page fault may delay the cycle", *bytes / 1024),
                "echo \"$USER - memlock unlimited\" | sudo tee /etc/security/limits.d/95-memlock.conf; log in again");
}

Observation check_throttling(const HostFiles& files, const HostCheckOptions& /*options*/) {
  const auto runtime = files.number("/proc/sys/kernel/sched_rt_runtime_us");
  if (runtime == -1) {
    return fine("off");
  }
  const auto period = files.number("/proc/sys/kernel/sched_rt_period_us");
  if (!runtime || !period || *runtime < 0 || *period <= 0) {
    return unknown("/proc/sys/kernel/sched_rt_runtime_us does not tell");
  }
  const std::string share = fmt::format("real-time threads get {} of {} µs of a CPU", *runtime, *period);
  if (static_cast<double>(*runtime) >= kLeastRealtimeShare * static_cast<double>(*period)) {
    return fine(share + "; a cycle that sleeps never needs as much");
  }
  return problem(share + ", then all of them stand still", "sudo sysctl -w kernel.sched_rt_runtime_us=950000");
}

Observation check_virtual_machine(const HostFiles& files, const HostCheckOptions& /*options*/) {
  const auto text = files.text("/proc/cpuinfo");
  for (const std::string_view line : lines_of(text ? *text : std::string_view())) {
    if (!line.starts_with("flags")) {
      continue;
    }
    const auto flags = words_of(line);
    if (std::ranges::find(flags, "hypervisor") == flags.end()) {
      return fine("no: this is the machine itself");
    }
    return problem("runs under a hypervisor, " + stolen(files),
                   "run the cycle on the machine itself, or give the guest CPUs of its own (vCPU pinning)");
  }
  return unknown("/proc/cpuinfo does not tell (it has no flags)");
}

Observation check_clock_source(const HostFiles& files, const HostCheckOptions& /*options*/) {
  constexpr std::array<std::string_view, 3> kOfTheCpu{"tsc", "arch_sys_counter", "riscv_clocksource"};
  constexpr std::array<std::string_view, 9> kOthers{"hpet",
                                                    "acpi_pm",
                                                    "jiffies",
                                                    "refined-jiffies",
                                                    "kvm-clock",
                                                    "xen",
                                                    "hyperv_clocksource_tsc_page",
                                                    "pit",
                                                    "hyperv_clocksource_msr"};
  const auto source = files.text("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  if (source && std::ranges::find(kOfTheCpu, *source) != kOfTheCpu.end()) {
    return fine(*source);
  }
  if (!source || std::ranges::find(kOthers, *source) == kOthers.end()) {
    return unknown("the clock source has no name that is known here");
  }
  return advice(*source + ": reading the clock costs more than the CPU's own counter would",
                "add clocksource=tsc tsc=reliable to the kernel's command line, if the CPU's counter is constant");
}

Observation check_swap(const HostFiles& files, const HostCheckOptions& /*options*/) {
  const auto text = files.text("/proc/swaps");
  const auto lines = lines_of(text ? *text : std::string_view());
  if (lines.empty() || !lines.front().starts_with("Filename")) {
    return unknown("/proc/swaps does not tell");
  }
  if (lines.size() == 1) {
    return fine("none");
  }
  return advice(fmt::format("{} in use: memory that is not locked may be written to a disk", lines.size() - 1),
                "sudo swapoff -a");
}

}  // namespace takt::realtime::internal
