#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <signal.h>

#include "interop.hpp"

// The transport dds beside ddsperf, and as tshark decodes it.
namespace takt::dds {
namespace {

using test::Child;
using test::domain;
using test::eventually;
using test::own;

/// Whether there is such a program.
bool can_run(const std::vector<std::string>& command) {
  try {
    Child child(command);
    (void)child.all();
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

TEST(DdsInteropTools, DdsperfOnTheSameDomainDisturbsNobody) {
  if (!can_run({"ddsperf", "help"})) {
    GTEST_SKIP() << "not installed: ddsperf; apt install cyclonedds-tools";
  }
  const std::vector<std::string> network = {test::on_loopback()};
  const auto here = test::open();
  const auto there = test::open();
  const auto publisher = here->advertise(test::topic(own("/busy"), test::depth(0)), {});
  const auto subscription = there->subscribe(test::topic(own("/busy"), test::depth(0)), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1 && subscription->matched().current == 1; }));
  Child listens({"ddsperf", "-i", domain(), "-D", "4", "sub"}, network);
  Child talks({"ddsperf", "-i", domain(), "-D", "3", "pub", "2000Hz", "size", "1000"}, network);
  constexpr int kCount = 500;
  int taken = 0;
  for (int i = 0; i < kCount; ++i) {
    ASSERT_TRUE(eventually([&] { return publisher->publish(test::text(std::to_string(i))).has_value(); }));
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    for (const std::string& text : test::take_texts(*subscription)) {
      EXPECT_EQ(text, std::to_string(taken++));
    }
  }
  EXPECT_TRUE(eventually([&] {
    for (const std::string& text : test::take_texts(*subscription)) {
      EXPECT_EQ(text, std::to_string(taken++));
    }
    return taken == kCount;
  })) << taken;
  EXPECT_EQ(subscription->lost(), 0U);
  EXPECT_TRUE(listens.all().contains("rate")) << listens.said();  // and it did run, and was heard
}

TEST(DdsInteropTools, DdsperfIsHeardOnATopicThatIsNotNamedAsRosNamesThem) {
  if (!can_run({"ddsperf", "help"})) {
    GTEST_SKIP() << "not installed: ddsperf; apt install cyclonedds-tools";
  }
  DdsOptions options = test::options();
  options.plain_topics = {{.name = "/load", .topic = "DDSPerfRDataOU", .type = "OneULong"}};
  const auto here = open_dds(options);
  const auto subscription = here->subscribe(
      {.name = "/load", .type = {.name = "bench/msg/Load", .hash = {}}, .qos = test::depth(100), .node = ""}, {});
  const Child talks({"ddsperf", "-i", domain(), "-D", "20", "-T", "OU", "pub", "100Hz"}, {test::on_loopback()});
  std::vector<std::uint32_t> heard;
  EXPECT_TRUE(eventually([&] {
    while (subscription->take([&](bus::Bytes bytes, const bus::MessageInfo&) {
      const auto value = messages::from_cdr<std::tuple<std::uint32_t>>(bytes);
      ASSERT_TRUE(value);
      heard.push_back(std::get<0>(*value));
    })) {
    }
    return heard.size() >= 20;
  })) << talks.said();
  for (std::size_t i = 1; i < heard.size(); ++i) {
    EXPECT_EQ(heard[i], heard[0] + i);
  }
  ::kill(talks.pid(), SIGTERM);
}

TEST(DdsInteropTools, TsharkDecodesWhatWeSend) {
  const std::uint32_t first_port = 7400 + 250 * test::options().domain;
  const std::string ports = "udp portrange " + std::to_string(first_port) + "-" + std::to_string(first_port + 249);
  std::unique_ptr<Child> tshark;
  try {
    tshark = std::make_unique<Child>(std::vector<std::string>{"tshark", "-i", "lo", "-f", ports, "-l", "-O", "rtps"});
  } catch (const std::runtime_error&) {
    GTEST_SKIP() << "not installed: tshark; apt install tshark";
  }
  if (!tshark->says("Capturing on")) {
    GTEST_SKIP() << "capturing is not permitted to this user: " << tshark->said();
  }
  const auto here = test::open();
  const auto there = test::open();
  const auto publisher = here->advertise(test::topic(own("/shark")), {});
  const auto subscription = there->subscribe(test::topic(own("/shark")), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1 && subscription->matched().current == 1; }));
  // Until the capture has begun, which it does not tell, this is not seen.
  EXPECT_TRUE(eventually([&] {
    EXPECT_TRUE(publisher->publish(test::text("takt")));
    return tshark->says_soon("serializedData: 0500000074616b7400");
  })) << tshark->said().substr(0, 2000);
  const auto late = here->advertise(test::topic(own("/late")), {});
  EXPECT_TRUE(tshark->says("topic: rt" + own("/late")));
  EXPECT_TRUE(tshark->says("typeName: std_msgs::msg::dds_::String_"));
  EXPECT_TRUE(tshark->said().contains("Real-Time Publish-Subscribe Wire Protocol"));
  EXPECT_FALSE(tshark->said().contains("Malformed"));
  ::kill(tshark->pid(), SIGINT);
}

}  // namespace
}  // namespace takt::dds
