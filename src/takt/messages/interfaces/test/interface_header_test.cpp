#include "takt/messages/interfaces/interface_header.hpp"

#include <gtest/gtest.h>

namespace takt::messages {
namespace {

// That headers compile, and what they declare is what ROS has, is tested with a compiler: tests/interfaces.

std::string header_of(std::string_view text, const std::string& path, const std::string& struct_name = "Foo") {
  return write_header(parse_interface(text, interface_source(path, std::nullopt)),
                      {.enclosing_namespace = "", .struct_name = struct_name, .shipped = [](std::string_view package) {
                         return package == "std_msgs";
                       }});
}

TEST(InterfaceHeaderTest, AMessageBecomesADescribedStruct) {
  EXPECT_EQ(header_of("# What it is.\n\nstring<=4 ID=\"a\\\"b\"\n\n# Where.\nstd_msgs/Header header\nBar[2] bars\n"
                      "float32 speed 0.5  # m/s\nint64 low -9223372036854775808\n",
                      "my_pkg/msg/Foo.msg"),
            R"(#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <boost/describe.hpp>

)"
            "#include \"my_pkg/msg/bar.hpp\"\n#include \"takt/messages/packages/std_msgs.hpp\"\n"
            R"(
namespace my_pkg {

/// What it is.
struct Foo {
  static constexpr std::string_view kRosName = "my_pkg/msg/Foo";
  static constexpr std::string_view ID = "a\"b";

  /// Where.
  takt::std_msgs::Header header;
  std::array<Bar, 2> bars{};
  /// m/s
  float speed{0.5F};
  std::int64_t low{-9223372036854775807 - 1};

  friend bool operator==(const Foo&, const Foo&) = default;
};
BOOST_DESCRIBE_STRUCT(Foo, (), (ID, header, bars, speed, low))

}  // namespace my_pkg
)");
}

TEST(InterfaceHeaderTest, AServiceHoldsItsMessages) {
  const std::string header = header_of("# Asks.\n\n---\nother_pkg/Bar bar\n", "my_pkg/srv/Foo.srv", "FooService");
  EXPECT_NE(header.find("/// Asks.\nstruct FooService {\n"), std::string::npos) << header;
  EXPECT_NE(header.find("kRosName = \"my_pkg/srv/Foo\";"), std::string::npos);
  EXPECT_NE(header.find("kRosName = \"my_pkg/srv/Foo_Response\";"), std::string::npos);
  EXPECT_NE(header.find("::other_pkg::Bar bar;"), std::string::npos);
  EXPECT_NE(header.find("#include \"other_pkg/msg/bar.hpp\""), std::string::npos);
  EXPECT_NE(header.find("BOOST_DESCRIBE_STRUCT(FooService::Request, (), ())\n"), std::string::npos);
}

TEST(InterfaceHeaderTest, ACommentCannotReachTheNextLine) {
  const std::string header = header_of("int32 x # a path \\\n", "my_pkg/msg/Foo.msg");
  EXPECT_NE(header.find("/// a path \\.\n"), std::string::npos) << header;
}

TEST(InterfaceHeaderTest, ATextIsEscapedForCpp) {
  const std::string header = header_of("string S=\"tab\there \xc3\xa4\"\n", "my_pkg/msg/Foo.msg");
  EXPECT_NE(header.find("S = \"tab\\011here \xc3\xa4\";"), std::string::npos) << header;
}

TEST(InterfaceHeaderTest, FilesAreNamedAsRosNamesThem) {
  EXPECT_EQ(header_path("my_pkg", InterfaceKind::kMessage, "PointCloud2"), "my_pkg/msg/point_cloud2.hpp");
  EXPECT_EQ(header_path("my_pkg", InterfaceKind::kService, "GetURDFText"), "my_pkg/srv/get_urdf_text.hpp");
  EXPECT_EQ(header_path("my_pkg", InterfaceKind::kAction, "TFMessage"), "my_pkg/action/tf_message.hpp");
  EXPECT_EQ(header_path("my_pkg", InterfaceKind::kMessage, "UUID"), "my_pkg/msg/uuid.hpp");
}

// my_pkg/msg/Goal is meant; within Foo, `Goal` is Foo::Goal. It compiles, and other bytes travel.
TEST(InterfaceHeaderTest, AMessageOfThePackageIsNotMistakenForAPartOfTheAction) {
  const std::string action = header_of("int32 order\n---\nGoal reached\n---\n", "my_pkg/action/Foo.action");
  EXPECT_NE(action.find("my_pkg::Goal reached"), std::string::npos) << action;
  const std::string service = header_of("int32 a\n---\nRequest[] seen\n", "my_pkg/srv/Foo.srv");
  EXPECT_NE(service.find("my_pkg::Request> seen"), std::string::npos) << service;
}

// Compilers take a backslash, blanks and the line's end for a continuation; the blank is made after the check.
TEST(InterfaceHeaderTest, NoCommentSwallowsTheLineAfterIt) {
  const std::string header = header_of("# hostile \\\x01\nint32 a\n", "my_pkg/msg/Foo.msg");
  EXPECT_EQ(header.find("\\ \n"), std::string::npos) << header;
}

TEST(InterfaceHeaderTest, NamesThatCppHasTakenGetAnUnderscore) {
  const std::string header =
      header_of("class/Foo union\nNAN std\nint32 OVERFLOW=1\nint32 errno 3\nint32 takt\nbool good\n",
                "namespace/msg/NULL.msg", "NULL");
  EXPECT_NE(header.find("namespace namespace_ {\n\nstruct NULL_ {\n"), std::string::npos) << header;
  EXPECT_NE(header.find("kRosName = \"namespace/msg/NULL\";"), std::string::npos) << header;
  EXPECT_NE(header.find("#include \"class/msg/foo.hpp\""), std::string::npos) << header;
  EXPECT_NE(header.find("::class_::Foo union_;"), std::string::npos) << header;
  EXPECT_NE(header.find("  NAN_ std_;"), std::string::npos) << header;
  EXPECT_NE(header.find("OVERFLOW_ = 1;"), std::string::npos) << header;
  EXPECT_NE(header.find("errno_{3};"), std::string::npos) << header;
  EXPECT_NE(header.find("BOOST_DESCRIBE_STRUCT(NULL_, (), (OVERFLOW_, union_, std_, errno_, takt_, good))"),
            std::string::npos)
      << header;
}

}  // namespace
}  // namespace takt::messages
