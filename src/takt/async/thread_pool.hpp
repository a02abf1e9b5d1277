#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <source_location>
#include <string>
#include <vector>

#include "takt/async/tasks/clock.hpp"
#include "takt/async/tasks/internal/intrusive_list.hpp"

namespace takt::async {

struct InPool;
struct OffloadStatistics;

/// Something that a pool does on one of its threads, without a task that awaits it: whoever submits it sees to it that
/// it lives until finish(). Tasks use offload().
class PoolJob : public internal::ListLink<InPool> {
 public:
  /// On a worker.
  virtual void work() noexcept = 0;
  /// After it, on the same worker, which does not touch the job any more.
  virtual void finish() noexcept = 0;
  /// In place of finish() when it was abandoned meanwhile: nobody waits for it, it owns itself.
  virtual void discard() noexcept {}

 protected:
  explicit PoolJob(std::source_location where) noexcept : where_(where) {}
  ~PoolJob() = default;
  [[nodiscard]] const std::source_location& where() const noexcept { return where_; }

 private:
  friend class ThreadPool;
  enum class State : std::uint8_t { kQueued, kRunning, kAbandoned, kDone };

  std::source_location where_;
  core::Nanoseconds begun_ns_{0};
  State state_{State::kQueued};  // guarded by the pool's mutex
};

/// Threads that do jobs, made when there is none to spare, up to a limit; one that has nothing to do for a while ends.
/// Never destroyed, nor are its threads ever joined: a program may exit while one is stuck in a call. All members from
/// any thread.
class ThreadPool {
 public:
  struct Options {
    std::string thread_name;
    std::size_t limit;   ///< threads, and so jobs at once; at least 1
    Duration idle_time;  ///< a thread that did nothing for so long ends
  };
  explicit ThreadPool(Options options);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool() = delete;

  /// First come, first served. @throws SystemError when there is no thread and none can be made
  void submit(PoolJob& job);

  enum class Withdrawal : std::uint8_t {
    kWithdrawn,  ///< it had not begun and never will
    kAbandoned,  ///< it runs, and its end will be discard()
    kTooLate,    ///< it runs or is done: finish() is still to come, or has been called
  };
  /// @param may_abandon  what to do with a job that runs
  Withdrawal withdraw(PoolJob& job, bool may_abandon) noexcept;

  /// Jobs that run already are not stopped when it is lowered. @throws LogicError for 0
  void set_limit(std::size_t limit);
  [[nodiscard]] OffloadStatistics statistics() const;

 private:
  struct Worker;
  using Lock = std::unique_lock<std::mutex>;

  void grow(Lock& lock);
  void run_worker() noexcept;
  [[nodiscard]] PoolJob* next_job(Worker& worker) noexcept;
  void run(PoolJob& job) noexcept;
  void begin(PoolJob& job) noexcept;

  const std::string thread_name_;
  const Duration idle_time_;

  mutable std::mutex mutex_;
  internal::List<PoolJob, InPool> queue_;
  internal::List<PoolJob, InPool> abandoned_;
  std::vector<Worker*> idle_;  // the last one slept least: its cache is warm, and those it spares end in time
  std::size_t limit_;
  std::size_t threads_{0};
  std::size_t coming_{0};  // threads that are about to look into the queue
  std::size_t queued_{0};
  std::size_t running_{0};
  std::uint64_t completed_{0};
  std::uint64_t abandoned_total_{0};
};

/// The pool of offload(). Made at its first use.
[[nodiscard]] ThreadPool& offload_pool();

}  // namespace takt::async
