#include <algorithm>
#include <cmath>
#include <memory>

#include <gtest/gtest.h>

#include "takt/control/cycle_loop.hpp"
#include "takt/control/laws/settings.hpp"
#include "takt/control/test/cycle_loop_fixture.hpp"
#include "takt/testing/allocation_guard.hpp"

// Laws, tools and payloads change while the arm moves.

namespace takt::control {
namespace {

class CycleLoopSwitchingTest : public CycleLoopTest {
 protected:
  /// The largest change of the torque of joint 1 from one cycle to the next.
  double widest_step_nm(int cycles) {
    double widest = 0.0;
    double last = loop.state().tau_nm[0];
    for (int i = 0; i < cycles && alive; ++i) {
      run(1);
      const double tau = loop.state().tau_nm[0];
      widest = std::max(widest, std::abs(tau - last));
      last = tau;
    }
    return widest;
  }
  Outcome push(double tau_nm, double for_s) {
    const core::Nanoseconds now = world.clock.now_ns();
    return loop.submit(to_command(TorqueTarget{
        .tau_nm = {tau_nm, 0.0, 0.0}, .terms = {.stamp_ns = now, .valid_until_ns = now + core::from_seconds(for_s)}}));
  }
};

TEST_F(CycleLoopSwitchingTest, TheTorqueOfTheSwitchingCycleStays) {
  get_moving();
  world.disturbance_nm = {6.0, 0.0, 0.0};
  run(300);  // the spring carries 6 N·m now
  ASSERT_EQ(go(loop.state().setpoint.q_rad), Outcome::kOk);
  run(2000);
  ASSERT_NEAR(loop.state().tau_nm[0], -6.0, 0.1);
  loop.use(make_law(JointPid{.proportional_nm_rad = {100.0, 100.0, 100.0},
                             .integral_nm_rad_s = {0.0, 0.0, 0.0},
                             .derivative_nm_s_rad = {20.0, 20.0, 20.0},
                             .max_integral_nm = {0.0, 0.0, 0.0},
                             .inertial_damping_1_s = 0.0},
                    model));
  const double before = loop.state().tau_nm[0];
  run(1);
  EXPECT_EQ(loop.state().law.view(), "joint_pid");
  EXPECT_NEAR(loop.state().tau_nm[0], before, 1e-9) << "a spring nine times softer would jump by 5 N·m";
  EXPECT_LT(widest_step_nm(200), 0.2) << "3 % of the difference, and the motion that it makes";
  EXPECT_EQ(loop.stats().switches, 1U);
}

TEST_F(CycleLoopSwitchingTest, ALawThatIsReplacedBeforeItWasTakenIsNeverUsed) {
  start();
  loop.use(make_law(JointTorque{}, model));
  loop.use(make_law(JointImpedance{}, model));
  run(1);
  EXPECT_EQ(loop.state().law.view(), "joint_impedance");
}

TEST_F(CycleLoopSwitchingTest, TorquesReachTheArmWhileTheyAreFreshOnly) {
  start();
  loop.use(make_law(JointTorque{}, model));
  run(200);
  EXPECT_EQ(loop.state().law.view(), "joint_impedance") << "held by the cycle's own law until somebody pushes";
  EXPECT_EQ(loop.mode(), CycleMode::kHolding);
  ASSERT_EQ(push(3.0, 0.3), Outcome::kOk);
  run(200);
  EXPECT_EQ(loop.state().law.view(), "joint_torque");
  EXPECT_EQ(loop.mode(), CycleMode::kRunning);
  EXPECT_NEAR(loop.state().tau_nm[0], 3.0, 0.01);
  EXPECT_GT(world.dq_rad_s[0], 0.2);
  EXPECT_EQ(loop.state().setpoint.q_rad, loop.state().measured.q_rad) << "the setpoint follows";
  run(1500);
  EXPECT_EQ(loop.state().law.view(), "joint_impedance") << "a dead policy leaves no live torque";
  EXPECT_LT(std::abs(world.dq_rad_s[0]), 1e-3);
  EXPECT_EQ(loop.fault().fault, Fault::kNone);
}

TEST_F(CycleLoopSwitchingTest, EachLawTakesItsOwnKindOfTargets) {
  start();
  ASSERT_EQ(push(3.0, 1.0), Outcome::kOk);
  run(1);
  EXPECT_EQ(loop.stats().refused_commands, 1U);
  loop.use(make_law(JointTorque{}, model));
  run(1);
  ASSERT_EQ(go({0.5, 0.0, 0.0}), Outcome::kOk);
  run(1);
  EXPECT_EQ(loop.stats().refused_commands, 2U);
  EXPECT_EQ(loop.state().following, CommandKind::kNone);
}

TEST_F(CycleLoopSwitchingTest, AnArmLedByHandStaysWhereItIsLeftByAHalt) {
  start();
  loop.use(make_law(GravityCompensation{}, model));
  run(100);
  world.disturbance_nm = {0.5, 0.0, 0.0};  // the hand
  run(1000);
  EXPECT_GT(world.q_rad[0], 0.1);
  EXPECT_EQ(loop.mode(), CycleMode::kRunning);
  world.disturbance_nm = {0.0, 0.0, 0.0};
  loop.request_halt();
  run(2000);
  EXPECT_EQ(loop.mode(), CycleMode::kHolding);
  EXPECT_EQ(loop.state().law.view(), "joint_impedance");
  const double left = world.q_rad[0];
  world.disturbance_nm = {0.5, 0.0, 0.0};
  run(1000);
  EXPECT_NEAR(world.q_rad[0], left, 0.02) << "it is held now";
}

TEST_F(CycleLoopSwitchingTest, ALoadedSpringIsLetGoWithoutAJump) {
  start();
  world.disturbance_nm = {3.0, 0.0, 0.0};
  run(2000);
  ASSERT_NEAR(loop.state().tau_nm[0], -3.0, 0.1);
  loop.use(make_law(GravityCompensation{}, model));
  EXPECT_LT(widest_step_nm(1), 1e-6);
  EXPECT_EQ(loop.state().law.view(), "gravity_compensation");
  EXPECT_LT(widest_step_nm(100), 0.03 * 3.0 + 0.01);
}

TEST_F(CycleLoopSwitchingTest, ASafeStopUnderALawThatLetsGoIsBrakedByTheCyclesOwn) {
  start();
  loop.use(make_law(GravityCompensation{}, model));
  world.dq_rad_s = {0.5, 0.0, 0.0};
  run(10);
  loop.request_safe_stop();
  expect_faulted(Fault::kRequested);
  EXPECT_LT(std::abs(world.dq_rad_s[0]), 0.02) << "the brakes closed on an arm at rest";
}

/// The fake arm lying on its side, so that a payload weighs at its joints.
struct SidewaysRig {
  static ModelData data() {
    ModelData data = fake_model_data();
    data.gravity_B_m_s2 = {0.0, -9.81, 0.0};
    return data;
  }
  FakeWorld world;
  FakeArm arm{world};
  FakeLaw law{world};
  Model model{data()};
  CycleLoop loop{arm, law, model, options_for(world)};
};

TEST_F(CycleLoopSwitchingTest, APayloadIsCarriedAndItsChangeIsNoJump) {
  SidewaysRig rig;
  const auto run_rig = [&rig](int cycles) {
    for (int i = 0; i < cycles; ++i) {
      ASSERT_TRUE(rig.loop.run_once());
    }
  };
  run_rig(100);
  rig.world.blocked = true;  // the spring does not answer, so the torque is the weight alone
  Model loaded(SidewaysRig::data());
  loaded.set_payload({.mass_kg = 2.0, .p_LC_m = {0.3, 0.0, 0.0}, .I_C_kg_m2 = 0.01 * Eigen::Matrix3d::Identity()});
  const core::JointVector weight = loaded.payload_gravity_nm(rig.world.q_rad);
  ASSERT_NEAR(std::abs(weight[0]), 2.0 * 9.81 * 0.3, 0.01);
  rig.loop.set_model(std::make_unique<Model>(loaded));
  double last = rig.loop.state().tau_nm[0];
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(rig.loop.run_once());
    ASSERT_LT(std::abs(rig.loop.state().tau_nm[0] - last), 0.03 * std::abs(weight[0]) + 1e-9) << i;
    last = rig.loop.state().tau_nm[0];
  }
  EXPECT_NEAR(last, weight[0], 0.01);
  EXPECT_EQ(rig.loop.stats().switches, 1U);
}

TEST_F(CycleLoopSwitchingTest, TorquesWaitForEachOtherByTheModelInUse) {
  start();
  world.blocked = true;
  loop.use(make_law(JointTorque{}, model));
  Model loaded = model;
  loaded.set_payload({.mass_kg = 2.0, .I_C_kg_m2 = 0.5 * Eigen::Matrix3d::Identity()});
  loop.set_model(std::make_unique<Model>(loaded));
  const auto push_all = [&](const core::JointVector& tau_nm) {
    const core::Nanoseconds now = world.clock.now_ns();
    ASSERT_EQ(loop.submit(to_command(
                  TorqueTarget{.tau_nm = tau_nm, .terms = {.stamp_ns = now, .valid_until_ns = now + 900'000'000}})),
              Outcome::kOk);
  };
  push_all({0.0, 0.0, 0.0});
  run(500);  // what was in charge before has faded
  ASSERT_EQ(loop.state().tau_nm, (core::JointVector{0.0, 0.0, 0.0}));
  push_all({14.0, 6.0, 0.0});
  run(1);
  const core::JointVector tau = loop.state().tau_nm;
  EXPECT_DOUBLE_EQ(tau[0], 4.0);
  EXPECT_NEAR(tau[1], 6.0 - (14.0 - 4.0) / 4.0, 1e-4) << "4 without the payload";
  EXPECT_EQ(tau[2], 0.0);
}

TEST_F(CycleLoopSwitchingTest, ASwitchWhileStoppedHoldsFromTheStart) {
  loop.use(make_law(JointImpedance{}, model));
  start();
  EXPECT_EQ(loop.state().law.view(), "joint_impedance");
  EXPECT_EQ(loop.stats().switches, 0U);
}

TEST_F(CycleLoopSwitchingTest, TheCycleNeitherAllocatesNorFreesWhenItSwitches) {
  start();
  for (int i = 0; i < 20; ++i) {
    loop.use(make_law(JointImpedance{}, model));
    loop.set_model(std::make_unique<Model>(model));
    const testing::AllocationGuard guard;
    run(5);
    ASSERT_EQ(guard.count(), 0U);
  }
  EXPECT_EQ(loop.stats().switches, 40U);
}

}  // namespace
}  // namespace takt::control
