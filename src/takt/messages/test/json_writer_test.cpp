#include "takt/messages/json_writer.hpp"

#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "takt/messages/json.hpp"

namespace takt::messages {
namespace {

TEST(JsonTest, WritesBytesThatAreNotUtf8AsTheReplacementCharacter) {
  const std::string mark = "\u00ef\u00bf";  // any valid text
  for (const char* bad :
       {"\xff", "\x80", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xf0\x8f\xbf\xbf"}) {
    const auto again = from_json<std::string>(to_json(mark + bad + "x"));
    ASSERT_TRUE(again) << again.error().text();
    std::string want = mark;
    for (std::size_t i = 0; i < std::strlen(bad); ++i) {
      want += "\ufffd";
    }
    EXPECT_EQ(*again, want + "x");
  }
}

TEST(JsonTest, KeepsEveryUnicodeCharacter) {
  const std::string text = "a\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff";
  EXPECT_EQ(to_json(text), '"' + text + '"');
  EXPECT_EQ(*from_json<std::string>(to_json(text)), text);
}

TEST(JsonTest, AFixedStringThatIsNotUtf8IsCutSoThatItReadsBack) {
  const core::FixedString<8> bad("abcde\xff\xff");
  const auto again = from_json<core::FixedString<8>>(to_json(bad));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->view(), "abcde");
}

TEST(JsonTest, WritesACStringAsText) {
  JsonWriter out;
  const char* text = "text";
  write_json(out, text);
  write_json(out, "literal");
  write_json(out, true);
  EXPECT_EQ(out.text, "\"text\"\"literal\"true");
}

}  // namespace
}  // namespace takt::messages
