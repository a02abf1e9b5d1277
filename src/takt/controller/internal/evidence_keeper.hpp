#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>

#include "takt/async/thread_pool.hpp"
#include "takt/control/cycle.hpp"
#include "takt/core/time.hpp"

/// Internal to controller.
namespace takt::controller::internal {

/// Saves what a fault left, one file per fault. That there is no evidence must keep nobody from stopping an arm: it is
/// logged, not thrown. A resource; its destructor waits for what it has begun.
class EvidenceKeeper final : private async::PoolJob {
 public:
  /// @param folder  empty: nothing is ever saved.
  /// @param cycle   outlives the keeper.
  EvidenceKeeper(std::filesystem::path folder, std::string arm, const control::Cycle& cycle);
  ~EvidenceKeeper();
  EvidenceKeeper(const EvidenceKeeper&) = delete;
  EvidenceKeeper& operator=(const EvidenceKeeper&) = delete;

  /// Saves now what is complete and was not saved yet. Any thread; blocks.
  void save() noexcept;

  /// Begins to, on a thread of the offload pool; true when it did. Once per fault: what could not be written then is
  /// left to save(). Any thread; waits for nothing, and costs two loads where there is nothing to save.
  bool begin() noexcept;

 private:
  void work() noexcept override { save(); }
  void finish() noexcept override;

  const std::filesystem::path folder_;
  const std::string arm_;
  const control::Cycle& cycle_;

  std::mutex saving_;
  core::Nanoseconds saved_ns_{0};               ///< stamp of the fault that was saved last; guarded by saving_
  std::atomic<core::Nanoseconds> begun_ns_{0};  ///< and of the one that was begun last

  std::mutex job_;
  std::condition_variable job_done_;
  bool job_runs_{false};  ///< guarded by job_
};

}  // namespace takt::controller::internal
