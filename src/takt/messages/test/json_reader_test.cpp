#include "takt/messages/json_reader.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "takt/messages/json.hpp"

namespace takt::messages {
namespace {

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
