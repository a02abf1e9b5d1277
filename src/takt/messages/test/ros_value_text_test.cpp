#include "takt/messages/ros_value_text.hpp"

#include <array>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "takt/core/bounded_vector.hpp"

namespace takt::messages {
namespace {

enum class Level : std::uint8_t { kHigh = 7 };

TEST(RosValueTextTest, NumbersAreWrittenInFull) {
  EXPECT_EQ(ros_value_text(true), "true");
  EXPECT_EQ(ros_value_text(std::int8_t{-128}), "-128");
  EXPECT_EQ(ros_value_text(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(ros_value_text(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(ros_value_text(Level::kHigh), "7");
  EXPECT_EQ(ros_value_text(std::byte{255}), "255");
}

TEST(RosValueTextTest, AFloatIsTheShortestThatReadsBack) {
  EXPECT_EQ(ros_value_text(1.0), "1.0");
  EXPECT_EQ(ros_value_text(0.1F), "0.1");
  EXPECT_EQ(ros_value_text(0.1), "0.1");
  EXPECT_EQ(ros_value_text(1e300), "1e+300");
  EXPECT_EQ(ros_value_text(std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(ros_value_text(-std::numeric_limits<float>::infinity()), "-inf");
}

TEST(RosValueTextTest, TextsAreQuotedAndRangesInBrackets) {
  EXPECT_EQ(ros_value_text(std::string("a \"b\" \\")), R"("a \"b\" \\")");
  EXPECT_EQ(ros_value_text(core::FixedString<4>("abc")), "\"abc\"");
  EXPECT_EQ(ros_value_text(std::vector<bool>{true, false}), "[true, false]");
  EXPECT_EQ(ros_value_text(std::array{1.0, 2.5}), "[1.0, 2.5]");
  EXPECT_EQ(ros_value_text(core::BoundedVector<int, 2>{}), "[]");
  EXPECT_EQ(ros_value_text(std::optional<int>{}), "[]");
  EXPECT_EQ(ros_value_text(std::optional<int>{4}), "[4]");
}

}  // namespace
}  // namespace takt::messages
