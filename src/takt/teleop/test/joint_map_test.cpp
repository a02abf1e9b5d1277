#include "takt/teleop/joint_map.hpp"

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::teleop {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

messages::RobotState state_of(const core::JointVector& positions, std::optional<double> gripper = std::nullopt) {
  messages::RobotState state;
  state.joint_positions = positions;
  state.gripper_position = gripper;
  return state;
}

std::vector<std::vector<double>> diagonal(const std::vector<double>& values) {
  std::vector<std::vector<double>> matrix(values.size(), std::vector<double>(values.size(), 0.0));
  for (std::size_t i = 0; i < values.size(); ++i) {
    matrix[i][i] = values[i];
  }
  return matrix;
}

/// One case of the conformance table: what goes in and what must come out, to 1e-12.
struct Vector {
  std::string name;
  JointMapOptions options;
  core::JointVector in;
  core::JointVector expected;
  std::optional<double> gripper_in{};
  std::optional<double> gripper_expected{};
};

void PrintTo(const Vector& vector, std::ostream* out) {
  *out << vector.name;
}

class JointMapConformance : public ::testing::TestWithParam<Vector> {};

TEST_P(JointMapConformance, GivesTheStatedNumbers) {
  const Vector& vector = GetParam();
  const JointMap map(vector.options, vector.in.size(), vector.expected.size());
  messages::RobotState out;
  ASSERT_EQ(map.apply(state_of(vector.in, vector.gripper_in), out), MapResult{});
  ASSERT_EQ(out.joint_positions.size(), vector.expected.size());
  for (std::size_t i = 0; i < vector.expected.size(); ++i) {
    EXPECT_NEAR(out.joint_positions[i], vector.expected[i], 1e-12) << "joint " << i;
  }
  ASSERT_EQ(out.gripper_position.has_value(), vector.gripper_expected.has_value());
  if (vector.gripper_expected) {
    EXPECT_NEAR(*out.gripper_position, *vector.gripper_expected, 1e-12);
  }
}

// The vectors by which Servo7/robot_comm defines its mapping. It writes maps as source → destination; reindex is the
// inverse.
INSTANTIATE_TEST_SUITE_P(
    RobotComm, JointMapConformance,
    ::testing::Values(
        Vector{"identity", {}, {0.5, 1.0, -0.5, 0.8, -0.3, 1.2}, {0.5, 1.0, -0.5, 0.8, -0.3, 1.2}, 0.7, 0.7},
        Vector{"swap of two",
               {.reindex = {1, 0, 2, 3, 4, 5}},
               {0.1, 0.2, 0.3, 0.4, 0.5, 0.6},
               {0.2, 0.1, 0.3, 0.4, 0.5, 0.6}},
        Vector{"swap of all pairs",
               {.reindex = {1, 0, 3, 2, 5, 4}},
               {0.1, 0.2, 0.3, 0.4, 0.5, 0.6},
               {0.2, 0.1, 0.4, 0.3, 0.6, 0.5},
               0.5,
               0.5},
        Vector{"rotation of three", {.reindex = {1, 2, 0, 3, 4, 5}}, {1, 2, 3, 4, 5, 6}, {2, 3, 1, 4, 5, 6}},
        Vector{"scale",
               {.scale = {0.5, 2.0, 1.0, -1.0, 0.8, 1.5}, .gripper = {.scale = 0.5}},
               {1.0, 0.5, 0.8, 0.6, 1.0, 0.4},
               {0.5, 1.0, 0.8, -0.6, 0.8, 0.6},
               0.8,
               0.4},
        Vector{"offset",
               {.offset_rad = {0.1, -0.2, 0.5, -0.3, 0.0, 0.4}, .gripper = {.offset = 0.2}},
               {0.5, 0.5, 0.5, 0.5, 0.5, 0.5},
               {0.6, 0.3, 1.0, 0.2, 0.5, 0.9},
               0.3,
               0.5},
        Vector{"combined",
               {.reindex = {1, 2, 0, 3, 4, 5},
                .scale = {2.0, 0.5, 1.5, -1.0, 0.8, 1.2},
                .offset_rad = {0.1, -0.1, 0.2, 0.0, 0.05, -0.15},
                .gripper = {.scale = 1.5, .offset = -0.2}},
               {0.3, 0.4, 0.5, 0.6, 0.7, 0.8},
               {0.9, 0.15, 0.65, -0.6, 0.61, 0.81},
               0.4,
               0.4},
        Vector{
            "order: map, matrix, offset",
            {.reindex = {1, 0, 2, 3, 4, 5}, .matrix = diagonal({2, 2, 2, 2, 2, 2}), .offset_rad = {1, 1, 1, 1, 1, 1}},
            {1, 2, 3, 4, 5, 6},
            {5, 3, 7, 9, 11, 13}},
        Vector{"order with a factor of its own for each joint",
               {.reindex = {1, 0, 2, 3, 4, 5},
                .matrix = diagonal({0.8, 1.2, 0.5, 2.0, 0.1, 1.0}),
                .offset_rad = {0.1, -0.1, 0.5, -0.2, 1.0, 0.0}},
               {1, 2, 3, 4, 5, 6},
               {1.7, 1.1, 2.0, 7.8, 1.5, 6.0}},
        Vector{"mirror",
               {.matrix = diagonal({-1, 1, -1, 1, -1, 1})},
               {0.5, 0.3, -0.2, 0.8, -0.4, 0.1},
               {-0.5, 0.3, 0.2, 0.8, 0.4, 0.1}},
        Vector{"the Piper file, in its 0.001 degrees",
               {.matrix = diagonal({-1000, 1000, 850, 1, 800, 1100}),
                .offset_rad = {0, 100000, -85000, 0, 0, 0},
                .gripper = {.scale = 100000, .offset = 0},
                .limits = {{-100000, 100000},
                           {-1000, 189000},
                           {-360000, 360000},
                           {-360000, 360000},
                           {-80000, 670000},
                           {-120000, 120000}}},
               {10, 20, 30, 40, 50, 60},
               {-10000, 120000, -59500, 40, 40000, 66000},
               0.3,
               1.0}),
    [](const auto& test) { return "Vector" + std::to_string(test.index); });

struct GripperVector {
  GripperMap map;
  double in;
  double expected;
};

class GripperConformance : public ::testing::TestWithParam<GripperVector> {};

TEST_P(GripperConformance, ScalesThenOffsetsThenClamps) {
  const auto& [gripper, in, expected] = GetParam();
  const JointMap map({.gripper = gripper}, 1, 1);
  messages::RobotState out;
  EXPECT_EQ(map.apply(state_of({0.0}, in), out).outcome, MapOutcome::kOk);
  EXPECT_NEAR(out.gripper_position.value(), expected, 1e-12);
}

INSTANTIATE_TEST_SUITE_P(EightExamples, GripperConformance,
                         ::testing::Values(GripperVector{{1.7, 0.0}, 0.5, 0.85},     // a larger gripper
                                           GripperVector{{1.7, 0.0}, 0.6, 1.0},      //
                                           GripperVector{{-1.0, 1.0}, 0.0, 1.0},     // inverted
                                           GripperVector{{-1.0, 1.0}, 0.3, 0.7},     //
                                           GripperVector{{1.0, 0.15}, 0.5, 0.65},    // another zero
                                           GripperVector{{0.6, 0.2}, 0.0, 0.2},      // part of the range
                                           GripperVector{{0.6, 0.2}, 1.0, 0.8},      //
                                           GripperVector{{1.6, 0.1}, 0.5, 0.9},      // larger, with another zero
                                           GripperVector{{0.7, 0.0}, 0.5, 0.35},     // proportionally less
                                           GripperVector{{1.25, -0.2}, 0.0, 0.0},    // a dead zone
                                           GripperVector{{1.25, -0.2}, 0.16, 0.0},   //
                                           GripperVector{{1.25, -0.2}, 0.5, 0.425},  //
                                           GripperVector{{3.0, -0.5}, 0.1, 0.0},     // clamped on both sides
                                           GripperVector{{3.0, -0.5}, 0.5, 1.0},     //
                                           GripperVector{{3.0, -0.5}, 0.7, 1.0}));

INSTANTIATE_TEST_SUITE_P(Edges, GripperConformance,
                         ::testing::Values(GripperVector{{2.0, 0.5}, 0.8, 1.0}, GripperVector{{0.5, -0.3}, 0.2, 0.0},
                                           GripperVector{{2.0, 0.5}, 0.0, 0.5}, GripperVector{{0.5, -0.2}, 1.0, 0.3},
                                           GripperVector{{0.0, 0.4}, 0.7, 0.4}, GripperVector{{2.0, -0.3}, 0.5, 0.7},
                                           GripperVector{{3.0, 0.5}, 0.4, 1.0}));

TEST(JointMapTest, MixesJointsByAFullMatrix) {
  const JointMap map({.matrix = {{1, 1, 0}, {0, 1, -1}, {0.5, 0, 2}}}, 3, 3);
  messages::RobotState out;
  EXPECT_TRUE(map.apply(state_of({1.0, 2.0, 4.0}), out).passed());
  EXPECT_EQ(out.joint_positions, (core::JointVector{3.0, -2.0, 8.5}));
}

TEST(JointMapTest, LetsALeaderWithFewerJointsMoveALargerFollower) {
  const JointMap map({.reindex = {0, 1, -1, 2, 3, 4, -1},
                      .scale = {1, 1, 1, -1, 1, 1, 1},
                      .offset_rad = {0, 0, 0.25, -1.5, 0, 1.5, 0.75}},
                     5, 7);
  messages::RobotState out;
  EXPECT_EQ(map.apply(state_of({0.1, 0.2, 0.3, 0.4, 0.5}), out), MapResult{});
  const core::JointVector expected{0.1, 0.2, 0.25, -1.8, 0.4, 2.0, 0.75};
  EXPECT_LT(max_abs_difference(out.joint_positions, expected), 1e-15);
  EXPECT_EQ(out.joint_positions.size(), 7U);
}

TEST(JointMapTest, LetsALeaderWithMoreJointsMoveASmallerFollowerAndOneJointMoveTwo) {
  const JointMap map({.reindex = {6, 0, 0}}, 7, 3);
  messages::RobotState out;
  EXPECT_TRUE(map.apply(state_of({1, 2, 3, 4, 5, 6, 7}), out).passed());
  EXPECT_EQ(out.joint_positions, (core::JointVector{7.0, 1.0, 1.0}));
}

TEST(JointMapTest, BlocksAWholeMessageForOneJointBeyondItsLimit) {
  const JointMap map({.limits = {{-1, 1}, {-0.5, 0.5}, {-2, 2}}}, 3, 3);
  messages::RobotState out = state_of({9.0});
  const messages::RobotState before = out;
  EXPECT_EQ(map.apply(state_of({0.5, 0.51, 3.0}), out), (MapResult{.outcome = MapOutcome::kLimit, .joint = 1}));
  EXPECT_EQ(out, before) << "a blocked message leaves no trace";
  EXPECT_TRUE(map.apply(state_of({-1.0, 0.5, 2.0}), out).passed()) << "limits themselves are allowed";
}

TEST(JointMapTest, PutsJointsOnTheirLimitsWhenToldTo) {
  const JointMap map({.limits = {{-1, 1}, {-0.5, 0.5}, {-2, 2}}, .limit_policy = LimitPolicy::kClamp}, 3, 3);
  messages::RobotState in = state_of({0.5, -0.8, 3.0});
  in.joint_velocities = {0.1, 0.2, 0.3};
  messages::RobotState out;
  const MapResult result = map.apply(in, out);
  EXPECT_EQ(result, (MapResult{.outcome = MapOutcome::kClamped, .joint = 1}));
  EXPECT_TRUE(result.passed());
  EXPECT_EQ(out.joint_positions, (core::JointVector{0.5, -0.5, 2.0}));
  EXPECT_EQ(out.joint_velocities, (core::JointVector{0.1, 0.0, 0.0}));
}

TEST(JointMapTest, LooksAtLimitsAfterTheMapNotBeforeIt) {
  const JointMap map({.scale = {10.0}, .limits = {{-1, 1}}}, 1, 1);
  messages::RobotState out;
  EXPECT_TRUE(map.apply(state_of({0.09}), out).passed());
  EXPECT_EQ(map.apply(state_of({0.11}), out).outcome, MapOutcome::kLimit);
}

TEST(JointMapTest, MapsVelocitiesWithoutTheOffset) {
  const JointMap map({.reindex = {1, 0}, .scale = {2.0, -1.0}, .offset_rad = {5.0, 5.0}}, 2, 2);
  messages::RobotState in = state_of({0.1, 0.2});
  in.joint_velocities = {0.3, 0.4};
  messages::RobotState out;
  EXPECT_TRUE(map.apply(in, out).passed());
  EXPECT_EQ(out.joint_velocities, (core::JointVector{0.8, -0.3}));
}

TEST(JointMapTest, KeepsStampsIdsHopsAndExtrasAndDropsWhatIsTheLeadersOwn) {
  const JointMap map({}, 2, 2);
  messages::RobotState in = state_of({0.1, 0.2}, 0.5);
  in.stamp_ns = 77;
  in.sequence = 5;
  in.source_t_s = 1.25;
  in.trace_id = 9;
  in.hops.push_back({.stamp_ns = 70, .thread = 1, .point = messages::HopPoint::kEnter});
  in.extras.push_back({.key = "row", .value = 3});
  in.joint_efforts = {1.0, 2.0};
  in.end_effector_pose = {0, 0, 0, 0, 0, 0, 1};
  messages::RobotState expected = in;
  expected.joint_efforts = {};
  expected.end_effector_pose.reset();
  messages::RobotState out = state_of({1, 2, 3, 4});
  EXPECT_TRUE(map.apply(in, out).passed());
  EXPECT_EQ(out, expected);
}

TEST(JointMapTest, WorksInPlace) {
  const JointMap map({.reindex = {1, 0}}, 2, 2);
  messages::RobotState state = state_of({0.1, 0.2}, 0.4);
  EXPECT_TRUE(map.apply(state, state).passed());
  EXPECT_EQ(state, state_of({0.2, 0.1}, 0.4));
}

TEST(JointMapTest, BlocksAMessageWithAnotherJointCount) {
  const JointMap map({}, 3, 3);
  messages::RobotState out;
  EXPECT_EQ(map.apply(state_of({1, 2}), out).outcome, MapOutcome::kWrongJointCount);
  EXPECT_EQ(map.apply(state_of({}), out).outcome, MapOutcome::kWrongJointCount);
  messages::RobotState in = state_of({1, 2, 3});
  in.joint_velocities = {1, 2};
  EXPECT_EQ(map.apply(in, out).outcome, MapOutcome::kWrongJointCount);
}

TEST(JointMapTest, LetsNothingPassThatIsNotFinite) {
  // With clamping on, and in a joint that the map does not use: neither may hide it.
  const JointMap map(
      {.reindex = {0, -1, 1}, .limits = {{-1, 1}, {-1, 1}, {-1, 1}}, .limit_policy = LimitPolicy::kClamp}, 3, 3);
  for (const double bad : {kNan, kInfinity, -kInfinity}) {
    for (std::size_t joint = 0; joint < 3; ++joint) {
      messages::RobotState in = state_of({0.1, 0.2, 0.3});
      in.joint_positions[joint] = bad;
      messages::RobotState out;
      EXPECT_EQ(map.apply(in, out).outcome, MapOutcome::kNotFinite) << bad << " in joint " << joint;
      EXPECT_TRUE(out.joint_positions.empty());
      in = state_of({0.1, 0.2, 0.3});
      in.joint_velocities = {0, 0, 0};
      in.joint_velocities[joint] = bad;
      EXPECT_EQ(map.apply(in, out).outcome, MapOutcome::kNotFinite) << bad << " in velocity " << joint;
    }
    messages::RobotState out;
    EXPECT_EQ(map.apply(state_of({0.1, 0.2, 0.3}, bad), out).outcome, MapOutcome::kNotFinite);
  }
}

TEST(JointMapTest, BlocksWhatOverflowsInTheMapItself) {
  const JointMap map({.matrix = {{1e200, -1e200}, {0, 1}}}, 2, 2);
  messages::RobotState out;
  EXPECT_EQ(map.apply(state_of({1e200, 1e200}), out).outcome, MapOutcome::kNotFinite);
}

struct BadOptions {
  JointMapOptions options;
  std::string field;
  std::string words;
};

TEST(JointMapTest, RefusesOptionsThatDoNotFitAndSaysWhichAndWhy) {
  const std::vector<BadOptions> all{
      {{.reindex = {0, 1}}, "reindex", "2 entries, the follower has 3 joints"},
      {{.reindex = {0, 1, 3}}, "reindex[2]", "3 names no joint; the leader has 0 … 2"},
      {{.reindex = {0, -2, 1}}, "reindex[1]", "-2 names no joint"},
      {{.reindex = {-1, -1, -1}}, "reindex", "names no joint"},
      {{.scale = {1, 2}}, "scale", "2 entries"},
      {{.scale = {1, 2, kNan}}, "scale[2]", "not finite"},
      {{.scale = {1, 1, 1}, .matrix = diagonal({1, 1, 1})}, "matrix", "only one"},
      {{.matrix = diagonal({1, 1})}, "matrix", "2 entries"},
      {{.matrix = {{1, 0, 0}, {0, 1}, {0, 0, 1}}}, "matrix[1]", "2 entries"},
      {{.matrix = {{1, 0, 0}, {0, kInfinity, 0}, {0, 0, 1}}}, "matrix[1][1]", "not finite"},
      {{.offset_rad = {1, 2, 3, 4}}, "offset_rad", "4 entries"},
      {{.gripper = {.scale = kNan}}, "gripper", "finite"},
      {{.limits = {{-1, 1}}}, "limits", "1 entries"},
      {{.limits = {{-1, 1}, {1, -1}, {-1, 1}}}, "limits[1]", "min 1.000000 is not below max -1.000000"},
      {{.limits = {{-1, 1}, {-1, 1}, {kNan, 1}}}, "limits[2]", "is not below"},
  };
  for (const BadOptions& bad : all) {
    const auto problem = JointMap::find_problem(bad.options, 3, 3);
    ASSERT_TRUE(problem.has_value()) << bad.field << " " << bad.words;
    EXPECT_EQ(problem->field, bad.field);
    EXPECT_NE(problem->what.find(bad.words), std::string::npos) << problem->what;
    EXPECT_THROW(JointMap(bad.options, 3, 3), LogicError);
  }
  EXPECT_FALSE(JointMap::find_problem({}, 3, 3).has_value());
}

TEST(JointMapTest, RefusesToGuessBetweenDifferentJointCounts) {
  const auto problem = JointMap::find_problem({}, 6, 7);
  ASSERT_TRUE(problem.has_value());
  EXPECT_EQ(problem->field, "reindex");
  EXPECT_THROW(JointMap({}, 0, 0), LogicError);
  EXPECT_THROW(JointMap({}, core::kMaxJoints + 1, core::kMaxJoints + 1), LogicError);
}

TEST(JointMapTest, AllocatesNothing) {
  const JointMap scaled({.scale = std::vector<double>(7, 2.0)}, 7, 7);
  const JointMap mixed(
      {.matrix = diagonal(std::vector<double>(7, 2.0)), .limits = std::vector<PositionRange>(7, {-1, 1})}, 7, 7);
  messages::RobotState in = state_of(core::JointVector::constant(7, 0.4), 0.5);
  in.joint_velocities = core::JointVector::constant(7, 0.1);
  const messages::RobotState bad = state_of({kNan});
  messages::RobotState out;
  const testing::AllocationGuard guard;
  int passed = 0;
  for (int i = 0; i < 1000; ++i) {
    passed += static_cast<int>(scaled.apply(in, out).passed()) + static_cast<int>(mixed.apply(in, out).passed()) +
              static_cast<int>(scaled.apply(bad, out).passed());
  }
  EXPECT_EQ(guard.count(), 0U);
  EXPECT_EQ(passed, 2000);
}

}  // namespace
}  // namespace takt::teleop
