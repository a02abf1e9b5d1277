#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "takt/core/latency_histogram.hpp"
#include "takt/core/time.hpp"
#include "takt/realtime/stall_log.hpp"

namespace takt::realtime {

/// Whose fault it was that a command came late.
enum class MissCause : std::uint8_t {
  kHost,  ///< the machine took the CPU away, and that explains it: a sentinel saw it
  kArm,   ///< the arm's own stamps have the gap
  kSlow,  ///< we took too long from reading to writing
  kWake,  ///< we were woken late, and nobody saw why
};
inline constexpr std::size_t kMissCauses = 4;

[[nodiscard]] std::string_view name_of(MissCause cause) noexcept;

struct DeadlineOptions {
  core::Nanoseconds period_ns{1'000'000};
  double miss_after_periods{1.5};  ///< a longer gap between two commands is a miss
  double slow_after_periods{0.5};  ///< longer from reading to writing is slow
  /// How exactly the stall log tells when a stall began: the sentinel's period.
  core::Nanoseconds stall_resolution_ns{1'000'000};
};

/// What the ledger says. A value that may travel: trivially copyable.
struct DeadlineSummary {
  core::LatencySummary wake_lateness;               ///< from the arm's stamp to our waking; one per cycle
  core::LatencySummary read_to_write;               ///< from our waking to the command being written; one per cycle
  core::LatencySummary gap;                         ///< between two commands; its max is the longest gap
  double longest_gap_without_host_us{0};            ///< of the gaps that the host's stalls do not explain
  std::array<std::uint64_t, kMissCauses> misses{};  ///< by MissCause

  [[nodiscard]] std::uint64_t missed(MissCause cause) const noexcept { return misses[static_cast<std::size_t>(cause)]; }
  [[nodiscard]] std::uint64_t missed() const noexcept;
};

/// Keeps account of a cycle's deadlines, always: when it woke, how long it took, when its commands left, and whose
/// fault it was when one was late. About 55 KiB, no heap. A resource.
///
/// A miss is charged to the first of these that holds:
///   kHost  stalls were seen within the gap, and gap − stalls − stall_resolution ≤ miss_after
///   kArm   the stamps moved by more than miss_after, periods of states that we lost not counted
///   kSlow  read → write > slow_after
///   kWake  otherwise
/// The host comes first because its stalls look like everything else: they stretch our computing, and also the arm's
/// side where that runs on the same machine.
class DeadlineLedger {
 public:
  /// @param stalls  what a sentinel sees; empty without one. Outlives the ledger.
  /// @throws LogicError for options that are not positive.
  explicit DeadlineLedger(const StallLog& stalls, DeadlineOptions options = {});
  DeadlineLedger(const DeadlineLedger&) = delete;
  DeadlineLedger& operator=(const DeadlineLedger&) = delete;

  /// One cycle, after its command was written. The cycle's thread only. Real-time safe, about 30 ns; any numbers do.
  /// @param stamp_ns    of the state that the arm gave; woke_ns, written_ns: our clock. All CLOCK_MONOTONIC.
  /// @param states      states of the arm since the last record, this one included: more than 1 when some were lost,
  ///                    which is not the arm's fault.
  /// @return            the cause, when the gap before this command was a miss.
  std::optional<MissCause> record(core::Nanoseconds stamp_ns, core::Nanoseconds woke_ns, core::Nanoseconds written_ns,
                                  std::uint64_t states = 1) noexcept;

  /// The next record begins anew: the time since the last one is no gap. For the start of a cycle; not while another
  /// thread records.
  void restart() noexcept { started_ = false; }

  /// Any thread, at any time; recent to a cycle, each number for itself. Some ten microseconds.
  [[nodiscard]] DeadlineSummary summary() const noexcept;

 private:
  [[nodiscard]] bool host_explains(core::Nanoseconds from_ns, core::Nanoseconds to_ns) const noexcept;
  [[nodiscard]] MissCause cause_of(core::Nanoseconds arm_gap_ns, core::Nanoseconds busy_ns, bool host) const noexcept;

  const StallLog& stalls_;
  core::Nanoseconds period_ns_;
  core::Nanoseconds miss_ns_;
  core::Nanoseconds slow_ns_;
  core::Nanoseconds resolution_ns_;

  bool started_{false};  // these three: the cycle's thread
  core::Nanoseconds last_stamp_ns_{0};
  core::Nanoseconds last_written_ns_{0};

  core::LatencyHistogram wake_lateness_;
  core::LatencyHistogram read_to_write_;
  core::LatencyHistogram gap_;
  std::atomic<core::Nanoseconds> longest_without_host_ns_{0};
  std::array<std::atomic<std::uint64_t>, kMissCauses> misses_{};
};

}  // namespace takt::realtime
