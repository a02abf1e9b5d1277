#include "takt/core/time.hpp"

#include <memory>
#include <ostream>
#include <thread>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"

namespace takt::core {
namespace {

struct ClockMaker {
  const char* name;
  std::unique_ptr<Clock> (*make)();
};

// The name is part of what ctest calls the test; without it that were an address, another one in every build.
void PrintTo(const ClockMaker& maker, std::ostream* out) {
  *out << maker.name;
}

/// What every Clock promises. One maker per implementation.
class ClockContract : public ::testing::TestWithParam<ClockMaker> {};

TEST_P(ClockContract, NeverShowsAnEarlierTimeThanBefore) {
  const auto clock = GetParam().make();
  Nanoseconds previous = clock->now_ns();
  for (int i = 0; i < 1000; ++i) {
    const Nanoseconds now = clock->now_ns();
    ASSERT_GE(now, previous);
    previous = now;
  }
}

TEST_P(ClockContract, SleepingUntilThePastReturnsAtOnce) {
  const auto clock = GetParam().make();
  clock->sleep_until_ns(clock->now_ns());
  clock->sleep_until_ns(clock->now_ns() - kNanosecondsPerSecond);
  SUCCEED();
}

TEST_P(ClockContract, ASleeperWakesNoEarlierThanItsDeadline) {
  const auto clock = GetParam().make();
  const Nanoseconds deadline = clock->now_ns() + 2'000'000;
  std::jthread driver;
  if (auto* manual = dynamic_cast<ManualClock*>(clock.get())) {
    driver = std::jthread([manual] {
      while (manual->sleepers() == 0) {
        std::this_thread::yield();
      }
      manual->advance_ns(1'999'999);
      manual->advance_ns(1);
    });
  }
  clock->sleep_until_ns(deadline);
  EXPECT_GE(clock->now_ns(), deadline);
}

INSTANTIATE_TEST_SUITE_P(
    AllClocks, ClockContract,
    ::testing::Values(ClockMaker{"Steady", []() -> std::unique_ptr<Clock> { return std::make_unique<SteadyClock>(); }},
                      ClockMaker{"Wall", []() -> std::unique_ptr<Clock> { return std::make_unique<WallClock>(); }},
                      ClockMaker{"Manual",
                                 []() -> std::unique_ptr<Clock> { return std::make_unique<ManualClock>(5); }}));

TEST(ManualClockTest, StandsStillUntilAdvanced) {
  ManualClock clock(100);
  EXPECT_EQ(clock.now_ns(), 100);
  clock.advance_ns(23);
  EXPECT_EQ(clock.now_ns(), 123);
}

TEST(ManualClockTest, RefusesToRunBackwards) {
  ManualClock clock;
  EXPECT_THROW(clock.advance_ns(-1), LogicError);
}

TEST(BeatTest, KeepsItsPhaseHoweverLateItIsCalled) {
  Beat beat(1000, 10);
  EXPECT_EQ(beat.next_ns(1000), 1010);
  EXPECT_EQ(beat.next_ns(1013), 1020);
  EXPECT_EQ(beat.missed(), 0U);
}

TEST(BeatTest, SkipsAndCountsTheDeadlinesItMissed) {
  Beat beat(1000, 10);
  EXPECT_EQ(beat.next_ns(1034), 1040);
  EXPECT_EQ(beat.missed(), 3U);
  EXPECT_EQ(beat.next_ns(1040), 1050);
  EXPECT_EQ(beat.missed(), 3U);
}

TEST(BeatTest, RefusesAPeriodThatIsNotPositive) {
  EXPECT_THROW(Beat(0, 0), LogicError);
}

TEST(SecondsTest, ConvertBothWays) {
  EXPECT_EQ(from_seconds(1.5), 1'500'000'000);
  EXPECT_DOUBLE_EQ(to_seconds(2'500'000'000), 2.5);
}

}  // namespace
}  // namespace takt::core
