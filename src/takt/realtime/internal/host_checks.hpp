#pragma once

#include <string>
#include <utility>

#include "takt/realtime/host_check.hpp"
#include "takt/realtime/internal/host_files.hpp"

/// The checks of check_host, each a function of the host's files. Where one sees nothing it understands, it says so.
namespace takt::realtime::internal {

/// A Finding without the name of its check.
struct Observation {
  FindingLevel level{FindingLevel::kUnknown};
  std::string found;
  std::string fix{};
};

inline Observation fine(std::string found) {
  return {FindingLevel::kOk, std::move(found)};
}
inline Observation advice(std::string found, std::string fix) {
  return {FindingLevel::kAdvice, std::move(found), std::move(fix)};
}
inline Observation problem(std::string found, std::string fix) {
  return {FindingLevel::kProblem, std::move(found), std::move(fix)};
}
inline Observation unknown(std::string found) {
  return {FindingLevel::kUnknown, std::move(found)};
}

// What the system grants (host_system_checks.cpp).
Observation check_kernel(const HostFiles& files, const HostCheckOptions& options);
Observation check_priority(const HostFiles& files, const HostCheckOptions& options);
Observation check_locked_memory(const HostFiles& files, const HostCheckOptions& options);
Observation check_throttling(const HostFiles& files, const HostCheckOptions& options);
Observation check_virtual_machine(const HostFiles& files, const HostCheckOptions& options);
Observation check_clock_source(const HostFiles& files, const HostCheckOptions& options);
Observation check_swap(const HostFiles& files, const HostCheckOptions& options);

// How the CPUs are set (host_cpu_checks.cpp).
Observation check_governor(const HostFiles& files, const HostCheckOptions& options);
Observation check_sleep_states(const HostFiles& files, const HostCheckOptions& options);
Observation check_isolation(const HostFiles& files, const HostCheckOptions& options);
Observation check_siblings(const HostFiles& files, const HostCheckOptions& options);

// What interrupts them (host_interrupt_checks.cpp).
Observation check_interrupts(const HostFiles& files, const HostCheckOptions& options);
Observation check_network(const HostFiles& files, const HostCheckOptions& options);

}  // namespace takt::realtime::internal
