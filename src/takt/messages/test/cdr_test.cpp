#include "takt/messages/cdr.hpp"

#include <bit>
#include <limits>

#include <gtest/gtest.h>

#include "takt/messages/robot_state.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::messages {
namespace {

struct Empty {
  friend bool operator==(const Empty&, const Empty&) = default;
};
BOOST_DESCRIBE_STRUCT(Empty, (), ())

struct Text {
  std::string data;
  friend bool operator==(const Text&, const Text&) = default;
};
BOOST_DESCRIBE_STRUCT(Text, (), (data))

struct Mixed {
  bool flag{false};
  double number{0};
  std::vector<std::int16_t> shorts;
  core::BoundedVector<std::string, 3> words;
  std::array<std::uint8_t, 3> triple{};
  std::int64_t last{0};
  friend bool operator==(const Mixed&, const Mixed&) = default;
};
BOOST_DESCRIBE_STRUCT(Mixed, (), (flag, number, shorts, words, triple, last))

struct Gid {
  std::array<std::uint8_t, 16> data{};
  friend bool operator==(const Gid&, const Gid&) = default;
};
BOOST_DESCRIBE_STRUCT(Gid, (), (data))

struct NodeEntities {
  std::string node_namespace;
  std::string node_name;
  std::vector<Gid> readers;
  std::vector<Gid> writers;
  friend bool operator==(const NodeEntities&, const NodeEntities&) = default;
};
BOOST_DESCRIBE_STRUCT(NodeEntities, (), (node_namespace, node_name, readers, writers))

struct Participant {
  Gid gid;
  std::vector<NodeEntities> nodes;
  friend bool operator==(const Participant&, const Participant&) = default;
};
BOOST_DESCRIBE_STRUCT(Participant, (), (gid, nodes))

struct Base {
  std::uint8_t first{0};
};
BOOST_DESCRIBE_STRUCT(Base, (), (first))
class Derived : public Base {
 public:
  std::uint8_t second{0};
  void hide(std::uint8_t value) { third_ = value; }
  [[nodiscard]] std::uint8_t hidden() const { return third_; }

 private:
  std::uint8_t third_{0};
  BOOST_DESCRIBE_CLASS(Derived, (Base), (second), (), (third_))
};

struct WithPointer {
  std::vector<std::optional<int*>> pointers;
};
BOOST_DESCRIBE_STRUCT(WithPointer, (), (pointers))
struct NotDescribed {
  int number{0};
};
struct WithConstant {
  const int number{0};
};
BOOST_DESCRIBE_STRUCT(WithConstant, (), (number))

static_assert(CdrEncodable<Mixed> && CdrEncodable<RobotState> && CdrEncodable<Empty> && CdrEncodable<std::tuple<>>);
static_assert(!CdrEncodable<WithPointer> && !CdrEncodable<NotDescribed> && !CdrEncodable<WithConstant>);
static_assert(!CdrEncodable<std::tuple<int, NotDescribed>> && !CdrEncodable<std::pair<int*, int>>);

/// A type of somebody else's, whose form lies about its length.
struct Endless {};

}  // namespace

template <>
struct CdrForm<Endless> {
  static constexpr bool kEncodable = true;
  static constexpr std::size_t kLeastSize = 4;
  static constexpr void write(auto& out, const Endless& /*value*/) { out.count(kMaxCdrCount + 1); }
  static bool read(CdrReader& in, Endless& /*value*/) { return in.fail("never"); }
};
static_assert(CdrEncodable<std::vector<Endless>> && CdrForm<std::array<Endless, 2>>::kLeastSize == 8);

namespace {

std::string hex(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes) {
    text += kDigits[std::to_integer<std::size_t>(byte) >> 4U];
    text += kDigits[std::to_integer<std::size_t>(byte) & 15U];
  }
  return text;
}

std::vector<std::byte> from_hex(std::string_view text) {
  const auto digit = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(digit(text[i]) << 4U | digit(text[i + 1])));
  }
  return bytes;
}

Mixed mixed() {
  Mixed value{.flag = true, .number = 1.5, .shorts = {1, 2, 3}, .words = {}, .triple = {1, 2, 3}, .last = -1};
  value.words.push_back("x");
  value.words.push_back("yz");
  return value;
}

