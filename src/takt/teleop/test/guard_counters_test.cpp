#include "takt/teleop/guard_counters.hpp"

#include <thread>
#include <vector>

#include <boost/mp11/list.hpp>
#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::teleop {
namespace {

TEST(GuardCountersTest, NamesEveryGuardAlsoThoseThatWereNeverHit) {
  using Enumerators = boost::describe::describe_enumerators<Guard>;
  static_assert(boost::mp11::mp_size<Enumerators>::value == kGuards);
  GuardCounters counters;
  counters.count(Guard::kStaleLeaderHold);
  const auto named = counters.by_name();
  EXPECT_EQ(named.size(), kGuards);
  boost::mp11::mp_for_each<Enumerators>([&](auto enumerator) {
    const std::string name(messages::spell_enumerator(enumerator.name).view());
    ASSERT_TRUE(named.contains(name)) << name;
    EXPECT_EQ(named.at(name), enumerator.value == Guard::kStaleLeaderHold ? 1U : 0U) << name;
  });
  EXPECT_EQ(named.at("stale_leader_hold"), 1U);
}

TEST(GuardCountersTest, CountsEachGuardForItself) {
  GuardCounters counters;
  for (std::size_t i = 0; i < kGuards; ++i) {
    counters.count(static_cast<Guard>(i), i + 1);
  }
  for (std::size_t i = 0; i < kGuards; ++i) {
    EXPECT_EQ(counters.of(static_cast<Guard>(i)), i + 1);
  }
  EXPECT_EQ(counters.total(), kGuards * (kGuards + 1) / 2);
}

TEST(GuardCountersTest, CountsOnceWhenNotTold) {
  GuardCounters counters;
  counters.count(Guard::kDeadman);
  counters.count(Guard::kDeadman);
  counters.count(Guard::kDeadman, 0);
  EXPECT_EQ(counters.of(Guard::kDeadman), 2U);
}

TEST(GuardCountersTest, LosesNoCountOfAnyThread) {
  GuardCounters counters;
  constexpr int kTimes = 20'000;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&counters] {
        for (int i = 0; i < kTimes; ++i) {
          counters.count(Guard::kVelocity);
        }
      });
    }
    EXPECT_LE(counters.total(), 4U * kTimes);
  }
  EXPECT_EQ(counters.of(Guard::kVelocity), 4U * kTimes);
}

TEST(GuardCountersTest, AllocatesNothing) {
  GuardCounters counters;
  const testing::AllocationGuard guard;
  counters.count(Guard::kPosition);
  EXPECT_EQ(counters.total(), 1U);
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::teleop
