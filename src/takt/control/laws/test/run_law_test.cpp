#include "takt/control/laws/run_law.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "takt/control/laws/custom_law.hpp"
#include "takt/control/laws/settings.hpp"
#include "takt/control/model/pose_task.hpp"
#include "takt/control/model/test/test_arms.hpp"
#include "takt/core/error.hpp"

namespace takt::control {
namespace {

using core::JointVector;
using testing::random_arm;

/// Computed torque: every joint is exactly ë + 2 ζ ω ė + ω² e = 0.
struct SecondOrder {
  double omega_rad_s{20.0};
  double damping_ratio{1.0};
  void step(const LawInput& input, JointVector& tau_nm) noexcept {
    JointVector ddq = tau_nm;
    ddq.eigen() = omega_rad_s * omega_rad_s * (input.setpoint.q_rad.eigen() - input.measured.q_rad.eigen()) -
                  2.0 * damping_ratio * omega_rad_s * input.measured.dq_rad_s.eigen();
    tau_nm = input.model.tracking_nm(input.measured.q_rad, input.measured.dq_rad_s, input.measured.dq_rad_s, ddq);
  }
};

JointVector stepped(const Model& model, double by) {
  JointVector goal(model.data().home_rad);
  goal[1] += by;
  return goal;
}

TEST(RunLawTest, MeasuresTheStepOfACriticallyDampedJoint) {
  const Model model(random_arm(91, 3));
  const auto law = make_custom_law(SecondOrder{});
  const LawRun run = run_law(*law, model, model, {.goal_rad = stepped(model, 0.05), .delay_periods = 0});
  ASSERT_TRUE(run.summary.completed);
  ASSERT_EQ(run.rows.size(), 1000U);
  EXPECT_NEAR(run.summary.rise_s, 3.358 / 20.0, 0.005);     // (1 + ωt) e^−ωt = 0.9 … 0.1
  EXPECT_NEAR(run.summary.settling_s, 5.834 / 20.0, 0.01);  // … = 0.02
  EXPECT_NEAR(run.summary.overshoot, 0.0, 1e-3);
  EXPECT_LT(run.summary.steady_error_rad, 1e-5);
  EXPECT_LT(run.summary.steady_error_m, 1e-5);
  EXPECT_EQ(run.rows[99].setpoint_rad, JointVector(model.data().home_rad));
  EXPECT_EQ(run.rows[100].setpoint_rad, stepped(model, 0.05));
  EXPECT_EQ(run.summary.saturated_share, 0.0);
}

TEST(RunLawTest, MeasuresTheOvershootOfALessDampedOne) {
  const Model model(random_arm(91, 3));
  const auto law = make_custom_law(SecondOrder{.damping_ratio = 0.5});
  const LawRun run = run_law(*law, model, model, {.goal_rad = stepped(model, 0.05), .delay_periods = 0});
  EXPECT_NEAR(run.summary.overshoot, 0.163, 0.01);  // e^(−π ζ/√(1 − ζ²))
}

TEST(RunLawTest, DelaysAndDetunesThePlant) {
  const Model model(random_arm(91, 3));
  const Model heavy(detuned(random_arm(91, 3), 2.0));
  const auto law = make_custom_law(SecondOrder{.damping_ratio = 0.5});
  const RunLawOptions options{.goal_rad = stepped(model, 0.05)};
  RunLawOptions late = options;
  late.delay_periods = 8;
  const double overshoot = run_law(*law, model, model, options).summary.overshoot;
  EXPECT_GT(run_law(*law, model, model, late).summary.overshoot, overshoot + 0.01);
  EXPECT_GT(run_law(*law, model, heavy, options).summary.overshoot, overshoot + 0.01);
}

TEST(RunLawTest, CutsTorquesToTheLimitsAndSaysHowOften) {
  const Model model(random_arm(91, 3));
  const auto law = make_custom_law(SecondOrder{.omega_rad_s = 60.0});
  const LawRun run = run_law(*law, model, model, {.goal_rad = stepped(model, 1.5)});
  EXPECT_EQ(run.summary.peak_torque_nm, 50.0);
  EXPECT_GT(run.summary.saturated_share, 0.001);
  for (const LawRunRow& row : run.rows) {
    for (const double tau : row.tau_nm) {
      EXPECT_LE(std::abs(tau), 50.0);
    }
  }
}

TEST(RunLawTest, NoiseIsTheSameForTheSameSeed) {
  const Model model(random_arm(91, 3));
  const auto law = make_law(JointImpedance{}, model);
  RunLawOptions options{.duration_s = 0.2, .position_noise_rad = 1e-4, .velocity_noise_rad_s = 1e-2};
  const LawRun first = run_law(*law, model, model, options);
  EXPECT_EQ(run_law(*law, model, model, options).rows.back().tau_nm, first.rows.back().tau_nm);
  options.seed = 2;
  EXPECT_NE(run_law(*law, model, model, options).rows.back().tau_nm, first.rows.back().tau_nm);
}

TEST(RunLawTest, FollowsTheArmUnderALawThatLetsItGo) {
  const Model model(random_arm(91, 3));
  const auto law = make_law(JointTorque{}, model);
  const LawRun run = run_law(*law, model, model, {.duration_s = 0.3, .tau_target_nm = {1.0, 0.0, 0.0}});
  EXPECT_NE(run.rows.back().q_rad[0], 0.0);
  EXPECT_EQ(run.rows.back().setpoint_rad, run.rows.back().q_rad);
  EXPECT_EQ(run.rows[100].tau_nm, (JointVector{1.0, 0.0, 0.0}));
  EXPECT_EQ(run.rows[99].tau_nm, JointVector::zero(3));
}

TEST(RunLawTest, PushesTheToolAgainstTheLaw) {
  const Model model(random_arm(91, 6));
  const auto law = make_law(JointImpedance{}, model);
  RunLawOptions options{.duration_s = 2.0};
  options.push[2] = -5.0;
  const LawRun run = run_law(*law, model, model, options);
  EXPECT_GT(run.summary.steady_error_m, 1e-4);
  EXPECT_TRUE(std::isnan(run.summary.rise_s));
}

TEST(RunLawTest, EndsWhenTheLawGivesNoTorque) {
  struct Broken {
    int left{5};
    void step(const LawInput& /*input*/, JointVector& tau_nm) noexcept {
      if (left-- == 0) {
        tau_nm[0] = std::numeric_limits<double>::quiet_NaN();
      }
    }
  };
  const Model model(random_arm(91, 3));
  const LawRun run = run_law(*make_custom_law(Broken{}), model, model, {});
  EXPECT_FALSE(run.summary.completed);
  EXPECT_EQ(run.rows.size(), 5U);
  EXPECT_TRUE(std::isnan(run.summary.steady_error_rad));
}

TEST(RunLawTest, FindsWhereTheSetpointOfAToolStepIs) {
  const Model model(random_arm(92, 7));
  const JointVector home(model.data().home_rad);
  Vector6 step;
  step << 0.02, -0.01, 0.03, 0.05, 0.0, -0.02;
  const JointVector goal = goal_of_tool_step(model, home, step);
  EXPECT_LT((pose_error(model.tool_pose(home), model.tool_pose(goal)) - step).norm(), 1e-6);
  step[0] = 50.0;
  EXPECT_THROW(static_cast<void>(goal_of_tool_step(model, home, step)), ConfigError);
}

TEST(RunLawTest, RefusesOptionsThatDoNotFit) {
  const Model model(random_arm(91, 3));
  const Model other(random_arm(91, 4));
  const auto law = make_law(JointImpedance{}, model);
  EXPECT_THROW(static_cast<void>(run_law(*law, model, other, {})), LogicError);
  EXPECT_THROW(static_cast<void>(run_law(*law, model, model, {.duration_s = 0.0})), LogicError);
  EXPECT_THROW(static_cast<void>(run_law(*law, model, model, {.goal_rad = {1.0}})), LogicError);
  EXPECT_THROW(static_cast<void>(run_law(*law, model, model, {.period_s = 1.0})), LogicError);
  EXPECT_THROW(static_cast<void>(run_law(*law, model, model, {.delay_periods = -1})), LogicError);
  EXPECT_THROW(static_cast<void>(run_law(*law, model, model, {.position_noise_rad = -1.0})), LogicError);
}

}  // namespace
}  // namespace takt::control
