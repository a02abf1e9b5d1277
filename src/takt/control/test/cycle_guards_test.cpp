#include "takt/control/cycle_guards.hpp"

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <Eigen/LU>
#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

std::vector<JointLimits> two_limits() {
  JointLimits limits;
  limits.position_min_rad = -1.0;
  limits.position_max_rad = 1.0;
  limits.velocity_rad_s = 2.0;
  limits.torque_nm = 10.0;
  limits.torque_rate_nm_s = 1000.0;
  return {limits, limits};
}

ArmState state_at(std::uint64_t sequence, const core::JointVector& q) {
  ArmState state;
  state.sequence = sequence;
  state.stamp_ns = static_cast<core::Nanoseconds>(sequence) * 1'000'000;
  state.q_rad = q;
  state.dq_rad_s = core::JointVector::zero(2);
  state.tau_nm = core::JointVector::zero(2);
  return state;
}

TEST(StateGuardTest, PassesAGoodStateAndToleratesALittle) {
  StateGuard guard(two_limits(), {}, 1'000'000, 20);
  EXPECT_EQ(guard.check(state_at(1, {0.0, 1.019})).fault, Fault::kNone);
  ArmState fast = state_at(2, {0.0, 0.0});
  fast.dq_rad_s[0] = -2.19;
  EXPECT_EQ(guard.check(fast).fault, Fault::kNone);
}

TEST(StateGuardTest, NamesTheJointTheValueAndTheLimit) {
  StateGuard guard(two_limits(), {}, 1'000'000, 20);
  const FaultReport position = guard.check(state_at(1, {0.0, -1.03}));
  EXPECT_EQ(position.fault, Fault::kPositionLimit);
  EXPECT_EQ(position.joint, 2U);
  EXPECT_EQ(position.limit, -1.0);
  ArmState fast = state_at(2, {0.0, 0.0});
  fast.dq_rad_s[0] = -2.21;
  const FaultReport velocity = guard.check(fast);
  EXPECT_EQ(velocity.fault, Fault::kVelocityLimit);
  EXPECT_EQ(velocity.joint, 1U);
  EXPECT_EQ(velocity.value, -2.21);
}

TEST(StateGuardTest, CountsThePeriodsBetweenStates) {
  StateGuard guard(two_limits(), {}, 1'000'000, 20);
  EXPECT_EQ(guard.check(state_at(100, {0.0, 0.0})).fault, Fault::kNone);
  EXPECT_EQ(guard.periods(), 1U);
  EXPECT_EQ(guard.check(state_at(105, {0.0, 0.0})).fault, Fault::kNone);
  EXPECT_EQ(guard.periods(), 5U);
  EXPECT_EQ(guard.check(state_at(105, {0.0, 0.0})).fault, Fault::kStateOrder);
  EXPECT_EQ(guard.check(state_at(200, {0.0, 0.0})).fault, Fault::kLostStates);
  guard.restart();
  EXPECT_EQ(guard.check(state_at(1, {0.0, 0.0})).fault, Fault::kNone);
}

TEST(StateGuardTest, BearsAsManyLostStatesAsItIsTold) {
  StateGuard guard(two_limits(), {}, 1'000'000, 30);
  EXPECT_EQ(guard.check(state_at(100, {0.0, 0.0})).fault, Fault::kNone);
  EXPECT_EQ(guard.check(state_at(131, {0.0, 0.0})).fault, Fault::kNone);
  EXPECT_EQ(guard.check(state_at(163, {0.0, 0.0})).fault, Fault::kLostStates);
}

