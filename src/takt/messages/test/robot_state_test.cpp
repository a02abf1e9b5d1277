#include "takt/messages/robot_state.hpp"

#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::messages {
namespace {

TEST(StampHopTest, AddsPointTimeAndThreadInOrder) {
  RobotState state;
  stamp_hop(state, HopPoint::kGotState);
  std::jthread([&] { stamp_hop(state, HopPoint::kApplied); }).join();
  ASSERT_EQ(state.hops.size(), 2U);
  EXPECT_EQ(state.hops[0].point, HopPoint::kGotState);
  EXPECT_EQ(state.hops[0].thread, current_thread_id());
  EXPECT_NE(state.hops[1].thread, current_thread_id());
  EXPECT_GE(state.hops[1].stamp_ns, state.hops[0].stamp_ns);
}

TEST(StampHopTest, StopsAtTheMostHopsAndAllocatesNothing) {
  RobotState state;
  static_cast<void>(current_thread_id());
  const testing::AllocationGuard guard;
  for (std::size_t i = 0; i < kMaxHops + 3; ++i) {
    stamp_hop(state, HopPoint::kEnter);
  }
  EXPECT_EQ(state.hops.size(), kMaxHops);
  EXPECT_EQ(guard.count(), 0U);
}

TEST(TraceIdTest, IsNeverZeroAndNeverTheSame) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(seen.insert(next_trace_id()).second);
  }
  EXPECT_FALSE(seen.contains(0));
}

}  // namespace
}  // namespace takt::messages
