#include <algorithm>

#include <fmt/format.h>

#include "takt/realtime/internal/host_checks.hpp"

namespace takt::realtime::internal {
namespace {

/// A device's interrupt on one CPU.
struct Interrupt {
  std::int64_t number{0};
  std::string device;
  std::int64_t count{0};  ///< since boot
};

/// Which column of /proc/interrupts is a CPU's; the header names those that are online.
std::optional<std::size_t> column_of(std::string_view header, int cpu) {
  const auto names = words_of(header);
  const auto found = std::ranges::find(names, fmt::format("CPU{}", cpu));
  return found == names.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - names.begin()));
}

/// One line, " 36:  0  18  PCI-MSIX-0000:00:01.0  1-edge  virtio1-req.0", read for one CPU. Nothing for the kernel's
/// own ("LOC:", "RES:"), for what never came, and for what is no such line.
std::optional<Interrupt> interrupt_of(std::string_view line, std::size_t cpus, std::size_t column) {
  const auto words = words_of(line);
  if (words.size() < cpus + 2 || !words.front().ends_with(':')) {
    return std::nullopt;
  }
  const auto number = to_number(words.front().substr(0, words.front().size() - 1));
  const auto count = to_number(words[column + 1]);
  if (!number || !count || *count <= 0) {
    return std::nullopt;
  }
  return Interrupt{.number = *number, .device = std::string(words.back()), .count = *count};
}

/// False once it has been moved away, whatever came before. An interrupt that does not say where it goes stays.
bool may_still_land(const HostFiles& files, const Interrupt& interrupt, int cpu) {
  const auto cpus = files.cpus(fmt::format("/proc/irq/{}/smp_affinity_list", interrupt.number));
  return !cpus || std::ranges::find(*cpus, cpu) != cpus->end();
}

/// "Other than CPU 1" as a list.
std::string other_cpus(const HostFiles& files, int cpu) {
  auto cpus = files.cpus("/sys/devices/system/cpu/online").value_or(std::vector<int>{});
  std::erase(cpus, cpu);
  return cpus.empty() ? "0" : cpu_list(cpus);
}

/// A card that wires could carry an arm's packets to: a device of its own, not a guest's and not wireless.
bool is_wired_card(const HostFiles& files, const std::string& name) {
  const std::string folder = "/sys/class/net/" + name;
  return files.exists(folder + "/device") && !files.exists(folder + "/wireless") &&
         !files.exists(folder + "/phy80211") &&
         !files.text(folder + "/device/modalias").value_or("").starts_with("virtio:");
}

}  // namespace

Observation check_interrupts(const HostFiles& files, const HostCheckOptions& options) {
  const auto text = files.text("/proc/interrupts");
  const auto lines = lines_of(text ? *text : std::string_view());
  if (lines.empty() || !column_of(lines.front(), options.cpu.value_or(0))) {
    return unknown(options.cpu ? fmt::format("/proc/interrupts does not tell of CPU {}", *options.cpu)
                               : "/proc/interrupts does not tell");
  }
  if (!options.cpu) {
    return advice("no CPU is chosen, so any interrupt may land on the cycle's", "choose one: takt bench rt --cpu N");
  }
  const std::size_t cpus = words_of(lines.front()).size();
  const std::size_t column = column_of(lines.front(), *options.cpu).value_or(0);
  std::size_t landing = 0;
  Interrupt busiest;
  for (const std::string_view line : lines) {
    auto interrupt = interrupt_of(line, cpus, column);
    if (interrupt && may_still_land(files, *interrupt, *options.cpu)) {
      ++landing;
      busiest = interrupt->count > busiest.count ? *std::move(interrupt) : busiest;
    }
  }
  if (landing == 0) {
    return fine(fmt::format("no device interrupts CPU {}", *options.cpu));
  }
  return advice(fmt::format("sources of interrupts on CPU {}: {}, the busiest {} (IRQ {}, {} times since boot)",
                            *options.cpu, landing, busiest.device, busiest.number, busiest.count),
                fmt::format("echo {} | sudo tee /proc/irq/*/smp_affinity_list, and stop irqbalance",
                            other_cpus(files, *options.cpu)));
}

Observation check_network(const HostFiles& files, const HostCheckOptions& /*options*/) {
  const auto names = files.names("/sys/class/net");
  if (!names) {
    return unknown("the host does not show its network cards");
  }
  std::string cards;
  std::string first;
  for (const std::string& name : *names) {
    if (is_wired_card(files, name)) {
      first = first.empty() ? name : first;
      cards += (cards.empty() ? "" : ", ") + name;
    }
  }
  if (cards.empty()) {
    return fine("no card that a cable to an arm could be in");
  }
  return advice(fmt::format("{} may collect packets before interrupting (ethtool -c {} tells)", cards, first),
                fmt::format("sudo ethtool -C {} rx-usecs 0, on the card with the arm's cable", first));
}

}  // namespace takt::realtime::internal
