#include "ros/parameter_file.hpp"

#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"

#include "ros/parameter_value.hpp"

namespace takt::app {
namespace {

using rcl_interfaces::Parameter;
using Type = ParameterType;

/// "node name: value" of each.
std::vector<std::string> read(const std::string& text) {
  std::vector<std::string> found;
  for (const FileParameter& one : parse_parameter_file(text, "f.yaml")) {
    found.push_back(one.node + " " + one.parameter.name + ": " + yaml_of(one.parameter.value));
  }
  return found;
}

std::string refusal(const std::string& text) {
  try {
    static_cast<void>(parse_parameter_file(text, "f.yaml"));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

using Lines = std::vector<std::string>;

TEST(ParameterFileTest, NamesAreThoseOfTheKeysAboveThem) {
  EXPECT_EQ(read("---\n"
                 "arm:   # of the left\n"
                 "  /controller:\r\n"
                 "    ros__parameters:\n"
                 "\n"
                 "      rate_hz: 100\n"
                 "      pid:\n"
                 "        p: 2.0  # more\n"
                 "        'i #': .5\n"
                 "      flat.name: it's#1 #2\n"
                 "/**:\n"
                 "  ros__parameters: {}\n"
                 "\"/other\":\n"
                 "  ros__parameters:\n"
                 "    on: on\n"),
            (Lines{"/arm/controller rate_hz: 100", "/arm/controller pid.p: 2.0", "/arm/controller pid.i #: 0.5",
                   "/arm/controller flat.name: \"it's#1\"", "/other on: true"}));
}

TEST(ParameterFileTest, ListsStandInBracketsOrInLines) {
  EXPECT_EQ(read("a:\n"
                 "  ros__parameters:\n"
                 "    one: [1, 2, ]\n"
                 "    two: [1, # first\n"
                 "      2.5]\n"
                 "    three:\n"
                 "    - 'a, ]'\n"
                 "    - \"b\\u00e9\"\n"
                 "    four:\n"
                 "      - true\n"
                 "      - no\n"
                 "    five: []\n"),
            (Lines{"/a one: [1, 2]", "/a two: [1.0, 2.5]", "/a three: [\"a, ]\", \"b\xC3\xA9\"]",
                   "/a four: [true, false]", "/a five: []"}));
}

TEST(ParameterFileTest, WhatItCannotReadIsRefusedWithItsPlace) {
  const std::string head = "a:\n  ros__parameters:\n";
  EXPECT_EQ(refusal(head + "    b: {c: 1}\n"),
            "f.yaml:3: a.ros__parameters.b: '{c: 1}' is no value: want a bool, a number, a text or a list");
  for (const std::string& rest : Lines{
           "    b: [1, a]\n", "    b: [1\n", "    b: [[1]]\n", "    b: 'a\n", "    b: &x 1\n", "    b: |\n      text\n",
           "    b:\n", "    b: 1\n      c: 2\n", "    b: 1\n   c: 2\n", "\tb: 1\n", "    b\n", "    - 1\n    b: 2\n",
           "    b:\n    - 1\n      c: 2\n", "    b: \"\\ud800\"\n", "    b: 99999999999999999999\n", "    '': 1\n"}) {
    const std::string said = refusal(head + rest);
    EXPECT_TRUE(said.starts_with("f.yaml:")) << rest << said;
  }
  EXPECT_NE(refusal("a:\n  b: 1\n").find("want NODE, below it ros__parameters"), std::string::npos);
  EXPECT_NE(refusal("ros__parameters:\n  b: 1\n").find("is no parameter"), std::string::npos);
}

TEST(ParameterFileTest, WhatIsWrittenIsReadBack) {
  std::vector<Parameter> parameters;
  const auto add = [&](const std::string& name, const std::string& value) {
    parameters.push_back({.name = name, .value = parse_parameter(value).value()});
  };
  add("a", "1");
  add("a.b", "true");  // below a value
  add("a.b.c", "[-1.5, 1.0e+300, .inf, -.inf]");
  add("a-b", "\"line\\n: #\"");
  add("c.d", "[y, \"17\", \"null\", '', plain]");
  add("c.e..f", "~");
  add("/clock.depth", "-9223372036854775808");
  const std::string text = parameter_file_text("/ns/node", parameters);
  const auto again = parse_parameter_file(text, "f.yaml");
  ASSERT_EQ(again.size(), parameters.size()) << text;
  for (const FileParameter& one : again) {
    const auto same = std::ranges::find(parameters, one.parameter.name, &Parameter::name);
    ASSERT_NE(same, parameters.end()) << one.parameter.name;
    EXPECT_EQ(one.parameter.value, same->value) << text;
    EXPECT_EQ(one.node, "/ns/node");
  }
  EXPECT_EQ(parameter_file_text("/n", {}), "/n:\n  ros__parameters: {}\n");
}

TEST(ParameterFileTest, StarsOfASectionStandForPartsOfANodesName) {
  EXPECT_TRUE(is_for_node("/a/b", "/a/b"));
  EXPECT_TRUE(is_for_node("/**", "/a/b"));
  EXPECT_TRUE(is_for_node("/**/b", "/a/b"));
  EXPECT_TRUE(is_for_node("/**/b", "/b"));
  EXPECT_TRUE(is_for_node("/**/b/**/c", "/b/b/x/c"));
  EXPECT_TRUE(is_for_node("/*/b", "/a/b"));
  EXPECT_FALSE(is_for_node("/*", "/a/b"));
  EXPECT_FALSE(is_for_node("/a", "/a/b"));
  EXPECT_FALSE(is_for_node("/a/b/c", "/a/b"));
  EXPECT_FALSE(is_for_node("/**/c", "/a/b"));
}

TEST(ParameterValueTest, ScalarsAreWhatTheyLookLike) {
  const auto type = [](const std::string& text) { return parse_parameter(text).value().type; };
  for (const char* text : {"true", "False", "yes", "OFF"}) {
    EXPECT_EQ(type(text), Type::PARAMETER_BOOL) << text;
  }
  for (const char* text : {"0", "-1", "+7", "0x1f", "017"}) {
    EXPECT_EQ(type(text), Type::PARAMETER_INTEGER) << text;
  }
  for (const char* text : {"0.0", "1.", ".5", "-1e-3", ".nan", "-.inf"}) {
    EXPECT_EQ(type(text), Type::PARAMETER_DOUBLE) << text;
  }
  for (const char* text : {"\"1\"", "'true'", "y", "inf", "nan", "1.2.3", "08", "0x", "-", ".", "''", "a b"}) {
    EXPECT_EQ(type(text), Type::PARAMETER_STRING) << text;
  }
  EXPECT_EQ(type("~"), Type::PARAMETER_NOT_SET);
  EXPECT_EQ(parse_parameter("0x1f")->integer_value, 31);
  EXPECT_EQ(parse_parameter("017")->integer_value, 15);
}

TEST(ParameterValueTest, ValuesBecomeWhatAParameterTakesWhereTheyCan) {
  const auto made = [](const char* text, std::uint8_t type) { return converted(parse_parameter(text).value(), type); };
  EXPECT_EQ(yaml_of(made("2", Type::PARAMETER_DOUBLE)), "2.0");
  EXPECT_EQ(yaml_of(made("[1, 2]", Type::PARAMETER_DOUBLE_ARRAY)), "[1.0, 2.0]");
  EXPECT_EQ(made("[1, 255]", Type::PARAMETER_BYTE_ARRAY).byte_array_value, (std::vector{std::byte{1}, std::byte{255}}));
  EXPECT_EQ(made("[]", Type::PARAMETER_BOOL_ARRAY).type, Type::PARAMETER_BOOL_ARRAY);
  EXPECT_EQ(made("[256]", Type::PARAMETER_BYTE_ARRAY).type, Type::PARAMETER_INTEGER_ARRAY);
  EXPECT_EQ(made("2.5", Type::PARAMETER_INTEGER).type, Type::PARAMETER_DOUBLE);
  EXPECT_EQ(made("2", Type::PARAMETER_NOT_SET).type, Type::PARAMETER_INTEGER);
}

}  // namespace
}  // namespace takt::app