constexpr std::string_view kMixedLittle =
    "000100000100000000000000000000000000f83f03000000010002000300000002000000020000007800000003000000797a00010203000000"
    "00"
    "0000ffffffffffffffff";
constexpr std::string_view kMixedBig =
    "0000000001000000000000003ff80000000000000000000300010002000300000000000200000002780000000000000379"
    "7a00010203000000000000ffffffffffffffff";

/// The bytes that ROS 2's own serialisers make of these messages.
template <class T>
void expect_golden(const T& value, std::string_view bytes) {
  if constexpr (std::endian::native == std::endian::little) {
    EXPECT_EQ(hex(to_cdr(value)), bytes);
  }
  const auto again = from_cdr<T>(from_hex(bytes));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(*again, value);
}

TEST(CdrTest, WritesTheBytesOfRos) {
  expect_golden(Text{"hi"}, "0001000003000000686900");
  expect_golden(Empty{}, "0001000000");
  expect_golden(mixed(), kMixedLittle);
  Gid participant;
  Gid writer;
  participant.data.fill(0xab);
  writer.data.fill(0xcd);
  const std::string gid_ab = "abababababababababababababababab";
  const std::string gid_cd = "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd";
  expect_golden(Participant{participant, {{"/", "talker", {}, {writer}}}},
                "00010000" + gid_ab + "01000000" + "020000002f000000" + "0700000074616c6b65720000" + "00000000" +
                    "01000000" + gid_cd);
}

TEST(CdrTest, ReadsTheOtherByteOrder) {
  const auto value = from_cdr<Mixed>(from_hex(kMixedBig));
  ASSERT_TRUE(value) << value.error().text();
  EXPECT_EQ(*value, mixed());
}

TEST(CdrTest, AStructWithoutMembersTakesOneByteWhereverItStands) {
  EXPECT_EQ(cdr_size(std::tuple<>()), kCdrHeaderSize + 1);
  EXPECT_EQ(cdr_size(std::tuple<Empty, std::uint8_t>()), kCdrHeaderSize + 2);
  EXPECT_TRUE(from_cdr<std::tuple<>>(to_cdr(std::tuple<>())));
  EXPECT_FALSE(from_cdr<Empty>(from_hex("00010000")));
  const std::vector<Empty> many(100);
  EXPECT_EQ(from_cdr<std::vector<Empty>>(to_cdr(many)), many);
}

TEST(CdrTest, TuplesAndPairsAreStructs) {
  using Tuple = std::tuple<std::uint8_t, std::string, double>;
  const Tuple tuple{7, "seven", 7.5};
  EXPECT_EQ(from_cdr<Tuple>(to_cdr(tuple)), tuple);
  const std::pair<std::uint8_t, double> pair{7, 7.5};
  EXPECT_EQ(to_cdr(pair), to_cdr(std::tuple<std::uint8_t, double>{7, 7.5}));
  EXPECT_EQ((from_cdr<std::pair<std::uint8_t, double>>(to_cdr(pair))), pair);
  EXPECT_EQ((from_cdr<std::tuple<bool, bool>>(from_hex("000100000102")).error().path), "[1]");
  EXPECT_EQ((from_cdr<std::pair<bool, bool>>(from_hex("000100000102")).error().path), "[1]");
}

TEST(CdrTest, BasesComeFirstAndPrivateMembersTravelToo) {
  Derived value;
  value.first = 1;
  value.second = 2;
  value.hide(3);
  EXPECT_EQ(hex(to_cdr(value)).substr(8), "010203");
  const auto again = from_cdr<Derived>(to_cdr(value));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->first, 1);
  EXPECT_EQ(again->second, 2);
  EXPECT_EQ(again->hidden(), 3);
}

TEST(CdrTest, NamesTheMemberAtFault) {
  Participant value;
  value.nodes = {{"/", "a", {}, {}}, {"/", "b", {Gid{}, Gid{}}, {}}};
  auto message = to_cdr(value);
  message.resize(message.size() - 2);
  const auto again = from_cdr<Participant>(message);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().path, "nodes[1].writers");
  EXPECT_EQ(again.error().text(), "nodes[1].writers: 4 bytes from byte 96 on, the body has 98");
}

