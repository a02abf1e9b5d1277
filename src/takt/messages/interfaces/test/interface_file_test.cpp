#include "takt/messages/interfaces/interface_file.hpp"

#include <gtest/gtest.h>

#include "takt/core/error.hpp"

namespace takt::messages {
namespace {

InterfaceFile parse(std::string_view text, const std::string& path = "my_pkg/msg/Foo.msg") {
  return parse_interface(text, interface_source(path, std::nullopt));
}

std::string error_of(std::string_view text, const std::string& path = "my_pkg/msg/Foo.msg") {
  try {
    parse(text, path);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

TEST(InterfaceFileTest, NameKindAndPackageComeFromThePath) {
  const InterfaceSource source = interface_source("/some/where/my_pkg/srv/DoIt.srv", std::nullopt);
  EXPECT_EQ(source.package, "my_pkg");
  EXPECT_EQ(source.name, "DoIt");
  EXPECT_EQ(source.kind, InterfaceKind::kService);
  EXPECT_EQ(interface_source("Foo.action", "other_pkg").package, "other_pkg");
  EXPECT_EQ(interface_source("Foo.action", "other_pkg").kind, InterfaceKind::kAction);
}

TEST(InterfaceFileTest, APathThatIsNoInterfaceIsRefused) {
  EXPECT_THROW((void)interface_source("my_pkg/msg/Foo.idl", std::nullopt), ConfigError);
  EXPECT_THROW((void)interface_source("my_pkg/msg/foo.msg", std::nullopt), ConfigError);
  EXPECT_THROW((void)interface_source("my-pkg/msg/Foo.msg", std::nullopt), ConfigError);
  EXPECT_THROW((void)interface_source("my_pkg/msg/Foo.msg", "My"), ConfigError);
}

TEST(InterfaceFileTest, FieldsHaveTypesBoundsAndDefaults) {
  const auto file = parse(
      "string<=5[<=3] names [\"a\", \"b\"]\nfloat64[2] pair [1, 2.5]\nPoint[] points\n"
      "geometry_msgs/msg/Pose pose\nstd_msgs/Header header\nbool on true\r\nuint8 last");
  ASSERT_EQ(file.parts.size(), 1U);
  const auto& fields = file.parts[0].fields;
  ASSERT_EQ(fields.size(), 7U);
  EXPECT_EQ(fields[0].type,
            (InterfaceFieldType{
                .package = {}, .name = "string", .text_bound = 5, .repetition = Repetition::kBounded, .capacity = 3}));
  EXPECT_EQ(fields[0].values, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(fields[1].values, (std::vector<std::string>{"1.0", "2.5"}));
  EXPECT_EQ(fields[2].type.package, "my_pkg") << "the file's own";
  EXPECT_EQ(fields[2].type.repetition, Repetition::kUnbounded);
  EXPECT_EQ(fields[3].type.package, "geometry_msgs");
  EXPECT_EQ(fields[3].type.name, "Pose");
  EXPECT_EQ(fields[4].type.name, "Header");
  EXPECT_EQ(fields[5].values, std::vector<std::string>{"true"});
  EXPECT_FALSE(fields[6].has_default);
}

TEST(InterfaceFileTest, ConstantsHaveValues) {
  const auto constants =
      parse("int32 A=-1\nstring TEXT = \"x # y\" # z\nfloat32 F=1e3\nbyte B=0x10\n").parts[0].constants;
  ASSERT_EQ(constants.size(), 4U);
  EXPECT_EQ(constants[0].value, "-1");
  EXPECT_EQ(constants[1].value, "x # y");
  EXPECT_EQ(constants[1].comments, std::vector<std::string>{"z"});
  EXPECT_EQ(constants[2].value, "1000.0");
  EXPECT_EQ(constants[3].value, "16");
}

TEST(InterfaceFileTest, CommentsBelongToWhatFollowsOrTheirLine) {
  const auto part = parse("# About it.\n#\n# More.\n\n# metres\nfloat64 x  # along\n\n# alone\n\nfloat64 y\n").parts[0];
  EXPECT_EQ(part.comments, (std::vector<std::string>{"About it.", "", "More."}));
  EXPECT_EQ(part.fields[0].comments, (std::vector<std::string>{"metres", "along"}));
  EXPECT_EQ(part.fields[1].comments, std::vector<std::string>{});
}

TEST(InterfaceFileTest, AServiceHasTwoPartsAndAnActionThree) {
  EXPECT_EQ(parse("---\nbool ok\n", "my_pkg/srv/Foo.srv").parts.size(), 2U);
  EXPECT_EQ(parse("int32 n\n---\n\n---\n", "my_pkg/action/Foo.action").parts.size(), 3U);
  EXPECT_NE(error_of("bool ok\n", "my_pkg/srv/Foo.srv").find("has 1 parts"), std::string::npos);
  EXPECT_NE(error_of("---\n").find("has 2 parts"), std::string::npos);
  EXPECT_NE(error_of("---\n---\n---\n", "my_pkg/action/Foo.action").find("fourth"), std::string::npos);
}

TEST(InterfaceFileTest, AnErrorNamesFileLineAndField) {
  const std::string error = error_of("int32 good\nint8 bad 300\n");
  EXPECT_NE(error.find("my_pkg/msg/Foo.msg:2"), std::string::npos) << error;
  EXPECT_NE(error.find("bad"), std::string::npos) << error;
  EXPECT_NE(error.find("'300' is no int8"), std::string::npos) << error;
}

TEST(InterfaceFileTest, WhatRosDoesNotAllowIsRefusedByName) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"int32", "neither"},
      {"int32 Upper", "small letters"},
      {"int32 a__b", "small letters"},
      {"int32 a_", "small letters"},
      {"int32 a\nint64 a", "twice"},
      {"int32 NAN=1\nint64 NAN_=2", "twice"},
      {"int32 lower=1", "capitals"},
      {"Header H=1", "a number, a bool or a string"},
      {"int32[2] C=1", "a number, a bool or a string"},
      {"wstring w", "wstring is not supported"},
      {"wstring<=3 w", "wstring is not supported"},
      {"int32<=3 x", "only a string"},
      {"string<=0 x", "no size"},
      {"int32[0] x", "no size"},
      {"int32[-1] x", "no size"},
      {"int32[99999999999999999999] x", "no size"},
      {"int32[3 x", "not closed"},
      {"double x", "no type of ROS"},
      {"a/b/C x", "no type of ROS"},
      {"std_msgs/Header h 1", "no default"},
      {"int32[2] x [1]", "1 elements for 2"},
      {"int32[<=1] x [1, 2]", "2 elements for 1"},
      {"int32 x 1 2", "is no int32"},
      {"int32 x 1 = 2", "is no int32"},
  };
  for (const auto& [text, what] : wrong) {
    EXPECT_NE(error_of(text).find(what), std::string::npos) << text << " gave: " << error_of(text);
  }
}

TEST(InterfaceFileTest, AConstantThatIsCalledLikeItsTypeIsRefused) {
  EXPECT_NE(
      error_of("bool good\nint32 UUID=1\n", "my_pkg/msg/UUID.msg").find("UUID.msg:2: UUID: is what the type itself"),
      std::string::npos);
}

TEST(InterfaceFileTest, MoreFieldsThanCanBeDescribedAreRefused) {
  std::string text;
  for (int i = 0; i < 50; ++i) {
    text += "int32 f" + std::to_string(i) + "\n";
  }
  EXPECT_EQ(error_of(text), "no error");
  EXPECT_NE(error_of(text + "int32 more\n").find("one field too many"), std::string::npos);
}

TEST(InterfaceFileTest, AFileWithoutAnythingIsAMessageWithoutMembers) {
  EXPECT_TRUE(parse("").parts[0].fields.empty());
  EXPECT_TRUE(parse("# only words").parts[0].fields.empty());
  EXPECT_EQ(parse("# only words").parts[0].comments, std::vector<std::string>{"only words"});
}

}  // namespace
}  // namespace takt::messages
