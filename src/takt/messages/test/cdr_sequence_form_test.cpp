#include "takt/messages/cdr_sequence_form.hpp"

#include <gtest/gtest.h>

#include "takt/messages/cdr.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::messages {
namespace {

struct Pixel {
  std::uint8_t red{0};
  double depth{0};
  friend bool operator==(const Pixel&, const Pixel&) = default;
};
BOOST_DESCRIBE_STRUCT(Pixel, (), (red, depth))

struct Point {
  float x{0};
  std::array<float, 2> yz{};
  friend bool operator==(const Point&, const Point&) = default;
};
BOOST_DESCRIBE_STRUCT(Point, (), (x, yz))
struct Segment {
  Point from;
  Point to;
  friend bool operator==(const Segment&, const Segment&) = default;
};
BOOST_DESCRIBE_STRUCT(Segment, (), (from, to))

// As wide as in memory, yet not the same bytes: another order, another type, a gap, a bool, a member left out.
struct Reversed {
  std::uint16_t first{0};
  std::uint16_t second{0};
};
BOOST_DESCRIBE_STRUCT(Reversed, (), (second, first))
struct TwoTypes {
  std::uint32_t whole{0};
  float real{0};
};
BOOST_DESCRIBE_STRUCT(TwoTypes, (), (whole, real))
struct Flagged {
  std::uint8_t byte{0};
  bool flag{false};
};
BOOST_DESCRIBE_STRUCT(Flagged, (), (byte, flag))
struct Partly {
  float told{0};
  float untold{0};
};
BOOST_DESCRIBE_STRUCT(Partly, (), (told))
struct Perhaps {
  double sure{0};
  std::optional<double> unsure;
  friend bool operator==(const Perhaps&, const Perhaps&) = default;
};
BOOST_DESCRIBE_STRUCT(Perhaps, (), (sure, unsure))

static_assert(CdrNumbersOf<Perhaps>::kCount == 0);
static_assert(CdrNumbersOf<Point>::kCount == 3 && CdrNumbersOf<std::array<Segment, 2>>::kCount == 12);
static_assert(CdrNumbersOf<Reversed>::kCount == 0 && CdrNumbersOf<TwoTypes>::kCount == 0);
static_assert(CdrNumbersOf<Pixel>::kCount == 0 && CdrNumbersOf<Flagged>::kCount == 0);
static_assert(CdrNumbersOf<Partly>::kCount == 0);

static_assert(!CdrEncodable<std::vector<int*>> && !CdrEncodable<std::optional<int*>>);
static_assert(!CdrEncodable<std::map<int, int>> && !CdrEncodable<std::map<std::string, int*>>);

template <class T>
void expect_round_trip(const T& value) {
  const auto again = from_cdr<T>(to_cdr(value));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(*again, value);
}

std::vector<std::byte> message_of(std::initializer_list<int> body) {
  std::vector<std::byte> message = {std::byte{0}, std::byte{1}, std::byte{0}, std::byte{0}};
  for (const int byte : body) {
    message.push_back(static_cast<std::byte>(byte));
  }
  return message;
}

template <class T>
std::string error_of(std::initializer_list<int> body) {
  const auto value = from_cdr<T>(message_of(body));
  return value ? "no error" : value.error().text();
}

template <class T, std::size_t N>
core::BoundedVector<T, N> bounded(std::initializer_list<T> values) {
  core::BoundedVector<T, N> made;
  for (const T& value : values) {
    EXPECT_TRUE(made.push_back(value));
  }
  return made;
}

TEST(CdrSequenceFormTest, RoundTripsEveryKindOfSequence) {
  expect_round_trip(std::vector<double>{});
  expect_round_trip(std::vector<double>{1.5, -2, 1e300});
  expect_round_trip(std::vector<std::byte>{std::byte{1}, std::byte{255}});
  expect_round_trip(std::vector<bool>{true, false, true, true, false, false, true, false, true});
  expect_round_trip(std::vector<std::array<float, 3>>{{1, 2, 3}, {4, 5, 6}});
  expect_round_trip(std::vector<std::vector<std::string>>{{"a", "bc"}, {}, {""}});
  expect_round_trip(std::vector<Pixel>{{1, 2.0}, {3, 4.0}, {5, 6.0}});
  expect_round_trip(std::vector<Perhaps>{{1, 2}, {3, std::nullopt}});
  expect_round_trip(bounded<std::string, 3>({"x", "yz", ""}));
  expect_round_trip(bounded<std::int16_t, 4>({1, -2}));
  expect_round_trip(core::JointVector{});
  expect_round_trip(core::JointVector{0.25, -1, 3});
  expect_round_trip(std::optional<Pixel>{});
  expect_round_trip(std::optional<Pixel>{Pixel{9, -1}});
  expect_round_trip(std::optional<std::optional<int>>{std::optional<int>{}});
  expect_round_trip(std::map<std::string, std::vector<int>>{{"a", {1, 2}}, {"", {}}, {"zz", {-1}}});
}

TEST(CdrSequenceFormTest, AnOptionalIsASequenceAndAMapOneOfPairs) {
  EXPECT_EQ(to_cdr(std::optional<float>{2.5F}), to_cdr(std::vector<float>{2.5F}));
  EXPECT_EQ(to_cdr(std::optional<float>{}), to_cdr(std::vector<float>{}));
  const std::map<std::string, std::uint16_t> map = {{"b", 2}, {"a", 1}};
  const std::vector<std::pair<std::string, std::uint16_t>> pairs = {{"a", 1}, {"b", 2}};
  EXPECT_EQ(to_cdr(map), to_cdr(pairs));
  EXPECT_EQ(to_cdr(core::JointVector{1, 2}), to_cdr(std::vector<double>{1, 2}));
}

TEST(CdrSequenceFormTest, StructsOfOneKindOfNumberAreThoseNumbers) {
  const std::vector<Segment> segments = {{{1, {2, 3}}, {4, {5, 6}}}, {{7, {8, 9}}, {10, {11, 12}}}};
  expect_round_trip(segments);
  const auto message =
      to_cdr(std::pair(std::uint32_t{2}, std::array<float, 12>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
  EXPECT_EQ(to_cdr(segments), message);
  EXPECT_EQ((to_cdr(std::vector<Reversed>{{1, 2}})),
            (to_cdr(std::pair(std::uint32_t{1}, std::array<std::uint16_t, 2>{2, 1}))));
}

TEST(CdrSequenceFormTest, MoreElementsThanATypeHoldsAreRefused) {
  EXPECT_EQ((error_of<core::BoundedVector<std::uint8_t, 2>>({3, 0, 0, 0, 1, 2, 3})), "3 elements, the most is 2");
  EXPECT_EQ(error_of<std::optional<std::uint8_t>>({2, 0, 0, 0, 1, 2}), "2 elements, the most is 1");
  const auto joints = to_cdr(std::vector<double>(core::kMaxJoints + 1));
  EXPECT_EQ(from_cdr<core::JointVector>(joints).error().text(), "17 elements, the most is 16");
}

TEST(CdrSequenceFormTest, TheElementAtFaultIsNamed) {
  EXPECT_EQ(error_of<std::vector<bool>>({2, 0, 0, 0, 1, 2}), "[1]: a bool is 0 or 1, not 2");
  EXPECT_EQ((error_of<core::BoundedVector<bool, 4>>({2, 0, 0, 0, 1, 2})), "[1]: a bool is 0 or 1, not 2");
  EXPECT_EQ((error_of<std::map<std::string, bool>>({1, 0, 0, 0, 2, 0, 0, 0, 'k', 0, 7})),
            "[0]: a bool is 0 or 1, not 7");
  EXPECT_EQ((error_of<std::map<std::string, bool>>({2, 0, 0, 0, 2, 0, 0, 0, 'k', 0, 1, 0, 2, 0, 0, 0, 'k', 0, 1, 0})),
            "[1]: a key for the second time");
}

template <class T>
class LyingLengthTest : public ::testing::Test {};
using Sequences =
    ::testing::Types<std::vector<std::uint8_t>, std::vector<double>, std::vector<bool>, std::vector<std::string>,
                     std::vector<Pixel>, std::vector<std::vector<int>>, std::map<std::string, int>, std::string>;
TYPED_TEST_SUITE(LyingLengthTest, Sequences);

TYPED_TEST(LyingLengthTest, AllocatesOnlyTheErrorsText) {
  for (const int high : {0x00, 0x7f, 0xff}) {
    // At least 255 elements in the 3 bytes that follow.
    const auto message = message_of({0xff, high, high, high, 1, 1, 1});
    const testing::AllocationGuard guard;
    const auto value = from_cdr<TypeParam>(message);
    EXPECT_LE(guard.count(), 6U) << "the text of the error is put together from a few pieces";
    ASSERT_FALSE(value);
    EXPECT_NE(value.error().what.find("but only 3 bytes are left"), std::string::npos) << value.error().text();
  }
}

// As large in memory as wide types of bounded sequences are, and 8 bytes in a message.
struct Wide {
  core::BoundedVector<double, 16> values;
  core::FixedString<64> name;
  friend bool operator==(const Wide&, const Wide&) = default;
};
BOOST_DESCRIBE_STRUCT(Wide, (), (values, name))
static_assert(sizeof(Wide) > 20 * CdrForm<Wide>::kLeastSize);

/// `count` elements are said to follow in `bytes` bytes; the first is broken.
template <class T>
std::uint64_t allocated_for_a_lie(std::uint32_t count, std::size_t bytes) {
  std::vector<std::byte> message = to_cdr(count);
  message.resize(message.size() + bytes, std::byte{0xff});
  const testing::AllocationGuard guard;
  EXPECT_FALSE(from_cdr<std::vector<T>>(message));
  return guard.bytes();
}

TEST(LyingLengthsTest, AMessageOfWideElementsMakesRoomForNoMoreThanItsOwnBytes) {
  constexpr std::size_t kBytes = 1'000'000;
  constexpr std::size_t kErrorText = 1000;
  EXPECT_LE(allocated_for_a_lie<Wide>(kBytes / CdrForm<Wide>::kLeastSize, kBytes), kBytes + kErrorText);
  EXPECT_LE(allocated_for_a_lie<std::string>(kBytes / 4, kBytes), kBytes + kErrorText);
  EXPECT_LE(allocated_for_a_lie<std::vector<Wide>>(kBytes / 4, kBytes), 2 * kBytes + kErrorText);
  EXPECT_LE((allocated_for_a_lie<std::map<std::string, Wide>>(kBytes / 4, kBytes)), kBytes + kErrorText);
}

TEST(LyingLengthsTest, RoomGrowsWithTheElementsThatHaveCome) {
  std::vector<Wide> sent(1000);
  std::vector<std::byte> message = to_cdr(sent);
  message.back() = std::byte{1};  // of the last element's name, which has no closing zero byte now
  const testing::AllocationGuard guard;
  EXPECT_FALSE(from_cdr<std::vector<Wide>>(message));
  EXPECT_LE(guard.bytes(), 3 * sent.size() * sizeof(Wide)) << "doubled until it was enough";
}

TEST(LyingLengthsTest, ManyElementsWiderThanTheirBytesRoundTrip) {
  std::vector<Wide> wide(1000);
  for (std::size_t i = 0; i < wide.size(); i += 3) {
    wide[i].name = core::FixedString<64>(std::to_string(i));
  }
  expect_round_trip(wide);
  expect_round_trip(std::vector<std::string>(1000));
}

}  // namespace
}  // namespace takt::messages
