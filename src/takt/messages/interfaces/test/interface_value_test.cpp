#include "takt/messages/interfaces/interface_value.hpp"

#include <gtest/gtest.h>

namespace takt::messages {
namespace {

std::string value_of(const std::string& type, std::string_view text) {
  const auto value = parse_value({.package = {}, .name = type, .text_bound = {}}, text);
  return value ? *value : "error: " + value.error();
}

TEST(InterfaceValueTest, IntegersOfAnyBaseAreWithinTheirType) {
  EXPECT_EQ(value_of("int8", "-128"), "-128");
  EXPECT_EQ(value_of("int8", "-129"), "error: '-129' is no int8");
  EXPECT_EQ(value_of("int8", "128"), "error: '128' is no int8");
  EXPECT_EQ(value_of("uint8", "0xff"), "255");
  EXPECT_EQ(value_of("char", "65"), "65");
  EXPECT_EQ(value_of("byte", "256"), "error: '256' is no byte");
  EXPECT_EQ(value_of("uint16", "0b101"), "5");
  EXPECT_EQ(value_of("uint32", "0o17"), "15");
  EXPECT_EQ(value_of("uint32", "+7"), "7");
  EXPECT_EQ(value_of("int32", "-0"), "0");
  EXPECT_EQ(value_of("int64", "-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(value_of("int64", "-9223372036854775809"), "error: '-9223372036854775809' is no int64");
  EXPECT_EQ(value_of("uint64", "18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(value_of("uint64", "18446744073709551616"), "error: '18446744073709551616' is no uint64");
  EXPECT_EQ(value_of("uint64", "-1"), "error: '-1' is no uint64");
  for (const char* text : {"", "-", "+-1", "--1", "0x", "1.0", "1 2", "0xg", "1u"}) {
    EXPECT_TRUE(value_of("int32", text).starts_with("error")) << text;
  }
}

TEST(InterfaceValueTest, BoolsAreThoseOfRosAndPython) {
  EXPECT_EQ(value_of("bool", "true"), "true");
  EXPECT_EQ(value_of("bool", "True"), "true");
  EXPECT_EQ(value_of("bool", "0"), "false");
  EXPECT_EQ(value_of("bool", "yes"), "error: 'yes' is no bool");
}

TEST(InterfaceValueTest, FloatsAreWrittenAsCppHasThem) {
  EXPECT_EQ(value_of("float64", "1"), "1.0");
  EXPECT_EQ(value_of("float64", ".5"), "0.5");
  EXPECT_EQ(value_of("float64", "+1e-3"), "0.001");
  EXPECT_EQ(value_of("float32", "0.1"), "0.1");
  EXPECT_EQ(value_of("float64", "nan"), "nan");
  EXPECT_EQ(value_of("float32", "-inf"), "-inf");
  EXPECT_EQ(value_of("float32", "1e39"), "error: '1e39' is no float32");
  EXPECT_EQ(value_of("float64", "+-1"), "error: '+-1' is no float64");
  EXPECT_EQ(value_of("float64", ""), "error: '' is no float64");
}

TEST(InterfaceValueTest, TextsLoseTheirQuotes) {
  EXPECT_EQ(value_of("string", R"("a \"b\" # 'c'")"), R"(a "b" # 'c')");
  EXPECT_EQ(value_of("string", "'it'"), "it");
  EXPECT_EQ(value_of("string", "plain words"), "plain words");
  EXPECT_EQ(value_of("string", "\"\""), "");
  EXPECT_EQ(value_of("string", "\"open"), "error: the text \"open has no end");
  EXPECT_EQ(value_of("string", "\"a\" b"), "error: '\"a\" b' goes on after its text");
  EXPECT_EQ(*parse_value({.package = {}, .name = "string", .text_bound = 3}, "abc"), "abc");
  EXPECT_FALSE(parse_value({.package = {}, .name = "string", .text_bound = 2}, "abc"));
}

TEST(InterfaceValueTest, ListsHoldValuesOfOneType) {
  const InterfaceFieldType number{.package = {}, .name = "int32", .text_bound = {}};
  const InterfaceFieldType text{.package = {}, .name = "string", .text_bound = {}};
  EXPECT_EQ(parse_values(number, "[1,  -2 ,3]"), (std::vector<std::string>{"1", "-2", "3"}));
  EXPECT_EQ(parse_values(number, "[ ]"), std::vector<std::string>{});
  EXPECT_EQ(parse_values(text, R"(["a, b", 'c]'])"), (std::vector<std::string>{"a, b", "c]"}));
  EXPECT_FALSE(parse_values(number, "[1,]"));
  EXPECT_FALSE(parse_values(number, "1, 2"));
  EXPECT_FALSE(parse_values(number, "["));
}

TEST(InterfaceValueTest, ACommentBeginsOutsideOfQuotes) {
  EXPECT_EQ(comment_at("int32 x # here"), 8U);
  EXPECT_EQ(comment_at(R"(string s "a # b" # c)"), 17U);
  EXPECT_EQ(comment_at("int32 x"), 7U);
  EXPECT_EQ(comment_at("# it's all"), 0U);
}

}  // namespace
}  // namespace takt::messages
