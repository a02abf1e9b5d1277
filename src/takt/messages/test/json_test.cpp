#include "takt/messages/json.hpp"

#include <bit>
#include <cmath>
#include <random>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace takt::messages {
namespace {

struct Inner {
  std::int32_t number{0};
  std::vector<std::string> words;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (number, words))

struct Outer {
  bool flag{false};
  std::optional<Inner> inner;
  std::map<std::string, std::uint64_t> counts;
  std::array<double, 2> pair{};
};
BOOST_DESCRIBE_STRUCT(Outer, (), (flag, inner, counts, pair))

RobotState full_state() {
  RobotState state;
  state.stamp_ns = 9'007'199'254'740'993;  // more than a double can hold
  state.sequence = 18'446'744'073'709'551'615U;
  state.source_t_s = 0.1;
  state.joint_positions = {0.1, -0.0, 1e-320, 123456789012345680.0};
  state.joint_velocities = {1.0 / 3.0, 5e300};
  state.joint_efforts = {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  state.gripper_position = 0.25;
  state.end_effector_pose = {0.3, 0, 0.5, 0, 0, 0, 1};
  state.robot_type = RobotType::kFr3;
  state.units = Units::kDegrees;
  state.mark = CommandMark::kClamped;
  state.lease_epoch = 7;
  state.trace_id = 0x00ab'cdef'0123'4567;
  state.hops.push_back({.stamp_ns = 12, .thread = 3, .point = HopPoint::kGotState});
  state.hops.push_back({.stamp_ns = 15, .thread = 3, .point = HopPoint::kApplied});
  state.extras.push_back({.key = "temp\"erature", .value = 36.6});
  return state;
}

TEST(JsonTest, RoundTripsEveryFieldOfARobotStateExactly) {
  const RobotState state = full_state();
  const auto again = from_json<RobotState>(to_json(state));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(*again, state);
  EXPECT_TRUE(std::signbit(again->joint_positions[1]));
}

TEST(JsonTest, RoundTripsAStateWithNothingInIt) {
  const auto again = from_json<RobotState>(to_json(RobotState{}));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, RobotState{});
}

TEST(JsonTest, RoundTripsRandomBitsOfADouble) {
  std::mt19937_64 random(42);
  for (int i = 0; i < 100'000; ++i) {
    const auto value = std::bit_cast<double>(random());
    const auto again = from_json<double>(to_json(value));
    ASSERT_TRUE(again);
    if (std::isnan(value)) {
      ASSERT_TRUE(std::isnan(*again));
    } else {
      ASSERT_EQ(std::bit_cast<std::uint64_t>(*again), std::bit_cast<std::uint64_t>(value)) << to_json(value);
    }
  }
}

TEST(JsonTest, IsReadTheSameByAnotherLibrary) {
  const auto other = nlohmann::json::parse(to_json(full_state()));
  EXPECT_EQ(other["stamp_ns"].get<std::int64_t>(), 9'007'199'254'740'993);
  EXPECT_EQ(other["trace_id"], "00abcdef01234567");
  EXPECT_EQ(other["robot_type"], "fr3");
  EXPECT_EQ(other["hops"][1], (nlohmann::json{"applied", 15, 3}));
  EXPECT_EQ(other["extras"]["temp\"erature"], 36.6);
  EXPECT_EQ(other["joint_positions"][3].get<double>(), 123456789012345680.0);
}

TEST(JsonTest, AbsentFieldsAreNull) {
  const auto other = nlohmann::json::parse(to_json(RobotState{}));
  for (const char* field :
       {"joint_positions", "joint_efforts", "gripper_position", "end_effector_pose", "source_t_s"}) {
    EXPECT_TRUE(other[field].is_null()) << field;
  }
}

TEST(JsonTest, DerivesTheCodecOfAnyDescribedStruct) {
  const auto value =
      from_json<Outer>(R"({"flag":true,"inner":{"number":-5,"words":["a","b\n"]},"counts":{"x":3},"pair":[1,2]})");
  ASSERT_TRUE(value) << value.error().text();
  EXPECT_EQ(to_json(*value),
            R"({"flag":true,"inner":{"number":-5,"words":["a","b\n"]},"counts":{"x":3},"pair":[1,2]})");
}

}  // namespace
}  // namespace takt::messages
