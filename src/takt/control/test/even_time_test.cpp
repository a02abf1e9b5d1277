#include "takt/control/even_time.hpp"

#include <cstdlib>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace takt::control {
namespace {

using core::Nanoseconds;

constexpr Nanoseconds kPeriod_ns = 1'000'000;
constexpr Nanoseconds kStart_ns = 7'000'000'123;

TEST(EvenTimeTest, StampsThatComeEvenlyAreTakenAsTheyAre) {
  EvenTime time(kPeriod_ns);
  Nanoseconds stamp_ns = kStart_ns;
  for (const std::uint64_t periods : {1U, 1U, 6U, 1U, 20U}) {
    stamp_ns += static_cast<Nanoseconds>(periods) * kPeriod_ns;
    time.take(stamp_ns, periods);
    EXPECT_EQ(time.now_ns(), stamp_ns);
  }
}

TEST(EvenTimeTest, GoesOnEvenlyUnderStampsThatComeLateAndEachDifferently) {
  EvenTime time(kPeriod_ns);
  std::mt19937 random(1);
  constexpr Nanoseconds kMean_ns = 60'000;
  std::exponential_distribution<double> late_ns(1.0 / static_cast<double>(kMean_ns));
  Nanoseconds before_ns = 0;
  for (int k = 0; k < 20'000; ++k) {
    const Nanoseconds measured_ns = kStart_ns + k * kPeriod_ns;
    time.take(measured_ns + static_cast<Nanoseconds>(late_ns(random)), 1);
    if (k > 0) {
      ASSERT_LE(std::abs(time.now_ns() - before_ns - kPeriod_ns), 100);
    }
    if (k > 5000) {
      ASSERT_LE(std::abs(time.now_ns() - measured_ns - kMean_ns), kMean_ns / 2);
    }
    before_ns = time.now_ns();
  }
}

TEST(EvenTimeTest, FollowsAClockThatRunsDifferently) {
  EvenTime time(kPeriod_ns);
  Nanoseconds stamp_ns = kStart_ns;
  for (int k = 0; k < 100'000; ++k) {
    stamp_ns += kPeriod_ns + 50;
    time.take(stamp_ns, 1);
    ASSERT_LE(std::abs(time.now_ns() - stamp_ns), 20'000);
  }
}

TEST(EvenTimeTest, IsTheStampAgainAtOnceAfterAStandstill) {
  EvenTime time(kPeriod_ns);
  time.take(kStart_ns, 1);
  time.take(kStart_ns + 30 * kPeriod_ns, 1);
  EXPECT_EQ(time.now_ns(), kStart_ns + 30 * kPeriod_ns);
}

/// Takes one state more; time may stand still, but neither go back nor be ahead of the stamp by more than half a
/// period.
void take_well(EvenTime& time, Nanoseconds stamp_ns) {
  const Nanoseconds before_ns = time.now_ns();
  time.take(stamp_ns, 1);
  ASSERT_GE(time.now_ns(), before_ns) << stamp_ns - kStart_ns;
  ASSERT_LE(time.now_ns(), stamp_ns + kPeriod_ns / 2) << stamp_ns - kStart_ns;
}

TEST(EvenTimeTest, StatesThatCameLateTogetherNeverTurnItBack) {
  EvenTime time(kPeriod_ns);
  Nanoseconds measured_ns = kStart_ns;
  for (; measured_ns < kStart_ns + 5 * kPeriod_ns; measured_ns += kPeriod_ns) {
    time.take(measured_ns, 1);
  }
  const Nanoseconds woke_ns = measured_ns + 5 * kPeriod_ns;
  for (Nanoseconds since_ns = 0; since_ns < 60'000; since_ns += 10'000, measured_ns += kPeriod_ns) {
    ASSERT_NO_FATAL_FAILURE(take_well(time, woke_ns + since_ns));
  }
  for (int k = 0; k < 1000; ++k, measured_ns += kPeriod_ns) {
    ASSERT_NO_FATAL_FAILURE(take_well(time, measured_ns));
    ASSERT_GE(time.now_ns(), measured_ns - kPeriod_ns / 2) << k;
  }
}

TEST(EvenTimeTest, IsNotAheadOfTheStampsAfterAStandstillWhoseOwnStampWasLate) {
  EvenTime time(kPeriod_ns);
  time.take(kStart_ns, 1);
  ASSERT_NO_FATAL_FAILURE(take_well(time, kStart_ns + 30 * kPeriod_ns + 900'000));
  for (int k = 31; k < 1000; ++k) {
    ASSERT_NO_FATAL_FAILURE(take_well(time, kStart_ns + k * kPeriod_ns));
  }
}

TEST(EvenTimeTest, StandsStillWhereAStampGoesBack) {
  EvenTime time(kPeriod_ns);
  time.take(kStart_ns, 1);
  time.take(kStart_ns - 10 * kPeriod_ns, 1);
  EXPECT_EQ(time.now_ns(), kStart_ns);
}

TEST(EvenTimeTest, NeverGoesBackUnderAnyStampsThatDoNot) {
  EvenTime time(kPeriod_ns);
  std::mt19937 random(2);
  std::uniform_int_distribution<int> share(0, 9);
  Nanoseconds stamp_ns = kStart_ns;
  time.take(stamp_ns, 1);
  for (int k = 0; k < 20'000; ++k) {
    stamp_ns += 1 + share(random) * share(random) * share(random) * (kPeriod_ns / 200);
    const Nanoseconds before_ns = time.now_ns();
    time.take(stamp_ns, 1 + static_cast<std::uint64_t>(share(random) / 8));
    ASSERT_GE(time.now_ns(), before_ns) << k;
    ASSERT_LE(time.now_ns(), stamp_ns + kPeriod_ns / 2 + 100) << k;
  }
}

TEST(EvenTimeTest, BegunAnewItIsTheStamp) {
  EvenTime time(kPeriod_ns);
  time.take(kStart_ns, 1);
  time.restart();
  time.take(kStart_ns + kPeriod_ns + 500'000, 1);
  EXPECT_EQ(time.now_ns(), kStart_ns + kPeriod_ns + 500'000);
}

TEST(EvenTimeTest, NonsenseIsFarApart) {
  EvenTime time(kPeriod_ns);
  for (const Nanoseconds stamp_ns : {std::numeric_limits<Nanoseconds>::min(), std::numeric_limits<Nanoseconds>::max(),
                                     Nanoseconds{0}, std::numeric_limits<Nanoseconds>::min()}) {
    time.take(stamp_ns, std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(time.now_ns(), stamp_ns);
    time.take(stamp_ns, 1);
  }
}

}  // namespace
}  // namespace takt::control
