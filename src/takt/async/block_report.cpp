#include "takt/async/block_report.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include <fmt/core.h>

namespace takt::async {
namespace {

constexpr std::size_t kUserLines = 5;
constexpr std::size_t kSystemNames = 4;

/// The system's or a library's of the system, or the standard library's, which is compiled into the user's program.
bool is_system(const StackFrame& frame) noexcept {
  static constexpr std::array<std::string_view, 6> kFunctions{
      "std::", "__", "void std::", "bool std::", "fmt::", "boost::"};
  static constexpr std::array<std::string_view, 4> kFolders{"/lib/", "/lib64/", "/usr/lib/", "[vdso]"};
  return frame.function.empty() ||
         std::ranges::any_of(kFunctions, [&](std::string_view begin) { return frame.function.starts_with(begin); }) ||
         std::ranges::any_of(kFolders, [&](std::string_view begin) { return frame.module.starts_with(begin); });
}

const StackFrame* user_frame_of(std::span<const StackFrame> stack) noexcept {
  const auto found = std::ranges::find_if_not(stack, is_system);
  if (found != stack.end()) {
    return &*found;
  }
  return stack.empty() ? nullptr : &stack.front();
}

std::string describe(std::span<const StackFrame> stack) {
  std::string text;
  std::size_t lines = 0;
  for (const StackFrame& frame : stack) {
    if (!is_system(frame) && lines < kUserLines) {
      ++lines;
      text += "\n    " + frame.text();
    }
  }
  std::size_t names = 0;
  for (const StackFrame& frame : stack) {
    if (!is_system(frame) || names == kSystemNames) {
      break;
    }
    ++names;
    text += fmt::format("{}{}", names == 1 ? "\n    which was in: " : " < ",
                        frame.function.empty() ? frame.text() : frame.function);
  }
  return text;
}

}  // namespace

const StackFrame* BlockReport::user_frame() const noexcept {
  return user_frame_of(stack);
}

std::string BlockReport::text() const {
  const double duration_ms = static_cast<double>(duration_ns) * 1e-6;
  std::string text = fmt::format("task '{}' (started at {}) {} the loop from turning for {:.1f} ms{}", task, started_at,
                                 ended ? "kept" : "keeps", duration_ms, ended ? "" : " now");
  if (without_cpu_ns > duration_ns / 10) {
    text += fmt::format(" ({:.1f} ms of them without a CPU)", static_cast<double>(without_cpu_ns) * 1e-6);
  }
  if (const StackFrame* frame = user_frame(); frame != nullptr) {
    text += ", in" + describe(stack);
    const StackFrame* later = user_frame_of(later_stack);
    if (later != nullptr && later->function != frame->function) {
      text += "\n  and later in" + describe(later_stack);
    }
  }
  return text;
}

}  // namespace takt::async
