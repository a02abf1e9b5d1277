#include "takt/realtime/cycle_verdict.hpp"

#include <fmt/format.h>

namespace takt::realtime {
namespace {

constexpr std::uint64_t kEnoughWakes = 1000;  // fewer have no p99.9

std::string of_the_longest(double late_us) {
  if (late_us >= kLongestGapUs) {
    return fmt::format("an FR3 stops at a gap of {:g} ms", kLongestGapUs / 1000);
  }
  if (late_us >= kCyclePeriodUs) {
    return fmt::format("commands come up to {:.1f} ms late; an FR3 tolerates gaps up to {:g} ms", late_us / 1000,
                       kLongestGapUs / 1000);
  }
  return "every command arrives within its 1 ms period";
}

std::string of_the_usual(double late_us) {
  const double left_us = kClientBudgetUs - late_us;
  if (left_us < 0) {
    return fmt::format("one wake-up in 1000 is later than the {:g} µs that an FR3 leaves its client", kClientBudgetUs);
  }
  return fmt::format("in 999 cycles of 1000 at least {:.0f} of the {:g} µs that an FR3 leaves its client remain",
                     left_us, kClientBudgetUs);
}

}  // namespace

std::string_view name_of(Fitness fitness) noexcept {
  switch (fitness) {
    case Fitness::kGood:
      return "good";
    case Fitness::kTight:
      return "tight";
    case Fitness::kUnfit:
      return "unfit";
    case Fitness::kUnknown:
      break;
  }
  return "unknown";
}

Fitness fitness_of(const core::LatencySummary& lateness) noexcept {
  if (lateness.count == 0) {
    return Fitness::kUnknown;
  }
  if (lateness.p999_us <= kGoodLatenessUs && lateness.max_us < kCyclePeriodUs) {
    return Fitness::kGood;
  }
  return lateness.p999_us <= kClientBudgetUs && lateness.max_us < kLongestGapUs ? Fitness::kTight : Fitness::kUnfit;
}

std::string verdict(const core::LatencySummary& lateness) {
  if (lateness.count == 0) {
    return "unknown: nothing was measured";
  }
  std::string words =
      fmt::format("{}: p99.9 {:.0f} µs, longest {:.0f} µs: {}; {}", name_of(fitness_of(lateness)), lateness.p999_us,
                  lateness.max_us, of_the_longest(lateness.max_us), of_the_usual(lateness.p999_us));
  if (lateness.count < kEnoughWakes) {
    words += fmt::format(" ({} wake-ups only: measure longer)", lateness.count);
  }
  return words;
}

}  // namespace takt::realtime
