#include "takt/controller/internal/packet.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "takt/controller/internal/wire.hpp"
#include "takt/core/error.hpp"

namespace takt::controller::internal {
namespace {

std::string hex(const std::vector<std::byte>& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes) {
    const auto value = std::to_integer<unsigned>(byte);
    text += text.empty() ? "" : " ";
    text += kDigits[value >> 4U];
    text += kDigits[value & 15U];
  }
  return text;
}

TEST(PacketTest, ComesBackAsItWasMade) {
  const std::vector<std::byte> body{std::byte{1}, std::byte{2}, std::byte{3}};
  const auto bytes = make_packet(PacketType::kUse, 0x0102030405060708ULL, body);
  const auto packet = parse_packet(bytes);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->type, PacketType::kUse);
  EXPECT_EQ(packet->number, 0x0102030405060708ULL);
  EXPECT_EQ(std::vector<std::byte>(packet->body.begin(), packet->body.end()), body);
}

TEST(PacketTest, HasTheBytesThatTheFormatPageShows) {
  EXPECT_EQ(hex(pack(7, Acquire{.holder = "demo", .take_over = true})),
            "54 41 4b 54 01 00 26 00 07 00 00 00 00 00 00 00 00 01 00 00 05 00 00 00 64 65 6d 6f 00 01");
  EXPECT_EQ(
      hex(pack(7, Failed{.kind = ErrorKind::kNotCommander, .text = "no", .refusal = 0, .fault = {}})).substr(0, 95),
      "54 41 4b 54 01 00 03 00 07 00 00 00 00 00 00 00 00 01 00 00 08 00 00 00 03 00 00 00 6e 6f 00 00");
}

TEST(PacketTest, ThatIsShorterThanItsHeaderIsRefusedAtEveryLength) {
  const auto whole = make_packet(PacketType::kStart, 1, {});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto packet = parse_packet(std::span(whole).first(size));
    ASSERT_FALSE(packet);
    EXPECT_EQ(packet.error().number, 0U);
  }
}

TEST(PacketTest, OfAnotherMagicIsRefusedWhateverFollows) {
  auto bytes = make_packet(PacketType::kStart, 5, {});
  bytes[0] = std::byte{'t'};
  const auto packet = parse_packet(bytes);
  ASSERT_FALSE(packet);
  EXPECT_EQ(packet.error().number, 0U);
}

TEST(PacketTest, OfAnotherVersionIsRefusedNamingBoth) {
  auto bytes = make_packet(PacketType::kStart, 5, {});
  bytes[4] = std::byte{0x2a};
  bytes[5] = std::byte{0x01};
  const auto packet = parse_packet(bytes);
  ASSERT_FALSE(packet);
  EXPECT_EQ(packet.error().version, 0x012a);
  EXPECT_EQ(packet.error().number, 5U);
  EXPECT_NE(packet.error().text.find("version 298"), std::string::npos) << packet.error().text;
  EXPECT_NE(packet.error().text.find("version " + std::to_string(kProtocolVersion)), std::string::npos);
}

TEST(PacketTest, OfTheGreatestSizePassesAndOneByteMoreDoesNot) {
  std::vector<std::byte> body(kMaxPacketBytes - kPacketHeaderSize);
  auto bytes = make_packet(PacketType::kUse, 1, body);
  EXPECT_TRUE(parse_packet(bytes));
  bytes.push_back({});
  EXPECT_FALSE(parse_packet(bytes));
  body.push_back({});
  EXPECT_THROW((void)make_packet(PacketType::kUse, 1, body), LogicError);
}

}  // namespace
}  // namespace takt::controller::internal
