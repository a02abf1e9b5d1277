#include "takt/core/fixed_string.hpp"

#include <type_traits>

#include <gtest/gtest.h>

namespace takt::core {
namespace {

static_assert(std::is_trivially_copyable_v<FixedString<8>>);

TEST(FixedStringTest, KeepsTextThatFits) {
  EXPECT_EQ(FixedString<8>("seven_7").view(), "seven_7");
}

TEST(FixedStringTest, CutsTextThatDoesNot) {
  EXPECT_EQ(FixedString<8>("eight__8").view(), "eight__");
}

TEST(FixedStringTest, CutsBetweenCharactersOfUtf8) {
  static_assert(FixedString<5>("abc\u00e4").view() == "abc");         // two bytes, one fits
  static_assert(FixedString<6>("abc\u00e4x").view() == "abc\u00e4");  // fits to the byte
  static_assert(FixedString<7>("abc\U0001F916").view() == "abc");     // four bytes, three fit
  static_assert(FixedString<3>("\u20ac").view().empty());             // three bytes, two fit
  EXPECT_EQ(FixedString<5>("\x80\x80\x80\x80\x80\x80").view().size(), 4U) << "not UTF-8: cut anywhere";
  EXPECT_EQ(FixedString<3>("\x80\x80\x80").view().size(), 2U);
}

TEST(FixedStringTest, ComparesByText) {
  EXPECT_EQ(FixedString<8>("a"), FixedString<8>("a"));
  EXPECT_NE(FixedString<8>("a"), FixedString<8>("ab"));
  EXPECT_TRUE(FixedString<8>().empty());
}

}  // namespace
}  // namespace takt::core
