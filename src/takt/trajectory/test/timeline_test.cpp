#include "takt/trajectory/timeline.hpp"

#include <numbers>

#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"
#include "takt/trajectory/edit.hpp"
#include "takt/trajectory/test/motions.hpp"

namespace takt::trajectory {
namespace {

using core::JointVector;
using core::Nanoseconds;

ArmDescription arm_of(std::size_t joints) {
  return {.name = "arm",
          .joint_names = info_of(joints).joint_names,
          .limits = std::vector<control::JointLimits>(joints, limits_of(3, 2, 10, 500))};
}

Trajectory wave(std::string name, double centre, std::size_t joints = 2) {
  return sampled([centre](double t) { return centre + 0.3 * std::sin(2.0 * t); }, 3.0, 0.02, joints, std::move(name));
}

Timeline built(const ArmDescription& arm, const Standing& start, const std::vector<Trajectory>& sequence,
               const SequenceOptions& options = {}) {
  auto timeline = Timeline::build(arm, start, sequence, options);
  if (!timeline) {
    throw std::runtime_error(timeline.error());
  }
  return std::move(*timeline);
}

std::string refusal(const ArmDescription& arm, const Standing& start, const std::vector<Trajectory>& sequence,
                    const SequenceOptions& options = {}) {
  const auto timeline = Timeline::build(arm, start, sequence, options);
  return timeline ? "accepted" : timeline.error();
}

/// What comes out of at() at 1 kHz, differentiated, keeps the limits: over the end of a lap, too.
void expect_within(const Timeline& timeline, const std::vector<control::JointLimits>& limits, Nanoseconds until_ns) {
  constexpr double kDt = 1e-3;
  std::vector<JointVector> q;
  for (Nanoseconds t = 0; t <= until_ns; t += 1'000'000) {
    q.push_back(timeline.at(t).q_rad);
  }
  for (std::size_t k = 3; k < q.size(); ++k) {
    for (std::size_t i = 0; i < limits.size(); ++i) {
      const double v = (q[k][i] - q[k - 1][i]) / kDt;
      const double a = (q[k][i] - 2 * q[k - 1][i] + q[k - 2][i]) / (kDt * kDt);
      const double j = (q[k][i] - 3 * q[k - 1][i] + 3 * q[k - 2][i] - q[k - 3][i]) / (kDt * kDt * kDt);
      ASSERT_LE(std::abs(v), limits[i].velocity_rad_s * 1.00001) << k << " ms";
      ASSERT_LE(std::abs(a), limits[i].acceleration_rad_s2 * 1.00001) << k << " ms";
      ASSERT_LE(std::abs(j), limits[i].jerk_rad_s3 * 1.00001 + 1e-4) << k << " ms";
    }
  }
}

TEST(TimelineTest, BeginsWhereTheArmStandsGoesThroughTheRecordingAndEndsAtRest) {
  const Trajectory recorded = wave("a", 0.5);
  const Timeline timeline = built(arm_of(2), {.q_rad = {-1.0, 1.0}}, {recorded});
  ASSERT_EQ(timeline.pieces().size(), 3U);
  EXPECT_EQ(timeline.pieces()[0].part, Part::kEntry);
  EXPECT_EQ(timeline.pieces()[1].part, Part::kRecorded);
  EXPECT_EQ(timeline.pieces()[2].part, Part::kExit);
  EXPECT_EQ(timeline.frame(0).frame.q_rad, (JointVector{-1.0, 1.0}));
  EXPECT_EQ(timeline.frame(0).frame.t_ns, 0);
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    const TimelineFrame frame = timeline.frame(timeline.entry_frames() + i);
    EXPECT_EQ(frame.part, Part::kRecorded);
    EXPECT_EQ(frame.index, i);
    EXPECT_EQ(frame.frame.q_rad, recorded.q_rad(i));
    EXPECT_EQ(frame.frame.t_ns, timeline.entry_ns() + recorded.time_ns(i));
  }
  EXPECT_EQ(timeline.time_ns(timeline.size() - 1), timeline.end_ns());
  EXPECT_EQ(timeline.at(timeline.end_ns()).dq_rad_s, (JointVector{0, 0}));
  EXPECT_EQ(timeline.frame(timeline.size() - 1).frame.dq_rad_s, (JointVector{0, 0}));
  expect_within(timeline, arm_of(2).limits, timeline.end_ns() + 20'000'000);
}

TEST(TimelineTest, FrameTimesRiseAndAtSaysWhatTheFramesSay) {
  const std::vector<Trajectory> sequence{wave("a", 0.5), wave("b", -0.5)};
  const Timeline timeline = built(arm_of(2), {.q_rad = {0, 0}}, sequence, {.loop = true});
  for (std::size_t i = 0; i < timeline.size(); ++i) {
    const TimelineFrame frame = timeline.frame(i);
    ASSERT_EQ(frame.frame.t_ns, timeline.time_ns(i));
    ASSERT_EQ(timeline.index_at(frame.frame.t_ns), i);
    ASSERT_EQ(timeline.at(frame.frame.t_ns).q_rad, frame.frame.q_rad) << i;
    ASSERT_EQ(timeline.at(frame.frame.t_ns).dq_rad_s, frame.frame.dq_rad_s) << i;
    if (i > 0) {
      ASSERT_GT(frame.frame.t_ns, timeline.time_ns(i - 1));
      ASSERT_EQ(timeline.index_at(frame.frame.t_ns - 1), i - 1);
    }
  }
  EXPECT_LT(timeline.time_ns(timeline.size() - 1), timeline.end_ns())
      << "the last instant is the next lap's first frame";
}

TEST(TimelineTest, ALoopGoesRoundWithoutAJumpThroughTheSameFrames) {
  const std::vector<Trajectory> sequence{wave("a", 0.5), wave("b", -0.5)};
  const Timeline timeline = built(arm_of(2), {.q_rad = {1, 1}}, sequence, {.loop = true});
  ASSERT_EQ(timeline.pieces().size(), 5U);
  EXPECT_EQ(timeline.pieces()[2].part, Part::kBridge);
  EXPECT_EQ(timeline.pieces()[4].part, Part::kSeam);
  expect_within(timeline, arm_of(2).limits, timeline.end_ns() + 2 * timeline.lap_ns());
  const Nanoseconds t = timeline.entry_ns() + 1'234'567;
  EXPECT_EQ(timeline.at(t).q_rad, timeline.at(t + 3 * timeline.lap_ns()).q_rad);
  EXPECT_EQ(timeline.wrapped(t + 3 * timeline.lap_ns()), t);
  EXPECT_EQ(timeline.wrapped(timeline.end_ns()), timeline.entry_ns());
  EXPECT_EQ(timeline.wrapped(5), 5) << "the entry is gone through once";
  EXPECT_EQ(timeline.wrapped(-timeline.lap_ns() * 4 + timeline.entry_ns() + 7), timeline.entry_ns() + 7);
}

TEST(TimelineTest, WithoutALoopThePlayheadStaysBetweenTheEnds) {
  const Timeline timeline = built(arm_of(2), {.q_rad = {1, 1}}, {wave("a", 0.5)});
  EXPECT_EQ(timeline.wrapped(-7), 0);
  EXPECT_EQ(timeline.wrapped(timeline.end_ns() + 7), timeline.end_ns());
  EXPECT_EQ(timeline.index_at(timeline.end_ns() + 7), timeline.size() - 1);
  EXPECT_EQ(timeline.index_at(-7), 0U);
}

TEST(TimelineTest, WhereTheArmStandsAlreadyThereIsNoEntry) {
  Trajectory pose(info_of(1, "pose"));
  pose.append({.t_ns = 0, .q_rad = {0.25}});
  const Timeline timeline = built(arm_of(1), {.q_rad = {0.25}}, {pose});
  EXPECT_EQ(timeline.size(), 1U);
  EXPECT_EQ(timeline.entry_frames(), 0U);
  EXPECT_EQ(timeline.end_ns(), 0);
  EXPECT_EQ(timeline.at(0).q_rad, (JointVector{0.25}));
  const Timeline loop = built(arm_of(1), {.q_rad = {0.25}}, {pose}, {.loop = true});
  EXPECT_GT(loop.lap_ns(), 0);
  EXPECT_EQ(loop.at(123'456'789).q_rad, (JointVector{0.25}));
}

TEST(TimelineTest, AtAndFrameAllocateNothing) {
  const Timeline timeline =
      built(arm_of(7), {.q_rad = JointVector::zero(7)}, {wave("a", 0.5, 7), wave("b", 0, 7)}, {.loop = true});
  testing::AllocationGuard guard;
  double sum = 0.0;
  for (Nanoseconds t = -1'000'000'000; t < 20'000'000'000; t += 77'777'777) {
    sum += timeline.at(t).q_rad[0] + timeline.frame(timeline.index_at(t)).frame.q_rad[0] +
           timeline.gripper_at(t).value_or(0);
  }
  EXPECT_EQ(guard.count(), 0U);
  EXPECT_NE(sum, 0.0);
}

TEST(TimelineTest, JointsAreFoundByTheirNames) {
  Trajectory recorded(info_of(2));
  recorded.append({.t_ns = 0, .q_rad = {0.1, 0.2}});
  ArmDescription arm = arm_of(2);
  std::swap(arm.joint_names[0], arm.joint_names[1]);
  const Timeline timeline = built(arm, {.q_rad = {0, 0}}, {recorded});
  EXPECT_EQ(timeline.at(timeline.end_ns()).q_rad, (JointVector{0.2, 0.1}));
}

TEST(TimelineTest, GrippersGoAlongAndBridgesLeadFromOneToTheOther) {
  const auto held = [](std::string name, double gripper) {
    Trajectory trajectory(info_of(1, std::move(name)));
    trajectory.append({.t_ns = 0, .q_rad = {gripper}, .gripper = gripper});
    trajectory.append({.t_ns = 1'000'000'000, .q_rad = {gripper}, .gripper = gripper});
    return trajectory;
  };
  const Timeline timeline = built(arm_of(1), {.q_rad = {0.5}, .gripper = 1.0}, {held("a", 0.0), held("b", 0.8)});
  EXPECT_EQ(timeline.gripper_at(0), 1.0);
  EXPECT_EQ(timeline.gripper_at(timeline.entry_ns()), 0.0);
  const Piece& bridge = timeline.pieces()[timeline.pieces().size() - 2];
  ASSERT_EQ(bridge.part, Part::kBridge);
  EXPECT_NEAR(*timeline.gripper_at((bridge.begin_ns + bridge.end_ns) / 2), 0.4, 0.01);
  EXPECT_EQ(timeline.frame(timeline.size() - 1).frame.gripper, 0.8);
  const Timeline none = built(arm_of(1), {.q_rad = {0}}, {wave("a", 0, 1)});
  EXPECT_EQ(none.gripper_at(0), std::nullopt);
}

TEST(TimelineTest, FromAndToAndStretchAreOfTheRecordedTimes) {
  const Trajectory recorded = wave("a", 0.5);
  const Timeline timeline =
      built(arm_of(2), {.q_rad = recorded.q_rad(50)}, {recorded}, {.stretch = 2.0, .from_s = 1.0, .to_s = 2.0});
  const Piece& piece = timeline.pieces()[1];
  ASSERT_EQ(piece.part, Part::kRecorded);
  EXPECT_EQ(piece.recorded_begin_ns, recorded.time_ns(50));
  EXPECT_EQ(piece.recorded_first, 50U);
  EXPECT_EQ(piece.frames, 51U);
  EXPECT_EQ(piece.end_ns - piece.begin_ns, 2 * (recorded.time_ns(100) - recorded.time_ns(50)));
  EXPECT_EQ(timeline.frame(timeline.entry_frames()).index, 50U);
  EXPECT_EQ(timeline.stretch(), 2.0);
}

TEST(TimelineTest, ARecordingThatIsTooFastIsRefusedWithJointTimeValueLimitAndHelp) {
  Trajectory fast = sampled([](double t) { return 0.5 * std::sin(6.0 * t); }, 3.0, 0.02, 2, "fast");
  const std::string why = refusal(arm_of(2), {.q_rad = {0, 0}}, {wave("a", 0), fast});
  EXPECT_NE(why.find("trajectory 'fast': joint 'j"), std::string::npos) << why;
  EXPECT_NE(why.find("acceleration"), std::string::npos) << why;
  EXPECT_NE(why.find(" s, limit 10 rad/s²; and 3 more. Stretch it to 1.5"), std::string::npos) << why;
  EXPECT_NE(why.find("smooth it first"), std::string::npos) << why;
}

TEST(TimelineTest, WhatWouldLastMoreThanADayIsRefusedBeforeItIsLookedAt) {
  Trajectory day({.name = "day", .joint_names = info_of(1).joint_names});
  day.append({.t_ns = 0, .q_rad = {0}});
  day.append({.t_ns = kLongest_ns, .q_rad = {0.5}});
  const Standing start{.q_rad = {0}};
  EXPECT_NE(refusal(arm_of(1), start, {day, day}).find("at most 86400 s"), std::string::npos);
  EXPECT_NE(refusal(arm_of(1), start, {day}, {.stretch = 100.0}).find("at most 86400 s"), std::string::npos);
  Trajectory hour({.name = "hour", .joint_names = info_of(1).joint_names});
  hour.append({.t_ns = 0, .q_rad = {0}});
  hour.append({.t_ns = kLongest_ns / 24, .q_rad = {0.5}});
  Trajectory jump({.name = "jump", .joint_names = info_of(1).joint_names});
  jump.append({.t_ns = 0, .q_rad = {0.5}});
  jump.append({.t_ns = 1, .q_rad = {0}});
  EXPECT_NE(refusal(arm_of(1), start, {hour, jump}, {.stretch_to_fit = true}).find("at most 86400 s"),
            std::string::npos);
}

TEST(TimelineTest, WhereNothingMovesTheSpeedIsBoundedAllTheSame) {
  Trajectory still({.name = "still", .joint_names = info_of(1).joint_names});
  for (core::Nanoseconds t_ns = 0; t_ns <= 1'000'000'000; t_ns += 10'000'000) {
    still.append({.t_ns = t_ns, .q_rad = {0.25}});
  }
  const Timeline timeline = built(arm_of(1), {.q_rad = {0.25}}, {still}, {.loop = true});
  EXPECT_EQ(timeline.max_speed(), 100.0);
  EXPECT_EQ(timeline.max_backward_speed(), 100.0);
}

TEST(TimelineTest, ARecordingThatIsTooFastIsStretchedOnRequest) {
  const Trajectory fast = sampled([](double t) { return 0.5 * std::sin(6.0 * t); }, 3.0, 0.02, 2, "fast");
  const Timeline timeline = built(arm_of(2), {.q_rad = {0, 0}}, {wave("a", 0), fast}, {.stretch_to_fit = true});
  EXPECT_NEAR(timeline.stretch(), 1.5, 0.01);
  EXPECT_GE(timeline.max_speed(), 1.0);
  EXPECT_LT(timeline.max_speed(), 1.001);
  EXPECT_EQ(built(arm_of(2), {.q_rad = {0, 0}}, {wave("a", 0)}, {.stretch_to_fit = true}).stretch(), 1.0);
}

TEST(TimelineTest, MaxSpeedIsTheOneThatMeetsALimit) {
  // 0.3 sin 2t: 0.6 rad/s, 1.2 rad/s². 0.3 of bridges' limits: twice as fast at least.
  const Timeline timeline = built(arm_of(2), {.q_rad = {0, 0}}, {wave("a", 0)}, {.bridge_fraction = 0.05});
  EXPECT_GT(timeline.max_speed(), 1.0);
  EXPECT_LT(timeline.max_speed(), std::sqrt(10.0 / 1.2) + 0.1);
}

TEST(TimelineTest, BackwardsAnEnvelopeMayAllowLess) {
  ArmDescription arm{.name = "arm", .limits = {envelope_limits()[1]}};  // to ±1.8361 rad
  const Trajectory away = sampled([](double t) { return 1.1 + 0.5 * std::cos(std::numbers::pi * t); }, 1.0, 0.01);
  const Timeline timeline = built(arm, {.q_rad = away.q_rad(0)}, {away});
  EXPECT_LT(timeline.max_backward_speed(), 1.0);
  EXPECT_GT(timeline.max_speed(), 1.2);
  const Timeline wave_timeline = built(arm_of(2), {.q_rad = {0, 0}}, {wave("a", 0)});
  EXPECT_EQ(wave_timeline.max_backward_speed(), wave_timeline.max_speed()) << "without an envelope both are the same";
}

TEST(TimelineTest, SmallerFractionsOfTheLimitsRefuseMore) {
  const Trajectory recorded = wave("a", 0);
  EXPECT_EQ(refusal(arm_of(2), {.q_rad = {0, 0}}, {recorded}, {.limit_fraction = 0.5}), "accepted");
  EXPECT_NE(refusal(arm_of(2), {.q_rad = {0, 0}}, {recorded}, {.limit_fraction = 0.1}), "accepted");
}

TEST(TimelineTest, JerkOfRecordingsIsProvedOnRequest) {
  Random random(9);
  Trajectory noisy(info_of(1, "noisy"));
  for (int i = 0; i < 100; ++i) {
    noisy.append({.t_ns = i * 10'000'000LL, .q_rad = {0.2 * std::sin(0.02 * i) + random.uniform(-5e-5, 5e-5)}});
  }
  EXPECT_EQ(refusal(arm_of(1), {.q_rad = {0}}, {noisy}), "accepted");
  const std::string why = refusal(arm_of(1), {.q_rad = {0}}, {noisy}, {.recorded_jerk = true});
  EXPECT_NE(why.find("jerk"), std::string::npos) << why;
  EXPECT_EQ(refusal(arm_of(1), {.q_rad = {0}}, {noisy}, {.smooth_s = 0.1, .recorded_jerk = true}), "accepted");
}

TEST(TimelineTest, WhatIsNotForThisArmIsRefusedWithTheReason) {
  const ArmDescription arm = arm_of(2);
  const Standing start{.q_rad = {0, 0}};
  EXPECT_EQ(refusal(arm, start, {}), "there is no trajectory to play");
  EXPECT_EQ(refusal(arm, start, {Trajectory(info_of(2, "none"))}), "trajectory 'none' has no frames");
  EXPECT_EQ(refusal(arm, start, {wave("a", 0, 3)}), "trajectory 'a' has 3 joints (j1, j2, j3), the arm 'arm' 2");
  Trajectory other = wave("other", 0);
  TrajectoryInfo info = other.info();
  info.joint_names[1] = "knee";
  other.set_info(info);
  EXPECT_EQ(refusal(arm, start, {other}), "trajectory 'other' has no joint 'j2' of the arm 'arm'; it has j1, knee");
  info = wave("a", 0).info();
  info.robot_type = messages::RobotType::kFr3;
  other.set_info(info);
  ArmDescription so101 = arm;
  so101.type = messages::RobotType::kSo101;
  EXPECT_EQ(refusal(so101, start, {other}), "trajectory 'a' is of a robot 'fr3', the arm 'arm' is a 'so101'");
  EXPECT_NE(refusal(arm, {.q_rad = {0}}, {wave("a", 0)}), "accepted");
  EXPECT_NE(refusal(arm, start, {wave("a", 0)}, {.from_s = 5.0}), "accepted");
  EXPECT_NE(refusal(arm, start, {wave("a", 0)}, {.stretch = 0.0}), "accepted");
  EXPECT_NE(refusal(arm, start, {wave("a", 0)}, {.limit_fraction = 2.0}), "accepted");
  EXPECT_NE(refusal(arm, start, {wave("a", 0)}, {.rate_hz = -1.0}), "accepted");
}

TEST(TimelineTest, ANumberIsNoGripper) {
  ArmDescription arm = arm_of(3);
  arm.joint_names[2] = "gripper";
  Trajectory numbered = wave("table", 0, 3);
  TrajectoryInfo info = numbered.info();
  info.robot = "arm";
  info.joint_names = {"1", "2", "3"};
  numbered.set_info(info);
  EXPECT_NE(refusal(arm, {.q_rad = {0, 0, 0}}, {numbered}), "accepted") << "what it is of, nobody knows";
  info.joint_names = {"1", "2", "gripper"};
  numbered.set_info(info);
  EXPECT_EQ(refusal(arm, {.q_rad = {0, 0, 0}}, {numbered}), "accepted");
}

TEST(TimelineTest, ARecordingThatBeginsInMotionAtTheEndOfARangeIsRefusedWithWhatHelps) {
  const ArmDescription arm = arm_of(1);
  const Trajectory rising = sampled([](double t) { return -2.9999 + 0.2 * t; }, 2.0, 0.02, 1, "rising");
  const std::string why = refusal(arm, {.q_rad = {-2.0}}, {rising});
  EXPECT_NE(why.find("'rising': joint 'j1': position -3.0"), std::string::npos) << why;
  EXPECT_NE(why.find("trim or smooth"), std::string::npos) << why;
  EXPECT_EQ(refusal(arm, {.q_rad = {-2.0}}, {rising}, {.from_s = 0.5}), "accepted");
}

TEST(TimelineTest, NumberedJointsAreThoseOfTheArmWhereItIsSaidToBeOfIt) {
  Trajectory numbered = wave("table", 0);
  TrajectoryInfo info = numbered.info();
  info.joint_names = {"1", "2"};
  numbered.set_info(info);
  const Standing start{.q_rad = {0, 0}};
  EXPECT_EQ(
      refusal(arm_of(2), start, {numbered}),
      "trajectory 'table' has joints with numbers for names, and does not say of which robot: only of robot 'arm' "
      "they are its own in order");
  info.robot = "leg";
  numbered.set_info(info);
  EXPECT_NE(refusal(arm_of(2), start, {numbered}).find("is of robot 'leg'"), std::string::npos);
  info.robot = "arm";
  numbered.set_info(info);
  EXPECT_EQ(refusal(arm_of(2), start, {numbered}), "accepted");
  info.joint_names = {"2", "1"};
  numbered.set_info(info);
  EXPECT_NE(refusal(arm_of(2), start, {numbered}), "accepted") << "no order";
  ArmDescription numbers = arm_of(2);
  numbers.joint_names = {"1", "2"};
  numbers.name = "crane";
  info.joint_names = numbers.joint_names;
  numbered.set_info(info);
  EXPECT_EQ(refusal(numbers, start, {numbered}), "accepted") << "those are its names";
}

TEST(TimelineTest, PositionsOutsideTheRangeAreRefusedButAnArmThatStandsOutsideMayComeBack) {
  const std::string why = refusal(arm_of(2), {.q_rad = {0, 0}}, {wave("high", 2.8)});
  EXPECT_NE(why.find("trajectory 'high': joint 'j"), std::string::npos) << why;
  EXPECT_NE(why.find("position"), std::string::npos) << why;
  EXPECT_NE(why.find("Trim that part off"), std::string::npos) << why;
  EXPECT_EQ(refusal(arm_of(2), {.q_rad = {3.1, -3.2}}, {wave("a", 0)}), "accepted");
}

TEST(TimelineTest, ARunUpThatWouldLeaveTheRangeIsRefused) {
  // At full speed away from the end of the range from the first frame on.
  const Trajectory recorded = sampled([](double t) { return -2.999 + 1.9 * t; }, 1.0, 0.02, 1, "edge");
  const std::string why = refusal(arm_of(1), {.q_rad = {0}}, {recorded});
  EXPECT_NE(why.find("to the first frame of 'edge': joint 'j1': position -3."), std::string::npos) << why;
}

TEST(TimelineTest, AnyWalkWithinTheLimitsIsBuiltAndKeepsThem) {
  Random random(8);
  int made = 0;
  for (int n = 0; n < campaign_size(20); ++n) {
    const double a = random.uniform(0.05, 0.5);
    const double w = random.uniform(0.3, 3.0);
    const double rate = random.uniform(20, 200);
    const Trajectory one =
        sampled([&](double t) { return a * std::sin(w * t); }, random.uniform(1, 4), 1 / rate, 2, "one");
    const Trajectory two =
        sampled([&](double t) { return 0.5 + a * std::cos(w * t); }, random.uniform(1, 4), 0.01, 2, "two");
    const Standing start{.q_rad = {random.uniform(-3, 3), random.uniform(-3, 3)}};
    const std::vector<Trajectory> sequence{one, two};
    const SequenceOptions options{.loop = true, .bridge_fraction = random.uniform(0.1, 1), .recorded_jerk = true};
    const auto timeline = Timeline::build(arm_of(2), start, sequence, options);
    if (!timeline) {  // two begins with an acceleration, in its first frame
      EXPECT_NE(timeline.error().find("trajectory 'two': joint 'j"), std::string::npos) << timeline.error();
      continue;
    }
    ++made;
    expect_within(*timeline, arm_of(2).limits, timeline->end_ns() + timeline->lap_ns());
  }
  EXPECT_GT(made, campaign_size(20) / 2);
}

}  // namespace
}  // namespace takt::trajectory