TEST(StateGuardTest, ATrackingErrorMustLast) {
  StateGuard guard(two_limits(), {.tracking_error_rad = 0.2, .tracking_error_s = 0.003}, 1'000'000, 20);
  const Setpoint setpoint{.q_rad = {0.0, 0.0}, .dq_rad_s = {}, .ddq_rad_s2 = {}};
  EXPECT_EQ(guard.check_tracking(state_at(1, {0.0, 0.3}), setpoint).fault, Fault::kNone);
  EXPECT_EQ(guard.check_tracking(state_at(4, {0.0, 0.3}), setpoint).fault, Fault::kNone);
  EXPECT_EQ(guard.check_tracking(state_at(5, {0.0, 0.1}), setpoint).fault, Fault::kNone);
  EXPECT_EQ(guard.check_tracking(state_at(6, {0.25, 0.3}), setpoint).fault, Fault::kNone);
  const FaultReport report = guard.check_tracking(state_at(10, {0.25, 0.3}), setpoint);
  EXPECT_EQ(report.fault, Fault::kTrackingError);
  EXPECT_EQ(report.joint, 2U);
}

TEST(TorqueLimiterTest, ClipsAndLimitsTheRateAndSaysSo) {
  TorqueLimiter limiter(two_limits(), 1'000'000);
  core::JointVector tau{0.5, -0.5};
  TorqueLimiter::Applied applied = limiter.apply(tau);
  EXPECT_FALSE(applied.clipped || applied.rate_limited);
  tau = {0.5, -20.0};
  applied = limiter.apply(tau);
  EXPECT_TRUE(applied.clipped && applied.rate_limited);
  EXPECT_EQ(tau, (core::JointVector{0.5, -1.5}));
  limiter.restart();
  tau = {5.0, 0.0};
  applied = limiter.apply(tau);
  EXPECT_FALSE(applied.clipped);
  EXPECT_EQ(tau[0], 1.0);
}

/// Joints about one axis, 0.05 kg·m² and 1 kg·m² in turn.
Model on_one_axis(std::size_t joints = 2) {
  ModelData data;
  data.name = "one axis";
  while (data.joints.size() < joints) {
    const double inertia = data.joints.size() % 2 == 0 ? 0.05 : 1.0;
    JointData joint;
    joint.name = "joint" + std::to_string(data.joints.size() + 1);
    joint.link.mass_kg = 1.0;
    joint.link.I_C_kg_m2 = inertia * Eigen::Matrix3d::Identity();
    data.joints.push_back(joint);
    data.home_rad.push_back(0.0);
  }
  return Model(data);
}

TEST(TorqueLimiterTest, WhatIsAskedOfTwoJointsAgainstEachOtherIsNotLostOnALongWayTogether) {
  const std::vector<JointLimits> limits(2, JointLimits{.torque_nm = 80.0, .torque_rate_nm_s = 1000.0});
  TorqueLimiter limiter(limits, 1'000'000);
  const Model model = on_one_axis();
  const core::JointVector q_rad{0.0, 0.0};
  core::JointVector tau{10.0, 9.0};
  EXPECT_TRUE(limiter.apply(tau, model, q_rad).rate_limited);
  EXPECT_DOUBLE_EQ(tau[0], 1.0);
  // The optimum: 9 N·m that joint 1 lacks would turn the links against each other by 9 / 0.05 rad/s²; what joint 2
  // lacks for that relative acceleration to be exactly right is 5 % less.
  EXPECT_NEAR(tau[1], 9.0 - 9.0 * 20.0 / 21.0, 1e-9);
  tau = {0.9, 0.3};
  EXPECT_FALSE(limiter.apply(tau, model, q_rad).rate_limited);
  EXPECT_EQ(tau, (core::JointVector{0.9, 0.3}));
}

/// With any number of joints.
class TorqueLimiterTogetherTest : public ::testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Joints, TorqueLimiterTogetherTest, ::testing::Values(1, 2, 7, core::kMaxJoints));

