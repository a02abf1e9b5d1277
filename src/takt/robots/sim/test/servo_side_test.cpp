#include "takt/robots/sim/servo_side.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/robots/models/so101.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::robots::sim {
namespace {

using core::JointVector;
using models::so101;

constexpr double kTickRad = 2.0 * std::numbers::pi / 4096;

double fastest(const JointVector& dq) {
  double worst = 0.0;
  for (const double v : dq) {
    worst = std::max(worst, std::abs(v));
  }
  return worst;
}

TEST(Ticks, count_from_the_middle_of_the_travel) {
  EXPECT_EQ(to_ticks(0.0), 2048);
  EXPECT_EQ(to_ticks(std::numbers::pi / 2), 3072);
  EXPECT_EQ(to_ticks(0.49 * kTickRad), 2048);
  EXPECT_EQ(to_ticks(0.51 * kTickRad), 2049);
  EXPECT_EQ(to_ticks(-100.0), 0);
  EXPECT_EQ(to_ticks(100.0), 4095);
  for (int ticks = 0; ticks < 4096; ++ticks) {
    EXPECT_EQ(to_ticks(to_radians(ticks)), ticks);
  }
}

TEST(ServoSide, holds_its_start_posture_up_to_the_servos_own_sag) {
  const std::vector<double> start = {0.0046, -1.74, 1.65, 1.04, 0.0008, -0.1};
  ServoSide side(so101(), start, {});
  for (int k = 0; k < 2000; ++k) {
    side.step();
  }
  EXPECT_LT(core::max_abs_difference(side.world().q_rad(), JointVector(start)), 0.03);
  EXPECT_LT(fastest(side.world().dq_rad_s()), 0.01);
}

TEST(ServoSide, follows_a_step_of_every_joint_without_overshooting_by_more_than_a_twentieth) {
  for (std::size_t joint = 0; joint < 6; ++joint) {
    ServoSide side(so101(), {}, {});
    JointVector goal = side.goal_rad();
    goal[joint] += 0.5;
    side.set_goal(goal);
    double highest = 0.0;
    for (int k = 0; k < 1500; ++k) {
      side.step();
      highest = std::max(highest, side.world().q_rad()[joint]);
    }
    EXPECT_LT(highest, 0.525) << "joint " << joint + 1;
    EXPECT_NEAR(side.world().q_rad()[joint], 0.5, 0.03) << "joint " << joint + 1;
  }
}

TEST(ServoSide, follows_a_ramp_about_55_milliseconds_behind_as_the_recorded_arm_does) {
  ServoSide side(so101(), {}, {});
  JointVector goal = side.goal_rad();
  for (int k = 0; k < 1000; ++k) {
    goal[0] += 1e-3;  // 1 rad/s
    side.set_goal(goal);
    side.step();
  }
  EXPECT_NEAR(goal[0] - side.world().q_rad()[0], 0.055, 0.015);
}

TEST(ServoSide, is_not_faster_than_its_motor) {
  ServoSide side(so101(), {-1.9, 0, 0, 0, 0, 0}, {});
  JointVector goal = side.goal_rad();
  goal[0] = 1.9;
  side.set_goal(goal);
  double peak = 0.0;
  for (int k = 0; k < 1500; ++k) {
    side.step();
    peak = std::max(peak, side.world().dq_rad_s()[0]);
  }
  EXPECT_GT(peak, 3.0);
  EXPECT_LT(peak, 4.9);  // no-load speed: 2.94 N·m over 0.6 N·m·s/rad
}

TEST(ServoSide, clamps_goals_to_the_limits_and_rounds_them_to_ticks) {
  const control::ModelData data = so101();
  ServoSide side(data, {}, {});
  side.set_goal(JointVector::constant(6, 100.0));
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(side.goal_rad()[i], data.joints[i].limits.position_max_rad, kTickRad);
    EXPECT_EQ(side.goal_rad()[i], to_radians(to_ticks(side.goal_rad()[i])));
  }
}

TEST(ServoSide, ignores_goals_that_are_not_finite_or_of_the_wrong_size) {
  ServoSide side(so101(), {}, {});
  const JointVector before = side.goal_rad();
  side.set_goal(JointVector::constant(6, std::numeric_limits<double>::quiet_NaN()));
  side.set_goal(JointVector::zero(5));
  EXPECT_EQ(side.goal_rad(), before);
}

TEST(ServoSide, measures_in_whole_ticks) {
  ServoSide side(so101(), {0.1, 0.2, 0.3, 0.4, 0.5, 0.6}, {});
  JointVector goal = side.goal_rad();
  goal[0] = 1.0;
  side.set_goal(goal);
  for (int k = 0; k < 100; ++k) {
    side.step();
  }
  const ServoReading reading = side.reading();
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(std::remainder(reading.q_rad[i], kTickRad), 0.0, 1e-12);
    EXPECT_NEAR(std::remainder(reading.dq_rad_s[i], kTickRad), 0.0, 1e-12);
    EXPECT_NEAR(reading.q_rad[i], side.world().q_rad()[i], kTickRad / 2 + 1e-12);
  }
  EXPECT_GT(reading.tau_nm[0], 0.0);
}

TEST(ServoSide, halts_a_motion_and_holds_until_the_next_goal) {
  ServoSide side(so101(), {}, {});
  JointVector goal = side.goal_rad();
  goal[0] = 1.5;
  side.set_goal(goal);
  for (int k = 0; k < 150; ++k) {
    side.step();
  }
  ASSERT_GT(side.world().dq_rad_s()[0], 1.0);
  side.halt();
  EXPECT_TRUE(side.halting());
  int periods = 0;
  while (side.halting() && periods < 2000) {
    side.step();
    ++periods;
  }
  EXPECT_LT(periods, 1000);
  const JointVector rest = side.world().q_rad();
  EXPECT_LT(rest[0], 1.4);
  for (int k = 0; k < 500; ++k) {
    side.step();
  }
  EXPECT_LT(core::max_abs_difference(side.world().q_rad(), rest), 0.03);
  side.set_goal(goal);
  for (int k = 0; k < 1500; ++k) {
    side.step();
  }
  EXPECT_NEAR(side.world().q_rad()[0], 1.5, 0.03);
}

TEST(ServoSide, refuses_what_it_cannot_halt_or_place) {
  EXPECT_THROW(ServoSide(so101(), {0.0}, {}), ConfigError);
  control::ModelData data = so101();
  data.joints[2].limits.jerk_rad_s3 = std::numeric_limits<double>::infinity();
  EXPECT_THROW(ServoSide(data, {}, {}), ConfigError);
}

TEST(ServoSide, steps_halts_and_reads_without_allocating) {
  ServoSide side(so101(), {}, {});
  const testing::AllocationGuard guard;
  for (int k = 0; k < 300; ++k) {
    side.set_goal(JointVector::constant(6, 0.1));
    side.step();
    static_cast<void>(side.reading());
  }
  side.halt();
  for (int k = 0; k < 300; ++k) {
    side.step();
  }
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::robots::sim
