#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/realtime/host_check.hpp"

namespace takt::realtime {

/// A made-up host: files below a temporary folder, which goes with it.
class HostTree {
 public:
  HostTree() {
    std::string form = (std::filesystem::temp_directory_path() / "takt_host_XXXXXX").string();
    if (mkdtemp(form.data()) == nullptr) {
      throw std::filesystem::filesystem_error("mkdtemp", std::error_code(errno, std::generic_category()));
    }
    root_ = form;
  }
  ~HostTree() {
    std::error_code none;
    std::filesystem::remove_all(root_, none);
  }
  HostTree(const HostTree&) = delete;
  HostTree& operator=(const HostTree&) = delete;

  const std::filesystem::path& root() const { return root_; }

  void write(const std::string& path, std::string_view text) const {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path, std::ios::binary) << text;
  }

  void remove(const std::string& path) const { std::filesystem::remove_all(root_ / path); }

  /// Every file of the host.
  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root_)) {
      if (entry.is_regular_file()) {
        files.push_back(entry.path());
      }
    }
    return files;
  }

  /// What check_host says of this host, whatever the real one permits.
  std::vector<Finding> check(std::optional<int> cpu = 3, bool fifo = true) const {
    return check_host({.root = root_, .cpu = cpu, .try_fifo = [fifo](int) { return fifo; }});
  }

  /// One finding of it.
  Finding find(std::string_view name, std::optional<int> cpu = 3, bool fifo = true) const {
    for (Finding& finding : check(cpu, fifo)) {
      if (finding.name == name) {
        return std::move(finding);
      }
    }
    ADD_FAILURE() << "there is no check " << name;
    return {};
  }

 private:
  std::filesystem::path root_;
};

inline void write_cpus(const HostTree& tree, std::string_view governor, bool isolated, bool shared_cores) {
  const std::string folder = "sys/devices/system/cpu/";
  tree.write(folder + "online", "0-3\n");
  tree.write(folder + "isolated", isolated ? "3\n" : "\n");
  tree.write(folder + "nohz_full", isolated ? "3\n" : "  (null)\n");
  for (int cpu = 0; cpu < 4; ++cpu) {
    const std::string own = folder + "cpu" + std::to_string(cpu) + "/";
    const std::string core = cpu < 2 ? "0-1\n" : "2-3\n";
    tree.write(own + "cpufreq/scaling_governor", std::string(governor) + "\n");
    tree.write(own + "topology/thread_siblings_list", shared_cores ? core : std::to_string(cpu) + "\n");
    tree.write(own + "cpuidle/state0/name", "POLL\n");
    tree.write(own + "cpuidle/state0/latency", "0\n");
    tree.write(own + "cpuidle/state1/name", "C10\n");
    tree.write(own + "cpuidle/state1/latency", "890\n");
    tree.write(own + "cpuidle/state1/disable", "0\n");
  }
}

inline void write_interrupts(const HostTree& tree, std::string_view affinity_of_the_card) {
  tree.write("proc/interrupts",
             "            CPU0       CPU1       CPU2       CPU3\n"
             "   9:          5          0          0          1   IO-APIC   9-fasteoi   acpi\n"
             " 125:         10          0          0     987654   PCI-MSI 1048576-edge      enp3s0\n"
             " 126:       4000          0          0          0   PCI-MSI 1048577-edge      nvme0q1\n"
             " LOC:   10486640   10106842    9106842    9106842   Local timer interrupts\n"
             " ERR:          0\n");
  tree.write("proc/irq/9/smp_affinity_list", "0-2\n");
  tree.write("proc/irq/125/smp_affinity_list", affinity_of_the_card);
}

/// PREEMPT_RT, all limits lifted, CPU 3 for the cycle alone. No network card, whose settings no file tells.
inline void write_good_host(const HostTree& tree) {
  tree.write("sys/kernel/realtime", "1\n");
  tree.write("proc/version", "Linux version 6.12.1-rt (x@y) #1 SMP PREEMPT_RT Debian 6.12.1\n");
  tree.write("proc/self/limits",
             "Limit                     Soft Limit           Hard Limit           Units\n"
             "Max locked memory         unlimited            unlimited            bytes\n"
             "Max realtime priority     95                   95\n");
  tree.write("proc/self/status", "Name:\ttakt\nCapEff:\t0000000000000000\n");
  tree.write("proc/sys/kernel/sched_rt_runtime_us", "950000\n");
  tree.write("proc/sys/kernel/sched_rt_period_us", "1000000\n");
  tree.write("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu vme tsc\n\nprocessor\t: 1\nflags\t\t: fpu vme tsc\n");
  tree.write("proc/stat", "cpu  100 0 100 9700 0 0 0 100 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n");
  tree.write("proc/swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
  tree.write("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
  tree.write("sys/class/net/lo/operstate", "unknown\n");
  tree.write("dev/cpu_dma_latency", "");
  write_cpus(tree, "performance", true, false);
  write_interrupts(tree, "0-2\n");
}

/// A laptop as it was bought, as a guest of another machine.
inline void write_bad_host(const HostTree& tree) {
  tree.write("sys/kernel/realtime", "0\n");
  tree.write("proc/version", "Linux version 6.1.0-9-amd64 (x@y) #1 SMP PREEMPT_DYNAMIC Debian 6.1.27\n");
  tree.write("proc/self/limits",
             "Limit                     Soft Limit           Hard Limit           Units\n"
             "Max locked memory         8388608              8388608              bytes\n"
             "Max realtime priority     0                    0\n");
  tree.write("proc/self/status", "Name:\ttakt\nCapEff:\t0000000000000000\n");
  tree.write("proc/sys/kernel/sched_rt_runtime_us", "500000\n");
  tree.write("proc/sys/kernel/sched_rt_period_us", "1000000\n");
  tree.write("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu vme tsc hypervisor\n");
  tree.write("proc/stat", "cpu  100 0 100 9700 0 0 0 100 0 0\n");
  tree.write("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n/dev/sda2 partition 999 0 -2\n");
  tree.write("sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n");
  tree.write("sys/class/net/enp3s0/device/modalias", "pci:v00008086d000015F3\n");
  tree.write("sys/class/net/wlan0/device/modalias", "pci:v00008086d00002723\n");
  tree.write("sys/class/net/wlan0/wireless/.keep", "");
  tree.write("dev/cpu_dma_latency/not_a_device", "");
  write_cpus(tree, "powersave", false, true);
  write_interrupts(tree, "0-3\n");
}

}  // namespace takt::realtime
