#include "takt/transports/zmq/internal/announcement.hpp"

#include <span>

#include <gtest/gtest.h>

namespace takt::zmq::internal {
namespace {

/// The example of docs/formats/zmq.md.
Announcement example() {
  Announcement made;
  made.kind = Kind::kSubscription;
  made.id = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 3};
  made.qos = bus::Qos::latest();
  made.window = 16;
  made.name = "/a";
  made.node = "/n";
  made.type.name = "b";
  return made;
}

constexpr std::uint64_t kProcess = 0x8877665544332211U;

std::string written(const Announcement& made) {
  const auto bytes = write_announcement(made);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Expected<Announcement, AnnouncementFault> read(const std::string& text) {
  return read_announcement(std::as_bytes(std::span(text)), kProcess);
}

TEST(AnnouncementTest, TheExampleOfTheFormatsPageIsWrittenAsItStandsThere) {
  std::string expected("\x01\x03", 2);
  expected += std::string(7, '\0');
  expected += std::string("\0\0\x01\0\0\0\x10\0\0\0", 10);
  expected += std::string("\x02\0/a\x02\0/n\x01\0b", 11);
  expected += std::string(32, '\0');
  expected += std::string(34, '\0');
  EXPECT_EQ(written(example()), expected);
}

TEST(AnnouncementTest, WhatIsWrittenIsRead) {
  Announcement made = example();
  made.kind = Kind::kServer;
  made.qos = bus::Qos::latched();
  made.type.hash[31] = 7;
  made.reply.name = "reply";
  made.reply.hash[0] = 1;
  const auto back = read(written(made));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, made);
}

TEST(AnnouncementTest, EveryTruncationIsRefusedAndSoIsWhatFollows) {
  const std::string whole = written(example());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(read(whole.substr(0, size))) << size;
  }
  const auto longer = read(whole + "x");
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error(), AnnouncementFault::kTrailing);
}

TEST(AnnouncementTest, EachFaultIsNamed) {
  const auto fault_with = [](std::size_t at, char value) {
    std::string text = written(example());
    text[at] = value;
    const auto back = read(text);
    EXPECT_FALSE(back);
    return back ? AnnouncementFault{} : back.error();
  };
  EXPECT_EQ(fault_with(0, 5), AnnouncementFault::kKind);
  EXPECT_EQ(fault_with(9, 2), AnnouncementFault::kQuality);
  EXPECT_EQ(fault_with(20, '\x7f'), AnnouncementFault::kTruncated) << "a text longer than texts are";
  Announcement nameless = example();
  nameless.name.clear();
  const auto back = read(written(nameless));
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error(), AnnouncementFault::kText);
}

TEST(AnnouncementTest, PublishersBelongToSubscriptionsAndServersToClients) {
  Announcement subscription = example();
  Announcement publisher = example();
  publisher.kind = Kind::kPublisher;
  Announcement client = example();
  client.kind = Kind::kClient;
  EXPECT_TRUE(belong_together(publisher, subscription));
  EXPECT_TRUE(belong_together(subscription, publisher));
  EXPECT_FALSE(belong_together(subscription, subscription));
  EXPECT_FALSE(belong_together(publisher, client));
  publisher.name = "/other";
  EXPECT_FALSE(belong_together(publisher, subscription));
}

}  // namespace
}  // namespace takt::zmq::internal
