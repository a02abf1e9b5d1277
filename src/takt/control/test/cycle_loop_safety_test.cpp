#include <cmath>
#include <cstring>
#include <memory>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "takt/control/cycle.hpp"
#include "takt/control/cycle_loop.hpp"
#include "takt/control/laws/custom_law.hpp"
#include "takt/control/laws/settings.hpp"
#include "takt/control/model/test/test_arms.hpp"
#include "takt/control/motion_source.hpp"
#include "takt/control/test/cycle_loop_fixture.hpp"
#include "takt/core/error.hpp"
#include "takt/core/geometry.hpp"

namespace takt::control {
namespace {

struct Rig {
  explicit Rig(CycleOptions options, const CyclePorts& ports = {}, const Model& believed = Model(fake_model_data()))
      : model(believed), loop(arm, law, model, options, ports) {}
  static CycleOptions defaults(FakeWorld& world) { return options_for(world); }
  FakeWorld world;
  FakeArm arm{world};
  FakeLaw law{world};
  Model model;
  CycleLoop loop;
  bool alive{true};
  void run(int cycles) {
    for (int i = 0; i < cycles && alive; ++i) {
      alive = loop.run_once();
    }
  }
};

CycleOptions plain() {
  CycleOptions options;
  options.freshness = {.hold_after_s = 0.05, .halt_after_s = 0.2};
  options.evidence_cycles = 500;
  return options;
}

class CycleLoopSafetyTest : public CycleLoopTest {
 protected:
  Outcome push(double tau_nm, double for_s) {
    const core::Nanoseconds now = world.clock.now_ns();
    return loop.submit(to_command(TorqueTarget{
        .tau_nm = {tau_nm, 0.0, 0.0}, .terms = {.stamp_ns = now, .valid_until_ns = now + core::from_seconds(for_s)}}));
  }
};

TEST_F(CycleLoopSafetyTest, TheOwnersStopSurvivesAClientThatClearsTheRequests) {
  StatePort state;
  auto command = std::make_unique<CommandPort>();
  Rig rig(plain(), {.state = &state, .command = command.get()});
  rig.run(100);
  rig.loop.request_stop();
  command->requests.store(0);  // any process that maps the segment
  rig.run(20'000);
  EXPECT_FALSE(rig.alive) << "stop was asked for 20 s ago; Cycle::stop() would hang in join()";
  EXPECT_TRUE(rig.world.brakes_wanted);
}

TEST_F(CycleLoopSafetyTest, TheOwnersSafeStopSurvivesAClientThatClearsTheRequests) {
  StatePort state;
  auto command = std::make_unique<CommandPort>();
  Rig rig(plain(), {.state = &state, .command = command.get()});
  rig.run(100);
  rig.loop.request_safe_stop();
  command->requests.store(0);
  rig.run(5'000);
  EXPECT_EQ(rig.loop.mode(), CycleMode::kFaulted);
}

TEST_F(CycleLoopSafetyTest, WhatACommanderCannotAskForIsNotDone) {
  StatePort state;
  auto command = std::make_unique<CommandPort>();
  Rig rig(plain(), {.state = &state, .command = command.get()});
  rig.run(100);
  command->requests.store(~(CommandPort::kHaltRequest | CommandPort::kSafeStopRequest));  // a stop bit among them
  rig.run(500);
  EXPECT_TRUE(rig.alive);
  EXPECT_EQ(rig.loop.mode(), CycleMode::kHolding);
}

TEST_F(CycleLoopSafetyTest, AFreshPortHearsCommandsWhateverTheOldOneBecame) {
  StatePort state;
  auto old_port = std::make_unique<CommandPort>();
  auto fresh_port = std::make_unique<CommandPort>();
  Rig rig(plain(), {.state = &state, .command = old_port.get()});
  rig.run(100);
  std::memset(static_cast<void*>(&old_port->commands), 0xff, sizeof(old_port->commands));
  rig.run(10);
  rig.loop.use_commands(*fresh_port);
  EXPECT_FALSE(rig.loop.commands_taken());
  rig.run(1);
  EXPECT_TRUE(rig.loop.commands_taken());
  ASSERT_EQ(rig.loop.set({.q_rad = {0.1, 0.0, 0.0},
                          .terms = {.stamp_ns = rig.world.clock.now_ns(), .valid_until_ns = kValidForever}}),
            Outcome::kOk);
  old_port->requests.fetch_or(CommandPort::kSafeStopRequest);
  rig.run(2000);
  EXPECT_NEAR(rig.loop.state().setpoint.q_rad[0], 0.1, 1e-9);
  EXPECT_EQ(rig.loop.fault().fault, Fault::kNone);
}

TEST_F(CycleLoopSafetyTest, ASafeStopHoldsTheArmUntilItsBrakesHaveClosed) {
  world.brake_periods = 60;
  start();
  world.disturbance_nm = {-15.0, 0.0, 0.0};  // a payload's weight, which the arm itself does not compensate
  run(2000);
  const double before = world.q_rad[0];
  loop.request_safe_stop();
  double fastest = 0.0;
  for (int i = 0; i < 3000 && !(world.brakes_on); ++i) {
    run(1);
    fastest = std::max(fastest, std::abs(world.dq_rad_s[0]));
  }
  ASSERT_TRUE(world.brakes_on);
  EXPECT_LT(std::abs(world.q_rad[0] - before), 0.002) << "it fell while its brakes closed";
  EXPECT_LT(fastest, 0.02);
}
TEST_F(CycleLoopSafetyTest, AStopHoldsTheArmUntilItsBrakesHaveClosed) {
  world.brake_periods = 60;
  start();
  world.disturbance_nm = {-15.0, 0.0, 0.0};
  run(2000);
  const double before = world.q_rad[0];
  loop.request_stop();
  for (int i = 0; i < 3000 && !(world.brakes_on); ++i) {
    run(1);
  }
  ASSERT_TRUE(world.brakes_on);
  EXPECT_LT(std::abs(world.q_rad[0] - before), 0.002);
}

TEST_F(CycleLoopSafetyTest, TheWorkspaceHoldsUnderTorquesAndByHand) {
  ModelData data = fake_model_data();
  data.X_LF.translation() = Eigen::Vector3d(0.5, 0.0, 0.0);
  for (const bool by_hand : {false, true}) {
    CycleOptions options = plain();
    options.workspace = Workspace{.lowest_m = {-1.0, -0.2, -1.0}, .highest_m = {1.0, 0.2, 1.0}};
    Rig rig(options, {}, Model(data));
    rig.run(100);
    if (by_hand) {
      rig.loop.use(make_law(GravityCompensation{}, rig.model));
      rig.world.disturbance_nm = {0.5, 0.5, 0.5};
    } else {
      rig.loop.use(make_law(JointTorque{}, rig.model));
    }
    double worst = 0.0;
    for (int i = 0; i < 1500; ++i) {
      if (!by_hand) {
        const core::Nanoseconds now = rig.world.clock.now_ns();
        static_cast<void>(rig.loop.submit(to_command(
            TorqueTarget{.tau_nm = {0.5, 0.5, 0.5}, .terms = {.stamp_ns = now, .valid_until_ns = now + 50'000'000}})));
      }
      rig.run(1);
      worst = std::max(worst, std::abs(rig.model.tool_pose(rig.world.q_rad).translation().y()));
    }
    EXPECT_LT(worst, 0.25) << (by_hand ? "by hand" : "by torques") << ": left a box of 0.2 m, guard_halts "
                           << rig.loop.stats().guard_halts;
  }
}

struct Pusher {
  void step(const LawInput&, core::JointVector& tau_nm) noexcept { tau_nm[0] = 5.0; }
};

TEST_F(CycleLoopSafetyTest, ASafeStopBrakesTheArmEvenIfTheLawInUseDoesNot) {
  start();
  loop.use(make_custom_law(Pusher{}));
  double fastest = 0.0;
  for (int i = 0; i < 5000 && loop.mode() != CycleMode::kSafeStopping; ++i) {
    run(1);
  }
  ASSERT_EQ(loop.mode(), CycleMode::kSafeStopping) << to_text(loop.mode());
  const double at_fault = std::abs(world.dq_rad_s[0]);
  run(200);
  fastest = std::abs(world.dq_rad_s[0]);
  EXPECT_LT(fastest, at_fault) << "200 ms of safe stop, and the law that failed still drives: "
                               << describe(loop.fault());
}

TEST_F(CycleLoopSafetyTest, ASafeStopBrakesTheArmUnderASpringOfZero) {
  start();
  JointImpedance limp{.stiffness_nm_rad = {0, 0, 0}, .damping_nm_s_rad = {0, 0, 0}, .inertial_damping_1_s = 0.0};
  loop.use(make_law(limp, model));
  run(200);
  world.dq_rad_s[0] = 0.5;
  loop.request_safe_stop();
  run(300);
  EXPECT_LT(std::abs(world.dq_rad_s[0]), 0.25) << "a safe stop of 300 ms has braked nothing";
}

TEST_F(CycleLoopSafetyTest, ATargetSetRightAfterAHaltIsFollowed) {
  start();
  loop.request_halt();
  ASSERT_EQ(go({0.3, 0.0, 0.0}), Outcome::kOk);
  run(3000);
  EXPECT_NEAR(loop.state().setpoint.q_rad[0], 0.3, 1e-9) << "'The next one moves it again': it was swept away";
}

TEST_F(CycleLoopSafetyTest, ALawThatIsGivenAgainEachCycleStillControls) {
  start();
  world.dq_rad_s[0] = 0.2;
  double least = 0.0;
  for (int i = 0; i < 600; ++i) {
    loop.use(make_law(JointImpedance{}, model));
    run(1);
    least = std::min(least, loop.state().tau_nm[0]);
  }
  EXPECT_LT(least, -0.5) << "the torque never answered: " << least << " N·m, q " << world.q_rad[0];
  EXPECT_EQ(loop.fault().fault, Fault::kNone) << describe(loop.fault());
}
TEST_F(CycleLoopSafetyTest, control) {
  start();
  world.dq_rad_s[0] = 0.2;
  double least = 0.0;
  loop.use(make_law(JointImpedance{}, model));
  for (int i = 0; i < 600; ++i) {
    run(1);
    least = std::min(least, loop.state().tau_nm[0]);
  }
  EXPECT_LT(least, -0.5);
}

TEST_F(CycleLoopSafetyTest, NoTorqueIsGoodForEver) {
  start();
  loop.use(make_law(JointTorque{.damping_nm_s_rad = {10, 10, 10}}, model));
  run(10);
  const Outcome taken = loop.submit(to_command(TorqueTarget{
      .tau_nm = {1.0, 0.0, 0.0}, .terms = {.stamp_ns = world.clock.now_ns(), .valid_until_ns = kValidForever}}));
  run(10'000);
  EXPECT_TRUE(taken != Outcome::kOk || loop.state().law.view() != "joint_torque")
      << "10 s after its commander was heard of: " << loop.state().tau_nm[0] << " N·m of " << loop.state().law.view();
}

TEST_F(CycleLoopSafetyTest, AnArmWhoseClockCreepsDoesNotKeepADeadPolicyAlive) {
  start();
  loop.use(make_law(JointTorque{.damping_nm_s_rad = {10, 10, 10}}, model));
  run(10);
  ASSERT_EQ(push(1.0, 0.1), Outcome::kOk);
  run(1);
  core::Nanoseconds creeping = loop.state().measured.stamp_ns;
  world.falsify = [&creeping](ArmState& state) { state.stamp_ns = ++creeping; };
  run(5000);
  EXPECT_NE(loop.state().law.view(), "joint_torque")
      << "5000 periods later: " << loop.state().tau_nm[0] << " N·m, fault " << describe(loop.fault());
}

TEST_F(CycleLoopSafetyTest, StartHoldsTheArmWhereItStands) {
  loop.use(make_law(GravityCompensation{}, model));
  run(50);
  world.disturbance_nm = {0.5, 0.0, 0.0};
  run(1000);
  EXPECT_LT(world.q_rad[0], 0.05) << "start() promises to hold; it let go";
}

double peak_after_fault(double switch_time_s) {
  CycleOptions options = plain();
  options.switch_time_s = switch_time_s;
  Rig rig(options);
  rig.run(100);
  rig.loop.use(make_law(JointTorque{}, rig.model));
  rig.run(300);
  double peak = 0.0;
  for (int i = 0; i < 1500; ++i) {
    const core::Nanoseconds now = rig.world.clock.now_ns();
    static_cast<void>(rig.loop.submit(to_command(
        TorqueTarget{.tau_nm = {30.0, 0, 0}, .terms = {.stamp_ns = now, .valid_until_ns = now + 50'000'000}})));
    rig.run(1);
    peak = std::max(peak, std::abs(rig.world.dq_rad_s[0]));
  }
  return peak;
}
TEST_F(CycleLoopSafetyTest, AFaultUnderTorquesIsBrakedAtOnce) {
  const double blended = peak_after_fault(0.1);
  const double sharp = peak_after_fault(0.001);
  EXPECT_LT(blended, sharp + 0.1) << "limit 2.0 rad/s; peak with the blend " << blended << ", without " << sharp;
}

TEST_F(CycleLoopSafetyTest, ASwitchTimeOfDaysIsRefused) {
  CycleOptions options = plain();
  options.switch_time_s = 1e6;
  EXPECT_THROW(require_valid(options), LogicError);
}

TEST_F(CycleLoopSafetyTest, APayloadBeyondReasonIsRefused) {
  Model loaded(fake_model_data());
  EXPECT_THROW(loaded.set_payload(
                   {.mass_kg = 1e308, .p_LC_m = {0.3, 10.0, 0.0}, .I_C_kg_m2 = 0.01 * Eigen::Matrix3d::Identity()}),
               LogicError);
  EXPECT_FALSE(loaded.payload().has_value());
}

TEST_F(CycleLoopSafetyTest, APayloadThatTheArmCannotCarryIsRefused) {
  Model loaded(fake_model_data());
  EXPECT_THROW(
      loaded.set_payload({.mass_kg = 500.0, .p_LC_m = {0.3, 0.0, 0.0}, .I_C_kg_m2 = Eigen::Matrix3d::Identity()}),
      LogicError);
}

TEST_F(CycleLoopSafetyTest, ValidForCountsEvenWhereThePolicyIsOff) {
  CycleOptions options = plain();
  constexpr double kInf = std::numeric_limits<double>::infinity();
  options.freshness = {.hold_after_s = kInf, .halt_after_s = kInf, .stop_after_s = kInf};
  Rig rig(options);
  rig.run(100);
  rig.loop.use(make_law(JointTorque{.damping_nm_s_rad = {10, 10, 10}}, rig.model));
  rig.run(10);
  const core::Nanoseconds now = rig.world.clock.now_ns();
  ASSERT_EQ(rig.loop.submit(to_command(
                TorqueTarget{.tau_nm = {1.0, 0, 0}, .terms = {.stamp_ns = now, .valid_until_ns = now + 100'000'000}})),
            Outcome::kOk);
  rig.run(5000);
  EXPECT_NE(rig.loop.state().law.view(), "joint_torque") << "valid for 0.1 s, alive after 5 s";
}

TEST_F(CycleLoopSafetyTest, ATorquePolicyDoesNotDriveAJointFarOverItsEnd) {
  start();
  loop.use(make_law(JointTorque{}, model));
  run(300);
  double farthest = 0.0;
  for (int i = 0; i < 4000; ++i) {
    static_cast<void>(push(world.dq_rad_s[0] < 1.9 ? 3.0 : 0.0, 0.05));
    run(1);
    farthest = std::max(farthest, world.q_rad[0]);
  }
  EXPECT_LT(farthest, 2.0 + 0.03) << "range 2 rad, tolerance 0.02; fault " << describe(loop.fault());
}

TEST_F(CycleLoopSafetyTest, GainsThatAreGivenOftenStillHoldTheArm) {
  for (const int every : {2, 3, 5, 20, 100000}) {
    Rig rig(plain());
    rig.run(100);
    rig.world.dq_rad_s[0] = 0.2;
    double farthest = 0.0;
    for (int i = 0; i < 2000; ++i) {
      if (i % every == 0) {
        rig.loop.use(make_law(JointImpedance{}, rig.model));
      }
      rig.run(1);
      farthest = std::max(farthest, std::abs(rig.world.q_rad[0]));
    }
    EXPECT_LT(farthest, 0.013) << "0.011 without; a new law every " << every << " cycles; fault "
                               << describe(rig.loop.fault());
  }
}

TEST_F(CycleLoopSafetyTest, NoiseInTheCommandSegmentIsNoMoreThanNoCommand) {
  std::mt19937_64 random(11);
  StatePort state;
  auto command = std::make_unique<CommandPort>();
  Rig rig(plain(), {.state = &state, .command = command.get()});
  rig.run(100);
  auto* words = reinterpret_cast<std::uint64_t*>(&command->commands);
  const std::size_t count = sizeof(command->commands) / 8;
  for (int i = 0; i < 30'000 && rig.alive; ++i) {
    Command c;
    auto* bytes = reinterpret_cast<unsigned char*>(&c);
    for (std::size_t k = 0; k < sizeof(Command); k += 8) {
      const std::uint64_t w = random() % 3 == 0 ? random() : (random() % 2 == 0 ? 0 : 0x3fe0000000000000ULL);
      std::memcpy(bytes + k, &w, 8);
    }
    if (random() % 2 == 0) {
      c.kind = static_cast<CommandKind>(random() % 6);
      c.terms = {.stamp_ns = rig.world.clock.now_ns(), .valid_until_ns = kValidForever, .speed = 0.5};
      c.count = static_cast<std::uint32_t>(random() % 70);
    }
    command->commands.store(c);
    for (int k = 0; k < 5; ++k) {
      words[random() % count] = random();
    }
    if (random() % 50 == 0) {
      command->requests.store(static_cast<std::uint32_t>(random()) & 1U);
    }
    rig.run(1);
    ASSERT_TRUE(rig.loop.state().tau_nm.all_finite());
    ASSERT_EQ(rig.loop.fault().fault, Fault::kNone) << describe(rig.loop.fault());
  }
}

TEST_F(CycleLoopSafetyTest, AToolThatIsChangedAtAPoseMovesNothing) {
  ModelData data = fake_model_data();
  for (JointData& joint : data.joints) {
    joint.X_PJ.translation() = Eigen::Vector3d(0.3, 0.0, 0.0);
  }
  data.X_LF.translation() = Eigen::Vector3d(0.3, 0.0, 0.0);
  Rig rig(plain(), {}, Model(data));
  rig.run(100);
  const core::Pose X_BE = rig.model.tool_pose({0.2, 0.3, -0.1});
  ASSERT_EQ(rig.loop.submit(to_command(
                PoseTarget{.X_BE = core::to_array(X_BE),
                           .posture_rad = {0.2, 0.3, -0.1},
                           .terms = {.stamp_ns = rig.world.clock.now_ns(), .valid_until_ns = kValidForever}})),
            Outcome::kOk);
  rig.run(6000);
  ASSERT_LT((rig.model.tool_pose(rig.world.q_rad).translation() - X_BE.translation()).norm(), 1e-3);
  const core::JointVector before = rig.loop.state().setpoint.q_rad;
  Model other = rig.model;
  other.set_tool(core::Pose(Eigen::Translation3d(0.15, 0.0, 0.0)));
  rig.loop.set_model(std::make_unique<Model>(other));
  rig.run(2000);
  EXPECT_LT(core::max_abs_difference(before, rig.loop.state().setpoint.q_rad), 1e-3);
  EXPECT_EQ(rig.loop.state().halt_cause, HaltCause::kTool);
}

}  // namespace
}  // namespace takt::control
