#include "takt/messages/ros_message.hpp"

#include <gtest/gtest.h>

#include "takt/messages/packages/geometry_msgs.hpp"

namespace takt::messages {
namespace {

enum class Color : std::int16_t { kRed };

struct Everything {
  static constexpr std::string_view kRosName = "test_msgs/msg/Everything";
  static constexpr std::uint8_t LIMIT = 3;

  bool flag{true};
  char letter{0};
  std::byte byte{0};
  std::int8_t i8{0};
  std::uint8_t u8{0};
  long long i64{0};
  unsigned long u64{0};
  float f32{0.0F};
  double f64{0.5};
  Color color{Color::kRed};
  std::string text;
  core::FixedString<6> label;
  geometry_msgs::Point point;
  std::array<std::uint16_t, 4> array{};
  std::vector<geometry_msgs::Point> points;
  core::BoundedVector<core::FixedString<6>, 3> labels;
  std::optional<float> maybe;
  core::JointVector joints;
};
BOOST_DESCRIBE_STRUCT(Everything, (),
                      (LIMIT, flag, letter, byte, i8, u8, i64, u64, f32, f64, color, text, label, point, array, points,
                       labels, maybe, joints))

struct Nameless {};
BOOST_DESCRIBE_STRUCT(Nameless, (), ())

struct Empty {
  static constexpr std::string_view kRosName = "test_msgs/msg/Empty";
};
BOOST_DESCRIBE_STRUCT(Empty, (), ())

static_assert(RosMessage<Everything> && RosMessage<Empty> && RosMessage<geometry_msgs::Point>);
static_assert(!RosMessage<Nameless> && !RosMessage<int>);
static_assert(kRosStruct<Everything>.name == "test_msgs/msg/Everything");
static_assert(kRosStruct<Empty>.members.empty());

const RosMember& member(std::string_view name) {
  for (const RosMember& candidate : kRosStruct<Everything>.members) {
    if (candidate.name == name) {
      return candidate;
    }
  }
  throw std::out_of_range(std::string(name));
}

// The numbers of type_description_interfaces/msg/FieldType.
TEST(RosMessageTest, EveryTypeOfCppHasItsNumber) {
  const std::vector<std::pair<std::string_view, int>> numbers = {
      {"flag", 15}, {"letter", 13}, {"byte", 16},    {"i8", 2},       {"u8", 3},      {"i64", 8},
      {"u64", 9},   {"f32", 10},    {"f64", 11},     {"color", 4},    {"text", 17},   {"label", 21},
      {"point", 1}, {"array", 53},  {"points", 145}, {"labels", 117}, {"maybe", 106}, {"joints", 107}};
  ASSERT_EQ(kRosStruct<Everything>.members.size(), numbers.size()) << "constants are no members";
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    EXPECT_EQ(kRosStruct<Everything>.members[i].name, numbers[i].first);
    EXPECT_EQ(member(numbers[i].first).type.type_id, numbers[i].second) << numbers[i].first;
  }
}

TEST(RosMessageTest, BoundsAreThoseOfTheCppType) {
  EXPECT_EQ(member("label").type.string_capacity, 5U);
  EXPECT_EQ(member("label").type.capacity, 0U);
  EXPECT_EQ(member("array").type.capacity, 4U);
  EXPECT_EQ(member("points").type.capacity, 0U);
  EXPECT_EQ(member("labels").type.capacity, 3U);
  EXPECT_EQ(member("labels").type.string_capacity, 5U);
  EXPECT_EQ(member("maybe").type.capacity, 1U);
  EXPECT_EQ(member("joints").type.capacity, core::kMaxJoints);
}

TEST(RosMessageTest, AMessageInAMessageIsNamed) {
  ASSERT_NE(member("point").type.nested, nullptr);
  EXPECT_EQ(member("point").type.nested->name, "geometry_msgs/msg/Point");
  EXPECT_EQ(member("points").type.nested, member("point").type.nested);
  EXPECT_EQ(member("f64").type.nested, nullptr);
}

TEST(RosMessageTest, OnlyADefaultThatIsNotZeroIsOne) {
  EXPECT_EQ(member("flag").default_text(), "true");
  EXPECT_EQ(member("f64").default_text(), "0.5");
  EXPECT_EQ(member("i8").default_text(), "");
  EXPECT_EQ(member("array").default_text(), "");
  EXPECT_EQ(member("point").default_text, nullptr);
}

}  // namespace
}  // namespace takt::messages
