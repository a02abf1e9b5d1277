#pragma once

#include <string>
#include <vector>

#include "takt/async/internal/symbolizer.hpp"
#include "takt/core/time.hpp"

namespace takt::async {

/// A task has kept its loop from turning: who, for how long, and what it did meanwhile. From a LoopWatch. A value.
struct BlockReport {
  std::string task{};                   ///< "main/camera": the names from the root task down
  std::string started_at{};             ///< "file.cpp:12", where it was started
  core::Nanoseconds duration_ns{0};     ///< from the task's resumption to its next await
  core::Nanoseconds uncertainty_ns{0};  ///< it began at most so much earlier, or an eighth of the threshold later
  core::Nanoseconds without_cpu_ns{0};  ///< so long of it the thread would have run, had others left it a CPU
  bool ended{true};                     ///< false: the loop still stands still, duration_ns up to now
  std::vector<StackFrame> stack{};      ///< when it had lasted about the threshold; innermost first, without the loop's
  std::vector<StackFrame> later_stack{};  ///< at ten times the threshold; empty when it ended before

  /// The innermost function on the stack that is neither the system's nor the standard library's: the line to change
  /// is there, or in its caller. Null for an empty stack.
  [[nodiscard]] const StackFrame* user_frame() const noexcept;

  /// For people, some lines: a sentence, then the user's functions, then what they were in.
  [[nodiscard]] std::string text() const;
};

}  // namespace takt::async
