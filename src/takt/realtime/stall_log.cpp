#include "takt/realtime/stall_log.hpp"

#include <algorithm>

namespace takt::realtime {

void StallLog::add(const Stall& stall) noexcept {
  const std::uint64_t number = count_.load(std::memory_order_relaxed);
  stalls_[number % kKept].store(stall);
  count_.store(number + 1, std::memory_order_release);
}

void StallLog::amend(const Stall& stall) noexcept {
  stalls_[(count_.load(std::memory_order_relaxed) - 1) % kKept].store(stall);
}

core::Nanoseconds StallLog::stalled_ns(core::Nanoseconds from_ns, core::Nanoseconds to_ns) const noexcept {
  core::Nanoseconds covered_ns = 0;
  const std::uint64_t newest = count();
  const std::uint64_t oldest = newest - std::min<std::uint64_t>(newest, kKept);
  for (std::uint64_t number = newest; number > oldest; --number) {
    Stall stall;
    if (!stalls_[(number - 1) % kKept].try_load(stall)) {
      continue;
    }
    if (stall.end_ns() <= from_ns) {
      break;  // they are in order of time
    }
    covered_ns += std::max<core::Nanoseconds>(0, std::min(stall.end_ns(), to_ns) - std::max(stall.start_ns, from_ns));
  }
  return covered_ns;
}

std::vector<Stall> StallLog::list() const {
  std::vector<Stall> stalls;
  const std::uint64_t newest = count();
  for (std::uint64_t number = newest - std::min<std::uint64_t>(newest, kKept); number < newest; ++number) {
    Stall stall;
    if (stalls_[number % kKept].try_load(stall)) {
      stalls.push_back(stall);
    }
  }
  std::ranges::sort(stalls, {}, &Stall::start_ns);  // the oldest may just have become the newest
  return stalls;
}

}  // namespace takt::realtime
