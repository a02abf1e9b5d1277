#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "takt/async/inference_options.hpp"
#include "takt/async/internal/return_path.hpp"
#include "takt/async/tasks/internal/intrusive_list.hpp"
#include "takt/core/parker.hpp"

/// Internal to async.
namespace takt::async::internal {

struct InInference;

/// A call for an InferenceThread. Its fields belong to the queue, under the queue's mutex, from submit() on.
class InferenceJob : public ListLink<InInference>, public ReturnPath {
 public:
  /// On the thread.
  virtual void work() noexcept = 0;

  /// Why it did not run; none when it did. Read after its arrival.
  [[nodiscard]] std::optional<NotRun> refusal() const noexcept { return refusal_; }

  void set_deadline(core::Nanoseconds deadline_ns) noexcept { deadline_ns_ = deadline_ns; }
  /// On its loop's clock. Any thread.
  [[nodiscard]] bool overdue() const noexcept {
    return deadline_ns_ != kNoDeadline && loop().clock.now_ns() >= deadline_ns_;
  }

 protected:
  InferenceJob() = default;
  ~InferenceJob() = default;

 private:
  friend class InferenceQueue;
  static constexpr core::Nanoseconds kNoDeadline = std::numeric_limits<core::Nanoseconds>::max();

  std::optional<NotRun> refusal_;
  core::Nanoseconds deadline_ns_{kNoDeadline};
  bool is_call_{true};  // not the initializer
};

/// What an InferenceThread is made of: the thread and the calls that wait for it. Shared by the InferenceThread, its
/// calls, what it wrapped and the thread itself, so that a call may end after the InferenceThread.
class InferenceQueue : public std::enable_shared_from_this<InferenceQueue> {
 public:
  /// @throws LogicError for options out of range
  explicit InferenceQueue(InferenceThreadOptions options);
  InferenceQueue(const InferenceQueue&) = delete;
  InferenceQueue& operator=(const InferenceQueue&) = delete;

  /// Starts the thread with its first job: the initializer. @throws LogicError when it was started or stopped before;
  /// SystemError
  void launch(InferenceJob& initializer);
  /// What the initializer does, on the thread.
  void initialize();

  /// Takes a call that has departed. @return false when it is refused at once: its refusal() says why, it will not
  /// arrive. @throws LogicError when the thread does not run
  [[nodiscard]] bool submit(InferenceJob& job);
  /// Takes a queued call back, for a cancellation or since its deadline passed. @return false when it runs or has
  /// ended: it arrives
  [[nodiscard]] bool withdraw(InferenceJob& job, std::optional<NotRun> reason) noexcept;

  /// Later calls may only make a kDrain a kDiscard.
  void request_stop(StopMode mode) noexcept;
  /// Blocks until the thread has ended. After request_stop(). Any thread but itself.
  void join();

  [[nodiscard]] InferenceStatistics statistics() const;
  [[nodiscard]] const InferenceThreadOptions& options() const noexcept { return options_; }

 private:
  enum class State : std::uint8_t { kNew, kRunning, kStopping };
  using Jobs = List<InferenceJob, InInference>;

  void run() noexcept;
  [[nodiscard]] InferenceJob* next_job() noexcept;
  void execute(InferenceJob& job) noexcept;
  [[nodiscard]] InferenceJob& pop() noexcept;
  void refuse(InferenceJob& job, NotRun reason) noexcept;

  InferenceThreadOptions options_;
  std::thread thread_;
  std::mutex join_mutex_;
  core::Parker parker_;

  mutable std::mutex mutex_;  // held for a few instructions
  Jobs queue_;
  InferenceJob* current_{nullptr};  // the one that runs, or is handed to the thread
  bool asleep_{false};
  State state_{State::kNew};
  InferenceStatistics statistics_;
};

}  // namespace takt::async::internal
