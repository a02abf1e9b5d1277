#include "takt/messages/json.hpp"

#include <bit>
#include <cmath>
#include <cstring>
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

struct Raw {
  float single{0.0F};
  std::byte octet{};
  std::vector<std::byte> octets;
  std::vector<bool> bits;
  friend bool operator==(const Raw&, const Raw&) = default;
};
BOOST_DESCRIBE_STRUCT(Raw, (), (single, octet, octets, bits))

TEST(JsonTest, FloatsOctetsAndBitsReadBackAsThemselves) {
  const Raw raw{
      .single = 0.1F, .octet = std::byte{255}, .octets = {std::byte{1}, std::byte{2}}, .bits = {true, false, true}};
  EXPECT_NE(to_json(raw).find(R"("octet":255,"octets":[1,2],"bits":[true,false,true])"), std::string::npos)
      << to_json(raw);
  EXPECT_EQ(from_json<Raw>(to_json(raw)), raw);
  const auto infinite = from_json<Raw>(to_json(Raw{.single = -INFINITY, .octet = {}, .octets = {}, .bits = {}}));
  ASSERT_TRUE(infinite);
  EXPECT_EQ(infinite->single, -INFINITY);
}

TEST(JsonTest, WhatIsNoFloatOctetOrBitIsRefused) {
  for (const char* text : {R"({"single":1e39})", R"({"single":"x"})", R"({"octet":256})", R"({"octet":-1})",
                           R"({"octets":[1,"2"]})", R"({"bits":[1]})", R"({"bits":true})"}) {
    EXPECT_FALSE(from_json<Raw>(text)) << text;
  }
}

TEST(JsonTest, WritesBytesThatAreNotUtf8AsTheReplacementCharacter) {
  const std::string mark = "\u00ef\u00bf";  // any valid text
  for (const char* bad :
       {"\xff", "\x80", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xf0\x8f\xbf\xbf"}) {
    const auto again = from_json<std::string>(to_json(mark + bad + "x"));
    ASSERT_TRUE(again) << again.error().text();
    std::string want = mark;
    for (std::size_t i = 0; i < std::strlen(bad); ++i) {
      want += "\ufffd";
    }
    EXPECT_EQ(*again, want + "x");
  }
}

TEST(JsonTest, KeepsEveryUnicodeCharacter) {
  const std::string text = "a\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff";
  EXPECT_EQ(to_json(text), '"' + text + '"');
  EXPECT_EQ(*from_json<std::string>(to_json(text)), text);
}

TEST(JsonTest, AFixedStringThatIsNotUtf8IsCutSoThatItReadsBack) {
  const core::FixedString<8> bad("abcde\xff\xff");
  const auto again = from_json<core::FixedString<8>>(to_json(bad));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->view(), "abcde");
}

TEST(JsonTest, WritesACStringAsText) {
  JsonWriter out;
  const char* text = "text";
  write_json(out, text);
  write_json(out, "literal");
  write_json(out, true);
  EXPECT_EQ(out.text, "\"text\"\"literal\"true");
}

TEST(JsonTest, AnEnumeratorWithoutANameIsRefusedOnReading) {
  const auto value = static_cast<RobotType>(250);
  EXPECT_EQ(to_json(value), "\"?\"");
  EXPECT_FALSE(from_json<RobotType>(to_json(value)));
}

struct BadCase {
  const char* text;
  const char* path;
};

class JsonErrorTest : public ::testing::TestWithParam<BadCase> {};

TEST_P(JsonErrorTest, NamesWhereAndWhat) {
  const auto state = from_json<RobotState>(GetParam().text);
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().path, GetParam().path);
  EXPECT_FALSE(state.error().what.empty());
}

INSTANTIATE_TEST_SUITE_P(
    BadStates, JsonErrorTest,
    ::testing::Values(BadCase{"[]", ""}, BadCase{R"({"stamp_ns":1.5})", "stamp_ns"},
                      BadCase{R"({"sequence":-1})", "sequence"},
                      BadCase{R"({"joint_positions":[1,"x"]})", "joint_positions[1]"},
                      BadCase{R"({"joint_positions":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]})", "joint_positions[16]"},
                      BadCase{R"({"end_effector_pose":[1,2,3]})", "end_effector_pose"},
                      BadCase{R"({"robot_type":"toaster"})", "robot_type"}, BadCase{R"({"trace_id":"12"})", "trace_id"},
                      BadCase{R"({"trace_id":"000000000000000g"})", "trace_id"},
                      BadCase{R"({"hops":[["got_state",1]]})", "hops[0]"},
                      BadCase{R"({"hops":[["got_state",1,4294967296]]})", "hops[0][2]"},
                      BadCase{R"({"extras":{"a":null}})", "extras.a"},
                      BadCase{R"({"extras":{"a_key_that_is_longer_than_it_may_be":1}})",
                              "extras.a_key_that_is_longer_than_it_may_be"}));

}  // namespace
}  // namespace takt::messages
