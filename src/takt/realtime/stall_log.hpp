#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "takt/core/time.hpp"
#include "takt/realtime/latest.hpp"

namespace takt::realtime {

/// A time in which a CPU ran nothing of ours, seen from the inside: a timer was due and nobody came.
struct Stall {
  core::Nanoseconds start_ns{0};   ///< when the timer was due; the CPU was lost then or up to a period before
  core::Nanoseconds length_ns{0};  ///< until somebody came
  std::uint64_t steal_ticks{0};    ///< that the host admits to since the stall before; coarse, see StealCounter

  [[nodiscard]] core::Nanoseconds end_ns() const noexcept { return start_ns + length_ns; }
};

/// The last stalls, in order of time: written by one thread, a Sentinel's, and asked by any, a cycle's too.
class StallLog {
 public:
  static constexpr std::size_t kKept = 64;

  /// Real-time safe, wait-free. The writing thread only.
  void add(const Stall& stall) noexcept;

  /// Replaces the newest, of which more is known now. The writing thread only, after add.
  void amend(const Stall& stall) noexcept;

  /// How much of [from, to) the kept stalls cover. Real-time safe, bounded; one look when the newest lies before.
  [[nodiscard]] core::Nanoseconds stalled_ns(core::Nanoseconds from_ns, core::Nanoseconds to_ns) const noexcept;

  /// Whether any of them touches [from, to). Real-time safe.
  [[nodiscard]] bool stalled(core::Nanoseconds from_ns, core::Nanoseconds to_ns) const noexcept {
    return stalled_ns(from_ns, to_ns) > 0;
  }

  /// Stalls ever added.
  [[nodiscard]] std::uint64_t count() const noexcept { return count_.load(std::memory_order_acquire); }

  /// Those kept, oldest first. Allocates; one that is being replaced right now is left out.
  [[nodiscard]] std::vector<Stall> list() const;

 private:
  std::array<Latest<Stall>, kKept> stalls_{};
  std::atomic<std::uint64_t> count_{0};
};

}  // namespace takt::realtime
