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

TEST(FixedStringTest, ComparesByText) {
  EXPECT_EQ(FixedString<8>("a"), FixedString<8>("a"));
  EXPECT_NE(FixedString<8>("a"), FixedString<8>("ab"));
  EXPECT_TRUE(FixedString<8>().empty());
}

}  // namespace
}  // namespace takt::core
