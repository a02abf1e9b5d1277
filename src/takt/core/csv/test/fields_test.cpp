#include "takt/core/csv/fields.hpp"

#include <gtest/gtest.h>

#include "takt/core/error.hpp"

namespace takt::core::csv {
namespace {

using Fields = std::vector<std::string_view>;

Fields split(std::string_view line) {
  Fields fields{"left over"};
  split_fields(line, fields);
  return fields;
}

class FieldTest : public ::testing::Test {
 protected:
  std::string file_{"f"};
  std::string column_{"c"};
  Place place_{file_, 3, column_};
};

TEST_F(FieldTest, SplitsAtCommasAndTakesBlanksAway) {
  EXPECT_EQ(split("a, b\t,,\t c d "), (Fields{"a", "b", "", "c d"}));
  EXPECT_EQ(split(""), Fields{""});
  EXPECT_EQ(split(","), (Fields{"", ""}));
}

TEST_F(FieldTest, ReadsNumbersOfEveryNotation) {
  EXPECT_EQ(parse_finite("-1.5", place_), -1.5);
  EXPECT_EQ(parse_finite("2", place_), 2.0);
  EXPECT_EQ(parse_finite(".25", place_), 0.25);
  EXPECT_EQ(parse_finite("1e-3", place_), 0.001);
  EXPECT_EQ(parse_finite("0.1", place_), 0.1);
  EXPECT_EQ(parse_integer("-42", place_), -42);
}

TEST_F(FieldTest, RefusesWhatIsNotOneWholeFiniteNumber) {
  for (const char* bad : {"", "x", "1x", "1 2", "--1", "0x10", "1,5", "inf", "nan", "1e999", "١"}) {
    EXPECT_THROW(static_cast<void>(parse_finite(bad, place_)), ConfigError) << bad;
  }
  for (const char* bad : {"", "1.5", "99999999999999999999", "1e3"}) {
    EXPECT_THROW(static_cast<void>(parse_integer(bad, place_)), ConfigError) << bad;
  }
}

TEST_F(FieldTest, NamesThePlace) {
  try {
    place_.refuse("what");
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(), "f:3: c: what");
  }
}

TEST_F(FieldTest, QuotesForeignTextFitForOneLine) {
  EXPECT_EQ(in_quotes("plain"), "'plain'");
  EXPECT_EQ(in_quotes("a\nb\x1b[31m\x7f"), "'a?b?[31m?'");
  EXPECT_EQ(in_quotes(std::string(65, 'x')), "'" + std::string(64, 'x') + "…'");
}

}  // namespace
}  // namespace takt::core::csv
