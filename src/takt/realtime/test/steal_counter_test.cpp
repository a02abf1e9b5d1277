#include "takt/realtime/steal_counter.hpp"

#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::realtime {
namespace {

constexpr std::string_view kProcStat =
    "cpu  30 1 2 3 4 5 6 77 0 0\n"
    "cpu0 10 0 1 2 3 4 5 33 0 0\n"
    "cpu1 11 0 1 2 3 4 5 44 0 0\n"
    "cpu10 12 0 1 2 3 4 5 55 0 0\n"
    "intr 1 2 3 4 5 6 7 8 9 10\n";

TEST(StealCounterTest, FindsTheTicksOfEachCpuAndNotTheSum) {
  EXPECT_EQ(parse_steal_ticks(kProcStat, 0), 33U);
  EXPECT_EQ(parse_steal_ticks(kProcStat, 1), 44U);
  EXPECT_EQ(parse_steal_ticks(kProcStat, 10), 55U);
}

TEST(StealCounterTest, SaysWhenTheTextDoesNotTell) {
  EXPECT_EQ(parse_steal_ticks(kProcStat, 2), std::nullopt);
  EXPECT_EQ(parse_steal_ticks(kProcStat, -1), std::nullopt);
  EXPECT_EQ(parse_steal_ticks("", 0), std::nullopt);
  EXPECT_EQ(parse_steal_ticks("cpu0 1 2 3 4\n", 0), std::nullopt);
  EXPECT_EQ(parse_steal_ticks("cpu0 1 2 3 4 5 6 7 x\n", 0), std::nullopt);
  EXPECT_EQ(parse_steal_ticks("cpu0 1 2 3 4 5 6 7 81", 0), std::nullopt) << "cut in the number";
}

TEST(StealCounterTest, ReadsThisMachineWithoutAllocating) {
  int cpus = 0;
  while (cpus < 4096 && access(("/sys/devices/system/cpu/cpu" + std::to_string(cpus)).c_str(), F_OK) == 0) {
    ++cpus;
  }
  if (cpus == 0) {
    GTEST_SKIP() << "no CPUs to be seen in /sys";
  }
  const StealCounter counter(0);
  const testing::AllocationGuard guard;
  const auto first = counter.ticks();
  const auto second = counter.ticks();
  EXPECT_EQ(guard.count(), 0U);
  ASSERT_TRUE(first && second);
  EXPECT_GE(*second, *first);
  EXPECT_EQ(StealCounter(cpus).ticks(), std::nullopt);
}

}  // namespace
}  // namespace takt::realtime
