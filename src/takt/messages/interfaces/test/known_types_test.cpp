#include "takt/messages/interfaces/known_types.hpp"

#include <algorithm>
#include <map>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "takt/messages/interfaces/test/ros_hashes.hpp"
#include "takt/messages/packages/std_msgs.hpp"

namespace takt::messages {
namespace {

std::map<std::string, std::string> hashes_of_ros() {
  std::map<std::string, std::string> hashes;
  std::istringstream lines{std::string(kRosHashes)};
  for (std::string name, hash; lines >> name >> hash;) {
    hashes[name] = hash;
  }
  return hashes;
}

TEST(KnownTypesTest, EveryShippedTypeHasTheHashThatSomebodyElseWorkedOut) {
  auto expected = hashes_of_ros();
  for (const KnownType& type : known_types()) {
    const auto known = expected.extract(std::string(type.name));
    ASSERT_TRUE(known) << type.name;
    EXPECT_EQ(rihs01_text(type.type().hash), known.mapped()) << type.name;
    EXPECT_EQ(type.type().name, type.name);
  }
  EXPECT_TRUE(expected.empty()) << expected.size() << " types of ROS are not shipped";
}

TEST(KnownTypesTest, NamesAreInOrderAndEachIsThereOnce) {
  const auto types = known_types();
  EXPECT_TRUE(std::ranges::is_sorted(types, {}, &KnownType::name));
  EXPECT_EQ(std::ranges::adjacent_find(types, {}, &KnownType::name), types.end());
}

TEST(KnownTypesTest, EveryMessageBecomesJsonAndBytesAgain) {
  for (const KnownType& type : known_types()) {
    if (type.cdr_from_json == nullptr) {
      continue;
    }
    const auto bytes = type.cdr_from_json("{}");
    ASSERT_TRUE(bytes) << type.name;
    const auto json = type.json_from_cdr(*bytes);
    ASSERT_TRUE(json) << type.name << ": " << json.error().text();
    EXPECT_EQ(type.cdr_from_json(*json), *bytes) << type.name;
    EXPECT_FALSE(type.json_from_cdr(std::span(*bytes).first(4))) << type.name << " is at least a byte";
  }
}

TEST(KnownTypesTest, AMessageIsFoundByItsLongAndItsShortName) {
  ASSERT_NE(find_known_type("std_msgs/msg/String"), nullptr);
  EXPECT_EQ(find_known_type("std_msgs/String"), find_known_type("std_msgs/msg/String"));
  EXPECT_EQ(&find_known_type("std_msgs/String")->type(), &ros_type<std_msgs::String>());
  EXPECT_EQ(find_known_type("std_msgs/msg/Strin"), nullptr);
  EXPECT_EQ(find_known_type("String"), nullptr);
  EXPECT_EQ(find_known_type(""), nullptr);
}

TEST(KnownTypesTest, PackagesAreKnownByTheirWholeName) {
  EXPECT_TRUE(is_known_package("std_msgs"));
  EXPECT_TRUE(is_known_package("control_msgs"));
  EXPECT_FALSE(is_known_package("std_msg"));
  EXPECT_FALSE(is_known_package("my_msgs"));
}

TEST(KnownTypesTest, ATypeIsShownAsItsFileHasIt) {
  EXPECT_EQ(interface_text(*find_known_type("diagnostic_msgs/msg/DiagnosticStatus")),
            "byte OK=0\nbyte WARN=1\nbyte ERROR=2\nbyte STALE=3\nbyte level\nstring name\nstring message\n"
            "string hardware_id\ndiagnostic_msgs/KeyValue[] values\n");
  EXPECT_EQ(interface_text(*find_known_type("std_srvs/srv/Trigger")), "---\nbool success\nstring message\n");
  EXPECT_EQ(interface_text(*find_known_type("example_interfaces/action/Fibonacci")),
            "int32 order\n---\nint32[] sequence\n---\nint32[] sequence\n");
}

TEST(KnownTypesTest, WhatCannotBeReadIsSaidWithItsPlace) {
  const KnownType& type = *find_known_type("geometry_msgs/msg/PoseStamped");
  const auto bytes = type.cdr_from_json(R"({"pose": {"position": {"x": "far"}}})");
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().path, "pose.position.x");
}

}  // namespace
}  // namespace takt::messages
