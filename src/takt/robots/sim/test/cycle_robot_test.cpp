// CycleRobot over the simulated FR3 in lock-step: its cycle's thread runs in virtual time, as fast as it can.

#include "takt/robots/cycle_robot.hpp"

#include <atomic>
#include <limits>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "takt/control/laws/settings.hpp"
#include "takt/core/error.hpp"
#include "takt/robots/models/fr3.hpp"
#include "takt/robots/sim/sim_arm.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::robots::sim {
namespace {

using core::JointVector;
using messages::RobotState;
using models::fr3;

const JointVector kGoal{0.3, -0.6, 0.1, -2.2, -0.1, 1.7, 0.9};

struct Rig {
  explicit Rig(control::FreshnessPolicy freshness = {.hold_after_s = std::numeric_limits<double>::infinity(),
                                                     .halt_after_s = std::numeric_limits<double>::infinity()},
               std::vector<double> start_rad = {}) {
    auto made =
        std::make_unique<SimArm>(fr3(), SimArmOptions{.pace = Pace::kLockstep, .start_rad = std::move(start_rad)});
    arm = made.get();
    control::Model model(fr3());
    auto law = control::make_law(control::JointImpedance{}, model);
    robot = std::make_unique<CycleRobot>(
        std::make_unique<control::Cycle>(std::move(made), std::move(law), std::move(model),
                                         control::CycleOptions{.freshness = freshness,
                                                               .fifo_priority = std::nullopt,
                                                               .lock_memory = false,
                                                               .low_wake_latency = false}),
        &clock);
  }

  [[nodiscard]] RobotState now() const {
    RobotState state;
    robot->read(state);
    return state;
  }

  void go(const JointVector& q_rad) const {
    RobotState target;
    target.joint_positions = q_rad;
    target.stamp_ns = now().stamp_ns;
    robot->write(target);
  }

  /// Waits in virtual time; fails when `seconds` of it have passed.
  template <class Condition>
  [[nodiscard]] bool within(double seconds, Condition condition) const {
    const core::Nanoseconds end_ns = now().stamp_ns + core::from_seconds(seconds);
    while (!condition()) {
      if (now().stamp_ns > end_ns) {
        return false;
      }
      std::this_thread::yield();
    }
    return true;
  }

  template <class Call>
  static std::string refusal_of(Call call) {
    try {
      call();
    } catch (const DeviceError& error) {
      return error.what();
    }
    return {};
  }