TEST_P(TorqueLimiterTogetherTest, KeepsTheLimitsAndTheWayAndIsNeverFurtherOffThanEachOnItsOwn) {
  const std::size_t dof = GetParam();
  const std::vector<JointLimits> limits(dof, JointLimits{.torque_nm = 5.0, .torque_rate_nm_s = 1000.0});
  const Model model = on_one_axis(dof);
  const auto q_rad = core::JointVector::constant(dof, 0.3);
  const Eigen::MatrixXd M_inverse = Eigen::MatrixXd(model.mass_matrix(q_rad)).inverse();
  TorqueLimiter together(limits, 1'000'000);
  auto before = core::JointVector::zero(dof);
  std::mt19937 random(1);
  std::uniform_real_distribution<double> any(-8.0, 8.0);
  int coupled = 0;
  for (int k = 0; k < 2000; ++k) {
    auto asked = core::JointVector::zero(dof);
    std::generate(asked.begin(), asked.end(), [&] { return any(random); });
    core::JointVector wanted = asked;
    core::JointVector alone = asked;
    core::JointVector tau = asked;
    together.apply(tau, model, q_rad);
    for (std::size_t i = 0; i < dof; ++i) {
      wanted[i] = std::clamp(asked[i], -5.0, 5.0);
      alone[i] = std::clamp(wanted[i], before[i] - 1.0, before[i] + 1.0);
      ASSERT_GE(tau[i], std::min(before[i], alone[i]));
      ASSERT_LE(tau[i], std::max(before[i], alone[i]));
    }
    const auto off = [&](const core::JointVector& torque) {
      const Eigen::VectorXd error = torque.eigen() - wanted.eigen();
      return error.dot(M_inverse * error);
    };
    ASSERT_LE(off(tau), off(alone) * (1.0 + 1e-9) + 1e-9);
    coupled += tau == alone ? 0 : 1;
    before = tau;
  }
  EXPECT_EQ(coupled > 200, dof > 1) << coupled;
}

TEST_P(TorqueLimiterTogetherTest, TorquesTooLargeToBeReckonedWithAreLimitedEachOnItsOwn) {
  const std::size_t dof = GetParam();
  const Model model = on_one_axis(dof);
  for (const double other : {1.0, -1.0}) {  // of each second joint
    TorqueLimiter limiter(std::vector<JointLimits>(dof, JointLimits{.torque_rate_nm_s = 1000.0}), 1'000'000);
    auto tau = core::JointVector::zero(dof);
    for (std::size_t i = 0; i < dof; ++i) {
      tau[i] = (i % 2 == 0 ? 1.0 : other) * 1e308;
    }
    EXPECT_TRUE(limiter.apply(tau, model, core::JointVector::zero(dof)).rate_limited);
    for (std::size_t i = 0; i < dof; ++i) {
      EXPECT_EQ(tau[i], i % 2 == 0 ? 1.0 : other) << i;
    }
  }
}

TEST(TorqueLimiterTest, ALimitOfInfinityLimitsNothing) {
  TorqueLimiter limiter({JointLimits{}}, 1'000'000);
  core::JointVector tau{1e9};
  limiter.apply(tau);
  EXPECT_EQ(tau[0], 1e9);
}

TEST(CycleGuardsTest, GuardingAllocatesNothing) {
  StateGuard guard(two_limits(), {}, 1'000'000, 20);
  const std::vector<JointLimits> limits(7, two_limits().front());
  TorqueLimiter limiter(limits, 1'000'000);
  core::JointVector tau{1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0};
  const ArmState state = state_at(1, {0.0, 0.0});
  const Model model = on_one_axis(7);
  const auto q_rad = core::JointVector::zero(7);
  const testing::AllocationGuard allocations;
  EXPECT_EQ(guard.check(state).fault, Fault::kNone);
  limiter.apply(tau);
  tau = {-1.0, -2.0, -3.0, -4.0, -5.0, -6.0, -7.0};
  EXPECT_TRUE(limiter.apply(tau, model, q_rad).rate_limited);
  EXPECT_EQ(allocations.count(), 0U);
}

}  // namespace
}  // namespace takt::control
