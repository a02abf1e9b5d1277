#include "takt/messages/json_value.hpp"

#include <string>

#include <gtest/gtest.h>

namespace takt::messages {
namespace {

TEST(JsonValueTest, GivesNothingForTheWrongKind) {
  const auto document = JsonDocument::parse(R"({"a":"text","n":1.5})");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->root().member("a")->as_double(), std::nullopt);
  EXPECT_EQ(document->root().member("n")->as_int64(), std::nullopt);
  EXPECT_EQ(document->root().member("n")->as_double(), 1.5);
  EXPECT_FALSE(document->root().member("absent").has_value());
  EXPECT_FALSE(document->root().each_element([](const JsonValue&) { return true; }));
}

TEST(JsonValueTest, VisitsMembersInOrderUntilToldToStop) {
  const auto document = JsonDocument::parse(R"({"a":1,"b":2,"c":3})");
  std::string seen;
  EXPECT_TRUE(document->root().each_member([&](std::string_view key, const JsonValue&) {
    seen += key;
    return key != "b";
  }));
  EXPECT_EQ(seen, "ab");
}

TEST(JsonDocumentTest, RefusesWhatIsNotJson) {
  for (const char* text : {"", "{", "[1,]", "{\"a\":1}x", "nul", "\xff\xfe"}) {
    const auto document = JsonDocument::parse(text);
    ASSERT_FALSE(document) << text;
    EXPECT_NE(document.error().text().find("not JSON"), std::string::npos);
  }
}

TEST(JsonDocumentTest, RefusesNestingWithoutBound) {
  EXPECT_FALSE(JsonDocument::parse(std::string(1000, '[') + std::string(1000, ']')));
}

TEST(JsonDocumentTest, RefusesNestingDeeperThan64) {
  EXPECT_TRUE(JsonDocument::parse(std::string(63, '[') + "1" + std::string(63, ']')));
  EXPECT_FALSE(JsonDocument::parse(std::string(65, '[') + "1" + std::string(65, ']')));
}

TEST(JsonDocumentTest, RefusesTextThatIsNotUtf8) {
  for (const char* text : {"\"\xff\"", "\"\xc3\"", "\"\xed\xa0\x80\""}) {
    EXPECT_FALSE(JsonDocument::parse(text)) << text;
  }
}

}  // namespace
}  // namespace takt::messages
