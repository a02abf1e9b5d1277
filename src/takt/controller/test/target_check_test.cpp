#include "takt/controller/internal/target_check.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "takt/controller/test/test_arm.hpp"

namespace takt::controller::internal {
namespace {

using namespace std::chrono_literals;
using testing::test_model_data;

constexpr core::Nanoseconds kNow_ns = 5'000'000'000;
constexpr control::LeaseEpoch kEpoch = 7;

class TargetCheckTest : public ::testing::Test {
 protected:
  TargetCheckTest() {
    data.capsules = {{.link = 0, .p_LP_m = {0, 0, 0}, .p_LQ_m = {0, 0, 0.2}, .radius_m = 0.08},
                     {.link = 7, .p_LP_m = {0, 0, 0}, .p_LQ_m = {0, 0, 0.1}, .radius_m = 0.05}};
    state.setpoint.q_rad = home;
    state.law = "joint_impedance";
  }

  [[nodiscard]] TargetBounds bounds() const {
    return {.lowest_rad = core::JointVector::constant(7, -2.5),
            .highest_rad = core::JointVector::constant(7, 2.5),
            .speed_rad_s = core::JointVector::constant(7, 1.0),
            .speed_m_s = 0.5,
            .rotation_speed_rad_s = 1.0};
  }
  [[nodiscard]] TargetCheck check(TargetBounds held_against) const { return {control::Model(data), held_against}; }
  [[nodiscard]] Moment moment() const {
    return {.now_ns = kNow_ns, .valid_for = 200ms, .epoch = kEpoch, .state = state};
  }
  template <class F>
  static std::pair<Refusal, std::string> refusal(F&& offend) {
    try {
      offend();
    } catch (const TargetError& error) {
      return {error.refusal(), error.what()};
    }
    ADD_FAILURE() << "not refused";
    return {Refusal::kEmpty, ""};
  }

