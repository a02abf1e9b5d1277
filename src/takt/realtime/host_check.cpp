#include "takt/realtime/host_check.hpp"

#include <array>

#include "takt/realtime/internal/host_checks.hpp"
#include "takt/realtime/internal/host_files.hpp"
#include "takt/realtime/thread.hpp"

namespace takt::realtime {

std::string_view name_of(FindingLevel level) noexcept {
  switch (level) {
    case FindingLevel::kOk:
      return "ok";
    case FindingLevel::kAdvice:
      return "advice";
    case FindingLevel::kProblem:
      return "problem";
    case FindingLevel::kUnknown:
      break;
  }
  return "unknown";
}

bool may_run_fifo(int priority) {
  RealtimeThread thread({.name = "rt.check", .fifo_priority = priority}, [](const std::stop_token&) {});
  thread.join();
  return thread.report().fifo;
}

std::vector<Finding> check_host(const HostCheckOptions& options) {
  using internal::HostFiles;
  struct Check {
    std::string_view name;
    internal::Observation (*run)(const HostFiles&, const HostCheckOptions&);
  };
  static constexpr std::array<Check, 13> kChecks{{
      {"kernel", internal::check_kernel},
      {"real-time priority", internal::check_priority},
      {"locked memory", internal::check_locked_memory},
      {"real-time throttling", internal::check_throttling},
      {"frequency governor", internal::check_governor},
      {"sleep states", internal::check_sleep_states},
      {"isolated CPUs", internal::check_isolation},
      {"hyperthreads", internal::check_siblings},
      {"interrupts", internal::check_interrupts},
      {"network card", internal::check_network},
      {"virtual machine", internal::check_virtual_machine},
      {"clock source", internal::check_clock_source},
      {"swap", internal::check_swap},
  }};
  const HostFiles files(options.root);
  std::vector<Finding> findings;
  for (const Check& check : kChecks) {
    internal::Observation seen = check.run(files, options);
    findings.push_back({std::string(check.name), seen.level, std::move(seen.found), std::move(seen.fix)});
  }
  return findings;
}

}  // namespace takt::realtime
