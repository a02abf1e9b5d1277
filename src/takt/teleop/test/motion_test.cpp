#include "takt/teleop/motion.hpp"

#include <gtest/gtest.h>

namespace takt::teleop {
namespace {

constexpr core::Nanoseconds kMs = 1'000'000;

JointPathMotion straight() {
  return JointPathMotion(control::JointPath({{.due_ns = 100 * kMs, .q_rad = {0.0}, .dq_rad_s = {1.0}},
                                             {.due_ns = 1100 * kMs, .q_rad = {1.0}, .dq_rad_s = {1.0}}}));
}

TEST(JointPathMotionTest, IsDueAtOnceAndThenEveryPeriodOnItsOwnBeat) {
  JointPathMotion motion = straight();
  EXPECT_EQ(motion.due_ns(103 * kMs), 103 * kMs);
  messages::RobotState action;
  motion.fill(103 * kMs, action);
  EXPECT_NEAR(action.joint_positions[0], 0.003, 1e-12);
  EXPECT_NEAR(action.joint_velocities[0], 1.0, 1e-12);
  EXPECT_EQ(motion.due_ns(104 * kMs), 113 * kMs);
  EXPECT_EQ(motion.due_ns(114 * kMs), 113 * kMs) << "late, and said so";
}

TEST(JointPathMotionTest, WhatALateThreadMissedIsNotMadeUpFor) {
  JointPathMotion motion = straight();
  messages::RobotState action;
  motion.fill(*motion.due_ns(103 * kMs), action);
  EXPECT_EQ(motion.due_ns(160 * kMs), 153 * kMs);
}

TEST(JointPathMotionTest, IsOverHalfASecondAfterItsEndWhereItsGoalIs) {
  JointPathMotion motion = straight();
  EXPECT_TRUE(motion.due_ns(1600 * kMs));
  EXPECT_FALSE(motion.due_ns(1601 * kMs));
  EXPECT_DOUBLE_EQ(motion.goal_rad()[0], 1.0);
  EXPECT_EQ(motion.left(), "");
  EXPECT_DOUBLE_EQ(motion.at(5000 * kMs).q_rad[0], 1.0);
}

}  // namespace
}  // namespace takt::teleop
