#include "takt/realtime/cycle_verdict.hpp"

#include <gtest/gtest.h>

namespace takt::realtime {
namespace {

core::LatencySummary late(double p999_us, double max_us, std::uint64_t count = 10'000) {
  return {.count = count, .p50_us = 5, .p99_us = 10, .p999_us = p999_us, .max_us = max_us};
}

TEST(CycleVerdictTest, HalfOfTheClientsTimeAndNoLostCommandIsGood) {
  EXPECT_EQ(fitness_of(late(150, 999)), Fitness::kGood);
  EXPECT_EQ(fitness_of(late(151, 999)), Fitness::kTight);
  EXPECT_EQ(fitness_of(late(150, 1000)), Fitness::kTight);
}

TEST(CycleVerdictTest, LostCommandsThatAnArmBridgesAreTight) {
  EXPECT_EQ(fitness_of(late(300, 19'999)), Fitness::kTight);
  EXPECT_EQ(fitness_of(late(301, 19'999)), Fitness::kUnfit);
  EXPECT_EQ(fitness_of(late(300, 20'000)), Fitness::kUnfit);
}

TEST(CycleVerdictTest, WithoutAWakeUpNothingIsKnown) {
  EXPECT_EQ(fitness_of({}), Fitness::kUnknown);
  EXPECT_EQ(verdict({}), "unknown: nothing was measured");
}

TEST(CycleVerdictTest, SaysTheFiguresAndWhatTheyMeanToAnArm) {
  EXPECT_EQ(verdict(late(48, 310)),
            "good: p99.9 48 µs, longest 310 µs: every command arrives within its 1 ms period; in 999 cycles of 1000 at "
            "least 252 of the 300 µs that an FR3 leaves its client remain");
  EXPECT_EQ(verdict(late(200, 3700)),
            "tight: p99.9 200 µs, longest 3700 µs: commands come up to 3.7 ms late; an FR3 tolerates gaps up to "
            "20 ms; in 999 cycles of 1000 at least 100 of the 300 µs that an FR3 leaves its client remain");
  EXPECT_EQ(verdict(late(663, 25'000)),
            "unfit: p99.9 663 µs, longest 25000 µs: an FR3 stops at a gap of 20 ms; one wake-up in 1000 is later than "
            "the 300 µs that an FR3 leaves its client");
}

TEST(CycleVerdictTest, AShortRunSaysThatItIsShort) {
  EXPECT_TRUE(verdict(late(48, 310, 999)).ends_with("(999 wake-ups only: measure longer)"));
  EXPECT_FALSE(verdict(late(48, 310, 1000)).contains("only"));
}

}  // namespace
}  // namespace takt::realtime
