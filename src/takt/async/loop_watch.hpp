#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "takt/async/block_report.hpp"
#include "takt/async/tasks/clock.hpp"

namespace takt::async {

struct LoopWatchOptions {
  /// A turn that lasts longer is reported. At least 0.2 ms. The watch looks four times as often: at the default it uses
  /// about 2 % of another core while the loop is busy, and nothing while it sleeps.
  Duration threshold{std::chrono::milliseconds(1)};

  /// A turn that has not ended by then is reported while it lasts, once, and again when it ends.
  Duration still_blocked_after{std::chrono::seconds(1)};

  /// Called for each report, on the watch's thread: the loop may not turn for long yet, and its end of the watch waits
  /// for this. Must not throw, nor wait for the loop. Until it returns the watch sees nothing. Empty: core::log, as a
  /// warning, once for each task and function, and again every ten seconds while it goes on.
  std::function<void(const BlockReport&)> on_report{};
};

/// What a LoopWatch has seen since it was made.
struct LoopWatchStatistics {
  std::uint64_t blocked{0};         ///< turns that were longer than the threshold, and reported
  std::uint64_t not_scheduled{0};   ///< long turns that only waited for a CPU: not the task's fault
  std::uint64_t unnamed{0};         ///< long turns that ended before it was seen who it was
  core::Nanoseconds longest_ns{0};  ///< of what was reported
};

namespace internal {
class LoopWatcher;
}

/// Finds the tasks that keep their loop from turning: made inside a task, it watches that task's loop for as long as it
/// lives and reports each turn longer than a threshold with the task's name, where it was started, how long it took,
/// and the call stack while it blocked: the function that should have been offload()ed, or awaited.
///
///   Task<void> app() {
///     const LoopWatch watch;                                  // warnings in the log
///     …
///
/// A thread `watch` looks at a number that the loop writes with each turn, some nanoseconds. When the number has not
/// changed for the threshold it interrupts the loop's thread by a signal and takes its stack (StackSampler, which says
/// which calls that disturbs: bare usleep, poll and epoll_wait end early with EINTR once or twice in a long turn).
/// A turn that is long only because others had the CPU is counted, and not held against the task; a task that sleeps in
/// a system call is blocking. The loop's time is real time, also under a virtual clock.
///
/// Not seen: turns of a SCHED_FIFO loop that shares its only CPU with the watch, which has ordinary priority. Under
/// ThreadSanitizer a stack shows where the thread next called something, and turns that call nothing remain unnamed.
///
/// A resource: constructed, used and destroyed on the loop's thread. One per loop; any number of loops. A loop that is
/// destroyed first ends the watching; the statistics stay.
class LoopWatch {
 public:
  /// Returns when watching has begun: it reads symbol tables first, which stops the loop for some 10 to 100 ms. Make it
  /// before time matters.
  /// @throws LogicError outside of a task, for a loop that is watched already, and for a threshold below 0.2 ms;
  ///   SystemError when StackSampler or the thread cannot be made.
  explicit LoopWatch(LoopWatchOptions options = {});

  /// Waits for the reports that are due. The turn in which it is destroyed counts up to here.
  ~LoopWatch();
  LoopWatch(const LoopWatch&) = delete;
  LoopWatch& operator=(const LoopWatch&) = delete;

  /// Any thread. A turn counts from when it was reported.
  [[nodiscard]] LoopWatchStatistics statistics() const;

 private:
  std::unique_ptr<internal::LoopWatcher> watcher_;
};

}  // namespace takt::async
