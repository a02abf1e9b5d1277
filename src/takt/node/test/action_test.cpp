#include "takt/node/action.hpp"

#include <set>

#include <gtest/gtest.h>

#include "takt/messages/packages/action_msgs.hpp"

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

TEST(ActionTest, StatusesAndAnswersAreThoseOfRos) {
  using Status = action_msgs::GoalStatus;
  using Answer = action_msgs::CancelGoal::Response;
  EXPECT_EQ(static_cast<std::int8_t>(GoalStatus::kExecuting), Status::STATUS_EXECUTING);
  EXPECT_EQ(static_cast<std::int8_t>(GoalStatus::kAborted), Status::STATUS_ABORTED);
  EXPECT_EQ(static_cast<std::int8_t>(CancelAnswer::kUnknownGoal), Answer::ERROR_UNKNOWN_GOAL_ID);
  EXPECT_EQ(static_cast<std::int8_t>(CancelAnswer::kEnded), Answer::ERROR_GOAL_TERMINATED);
  EXPECT_EQ(internal::action_name("/dig", "status"), "/dig/_action/status");
}

TEST(ActionTest, AGoalHasEndedInThreeOfItsStatuses) {
  for (const GoalStatus status : {GoalStatus::kSucceeded, GoalStatus::kCanceled, GoalStatus::kAborted}) {
    EXPECT_TRUE(has_ended(status)) << to_string(status);
  }
  for (const GoalStatus status :
       {GoalStatus::kUnknown, GoalStatus::kAccepted, GoalStatus::kExecuting, GoalStatus::kCanceling}) {
    EXPECT_FALSE(has_ended(status)) << to_string(status);
  }
  EXPECT_EQ(to_string(GoalStatus::kCanceling), "canceling");
}

}  // namespace
}  // namespace takt::node