RobotState full_state() {
  RobotState state;
  state.stamp_ns = 9'007'199'254'740'993;
  state.sequence = 18'446'744'073'709'551'615U;
  state.source_t_s = 0.1;
  state.joint_positions = {0.1, -0.0, 1e-320};
  state.joint_velocities = {std::numeric_limits<double>::infinity()};
  state.gripper_position = 0.25;
  state.end_effector_pose = {0.3, 0, 0.5, 0, 0, 0, 1};
  state.robot_type = RobotType::kFr3;
  state.mark = CommandMark::kClamped;
  state.lease_epoch = 7;
  state.trace_id = 0x00ab'cdef'0123'4567;
  state.hops.push_back({.stamp_ns = 12, .thread = 3, .point = HopPoint::kGotState});
  state.hops.push_back({.stamp_ns = 15, .thread = 3, .point = HopPoint::kApplied});
  state.extras.push_back({.key = "temperature", .value = 36.6});
  return state;
}

TEST(CdrTest, RoundTripsRobotStates) {
  for (const RobotState& state : {RobotState{}, full_state()}) {
    const auto again = from_cdr<RobotState>(to_cdr(state));
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(*again, state);
  }
}

TEST(CdrTest, EveryTruncationIsAnError) {
  // Ends in a number and in a text, so that no byte but the padding after it can be missing.
  const auto state = to_cdr(full_state());
  for (std::size_t size = 0; size < state.size(); ++size) {
    EXPECT_FALSE(from_cdr<RobotState>(std::span(state).first(size))) << size;
  }
  const auto words = to_cdr(std::vector<std::string>{"a", "", "the end"});
  for (std::size_t size = 0; size < words.size(); ++size) {
    EXPECT_FALSE(from_cdr<std::vector<std::string>>(std::span(words).first(size))) << size;
  }
}

TEST(CdrTest, ABodyMayBeginAnywhereInMemory) {
  const auto message = to_cdr(mixed());
  for (std::size_t shift = 0; shift < 8; ++shift) {
    std::vector<std::byte> memory(shift + message.size(), std::byte{0xff});
    const auto written = encode_cdr(mixed(), std::span(memory).subspan(shift));
    ASSERT_EQ(written, message.size());
    EXPECT_EQ(hex(std::span(memory).subspan(shift)), hex(message));
    EXPECT_EQ(from_cdr<Mixed>(std::span(memory).subspan(shift)), mixed());
  }
}

TEST(CdrTest, EncodingNeedsRoomAndSaysHowMuch) {
  const auto message = to_cdr(mixed());
  std::vector<std::byte> memory(message.size() + 5, std::byte{0xee});
  EXPECT_EQ(encode_cdr(mixed(), memory), message.size()) << "more room than needed";
  EXPECT_EQ(memory[message.size()], std::byte{0xee});
  for (std::size_t size = 0; size < message.size(); ++size) {
    std::vector<std::byte> small(size, std::byte{0xee});
    const auto written = encode_cdr(mixed(), small);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().text(),
              "needs " + std::to_string(message.size()) + " bytes, given are " + std::to_string(size));
    EXPECT_EQ(small, std::vector(size, std::byte{0xee})) << "untouched";
  }
}

TEST(CdrTest, ASequenceLongerThanCdrCanSayIsNotWritten) {
  std::vector<std::byte> memory(64);
  EXPECT_FALSE(encode_cdr(Endless{}, memory));
  EXPECT_THROW((void)to_cdr(Endless{}), LogicError);
}

TEST(CdrTest, EncodingAndDecodingAStructInPlaceAllocatesNothing) {
  const RobotState state = full_state();
  std::array<std::byte, 1024> memory{};
  const testing::AllocationGuard guard;
  const auto written = encode_cdr(state, memory);
  const auto again = from_cdr<RobotState>(std::span(memory).first(written.value_or(0)));
  EXPECT_EQ(guard.count(), 0U);
  EXPECT_EQ(again, state);
}

}  // namespace
}  // namespace takt::messages