  control::ModelData data = test_model_data();
  core::JointVector home{std::span<const double>(data.home_rad)};
  control::CycleState state;
};

TEST_F(TargetCheckTest, ATargetBecomesACommandWithItsTerms) {
  const TargetCheck any = check(bounds());
  const control::Command plain = any.target(home, {}, moment());
  EXPECT_EQ(plain.kind, control::CommandKind::kJoint);
  EXPECT_EQ(plain.vector, home);
  EXPECT_EQ(plain.terms,
            (control::TargetTerms{
                .stamp_ns = kNow_ns, .valid_until_ns = kNow_ns + 200'000'000, .epoch = kEpoch, .speed = 1.0}));
  const control::Command stamped = any.target(home, {.valid_for = 10ms, .stamp_ns = 4'000'000'000}, moment());
  EXPECT_EQ(stamped.terms.stamp_ns, 4'000'000'000);
  EXPECT_EQ(stamped.terms.valid_until_ns, 4'010'000'000);
  const control::Command lasting = any.target(home, {.valid_for = Duration::max()}, moment());
  EXPECT_EQ(lasting.terms.valid_until_ns, control::kValidForever);
}

TEST_F(TargetCheckTest, AMoveLastsForEverAtItsSpeed) {
  const control::Command command = check(bounds()).move(home, {.speed = 0.25}, moment());
  EXPECT_EQ(command.terms.valid_until_ns, control::kValidForever);
  EXPECT_EQ(command.terms.speed, 0.25);
}

TEST_F(TargetCheckTest, ReachablePosesGetAPostureThatHasThem) {
  const TargetCheck any = check(bounds());
  std::mt19937 random(4);
  std::uniform_real_distribution<double> angle(-0.6, 0.6);
  for (int k = 0; k < 100; ++k) {
    core::JointVector q_rad = home;
    for (double& q : q_rad) {
      q += angle(random);
    }
    const core::Pose X_BE = any.model().tool_pose(q_rad);
    const control::Command command = any.target(X_BE, {}, moment());
    EXPECT_EQ(command.kind, control::CommandKind::kPose);
    EXPECT_TRUE(any.model().tool_pose(command.vector).isApprox(X_BE, 1e-7));
    EXPECT_TRUE(control::is_well_formed(command, any.bounds().lowest_rad, any.bounds().highest_rad));
  }
}

TEST_F(TargetCheckTest, ARotationThatIsSlightlyOffIsMadeOne) {
  const TargetCheck any = check(bounds());
  core::Pose X_BE = any.model().tool_pose(home);
  X_BE.linear() *= 1.0004;
  const control::Command command = any.target(X_BE, {}, moment());
  double norm = 0.0;
  for (std::size_t i = 3; i < 7; ++i) {
    norm += command.X_BE[i] * command.X_BE[i];
  }
  EXPECT_NEAR(norm, 1.0, 1e-14);
}

TEST_F(TargetCheckTest, PosesOfAChunkAreReachedOneFromTheOther) {
  const TargetCheck any = check(bounds());
  ActionChunk chunk;
  core::JointVector q_rad = home;
  for (int k = 0; k < 16; ++k) {
    q_rad[0] += 0.02;
    q_rad[3] += 0.02;
    TimedAction action{.due_ns = kNow_ns + k * 20'000'000};
    if (k % 2 == 0) {
      action.target = any.model().tool_pose(q_rad);
    } else {
      action.target = q_rad;
    }
    chunk.actions.push_back(action);
  }
  const control::Command command = any.chunk(chunk, {}, moment());
  ASSERT_EQ(command.count, 16U);
  EXPECT_TRUE(control::is_well_formed(command, any.bounds().lowest_rad, any.bounds().highest_rad));
  for (std::size_t k = 1; k < 16; ++k) {
    EXPECT_LT(core::max_abs_difference(command.actions[k].q_rad, command.actions[k - 1].q_rad), 0.1) << k;
  }
}

TEST_F(TargetCheckTest, AnArmThatWouldTouchItselfIsToldWhereAndHowFar) {
  TargetBounds held_against = bounds();
  held_against.self_collision_margin_m = 0.02;
  const TargetCheck careful = check(held_against);
  EXPECT_NO_THROW(static_cast<void>(careful.target(home, {}, moment())));
  core::JointVector folded = home;
  folded[1] = 2.2;
  folded[3] = 2.2;
  const double distance_m = control::SelfCollision(careful.model()).nearest(careful.model(), folded).distance_m;
  ASSERT_LT(distance_m, 0.02) << "this posture is meant to touch";
  const auto [why, said] = refusal([&] { static_cast<void>(careful.target(folded, {}, moment())); });
  EXPECT_EQ(why, Refusal::kCollision);
  EXPECT_NE(said.find("links 0 and 7"), std::string::npos) << said;
  const auto [why_pose, said_pose] =
      refusal([&] { static_cast<void>(careful.target(careful.model().tool_pose(folded), {}, moment())); });
  EXPECT_TRUE(why_pose == Refusal::kCollision) << said_pose;
}

TEST_F(TargetCheckTest, SelfCollisionOfAnArmWithoutCapsulesIsAMistake) {
  data.capsules.clear();
  TargetBounds held_against = bounds();
  held_against.self_collision_margin_m = 0.02;
  EXPECT_THROW(static_cast<void>(check(held_against)), LogicError);
}

TEST_F(TargetCheckTest, JointsThatBringTheToolOutOfTheWorkspaceAreRefused) {
  TargetBounds held_against = bounds();
  held_against.workspace = control::Workspace{.lowest_m = {-0.1, -2, -2}, .highest_m = {2, 2, 2}};
  const TargetCheck boxed = check(held_against);
  EXPECT_NO_THROW(static_cast<void>(boxed.target(home, {}, moment())));
  core::JointVector behind = home;
  behind[1] = -0.9;
  behind[3] = -0.5;
  const auto [why, said] = refusal([&] { static_cast<void>(boxed.target(behind, {}, moment())); });
  EXPECT_EQ(why, Refusal::kWorkspace);
  EXPECT_NE(said.find("whose x is -0.1"), std::string::npos) << said;
}

TEST_F(TargetCheckTest, WhatTheLawDoesNotFollowIsRefused) {
  const TargetCheck any = check(bounds());
  const Target torques = Torques{core::JointVector::zero(7)};
  EXPECT_EQ(refusal([&] { static_cast<void>(any.target(torques, {}, moment())); }).first, Refusal::kLaw);
  state.reference = control::Reference::kTorque;
  EXPECT_EQ(any.target(torques, {}, moment()).kind, control::CommandKind::kTorque);
  EXPECT_EQ(refusal([&] { static_cast<void>(any.target(home, {}, moment())); }).first, Refusal::kLaw);
  state.reference = control::Reference::kMeasured;
  EXPECT_EQ(refusal([&] { static_cast<void>(any.target(torques, {}, moment())); }).first, Refusal::kLaw);
  EXPECT_EQ(refusal([&] { static_cast<void>(any.target(home, {}, moment())); }).first, Refusal::kLaw);
  const ActionChunk chunk = ActionChunk::evenly(kNow_ns, 20ms, std::vector<core::JointVector>{home});
  EXPECT_EQ(refusal([&] { static_cast<void>(any.chunk(chunk, {}, moment())); }).first, Refusal::kLaw);
}

TEST_F(TargetCheckTest, AChunkIsGoodFromItsLastActionOn) {
  const TargetCheck any = check(bounds());
  const std::vector<core::JointVector> many(control::kMaxActions, home);
  const auto until = [&](core::Nanoseconds start_ns, const TargetOptions& options) {
    return any.chunk(ActionChunk::evenly(start_ns, 20ms, many), options, moment()).terms.valid_until_ns;
  };
  EXPECT_EQ(until(kNow_ns, {}), kNow_ns + 63 * 20'000'000 + 200'000'000);
  EXPECT_EQ(until(kNow_ns, {.valid_for = 10ms}), kNow_ns + 63 * 20'000'000 + 10'000'000);
  EXPECT_EQ(until(kNow_ns - 4'000'000'000, {}), kNow_ns + 200'000'000) << "all of it is late";
  EXPECT_EQ(until(kNow_ns, {.valid_for = Duration::max()}), control::kValidForever);
}

TEST_F(TargetCheckTest, ATargetThatMovesAsFastAsTheBudgetIsRefusedAndOneJustBelowIsNot) {
  const TargetCheck any = check(bounds());
  const double below = std::nextafter(1.0, 0.0);
  core::JointVector velocity = core::JointVector::zero(7);
  for (const double speed : {1.0, -1.0}) {
    velocity[3] = speed;
    EXPECT_EQ(refusal([&] { static_cast<void>(any.target(Joints{home, velocity}, {}, moment())); }).first,
              Refusal::kSpeed);
    velocity[3] = below * speed;
    EXPECT_NO_THROW(static_cast<void>(any.target(Joints{home, velocity}, {}, moment())));
  }
  ToolPose pose{.X_BE = any.model().tool_pose(home)};
  pose.v_m_s.y() = 0.5;
  EXPECT_EQ(refusal([&] { static_cast<void>(any.target(pose, {}, moment())); }).first, Refusal::kSpeed);
  pose.v_m_s.y() = 0.5 * below;
  EXPECT_NO_THROW(static_cast<void>(any.target(pose, {}, moment())));
  pose.w_rad_s.z() = 1.0;
  EXPECT_EQ(refusal([&] { static_cast<void>(any.target(pose, {}, moment())); }).first, Refusal::kSpeed);
  pose.w_rad_s.z() = below;
  EXPECT_NO_THROW(static_cast<void>(any.target(pose, {}, moment())));
}

TEST_F(TargetCheckTest, TorquesAreGoodForASecondAtMost) {
  const TargetCheck any = check(bounds());
  state.reference = control::Reference::kTorque;
  const Target torques = Torques{core::JointVector::zero(7)};
  EXPECT_EQ(any.target(torques, {.valid_for = 1s}, moment()).terms.valid_until_ns, kNow_ns + 1'000'000'000);
  for (const Duration valid_for : {Duration(1s) + Duration(1), Duration::max()}) {
    const auto [why, said] =
        refusal([&] { static_cast<void>(any.target(torques, {.valid_for = valid_for}, moment())); });
    EXPECT_EQ(why, Refusal::kTime);
    EXPECT_NE(said.find("at most 1 s"), std::string::npos) << said;
  }
}

TEST_F(TargetCheckTest, TorquesAreNothingToMoveTo) {
  for (const auto reference : {control::Reference::kSetpoint, control::Reference::kTorque}) {
    state.reference = reference;
    const auto [why, said] =
        refusal([&] { static_cast<void>(check(bounds()).move(Torques{core::JointVector::zero(7)}, {}, moment())); });
    EXPECT_EQ(why, Refusal::kLaw);
    EXPECT_NE(said.find("set()"), std::string::npos) << said;
  }
}

TEST_F(TargetCheckTest, APoseBeyondTheArmsReachSaysHowFarItIs) {
  core::Pose away = core::Pose::Identity();
  away.translation() = Eigen::Vector3d(3.0, 0.0, 0.3);
  const auto [why, said] = refusal([&] { static_cast<void>(check(bounds()).target(away, {}, moment())); });
  EXPECT_EQ(why, Refusal::kUnreachable);
  EXPECT_NE(said.find("3 m from joint 1"), std::string::npos) << said;
}

TEST_F(TargetCheckTest, BoundsComeFromTheCyclesOptions) {
  control::CycleOptions options;
  options.budget_fraction = 0.25;
  options.self_collision_margin_m = 0.03;
  options.workspace = control::Workspace{.lowest_m = {-1, -1, -1}, .highest_m = {1, 1, 1}};
  const TargetBounds made = bounds_of(data, options, bounds().lowest_rad, bounds().highest_rad);
  EXPECT_EQ(made.speed_rad_s, core::JointVector::constant(7, 0.5));
  EXPECT_EQ(made.self_collision_margin_m, 0.03);
  EXPECT_EQ(made.workspace->highest_m[0], 1.0);
  EXPECT_EQ(made.lowest_rad, bounds().lowest_rad);
}

}  // namespace
}  // namespace takt::controller::internal
