#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <stop_token>

#include "takt/core/time.hpp"
#include "takt/realtime/stall_log.hpp"
#include "takt/realtime/steal_counter.hpp"
#include "takt/realtime/thread.hpp"

namespace takt::realtime {

struct SentinelOptions {
  // Behaviour
  core::Nanoseconds period_ns{1'000'000};   ///< between two looks; a stall that falls between them is not seen
  core::Nanoseconds threshold_ns{200'000};  ///< later than this is a stall
  std::optional<int> fifo_priority{85};     ///< above the cycle's; none: normal scheduling, for tests
  core::Clock* clock{nullptr};              ///< none: steady. Outlives the sentinel
};

/// What a sentinel got and saw.
struct SentinelReport {
  bool fifo{false};    ///< false: it proves nothing, because anybody's work could delay it
  bool pinned{false};  ///< false: it watches no CPU in particular
  int cpu{-1};
  std::uint64_t looks{0};
  std::uint64_t stalls{0};
  std::optional<std::uint64_t> steal_ticks{};  ///< of its CPU since its start; nullopt where the system does not tell
};

/// Sees that the host took a CPU away: a thread "sentinel" on the cycle's own CPU, of higher real-time priority, that
/// waits for a timer and does nothing else. No program of ours can delay it, so when it comes late, the machine below
/// did. What it saw goes to a StallLog, from which the cycle's DeadlineLedger tells whose fault a missed deadline was.
/// Both wake from the same interrupt after a stall and the sentinel runs first, so the stall is there when the ledger
/// asks.
///
/// It earns its place in benches and in searches for trouble, not always: each look takes a few microseconds of
/// the cycle's CPU, and one after a stall reads /proc/stat besides.
///
/// Watches one CPU. A cycle that is not pinned may be moved to another one; stalls there are not seen and its misses
/// stay without a reason (kWake), and stalls seen here may be none of its own. Pin the cycle to make the ledger's word
/// good.
///
/// Where SCHED_FIFO is asked for and not permitted, the thread ends at once, the log stays empty, and useful() is
/// false.
class Sentinel {
 public:
  /// @param log  outlives the sentinel; no other writes to it.
  /// @param cpu  the cycle's: ThreadOptions::cpu, or cpu_of_thread.
  /// @throws LogicError for options out of range, SystemError when the system gives no thread.
  Sentinel(StallLog& log, int cpu, SentinelOptions options = {});
  ~Sentinel() = default;
  Sentinel(const Sentinel&) = delete;
  Sentinel& operator=(const Sentinel&) = delete;

  /// Asks the thread to end after its next look. Any thread, does not wait; the destructor does both.
  void request_stop() noexcept { thread_.request_stop(); }

  /// Whether what it logs means anything: it has its priority and its CPU.
  [[nodiscard]] bool useful() const noexcept;

  /// Any thread; reads /proc/stat.
  [[nodiscard]] SentinelReport report() const noexcept;

 private:
  void watch(const std::stop_token& stop) noexcept;
  void look(core::Nanoseconds due_ns) noexcept;

  StallLog& log_;
  SentinelOptions options_;
  core::Clock& clock_;
  int cpu_;
  StealCounter steal_;
  std::optional<std::uint64_t> first_ticks_;
  std::optional<std::uint64_t> last_ticks_;  // the thread's
  std::atomic<std::uint64_t> looks_{0};
  RealtimeThread thread_;  // last: starts when all else is there
};

/// The CPU on which a thread of this process runs, or ran last; nullopt when there is no such thread.
[[nodiscard]] std::optional<int> cpu_of_thread(std::uint32_t thread_id);

}  // namespace takt::realtime
