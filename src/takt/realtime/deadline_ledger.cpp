#include "takt/realtime/deadline_ledger.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <type_traits>

#include "takt/core/error.hpp"

namespace takt::realtime {
namespace {

static_assert(std::is_trivially_copyable_v<DeadlineSummary>);

constexpr double kLongestNs = 1e15;        // so that sums and products of a few do not overflow
constexpr std::uint64_t kMostLost = 1000;  // states of a gap; beyond, nothing is explained by having lost them

core::Nanoseconds checked(const char* name, double ns) {
  if (!(ns >= 1 && ns <= kLongestNs)) {
    throw LogicError(std::string("DeadlineLedger: ") + name + " must be 1 ns … 11 days, is " + std::to_string(ns) +
                     " ns");
  }
  return static_cast<core::Nanoseconds>(ns);
}

/// Saturates: an arm's stamps are not to be trusted.
core::Nanoseconds elapsed_ns(core::Nanoseconds from_ns, core::Nanoseconds to_ns) noexcept {
  core::Nanoseconds elapsed = 0;
  if (__builtin_sub_overflow(to_ns, from_ns, &elapsed)) {
    using Limits = std::numeric_limits<core::Nanoseconds>;
    return to_ns < from_ns ? Limits::min() : Limits::max();
  }
  return elapsed;
}

}  // namespace

std::string_view name_of(MissCause cause) noexcept {
  switch (cause) {
    case MissCause::kHost:
      return "host";
    case MissCause::kArm:
      return "arm";
    case MissCause::kSlow:
      return "slow";
    case MissCause::kWake:
      return "wake";
  }
  return "unknown";
}

std::uint64_t DeadlineSummary::missed() const noexcept {
  return std::accumulate(misses.begin(), misses.end(), std::uint64_t{0});
}

DeadlineLedger::DeadlineLedger(const StallLog& stalls, DeadlineOptions options)
    : stalls_(stalls),
      period_ns_(checked("period_ns", static_cast<double>(options.period_ns))),
      miss_ns_(checked("miss_after_periods", options.miss_after_periods * static_cast<double>(period_ns_))),
      slow_ns_(checked("slow_after_periods", options.slow_after_periods * static_cast<double>(period_ns_))),
      resolution_ns_(checked("stall_resolution_ns", static_cast<double>(options.stall_resolution_ns))) {}

std::optional<MissCause> DeadlineLedger::record(core::Nanoseconds stamp_ns, core::Nanoseconds woke_ns,
                                                core::Nanoseconds written_ns, std::uint64_t states) noexcept {
  const core::Nanoseconds busy_ns = elapsed_ns(woke_ns, written_ns);
  wake_lateness_.record(elapsed_ns(stamp_ns, woke_ns));
  read_to_write_.record(busy_ns);
  const bool first = !started_;
  const core::Nanoseconds before_ns = last_written_ns_;
  const core::Nanoseconds moved_ns = elapsed_ns(last_stamp_ns_, stamp_ns);
  started_ = true;
  last_stamp_ns_ = stamp_ns;
  last_written_ns_ = written_ns;
  if (first) {
    return std::nullopt;
  }
  const core::Nanoseconds gap_ns = elapsed_ns(before_ns, written_ns);
  gap_.record(gap_ns);
  const bool longest = gap_ns > longest_without_host_ns_.load(std::memory_order_relaxed);
  if (gap_ns <= miss_ns_ && !longest) {
    return std::nullopt;
  }
  const bool host = host_explains(before_ns, written_ns);
  if (longest && !host) {
    longest_without_host_ns_.store(gap_ns, std::memory_order_relaxed);
  }
  if (gap_ns <= miss_ns_) {
    return std::nullopt;
  }
  const auto lost = static_cast<core::Nanoseconds>(std::clamp<std::uint64_t>(states, 1, kMostLost) - 1);
  const MissCause cause = cause_of(elapsed_ns(lost * period_ns_, moved_ns), busy_ns, host);
  auto& misses = misses_[static_cast<std::size_t>(cause)];
  misses.store(misses.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);  // one writer
  return cause;
}

bool DeadlineLedger::host_explains(core::Nanoseconds from_ns, core::Nanoseconds to_ns) const noexcept {
  const core::Nanoseconds stalled_ns = stalls_.stalled_ns(from_ns, to_ns);
  return stalled_ns > 0 && elapsed_ns(stalled_ns + resolution_ns_, elapsed_ns(from_ns, to_ns)) <= miss_ns_;
}

MissCause DeadlineLedger::cause_of(core::Nanoseconds arm_gap_ns, core::Nanoseconds busy_ns, bool host) const noexcept {
  if (host) {
    return MissCause::kHost;
  }
  if (arm_gap_ns > miss_ns_) {
    return MissCause::kArm;
  }
  return busy_ns > slow_ns_ ? MissCause::kSlow : MissCause::kWake;
}

DeadlineSummary DeadlineLedger::summary() const noexcept {
  DeadlineSummary summary{.wake_lateness = wake_lateness_.summary(),
                          .read_to_write = read_to_write_.summary(),
                          .gap = gap_.summary(),
                          .longest_gap_without_host_us =
                              static_cast<double>(longest_without_host_ns_.load(std::memory_order_relaxed)) * 1e-3,
                          .misses = {}};
  for (std::size_t i = 0; i < kMissCauses; ++i) {
    summary.misses[i] = misses_[i].load(std::memory_order_relaxed);
  }
  return summary;
}

}  // namespace takt::realtime
