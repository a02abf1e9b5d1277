// The headers that `takt interface import` wrote of demo_msgs: they compile, and declare what the files say.

#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <limits>

#include <gtest/gtest.h>

#include "takt/messages/cdr.hpp"
#include "takt/messages/json.hpp"
#include "takt/messages/type_description.hpp"

#include "demo_msgs/action/gripper.hpp"
#include "demo_msgs/msg/everything.hpp"
#include "demo_msgs/msg/gripper.hpp"
#include "demo_msgs/msg/nothing.hpp"
#include "demo_msgs/msg/reserved.hpp"
#include "demo_msgs/srv/measure.hpp"

namespace {

using namespace takt::messages;  // NOLINT(google-build-using-namespace)
using demo_msgs::Everything;

template <class T>
std::string hash_of() {
  return rihs01_text(ros_type<T>().hash);
}

// The expected hashes are worked out of the same files by the Python package rosbags 0.11.9 (`char` read as ROS has
// it).
TEST(ImportedTest, TheHashesAreThoseThatSomebodyElseWorkedOut) {
  EXPECT_EQ(hash_of<Everything>(), "RIHS01_e6ec34aef2b24fffa40b3e4ab04a111195335f8af8beab8c8a22ab625a495322");
  EXPECT_EQ(hash_of<demo_msgs::Nothing>(), "RIHS01_240b534ce0fe2f51a6c486815f69d2062f527ebefa019a03236e86deb4ce4dea");
  EXPECT_EQ(hash_of<demo_msgs::Gripper>(), "RIHS01_ea6d7bbc7f39d0c042843a9698c19f394c9267ae54cd1b193c26f57916308145");
  EXPECT_EQ(hash_of<demo_msgs::Measure>(), "RIHS01_7187d389eb9eca882814e8080ce8ad64e7ba98c312a9996239d5f06bddfc3d37");
  EXPECT_EQ(hash_of<demo_msgs::Measure::Response>(),
            "RIHS01_eb86875c2ebebe5695af493263698e9d2f5b2a912a4473fed3c5048f725b0756");
  EXPECT_EQ(hash_of<demo_msgs::GripperAction>(),
            "RIHS01_f1b7a79a4d41a15026a8550ac90b6a7d181fad5a3ba82442ec404211d6b215f4");
  EXPECT_EQ(hash_of<FeedbackMessage<demo_msgs::GripperAction>>(),
            "RIHS01_18dc9f0f1d47d9d82df9c24431c759fdfff4c5e18f514dd49f0913ff91786623");
}

TEST(ImportedTest, ConstantsAreThere) {
  EXPECT_EQ(Everything::LOWEST, -128);
  EXPECT_EQ(Everything::HIGHEST, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(Everything::DEEPEST, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(Everything::RATIO, 0.1F);
  EXPECT_TRUE(std::isnan(Everything::NOTHING));
  EXPECT_TRUE(Everything::YES);
  EXPECT_EQ(Everything::MASK, std::byte{15});
  EXPECT_EQ(Everything::LETTER, 'A');
  EXPECT_EQ(Everything::GREETING, "hello # \"you\"");
  EXPECT_EQ(demo_msgs::Measure::Request::SLOW, 1);
}

TEST(ImportedTest, DefaultsAreThere) {
  const Everything value;
  EXPECT_TRUE(value.flag);
  EXPECT_EQ(value.letter, 'B');
  EXPECT_EQ(value.f32, 1.5F);
  EXPECT_EQ(value.f64, -0.002);
  EXPECT_EQ(value.u8, 255);
  EXPECT_EQ(value.i16, 0);
  EXPECT_EQ(value.i64, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(value.text, "de \"fault\"");
  EXPECT_EQ(value.label.view(), "abc");
  EXPECT_EQ(value.pair, (std::array{1.0, 2.5}));
  EXPECT_EQ(value.numbers, (std::vector{1, 2, 3}));
  EXPECT_EQ(value.words, (std::vector<std::string>{"a", "b, c"}));
  ASSERT_EQ(value.some.size(), 1U);
  EXPECT_EQ(value.some[0], 7);
  ASSERT_EQ(value.labels.size(), 1U);
  EXPECT_EQ(value.labels[0].view(), "x");
  EXPECT_EQ(demo_msgs::Measure::Request{}.mode, 1);
}

TEST(ImportedTest, DefaultsAreDescribed) {
  const auto text = msg_text(ros_type<Everything>().description.type_description);
  for (const char* line : {"bool flag true\n", "float64 f64 -0.002\n", "string text \"de \\\"fault\\\"\"\n",
                           "string<=5 label \"abc\"\n", "float64[2] pair [1.0, 2.5]\n", "uint8[<=4] some [7]\n",
                           "string<=5[<=2] labels [\"x\"]\n", "int16 i16\n", "geometry_msgs/Point[<=2] corners\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "in\n" << text;
  }
}

template <class T>
void expect_round_trip(const T& value) {
  const auto again = from_cdr<T>(to_cdr(value));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(*again, value);
}

TEST(ImportedTest, OneOfEachTravels) {
  Everything everything;
  everything.flags = {true, false};
  everything.header.frame_id = "base";
  everything.corners.push_back({.x = 1, .y = 2, .z = 3});
  everything.nothings.resize(2);
  expect_round_trip(everything);
  expect_round_trip(demo_msgs::Nothing{});
  expect_round_trip(demo_msgs::Measure::Request{.mode = 3});
  demo_msgs::Measure::Response response;
  response.readings.resize(1);
  response.readings[0].name = {"elbow"};
  expect_round_trip(response);
  SendGoal<demo_msgs::GripperAction>::Request goal;
  goal.goal.target.width = 0.04;
  expect_round_trip(goal);
  FeedbackMessage<demo_msgs::GripperAction> feedback;
  feedback.feedback.now.width = 0.01;
  expect_round_trip(feedback);
}

TEST(ImportedTest, NamesThatCppHasTakenHaveAnUnderscoreHereAndNoneInRosAndJson) {
  using demo_msgs::Reserved;
  EXPECT_EQ(Reserved::NULL_ + Reserved::EOF_ + Reserved::OVERFLOW_, 7);
  EXPECT_EQ(Reserved::NAN_, 0.5);
  EXPECT_EQ(Reserved::SIGINT_, "five");
  Reserved reserved;
  reserved.union_ = {2};
  const std::string json = R"({"class":1,"union":[2],"errno":"none","std":{},"takt":false})";
  EXPECT_EQ(to_json(reserved), json);
  EXPECT_EQ(from_json<Reserved>(json), reserved);
  std::vector<std::string> names;
  for (const auto& field : ros_type<Reserved>().description.type_description.fields) {
    names.emplace_back(field.name);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"class", "union", "errno", "std", "takt"}));
}

}  // namespace
