#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "takt/async/internal/block_log.hpp"
#include "takt/async/internal/stack_sampler.hpp"
#include "takt/async/internal/symbolizer.hpp"
#include "takt/async/internal/task_snapshot.hpp"
#include "takt/async/internal/thread_account.hpp"
#include "takt/async/loop_watch.hpp"
#include "takt/async/tasks/internal/loop_state.hpp"
#include "takt/core/parker.hpp"

/// Internal to async.
namespace takt::async::internal {

/// What a LoopWatch is made of.
class LoopWatcher final : private TurnObserver {
 public:
  LoopWatcher(LoopState& loop, LoopWatchOptions options);
  ~LoopWatcher();
  LoopWatcher(const LoopWatcher&) = delete;
  LoopWatcher& operator=(const LoopWatcher&) = delete;

  [[nodiscard]] LoopWatchStatistics statistics() const;

 private:
  /// Return addresses and who ran, of one moment.
  struct Sample {
    bool taken{false};
    std::size_t count{0};
    std::array<std::uintptr_t, StackSampler::kMaxFrames> addresses{};
    TaskSnapshot task;
  };
  /// The turn that the watch has in view.
  struct Turn {
    std::uint64_t number{0};
    core::Nanoseconds earliest_ns{0};  ///< it had not begun yet
    core::Nanoseconds seen_ns{0};      ///< it had begun
    core::Nanoseconds still_due_ns{0};
    bool suspected{false};
    std::optional<ThreadAccount> before{};  ///< of the loop's thread, soon after it had begun
  };
  /// What the loop writes down in turn_ended().
  struct Stamp {
    std::atomic<std::uint64_t> turn{0};
    std::atomic<core::Nanoseconds> at_ns{0};
    std::atomic<core::Nanoseconds> cpu_ns{0};
    std::atomic<std::int64_t> voluntary_switches{0};
  };

  // Loop thread.
  void turn_ended() noexcept override;
  void loop_ends() noexcept override { stop(); }
  void stop() noexcept;
  static void on_sample(void* watcher) noexcept;

  // Watch thread.
  void run();
  void warm_up();
  void wait();
  void look();
  void see(std::uint64_t number, core::Nanoseconds look_ns, core::Nanoseconds seen_ns);
  void suspect(core::Nanoseconds look_ns);
  void take(Sample& sample);
  void report_still_blocked(core::Nanoseconds look_ns);
  void judge(core::Nanoseconds look_ns);
  void report(core::Nanoseconds duration_ns, core::Nanoseconds without_cpu_ns, bool ended);
  [[nodiscard]] core::Nanoseconds begin_ns() const noexcept;
  [[nodiscard]] ThreadAccount account_at_end(core::Nanoseconds look_ns) const noexcept;
  [[nodiscard]] core::Nanoseconds waited_ns(const ThreadAccount& now) const noexcept;
  [[nodiscard]] std::vector<StackFrame> stack_of(const Sample& sample);

  LoopState& loop_;
  LoopWatchOptions options_;
  core::Nanoseconds tick_ns_;
  std::uint32_t thread_id_;
  StackSampler sampler_;

  Turn turn_;
  Sample first_;
  Sample later_;
  core::Nanoseconds last_look_ns_;
  int idle_looks_{0};
  Symbolizer symbolizer_;
  BlockLog log_;
  // Written by the watch, read inside the signal handler that it waits for, and the other way round:
  Sample* sampling_{nullptr};
  bool sample_valid_{false};

  Stamp stamp_;
  std::atomic<bool> parked_{false};
  std::atomic<bool> ready_{false};
  std::atomic<bool> stop_{false};
  core::Parker parker_;

  mutable std::mutex mutex_;
  LoopWatchStatistics statistics_;
  std::thread thread_;
};

}  // namespace takt::async::internal
