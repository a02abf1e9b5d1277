#include "takt/teleop/row_log.hpp"

#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::teleop {
namespace {

messages::RobotState row(double t_s) {
  messages::RobotState state;
  state.source_t_s = t_s;
  return state;
}

TEST(RowLogTest, KeepsFatesUntilTheyAreDrained) {
  RowLog log(4);
  log.note(row(0.5), RowFate::kClamped);
  log.note({}, RowFate::kRejected);  // a live leader's state is no row
  const auto rows = log.drain();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].source_t_s, 0.5);
  EXPECT_EQ(rows[0].fate, RowFate::kClamped);
  EXPECT_TRUE(log.drain().empty());
}

TEST(RowLogTest, CountsWhatDoesNotFitAndAllocatesNothing) {
  RowLog log(2);
  const testing::AllocationGuard guard;
  for (int i = 0; i < 5; ++i) {
    log.note(row(i), RowFate::kApplied);
  }
  EXPECT_EQ(guard.count(), 0U);
  EXPECT_EQ(log.lost(), 3U);
}

TEST(RowLogTest, NotesNothingWhenItKeepsNothing) {
  RowLog log(0);
  log.note(row(1), RowFate::kApplied);
  EXPECT_TRUE(log.drain().empty());
  EXPECT_EQ(log.lost(), 0U);
}

}  // namespace
}  // namespace takt::teleop
