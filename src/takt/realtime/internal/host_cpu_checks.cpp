#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "takt/realtime/internal/host_checks.hpp"

namespace takt::realtime::internal {
namespace {

constexpr std::string_view kCpuFolder = "/sys/devices/system/cpu";
constexpr std::string_view kCpuLatencyDevice = "/dev/cpu_dma_latency";
constexpr std::int64_t kDeepSleepUs = 100;  // a third of the 300 µs that an FR3 leaves its client
constexpr std::int64_t kMaxSleepUs = 10'000'000;

/// The CPUs in use; empty when the host does not say.
std::vector<int> online_cpus(const HostFiles& files) {
  return files.cpus(fmt::format("{}/online", kCpuFolder)).value_or(std::vector<int>{});
}

std::string cpu_path(int cpu, std::string_view below) {
  return fmt::format("{}/cpu{}/{}", kCpuFolder, cpu, below);
}

bool has(const std::vector<int>& cpus, int cpu) {
  return std::ranges::find(cpus, cpu) != cpus.end();
}

struct SleepState {
  std::string name;
  std::int64_t latency_us{0};
};

/// The enabled state that takes longest to leave, of all CPUs; nothing when there is none, or none that makes sense.
std::optional<SleepState> deepest_sleep(const HostFiles& files) {
  std::optional<SleepState> deepest;
  for (const int cpu : online_cpus(files)) {
    const std::string folder = cpu_path(cpu, "cpuidle");
    for (const std::string& state : files.names(folder).value_or(std::vector<std::string>{})) {
      const std::string path = fmt::format("{}/{}", folder, state);
      if (!state.starts_with("state") || files.number(path + "/disable").value_or(0) != 0) {
        continue;
      }
      const auto latency_us = files.number(path + "/latency");
      if (!latency_us || *latency_us < 0 || *latency_us > kMaxSleepUs) {
        return std::nullopt;
      }
      if (!deepest || *latency_us > deepest->latency_us) {
        deepest = SleepState{.name = files.text(path + "/name").value_or(state), .latency_us = *latency_us};
      }
    }
  }
  return deepest;
}

/// CPUs 2-3 as parameters for the kernel's command line.
std::string isolating(const std::string& cpus) {
  return fmt::format(
      "add isolcpus={0} nohz_full={0} rcu_nocbs={0} to the kernel's command line, reboot, pin the cycle "
      "to CPU {0}",
      cpus);
}

}  // namespace

Observation check_governor(const HostFiles& files, const HostCheckOptions& /*options*/) {
  constexpr std::array<std::string_view, 6> kKnown{"performance", "powersave",    "ondemand",
                                                   "schedutil",   "conservative", "userspace"};
  std::map<std::string, std::vector<int>> cpus_of;
  for (const int cpu : online_cpus(files)) {
    if (const auto governor = files.text(cpu_path(cpu, "cpufreq/scaling_governor"))) {
      if (std::ranges::find(kKnown, *governor) == kKnown.end()) {
        return unknown(fmt::format("CPU {} has a governor that is not known here", cpu));
      }
      cpus_of[*governor].push_back(cpu);
    }
  }
  if (cpus_of.empty()) {
    return unknown("the host shows no frequency governor (usual in virtual machines)");
  }
  if (cpus_of.size() == 1 && cpus_of.contains("performance")) {
    return fine("performance");
  }
  std::string found;
  for (const auto& [governor, cpus] : cpus_of) {
    found += fmt::format("{}{} on CPU {}", found.empty() ? "" : ", ", governor, cpu_list(cpus));
  }
  return advice(found + ": a CPU that was idle starts slowly",
                "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor");
}

Observation check_sleep_states(const HostFiles& files, const HostCheckOptions& /*options*/) {
  const auto deepest = deepest_sleep(files);
  if (!deepest) {
    return unknown("the host does not tell how deep its CPUs sleep");
  }
  const std::string found = fmt::format("the deepest, {}, takes {} µs to leave", deepest->name, deepest->latency_us);
  if (deepest->latency_us == 0) {
    return fine("CPUs do not sleep");
  }
  if (files.may_write(kCpuLatencyDevice)) {
    return fine(fmt::format("{}; a cycle keeps CPUs awake ({})", found, kCpuLatencyDevice));
  }
  const std::string fix =
      "echo 'KERNEL==\"cpu_dma_latency\", MODE=\"0666\"' | sudo tee /etc/udev/rules.d/60-cpu-dma-latency.rules; "
      "sudo udevadm control --reload; sudo udevadm trigger --name-match=cpu_dma_latency";
  const std::string refused = fmt::format("{}, and {} may not be written", found, kCpuLatencyDevice);
  return deepest->latency_us >= kDeepSleepUs ? problem(refused, fix) : advice(refused, fix);
}

Observation check_isolation(const HostFiles& files, const HostCheckOptions& options) {
  const auto isolated = files.cpus(fmt::format("{}/isolated", kCpuFolder));
  const auto online = online_cpus(files);
  if (!isolated || online.empty()) {
    return unknown("the host does not tell which CPUs are isolated");
  }
  if (online.size() == 1) {
    return advice("there is one CPU only: the cycle shares it with everything", "use a machine with two CPUs or more");
  }
  if (isolated->empty()) {
    return advice("none: the scheduler puts other threads on the cycle's CPU",
                  isolating(std::to_string(options.cpu.value_or(online.back()))));
  }
  const std::string list = cpu_list(*isolated);
  if (!options.cpu) {
    return advice(fmt::format("CPU {} isolated, but the cycle is not pinned there", list),
                  fmt::format("pin the cycle; takt bench rt --cpu {} tells what it gains", isolated->front()));
  }
  if (!has(*isolated, *options.cpu)) {
    return advice(fmt::format("CPU {} isolated, CPU {} is not", list, *options.cpu),
                  fmt::format("pin the cycle to CPU {}", isolated->front()));
  }
  // "(null)" where the kernel can and is not asked to; no file where it cannot.
  const auto tickless = files.cpus(fmt::format("{}/nohz_full", kCpuFolder)).value_or(std::vector<int>{});
  if (!has(tickless, *options.cpu)) {
    return advice(fmt::format("CPU {} is isolated, but its timer tick goes on", *options.cpu),
                  isolating(std::to_string(*options.cpu)));
  }
  return fine(fmt::format("CPU {} is isolated and has no timer tick", *options.cpu));
}

Observation check_siblings(const HostFiles& files, const HostCheckOptions& options) {
  const auto siblings_of = [&](int cpu) { return files.cpus(cpu_path(cpu, "topology/thread_siblings_list")); };
  if (options.cpu) {
    auto siblings = siblings_of(*options.cpu);
    if (!siblings || !has(*siblings, *options.cpu)) {
      return unknown(fmt::format("the host does not tell which CPUs share a core with CPU {}", *options.cpu));
    }
    std::erase(*siblings, *options.cpu);
    if (siblings->empty()) {
      return fine(fmt::format("CPU {} has its core to itself", *options.cpu));
    }
    return advice(fmt::format("CPU {} shares its core with CPU {}", *options.cpu, cpu_list(*siblings)),
                  fmt::format("echo 0 | sudo tee /sys/devices/system/cpu/cpu{}/online", siblings->front()));
  }
  bool told = false;
  for (const int cpu : online_cpus(files)) {
    const auto siblings = siblings_of(cpu);
    told = told || siblings;
    if (siblings && siblings->size() > 1) {
      return advice(fmt::format("CPUs share cores ({} are one)", cpu_list(*siblings)),
                    "echo off | sudo tee /sys/devices/system/cpu/smt/control");
    }
  }
  return told ? fine("every CPU has its core to itself") : unknown("the host does not tell which CPUs share a core");
}

}  // namespace takt::realtime::internal
