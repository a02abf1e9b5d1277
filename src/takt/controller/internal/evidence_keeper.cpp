#include "takt/controller/internal/evidence_keeper.hpp"

#include <exception>
#include <source_location>
#include <utility>
#include <vector>

#include "takt/controller/evidence_file.hpp"
#include "takt/core/log.hpp"

namespace takt::controller::internal {

using control::CycleMode;
using control::FaultReport;

EvidenceKeeper::EvidenceKeeper(std::filesystem::path folder, std::string arm, const control::Cycle& cycle)
    : PoolJob(std::source_location::current()), folder_(std::move(folder)), arm_(std::move(arm)), cycle_(cycle) {}

EvidenceKeeper::~EvidenceKeeper() {
  std::unique_lock lock(job_);
  job_done_.wait(lock, [this] { return !job_runs_; });
}

void EvidenceKeeper::save() noexcept {
  try {
    const std::lock_guard lock(saving_);
    const FaultReport report = cycle_.fault();
    if (folder_.empty() || report.fault == control::Fault::kNone || report.stamp_ns == saved_ns_) {
      return;
    }
    const std::vector<control::CycleState> cycles = cycle_.evidence();
    if (cycles.empty()) {  // the fault is young, and its cycles are still being recorded
      return;
    }
    const EvidenceTitle title{.arm = arm_, .fault = report, .wall_ns = core::wall_now_ns()};
    const std::filesystem::path path = save_evidence(folder_, title, cycles);
    saved_ns_ = report.stamp_ns;
    core::log(core::LogLevel::kWarning, arm_ + ": " + control::describe(report) + "; evidence in " + path.string());
  } catch (const std::exception& error) {
    core::log(core::LogLevel::kError, arm_ + ": no evidence of the fault was kept: " + error.what());
  }
}

bool EvidenceKeeper::begin() noexcept {
  if (folder_.empty()) {
    return false;
  }
  const FaultReport report = cycle_.fault();
  const CycleMode mode = cycle_.mode();
  if (report.fault == control::Fault::kNone || (mode != CycleMode::kFaulted && mode != CycleMode::kStopped) ||
      report.stamp_ns == begun_ns_.load(std::memory_order_relaxed)) {
    return false;
  }
  const std::unique_lock lock(job_, std::try_to_lock);
  if (!lock || job_runs_) {
    return false;
  }
  try {
    async::offload_pool().submit(*this);
  } catch (const std::exception&) {  // not even one thread: save() tries again
    return false;
  }
  job_runs_ = true;
  begun_ns_.store(report.stamp_ns, std::memory_order_relaxed);
  return true;
}

void EvidenceKeeper::finish() noexcept {
  const std::lock_guard lock(job_);
  job_runs_ = false;
  job_done_.notify_all();  // under the lock: once it is released, this may be gone
}

}  // namespace takt::controller::internal
