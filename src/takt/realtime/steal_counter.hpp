#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace takt::realtime {

/// The steal ticks of one CPU in the text of /proc/stat: how long its host ran something else while the CPU had work,
/// in ticks of 1/sysconf(_SC_CLK_TCK) s, 10 ms as a rule. nullopt when the text does not tell.
[[nodiscard]] std::optional<std::uint64_t> parse_steal_ticks(std::string_view proc_stat, int cpu) noexcept;

/// Reads that counter. Coarse: a stall shorter than a tick may count as 0 or 1, and a host need not count at all.
/// A resource; any thread.
class StealCounter {
 public:
  explicit StealCounter(int cpu) noexcept;
  ~StealCounter();
  StealCounter(const StealCounter&) = delete;
  StealCounter& operator=(const StealCounter&) = delete;

  /// A system call of some ten microseconds, more with very many CPUs; no allocation.
  [[nodiscard]] std::optional<std::uint64_t> ticks() const noexcept;

 private:
  int cpu_;
  int descriptor_;
};

}  // namespace takt::realtime
