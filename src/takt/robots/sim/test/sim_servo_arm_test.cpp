#include "takt/robots/sim/sim_servo_arm.hpp"

#include <atomic>
#include <limits>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/robots/models/so101.hpp"

namespace takt::robots::sim {
namespace {

using core::JointVector;
using messages::RobotState;
using models::so101;

SimServoArmOptions lockstep() {
  return {.pace = Pace::kLockstep};
}

RobotState target(const JointVector& q_rad) {
  RobotState state;
  state.joint_positions = q_rad;
  return state;
}

JointVector position_of(SimServoArm& arm) {
  RobotState state;
  arm.read(state);
  return state.joint_positions;
}

template <class Call>
std::string refusal_of(Call call) {
  try {
    call();
  } catch (const DeviceError& error) {
    return error.what();
  }
  return {};
}

TEST(SimServoArm, tells_what_it_is) {
  const SimServoArm arm(so101(), lockstep());
  EXPECT_EQ(arm.info().name, "so101");
  EXPECT_EQ(arm.info().type, messages::RobotType::kSo101);
  ASSERT_EQ(arm.info().joint_names.size(), 6U);
  EXPECT_EQ(arm.info().joint_names.back(), "gripper");
  EXPECT_TRUE(arm.info().can_write);
  EXPECT_FALSE(arm.info().has_gripper);
}

TEST(SimServoArm, starts_in_the_posture_it_is_given_and_fills_every_field_it_has) {
  SimServoArm arm(so101(), {.pace = Pace::kLockstep, .start_rad = {0.1, -1.0, 1.0, 0.5, 0.2, 0.7854}});
  arm.start();
  RobotState state;
  arm.read(state);
  EXPECT_NEAR(state.joint_positions[1], -1.0, 0.001);
  EXPECT_EQ(state.joint_velocities.size(), 6U);
  EXPECT_EQ(state.joint_efforts.size(), 6U);
  EXPECT_NEAR(state.gripper_position.value(), 0.5, 0.001);
  EXPECT_TRUE(state.end_effector_pose.has_value());
  EXPECT_EQ(state.robot_type, messages::RobotType::kSo101);
}

TEST(SimServoArm, reports_positions_alone_when_it_is_asked_for_no_more) {
  SimServoArm arm(so101(), {.pace = Pace::kLockstep, .read_block_bytes = 2});
  arm.start();
  RobotState state;
  arm.read(state);
  EXPECT_EQ(state.joint_positions.size(), 6U);
  EXPECT_TRUE(state.joint_velocities.empty());
  EXPECT_TRUE(state.joint_efforts.empty());
}

TEST(SimServoArm, goes_where_it_is_told_in_virtual_time) {
  SimServoArm arm(so101(), {.pace = Pace::kLockstep, .lockstep_start_ns = 7'000'000});
  arm.start();
  const JointVector goal{0.5, -0.3, 0.4, 0.2, -0.6, 0.8};
  arm.write(target(goal));
  arm.advance_ns(1'500'000'000);
  RobotState state;
  arm.read(state);
  EXPECT_LT(core::max_abs_difference(state.joint_positions, goal), 0.03);
  EXPECT_EQ(state.stamp_ns, 1'507'000'000);
}

TEST(SimServoArm, cannot_be_used_before_start_or_started_twice) {
  SimServoArm arm(so101(), lockstep());
  RobotState state;
  EXPECT_THROW(arm.read(state), DeviceError);
  EXPECT_THROW(arm.write(target(JointVector::zero(6))), DeviceError);
  arm.start();
  EXPECT_THROW(arm.start(), LogicError);
}

TEST(SimServoArm, refuses_targets_that_are_not_finite_or_of_the_wrong_size) {
  SimServoArm arm(so101(), lockstep());
  arm.start();
  EXPECT_NE(refusal_of([&] { arm.write(target(JointVector::zero(5))); }).find("5 joints, the arm 6"),
            std::string::npos);
  EXPECT_NE(refusal_of([&] {
              arm.write(target(JointVector::constant(6, std::numeric_limits<double>::infinity())));
            }).find("not finite"),
            std::string::npos);
}

TEST(SimServoArm, halts_and_moves_again_with_the_next_write) {
  SimServoArm arm(so101(), lockstep());
  arm.start();
  const JointVector goal{1.5, 0, 0, 0, 0, 0};
  arm.write(target(goal));
  arm.advance_ns(150'000'000);
  arm.halt();
  arm.advance_ns(1'000'000'000);
  const double rest = position_of(arm)[0];
  EXPECT_LT(rest, 1.4);
  arm.advance_ns(500'000'000);
  EXPECT_NEAR(position_of(arm)[0], rest, 0.02);
  arm.write(target(goal));
  arm.advance_ns(1'500'000'000);
  EXPECT_NEAR(position_of(arm)[0], 1.5, 0.03);
}

TEST(SimServoArm, a_halt_ends_what_was_written_before_it_and_nothing_after) {
  SimServoArm arm(so101(), lockstep());
  arm.start();
  arm.write(target({1.0, 0, 0, 0, 0, 0}));
  arm.halt();
  arm.advance_ns(1'000'000'000);
  EXPECT_NEAR(position_of(arm)[0], 0.0, 0.02);
  arm.halt();
  arm.write(target({1.0, 0, 0, 0, 0, 0}));
  arm.advance_ns(1'500'000'000);
  EXPECT_NEAR(position_of(arm)[0], 1.0, 0.03);
}

TEST(SimServoArm, a_safe_stop_is_latched_until_it_is_started_anew) {
  SimServoArm arm(so101(), lockstep());
  arm.start();
  arm.write(target({1.5, 0, 0, 0, 0, 0}));
  arm.advance_ns(150'000'000);
  arm.safe_stop("tracking error of joint 1");
  arm.safe_stop("a later reason");
  EXPECT_EQ(arm.health(), RobotHealth::kFault);
  EXPECT_EQ(arm.fault(), "tracking error of joint 1");
  EXPECT_NE(refusal_of([&] { arm.write(target(JointVector::zero(6))); }).find("tracking error of joint 1"),
            std::string::npos);
  arm.advance_ns(1'000'000'000);
  EXPECT_LT(position_of(arm)[0], 1.4);
  arm.stop();
  arm.start();
  EXPECT_EQ(arm.health(), RobotHealth::kOk);
  EXPECT_EQ(arm.fault(), "");
  arm.write(target(JointVector::zero(6)));
}

TEST(SimServoArm, is_at_rest_when_stop_returns) {
  SimServoArm arm(so101(), lockstep());
  arm.start();
  arm.write(target({1.5, 0, 0, 0, 0, 0}));
  arm.advance_ns(150'000'000);
  arm.stop();
  arm.stop();
  arm.start();
  RobotState state;
  arm.read(state);
  EXPECT_NEAR(state.joint_velocities[0], 0.0, 0.03);
  EXPECT_LT(state.joint_positions[0], 1.4);
}

TEST(SimServoArm, loses_replies_and_fails_writes_when_told_to) {
  SimServoArm arm(so101(), lockstep());
  arm.start();
  arm.inject_lost_replies(1);
  RobotState state;
  EXPECT_NE(refusal_of([&] { arm.read(state); }).find("did not reply"), std::string::npos);
  EXPECT_NO_THROW(arm.read(state));
  arm.inject_failing_writes(1);
  EXPECT_NE(refusal_of([&] { arm.write(target(JointVector::zero(6))); }).find("failed to write"), std::string::npos);
  EXPECT_NO_THROW(arm.write(target(JointVector::zero(6))));
}

TEST(SimServoArm, advances_by_hand_only_in_lockstep) {
  SimServoArm arm(so101());
  EXPECT_THROW(arm.advance_ns(1'000'000), LogicError);
}

// On its own thread, read and written from two threads at once: only what holds however the host schedules.
TEST(SimServoArm, is_read_by_one_thread_and_written_by_another_over_one_bus) {
  SimServoArm arm(so101(),
                  {.bus = {.longest_wait_ns = 60 * core::kNanosecondsPerSecond}, .fifo_priority = std::nullopt});
  arm.start();
  std::atomic<double> pan_rad{0.0};
  std::thread reader([&] {
    RobotState state;
    while (pan_rad.load() < 0.4) {
      arm.read(state);
      pan_rad.store(state.joint_positions[0]);
    }
  });
  for (int k = 0; k < 100; ++k) {
    arm.write(target(JointVector::constant(6, 0.005 * k)));
    if (k == 50) {
      arm.halt();
    }
  }
  reader.join();
  arm.stop();
  EXPECT_EQ(arm.health(), RobotHealth::kOk);
  EXPECT_EQ(arm.bus().refusals(), 0U);
}

TEST(SimServoArm, is_busy_for_whom_another_thread_keeps_waiting_and_stays_well) {
  // A write of 26 bytes takes 130 ms; who reads meanwhile waits 1 ms.
  SimServoArm arm(so101(), {.bus = {.baud = 2000.0, .longest_wait_ns = 1'000'000}, .fifo_priority = std::nullopt});
  arm.start();
  const JointVector home(so101().home_rad);
  std::thread writer([&] { arm.write(target(home)); });
  while (arm.bus().transactions() == 0) {
    std::this_thread::yield();
  }
  EXPECT_THROW(position_of(arm), BusyError);
  EXPECT_THROW(arm.write(target(home)), BusyError);
  writer.join();
  EXPECT_EQ(arm.health(), RobotHealth::kOk);
}

TEST(SimServoArm, a_goal_that_arrived_after_the_stop_does_not_move_it_when_it_starts_again) {
  SimServoArm arm(so101(), {.bus = {.baud = 2000.0}, .read_block_bytes = 2, .fifo_priority = std::nullopt});
  arm.start();
  JointVector goal(so101().home_rad);
  const double home = goal[0];
  goal[0] += 0.5;
  std::thread writer([&] { arm.write(target(goal)); });
  while (arm.bus().transactions() == 0) {
    std::this_thread::yield();
  }
  arm.stop();  // while the goal is on the wire
  writer.join();
  arm.start();
  static_cast<void>(position_of(arm));  // takes 0.38 s
  EXPECT_NEAR(position_of(arm)[0], home, 0.02);
}

}  // namespace
}  // namespace takt::robots::sim
