#include "takt/async/internal/block_log.hpp"

#include <cstddef>
#include <utility>

#include <fmt/core.h>

namespace takt::async::internal {
namespace {

constexpr std::size_t kMostCulprits = 256;  // tasks may have names without end: "connection 4711"

}  // namespace

void BlockLog::report(const BlockReport& report) {
  if (culprits_.size() >= kMostCulprits) {
    culprits_.clear();
  }
  const StackFrame* frame = report.user_frame();
  const std::string key =
      fmt::format("{}\n{}\n{}", report.task, frame == nullptr ? "" : frame->function, report.ended ? "" : "still");
  Culprit& culprit = culprits_[key];
  if (!culprit.gate.pass(core::monotonic_now_ns())) {
    ++culprit.unsaid;
    return;
  }
  const std::uint64_t unsaid = std::exchange(culprit.unsaid, 0);
  core::log(core::LogLevel::kWarning,
            report.text() + (unsaid == 0 ? "" : fmt::format("\n    (and {} times since this was last said)", unsaid)));
}

}  // namespace takt::async::internal
