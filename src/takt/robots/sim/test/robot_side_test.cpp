#include "takt/robots/sim/robot_side.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/robots/models/fr3.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::robots::sim {
namespace {

using core::JointVector;
using models::fr3;

const JointVector kZero = JointVector::zero(7);

/// Brakes open after construction.
class Released : public RobotSide {
 public:
  explicit Released(RobotSideOptions options = {}) : RobotSide(fr3(), std::move(options)) {
    release_brakes();
    for (int k = 0; k < 3; ++k) {
      step({});
    }
  }
};

double fastest(const control::ArmState& state) {
  double worst = 0.0;
  for (const double v : state.dq_rad_s) {
    worst = std::max(worst, std::abs(v));
  }
  return worst;
}

TEST(RobotSide, starts_with_its_brakes_on_and_stays_where_it_is) {
  RobotSide side(fr3(), {});
  const JointVector q = side.state().q_rad;
  for (int k = 0; k < 500; ++k) {
    side.step({});
  }
  EXPECT_TRUE(side.state().brakes_engaged);
  EXPECT_EQ(side.state().q_rad, q);
  EXPECT_EQ(side.state().sequence, 500U);
  EXPECT_EQ(side.state().command_success_rate, 0.0);
}

TEST(RobotSide, starts_in_the_posture_it_is_given) {
  const std::vector<double> start = {0.1, -0.5, 0.2, -2.0, 0.1, 1.6, 0.3};
  EXPECT_EQ(RobotSide(fr3(), {.start_rad = start}).state().q_rad, JointVector(start));
}

TEST(RobotSide, refuses_a_start_posture_of_the_wrong_size) {
  EXPECT_THROW(RobotSide(fr3(), {.start_rad = {0.0, 0.0}}), ConfigError);
}

TEST(RobotSide, opens_its_brakes_a_few_periods_after_it_is_asked) {
  RobotSide side(fr3(), {.start_rad = {}, .release_periods = 3});
  side.release_brakes();
  side.step({});
  side.step({});
  EXPECT_TRUE(side.state().brakes_engaged);
  side.step({});
  EXPECT_FALSE(side.state().brakes_engaged);
}

TEST(RobotSide, carries_itself_against_gravity_with_its_brakes_open) {
  Released side;
  const JointVector q = side.state().q_rad;
  for (int k = 0; k < 1000; ++k) {
    side.step({.command = &kZero});
  }
  EXPECT_LT(core::max_abs_difference(side.state().q_rad, q), 1e-6);
}

TEST(RobotSide, repeats_the_last_torque_when_no_command_comes) {
  Released side({.strict = false});
  const JointVector push{5.0, 0, 0, 0, 0, 0, 0};
  side.step({.command = &push});
  for (int k = 0; k < 50; ++k) {
    side.step({});
  }
  EXPECT_EQ(side.state().tau_nm, push);
  EXPECT_GT(side.state().q_rad[0], 1e-3);
}

TEST(RobotSide, brakes_bring_a_moving_arm_to_rest_at_once) {
  Released side;
  const JointVector push{20.0, 0, 0, 0, 0, 0, 0};
  for (int k = 0; k < 50; ++k) {
    side.step({.command = &push});
  }
  ASSERT_GT(fastest(side.state()), 0.5);
  side.engage_brakes();
  side.step({});
  const JointVector q = side.state().q_rad;
  EXPECT_TRUE(side.state().brakes_engaged);
  EXPECT_EQ(side.state().dq_rad_s, kZero);
  for (int k = 0; k < 500; ++k) {
    side.step({});
  }
  EXPECT_EQ(side.state().q_rad, q);
}

TEST(RobotSide, states_the_fraction_of_the_last_hundred_periods_that_had_a_command) {
  Released side;
  for (int k = 0; k < 100; ++k) {
    side.step({.command = k % 4 == 0 ? nullptr : &kZero});
  }
  EXPECT_DOUBLE_EQ(side.state().command_success_rate, 0.75);
  for (int k = 0; k < 100; ++k) {
    side.step({.command = &kZero});
  }
  EXPECT_DOUBLE_EQ(side.state().command_success_rate, 1.0);
}

TEST(RobotSide, survives_nineteen_missed_commands_in_a_row) {
  Released side;
  for (int round = 0; round < 3; ++round) {
    for (int k = 0; k < 19; ++k) {
      side.step({});
    }
    side.step({.command = &kZero});
  }
  EXPECT_EQ(side.fault(), ArmFault::kNone);
}

TEST(RobotSide, stops_itself_and_brakes_after_twenty_missed_commands) {
  Released side;
  const JointVector push{20.0, 10.0, 0, 0, 0, 0, 0};
  for (int k = 0; k < 30; ++k) {
    side.step({.command = &push});
  }
  for (int k = 0; k < 20; ++k) {
    side.step({});
  }
  EXPECT_EQ(side.fault(), ArmFault::kCommunicationConstraintsViolation);
  EXPECT_FALSE(side.state().brakes_engaged);
  const double speed = fastest(side.state());
  ASSERT_GT(speed, 0.3);
  int periods = 0;
  double last = speed;
  while (!side.state().brakes_engaged && periods < 600) {
    side.step({});
    EXPECT_LE(fastest(side.state()), last + 0.05);  // slower and slower, up to the coupling between joints
    last = fastest(side.state());
    ++periods;
  }
  EXPECT_TRUE(side.state().brakes_engaged);
  EXPECT_LT(periods, 500);
  EXPECT_FALSE(side.release_brakes());
}

TEST(RobotSide, does_not_count_what_the_host_missed) {
  Released side;
  for (int k = 0; k < 100; ++k) {
    side.step({.command = nullptr, .judged = false});
  }
  EXPECT_EQ(side.fault(), ArmFault::kNone);
}

TEST(RobotSide, without_strictness_misses_only_lower_the_rate) {
  Released side({.strict = false});
  for (int k = 0; k < 200; ++k) {
    side.step({});
  }
  EXPECT_EQ(side.fault(), ArmFault::kNone);
  EXPECT_EQ(side.state().command_success_rate, 0.0);
}

TEST(RobotSide, recovers_once_it_is_at_rest_and_keeps_its_brakes_on) {
  Released side;
  const JointVector push{20.0, 0, 0, 0, 0, 0, 0};
  for (int k = 0; k < 30; ++k) {
    side.step({.command = &push});
  }
  side.latch(ArmFault::kInjected);
  EXPECT_FALSE(side.recover());
  for (int k = 0; k < 600; ++k) {
    side.step({});
  }
  EXPECT_TRUE(side.recover());
  EXPECT_EQ(side.fault(), ArmFault::kNone);
  EXPECT_TRUE(side.state().brakes_engaged);
  EXPECT_TRUE(side.release_brakes());
}

TEST(RobotSide, keeps_the_first_fault) {
  Released side;
  side.latch(ArmFault::kInjected);
  side.latch(ArmFault::kCommunicationConstraintsViolation);
  EXPECT_EQ(side.fault(), ArmFault::kInjected);
  EXPECT_EQ(to_string(side.fault()), "injected_error");
  EXPECT_EQ(to_string(ArmFault::kNone), "");
}

TEST(RobotSide, brakes_at_once_when_the_simulation_diverges) {
  Released side;
  side.world().set_state(side.state().q_rad, JointVector::constant(7, 1e11));
  side.step({.command = &kZero});
  EXPECT_EQ(side.fault(), ArmFault::kDiverged);
  EXPECT_TRUE(side.state().brakes_engaged);
  EXPECT_FALSE(side.recover());
}

TEST(RobotSide, steps_without_allocating) {
  Released side;
  const testing::AllocationGuard guard;
  for (int k = 0; k < 1000; ++k) {
    side.step({.command = k < 900 ? &kZero : nullptr});
  }
  EXPECT_EQ(guard.count(), 0U);
  EXPECT_EQ(side.fault(), ArmFault::kCommunicationConstraintsViolation);
}

}  // namespace
}  // namespace takt::robots::sim
