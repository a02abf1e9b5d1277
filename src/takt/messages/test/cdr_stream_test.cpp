#include "takt/messages/cdr_stream.hpp"

#include <array>
#include <vector>

#include <gtest/gtest.h>

namespace takt::messages {
namespace {

static_assert(CdrNumber<bool> && CdrNumber<char> && CdrNumber<long long> && CdrNumber<float>);
static_assert(!CdrNumber<long double> && !CdrNumber<wchar_t> && !CdrNumber<char32_t> && !CdrNumber<const int>);

std::vector<std::byte> bytes(const std::vector<int>& values) {
  std::vector<std::byte> made;
  for (const int value : values) {
    made.push_back(static_cast<std::byte>(value));
  }
  return made;
}

TEST(CdrStreamTest, NumbersAreAlignedToTheirSizeAndPaddedWithZeros) {
  std::vector<std::byte> body(32, std::byte{0xff});
  CdrWriter out(body.data());
  const auto put = [](auto& to) {
    to.number(std::uint8_t{1});
    to.number(std::uint16_t{2});
    to.number(std::uint8_t{3});
    to.number(std::uint32_t{4});
    to.number(std::uint8_t{5});
    to.number(std::uint64_t{6});
  };
  put(out);
  CdrSizer sizer;
  put(sizer);
  ASSERT_EQ(sizer.size(), 24U);
  body.resize(24);
  EXPECT_EQ(body, bytes({1, 0, 2, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(CdrStreamTest, NoNumbersAtAllAreNotAligned) {
  CdrSizer sizer;
  sizer.number(std::uint8_t{1});
  sizer.numbers<double>(nullptr, 0);
  EXPECT_EQ(sizer.size(), 1U);
  std::array<std::byte, 8> body{};
  CdrWriter out(body.data());
  out.number(std::uint8_t{1});
  out.numbers<double>(nullptr, 0);
  out.number(std::uint8_t{2});
  EXPECT_EQ(body[1], std::byte{2});
}

TEST(CdrStreamTest, CountsAtMost32Bits) {
  CdrSizer sizer;
  sizer.count(kMaxCdrCount);
  EXPECT_TRUE(sizer.countable());
  sizer.count(kMaxCdrCount + 1);
  EXPECT_FALSE(sizer.countable());
  sizer.count(0);
  EXPECT_FALSE(sizer.countable()) << "stays so";
}

struct BadMessage {
  std::vector<int> bytes;
  const char* what;
};

class CdrHeaderTest : public ::testing::TestWithParam<BadMessage> {};

TEST_P(CdrHeaderTest, IsRefusedWithTheReason) {
  const auto message = bytes(GetParam().bytes);
  MaybeError error;
  CdrReader in(message, error);
  EXPECT_FALSE(in.header());
  ASSERT_TRUE(error);
  EXPECT_EQ(error->text(), GetParam().what);
}

INSTANTIATE_TEST_SUITE_P(BadHeaders, CdrHeaderTest,
                         ::testing::Values(BadMessage{{}, "0 bytes, the header alone has 4"},
                                           BadMessage{{0, 1, 0}, "3 bytes, the header alone has 4"},
                                           BadMessage{{0, 3, 0, 0, 0}, "representation 3, plain CDR is 0 or 1"},
                                           BadMessage{{1, 1, 0, 0, 0}, "representation 257, plain CDR is 0 or 1"}));

TEST(CdrStreamTest, ReadsBothByteOrdersAndLeavesTheOptionsAlone) {
  for (const auto& message : {bytes({0, 1, 0, 1, 2, 0, 4, 3}), bytes({0, 0, 7, 0, 0, 2, 3, 4})}) {
    MaybeError error;
    CdrReader in(message, error);
    std::array<std::uint16_t, 2> values{};
    ASSERT_TRUE(in.header());
    ASSERT_TRUE(in.numbers<std::uint16_t>(values.data(), 2));
    EXPECT_EQ(values, (std::array<std::uint16_t, 2>{2, 0x0304}));
    EXPECT_TRUE(in.end());
  }
}

TEST(CdrStreamTest, TakesUpToThreeBytesOfPadding) {
  for (std::size_t padding = 0; padding < 6; ++padding) {
    std::vector<std::byte> message = bytes({0, 1, 0, 0, 9});
    message.resize(5 + padding, std::byte{0xaa});
    MaybeError error;
    CdrReader in(message, error);
    std::uint8_t value = 0;
    ASSERT_TRUE(in.header() && in.number(value));
    EXPECT_EQ(in.end(), padding < 4) << padding;
  }
}

TEST(CdrStreamTest, RefusesALengthThatTheRestCannotHold) {
  const auto message = bytes({0, 1, 0, 0, 3, 0, 0, 0, 1, 2, 3, 4, 5});
  for (const auto& [least_size, fits] : {std::pair{1U, true}, {2U, false}, {8U, false}}) {
    MaybeError error;
    CdrReader in(message, error);
    std::size_t count = 0;
    ASSERT_TRUE(in.header());
    EXPECT_EQ(in.count(count, least_size), fits) << least_size;
    EXPECT_EQ(error.has_value(), !fits);
  }
}

TEST(CdrStreamTest, ATextHasAClosingZeroByteOrLengthZero) {
  const auto read = [](const std::vector<std::byte>& message) {
    MaybeError error;
    CdrReader in(message, error);
    std::string_view text;
    return in.header() && in.text(text) && in.end() ? std::string(text) : "error: " + error->text();
  };
  EXPECT_EQ(read(bytes({0, 1, 0, 0, 3, 0, 0, 0, 'h', 'i', 0})), "hi");
  EXPECT_EQ(read(bytes({0, 0, 0, 0, 0, 0, 0, 3, 'h', 'i', 0})), "hi");
  EXPECT_EQ(read(bytes({0, 1, 0, 0, 1, 0, 0, 0, 0})), "");
  EXPECT_EQ(read(bytes({0, 1, 0, 0, 0, 0, 0, 0})), "");
  EXPECT_EQ(read(bytes({0, 1, 0, 0, 2, 0, 0, 0, 'h', 'i', 0})), "error: a text without its closing zero byte");
  EXPECT_EQ(read(bytes({0, 1, 0, 0, 4, 0, 0, 0, 'h', 'i', 0})), "error: length 4, but only 3 bytes are left");
  EXPECT_EQ(read(bytes({0, 1, 0, 0, 4, 0})), "error: 4 bytes from byte 0 on, the body has 2");
}

}  // namespace
}  // namespace takt::messages