  core::ManualClock clock;  // at 0, so that no state is too old
  std::unique_ptr<CycleRobot> robot;
  SimArm* arm;
};

TEST(CycleRobot, tells_what_its_arm_is) {
  const Rig rig;
  EXPECT_EQ(rig.robot->info().name, "fr3");
  EXPECT_EQ(rig.robot->info().type, messages::RobotType::kFr3);
  EXPECT_EQ(rig.robot->info().joint_names.size(), 7U);
  EXPECT_TRUE(rig.robot->info().can_write);
}

TEST(CycleRobot, cannot_be_made_without_a_cycle) {
  EXPECT_THROW(CycleRobot(nullptr), LogicError);
}

TEST(CycleRobot, reads_what_the_arm_measures_and_where_its_flange_is) {
  const Rig rig;
  rig.robot->start();
  const RobotState state = rig.now();
  EXPECT_LT(core::max_abs_difference(state.joint_positions, JointVector(fr3().home_rad)), 1e-3);
  EXPECT_EQ(state.joint_velocities.size(), 7U);
  EXPECT_EQ(state.joint_efforts.size(), 7U);
  ASSERT_TRUE(state.end_effector_pose.has_value());
  EXPECT_NEAR(state.end_effector_pose->at(0), 0.306891, 1e-3);
  EXPECT_NEAR(state.end_effector_pose->at(2), 0.590282, 1e-3);
  EXPECT_GT(state.stamp_ns, 0);
}

TEST(CycleRobot, goes_where_it_is_told) {
  const Rig rig;
  rig.robot->start();
  rig.go(kGoal);
  EXPECT_TRUE(rig.within(10.0, [&] { return core::max_abs_difference(rig.now().joint_positions, kGoal) < 0.06; }));
  rig.robot->stop();
  EXPECT_EQ(rig.robot->health(), RobotHealth::kOk);
}

TEST(CycleRobot, goes_along_with_a_target_that_says_by_when_and_stops_at_one_that_does_not) {
  const Rig rig;
  rig.robot->start();
  RobotState target = rig.now();
  const double from_rad = target.joint_positions[0];
  target.joint_positions[0] += 0.005;
  target.joint_velocities = core::JointVector::zero(7);
  target.joint_velocities[0] = 0.1;
  target.extras.push_back({.key = kLeadKey, .value = 0.1});
  rig.robot->write(target);
  const auto setpoint = [&] { return rig.robot->cycle().state().setpoint; };
  EXPECT_TRUE(rig.within(5.0, [&] { return setpoint().q_rad[0] > from_rad + 0.02; }));
  EXPECT_NEAR(setpoint().dq_rad_s[0], 0.1, 1e-6);
  target.extras.clear();
  target.joint_positions[0] = setpoint().q_rad[0] + 0.2;
  rig.robot->write(target);
  EXPECT_TRUE(rig.within(5.0, [&] { return setpoint().q_rad[0] == target.joint_positions[0]; }));
  EXPECT_EQ(setpoint().dq_rad_s[0], 0.0);
  rig.robot->stop();
  EXPECT_EQ(rig.robot->health(), RobotHealth::kOk);
}

TEST(CycleRobot, cannot_be_used_before_start_or_started_twice) {
  const Rig rig;
  RobotState state;
  EXPECT_THROW(rig.robot->read(state), DeviceError);
  EXPECT_THROW(rig.robot->write(state), DeviceError);
  rig.robot->start();
  EXPECT_THROW(rig.robot->start(), LogicError);
}

TEST(CycleRobot, refuses_what_the_cycle_cannot_follow_and_says_why) {
  const Rig rig;
  rig.robot->start();
  EXPECT_NE(Rig::refusal_of([&] { rig.go(JointVector::zero(6)); }).find("6 joints, the arm 7"), std::string::npos);
  JointVector far = kGoal;
  far[1] = 3.0;
  EXPECT_NE(Rig::refusal_of([&] { rig.go(far); }).find("fr3_joint2 is 3 rad, must be"), std::string::npos);
  far[1] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(Rig::refusal_of([&] { rig.go(far); }).find("fr3_joint2 is nan"), std::string::npos);
}

TEST(CycleRobot, takes_every_target_within_the_limits_it_states) {
  const Rig rig;
  rig.robot->start();
  JointVector lowest = JointVector::zero(7);
  JointVector highest = JointVector::zero(7);
  for (std::size_t i = 0; i < 7; ++i) {
    lowest[i] = rig.robot->info().limits[i].position_min_rad;
    highest[i] = rig.robot->info().limits[i].position_max_rad;
  }
  EXPECT_NO_THROW(rig.go(lowest));
  EXPECT_NO_THROW(rig.go(highest));
}

TEST(CycleRobot, follows_from_a_start_in_the_margin_of_the_velocity_envelope) {
  std::vector<double> start = fr3().home_rad;
  start[0] = 2.89;
  const Rig rig({}, start);
  rig.robot->start();
  const double end = rig.robot->info().limits[0].position_max_rad;
  ASSERT_LT(end, 2.89);
  JointVector target(start);
  EXPECT_NO_THROW(rig.go(target)) << "where it stands";
  EXPECT_TRUE(rig.within(10.0, [&] {
    rig.go(target);
    return std::abs(rig.now().joint_positions[0] - end) < 0.01;
  }));
  target[0] = 2.0;
  EXPECT_TRUE(rig.within(10.0, [&] {
    rig.go(target);
    return std::abs(rig.now().joint_positions[0] - 2.0) < 0.01;
  }));
  target[0] = fr3().joints[0].limits.position_max_rad + 0.001;
  EXPECT_NE(Rig::refusal_of([&] { rig.go(target); }).find("fr3_joint1"), std::string::npos);
}

TEST(CycleRobot, refuses_to_show_a_state_that_is_older_than_fifty_periods) {
  Rig rig;
  rig.robot->start();
  rig.robot->stop();
  const core::Nanoseconds stamp = rig.now().stamp_ns;
  rig.clock.advance_ns(stamp + 50'000'000);
  EXPECT_NO_THROW(static_cast<void>(rig.now()));
  rig.clock.advance_ns(1);
  EXPECT_NE(Rig::refusal_of([&] { static_cast<void>(rig.now()); }).find("0.050 s old"), std::string::npos);
}

TEST(CycleRobot, halts_short_of_its_target_and_moves_again_with_the_next_write) {
  const Rig rig;
  rig.robot->start();
  rig.go(kGoal);
  ASSERT_TRUE(rig.within(10.0, [&] { return rig.now().joint_positions[0] > 0.02; }));
  rig.robot->halt();
  ASSERT_TRUE(rig.within(10.0, [&] { return rig.robot->cycle().mode() == control::CycleMode::kHolding; }));
  rig.go(kGoal);
  EXPECT_TRUE(rig.within(10.0, [&] { return std::abs(rig.now().joint_positions[0] - kGoal[0]) < 0.01; }));
}

TEST(CycleRobot, a_safe_stop_refuses_writes_at_once_and_until_it_is_started_anew) {
  const Rig rig;
  rig.robot->start();
  rig.robot->safe_stop("the follower was lost");
  EXPECT_EQ(rig.robot->health(), RobotHealth::kFault);
  EXPECT_EQ(rig.robot->fault(), "the follower was lost");
  EXPECT_NE(Rig::refusal_of([&] { rig.go(kGoal); }).find("the follower was lost"), std::string::npos);
  ASSERT_TRUE(rig.within(10.0, [&] { return rig.robot->cycle().state().measured.brakes_engaged; }));
  rig.robot->stop();
  rig.robot->start();
  EXPECT_EQ(rig.robot->health(), RobotHealth::kOk);
  EXPECT_EQ(rig.robot->fault(), "");
  EXPECT_NO_THROW(rig.go(kGoal));
}

TEST(CycleRobot, shows_a_fault_of_the_arm_and_recovers_with_the_next_start) {
  const Rig rig;
  rig.robot->start();
  rig.arm->inject_error();
  while (rig.robot->health() == RobotHealth::kOk) {
    std::this_thread::yield();
  }
  EXPECT_FALSE(rig.robot->fault().empty());
  EXPECT_THROW(rig.go(kGoal), DeviceError);
  rig.robot->stop();
  rig.robot->start();
  EXPECT_EQ(rig.robot->health(), RobotHealth::kOk);
}

TEST(CycleRobot, may_be_read_and_written_from_two_threads) {
  const Rig rig;
  rig.robot->start();
  std::atomic<bool> done{false};
  std::thread reader([&] {
    while (!done.load()) {
      EXPECT_TRUE(rig.now().joint_positions.all_finite());
    }
  });
  for (int k = 0; k < 1000; ++k) {
    rig.go(k % 2 == 0 ? kGoal : JointVector(fr3().home_rad));
  }
  done.store(true);
  reader.join();
  EXPECT_EQ(rig.robot->health(), RobotHealth::kOk);
}

TEST(CycleRobot, reads_and_writes_without_allocating) {
  const Rig rig;
  rig.robot->start();
  rig.go(kGoal);
  const testing::AllocationGuard guard;
  for (int k = 0; k < 100; ++k) {
    rig.go(kGoal);
  }
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::robots::sim
