#include "takt/messages/cdr_form.hpp"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "takt/messages/cdr.hpp"

namespace takt::messages {
namespace {

enum class Color : std::uint16_t { kRed = 1, kBlue = 300 };
BOOST_DESCRIBE_ENUM(Color, kRed, kBlue)
enum class Flags : std::uint8_t { kNone = 0 };  // not described: any value
enum class Answer : bool { kNo, kYes };
enum Loose { kLooseA, kLooseB };  // not described, and no fixed underlying type

static_assert(CdrEncodable<Color> && CdrEncodable<Flags> && CdrEncodable<Answer> && CdrEncodable<std::byte>);
static_assert(!CdrEncodable<Loose> && !CdrEncodable<int*> && !CdrEncodable<const char*> && !CdrEncodable<long double>);
static_assert(!CdrEncodable<std::array<int, 0>> && !CdrEncodable<std::array<int*, 2>> && !CdrEncodable<int[2]>);
static_assert(!CdrEncodable<const int> && !CdrEncodable<int&> && !CdrEncodable<std::string_view>);

template <class T>
void expect_round_trip(const T& value) {
  const auto message = to_cdr(value);
  const auto again = from_cdr<T>(message);
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(*again, value);
  EXPECT_GE(message.size(), kCdrHeaderSize + CdrForm<T>::kLeastSize);
}

template <class T>
std::string error_of(std::initializer_list<int> message) {
  std::vector<std::byte> bytes;
  for (const int byte : message) {
    bytes.push_back(static_cast<std::byte>(byte));
  }
  const auto value = from_cdr<T>(bytes);
  return value ? "no error" : value.error().text();
}

template <class T>
class CdrNumberTest : public ::testing::Test {};
using Numbers = ::testing::Types<char, signed char, unsigned char, short, unsigned short, int, unsigned, long,
                                 unsigned long, long long, unsigned long long, float, double>;
TYPED_TEST_SUITE(CdrNumberTest, Numbers);

TYPED_TEST(CdrNumberTest, RoundTripsItsLimits) {
  using Limits = std::numeric_limits<TypeParam>;
  for (const TypeParam value : {Limits::min(), Limits::max(), Limits::lowest(), TypeParam{}, TypeParam{1}}) {
    expect_round_trip(value);
    expect_round_trip(std::array<TypeParam, 3>{value, TypeParam{}, value});
    expect_round_trip(std::array<std::array<TypeParam, 2>, 2>{{{value, value}, {TypeParam{1}, value}}});
  }
}

TEST(CdrFormTest, ABoolIsZeroOrOne) {
  expect_round_trip(true);
  expect_round_trip(false);
  expect_round_trip(std::array<bool, 3>{true, false, true});
  EXPECT_EQ(error_of<bool>({0, 1, 0, 0, 2}), "a bool is 0 or 1, not 2");
  EXPECT_EQ((error_of<std::array<bool, 2>>({0, 1, 0, 0, 1, 9})), "[1]: a bool is 0 or 1, not 9");
}

TEST(CdrFormTest, AnEnumIsItsUnderlyingType) {
  expect_round_trip(Color::kBlue);
  EXPECT_EQ(cdr_size(Color::kBlue), kCdrHeaderSize + 2);
  expect_round_trip(static_cast<Flags>(0x81));
  expect_round_trip(Answer::kYes);
  expect_round_trip(std::byte{0xfe});
  expect_round_trip(std::array<std::byte, 2>{std::byte{1}, std::byte{2}});
}

TEST(CdrFormTest, ADescribedEnumTakesNoValueWithoutAName) {
  EXPECT_EQ(error_of<Color>({0, 1, 0, 0, 2, 0}), "2 is no value of this enum");
  EXPECT_EQ((error_of<std::array<Color, 2>>({0, 1, 0, 0, 1, 0, 7, 0})), "[1]: 7 is no value of this enum");
  EXPECT_EQ(error_of<Answer>({0, 1, 0, 0, 2}), "a bool is 0 or 1, not 2");
}

TEST(CdrFormTest, TextsKeepTheirBytes) {
  expect_round_trip(std::string());
  expect_round_trip(std::string("a\0b\xff", 4));
  expect_round_trip(std::string(100'000, 'x'));
  expect_round_trip(core::FixedString<8>());
  expect_round_trip(core::FixedString<8>("1234567"));
  EXPECT_EQ(to_cdr(core::FixedString<8>("hi")), to_cdr(std::string("hi")));
}

TEST(CdrFormTest, AFixedStringRefusesWhatItCannotKeep) {
  EXPECT_EQ(error_of<core::FixedString<3>>({0, 1, 0, 0, 4, 0, 0, 0, 'a', 'b', 'c', 0}),
            "not a text of at most 2 bytes");
  EXPECT_EQ(error_of<core::FixedString<3>>({0, 1, 0, 0, 3, 0, 0, 0, 'a', 0, 0}), "not a text of at most 2 bytes");
}

TEST(CdrFormTest, ArraysOfTextsNameTheElementAtFault) {
  expect_round_trip(std::array<std::string, 3>{"a", "", "ccc"});
  EXPECT_EQ((error_of<std::array<std::string, 2>>({0, 1, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0})),
            "[1]: length 9, but only 0 bytes are left");
}

}  // namespace
}  // namespace takt::messages
