#include "takt/teleop/guard_counters.hpp"

namespace takt::teleop {

std::uint64_t GuardCounters::total() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& count : counts_) {
    sum += count.load(std::memory_order_relaxed);
  }
  return sum;
}

std::map<std::string, std::uint64_t> GuardCounters::by_name() const {
  std::map<std::string, std::uint64_t> named;
  for (std::size_t i = 0; i < kGuards; ++i) {
    const auto guard = static_cast<Guard>(i);
    named[std::string(messages::enum_name(guard).view())] = of(guard);
  }
  return named;
}

}  // namespace takt::teleop
