#include "takt/node/action.hpp"

#include <set>

#include <gtest/gtest.h>

namespace takt::node {
namespace {

TEST(ActionTest, GoalIdsAreRandomAndSayThatTheyAre) {
  std::set<GoalId> ids;
  for (int i = 0; i < 100; ++i) {
    const GoalId id = new_goal_id();
    EXPECT_EQ(id[6] & 0xF0U, 0x40U);
    EXPECT_EQ(id[8] & 0xC0U, 0x80U);
    ids.insert(id);
  }
  EXPECT_EQ(ids.size(), 100U);
}

TEST(ActionTest, StatusesAreThoseOfRos) {
  EXPECT_EQ(static_cast<std::int8_t>(GoalStatus::kAborted), action_msgs::GoalStatus::STATUS_ABORTED);
  EXPECT_FALSE(has_ended(GoalStatus::kCanceling));
  EXPECT_TRUE(has_ended(GoalStatus::kSucceeded));
  EXPECT_EQ(internal::action_name("/dig", "status"), "/dig/_action/status");
}

}  // namespace
}  // namespace takt::node
