#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace takt::realtime {

/// How much a property of a host matters to a 1 kHz cycle.
enum class FindingLevel {
  kOk,
  kAdvice,   ///< costs microseconds, or matters under load only
  kProblem,  ///< may by itself break the promise of one command per millisecond
  kUnknown,  ///< the host does not say, or not in words that are known here
};

/// One property of a host.
struct Finding {
  std::string name;  ///< of the check; the same on every host
  FindingLevel level{FindingLevel::kUnknown};
  std::string found;
  std::string fix;  ///< a command, or one sentence; empty where there is nothing to do
};

/// "ok", "advice", "problem", "unknown".
[[nodiscard]] std::string_view name_of(FindingLevel level) noexcept;

/// True when this process is given SCHED_FIFO at `priority`: a short-lived thread asks for it.
/// @throws LogicError for a priority outside 1 … 99, SystemError when the system gives no thread.
[[nodiscard]] bool may_run_fifo(int priority);

/// What a check of a host is about.
struct HostCheckOptions {
  std::filesystem::path root{"/"};  ///< where the host's proc, sys and dev are
  std::optional<int> cpu{};         ///< the CPU that the cycle is to be pinned to
  int fifo_priority{80};            ///< what the cycle asks for, 1 … 99
  std::function<bool(int)> try_fifo{may_run_fifo};
};

/// What `options.root` says about a host's fitness for a 1 kHz cycle, and how to improve it: one finding per check,
/// also when it is fine, always the same checks in the same order. Changes nothing. Files that are missing or say
/// something unheard of make a finding unknown; only `try_fifo` may throw. Any thread, not real-time safe.
[[nodiscard]] std::vector<Finding> check_host(const HostCheckOptions& options = {});

}  // namespace takt::realtime
