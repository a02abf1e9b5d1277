#include "takt/transports/udp/udp_transport.hpp"

#include <algorithm>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "takt/bus/test/transport_contract.hpp"
#include "takt/core/thread_names.hpp"
#include "takt/transports/udp/internal/datagram.hpp"

namespace takt::bus::test {
namespace {

udp::UdpOptions listener(std::uint16_t port = 0) {
  udp::UdpOptions options;
  options.host = "127.0.0.1";
  options.port = port;
  options.listens = true;
  return options;
}

udp::UdpOptions speaker(std::uint16_t port) {
  udp::UdpOptions options;
  options.host = "127.0.0.1";
  options.port = port;
  return options;
}

/// One transport each; settled when what was sent would be there, had it not been lost.
class UdpRig : public TransportRig {
 public:
  [[nodiscard]] Transport& transport(std::size_t index) override { return *transports.at(index); }
  void settle() override { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }
  [[nodiscard]] std::size_t max_message_bytes() const override { return udp::UdpOptions{}.max_message_bytes; }

 protected:
  std::vector<std::unique_ptr<udp::UdpTransport>> transports;
};

class UnicastRig final : public UdpRig {
 public:
  UnicastRig() {
    transports.push_back(udp::open_udp(listener()));
    for (int i = 0; i < 2; ++i) {
      transports.push_back(udp::open_udp(speaker(transports.front()->port())));
    }
    EXPECT_TRUE(eventually([&] { return transports.front()->statistics().peers == 2; }));
  }
};

/// A group on the loopback interface that no other test has at the same time.
udp::UdpOptions own_group() {
  static std::atomic<int> groups{0};
  const int pid = getpid();
  udp::UdpOptions options;
  options.host = "239.255." + std::to_string(pid / 250 % 250) + "." + std::to_string(pid % 250 + 1);
  options.port = static_cast<std::uint16_t>(10'000 + (pid / 62'500 * 1000 + ++groups) % 20'000);
  options.interface_address = "127.0.0.1";
  return options;
}

class GroupRig final : public UdpRig {
 public:
  GroupRig() {
    const udp::UdpOptions group = own_group();
    for (int i = 0; i < 3; ++i) {
      transports.push_back(udp::open_udp(group));
    }
  }
};

INSTANTIATE_TEST_SUITE_P(
    Udp, TransportContract,
    testing::Values(RigMaker{.name = "Unicast", .make = [] { return std::make_unique<UnicastRig>(); }},
                    RigMaker{.name = "Group", .make = [] { return std::make_unique<GroupRig>(); }}),
    name_of);

TopicEndpoint topic(std::uint32_t depth = 10) {
  Qos qos = Qos::latest();
  qos.depth = depth;
  return {.name = "/topic", .type = {.name = "std_msgs/msg/String"}, .qos = qos, .node = {}};
}

/// Somebody who sends what he likes.
class Stranger {
 public:
  explicit Stranger(std::uint16_t port) : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    to_.sin_family = AF_INET;
    to_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to_.sin_port = htons(port);
  }
  ~Stranger() { close(socket_); }
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;

  void send(Bytes bytes) const {
    EXPECT_EQ(sendto(socket_, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to_), sizeof(to_)),
              static_cast<ssize_t>(bytes.size()));
  }
  void publish(std::uint64_t sequence, const std::string& text) const {
    const auto payload = bytes_of(text);
    udp::internal::Datagram datagram;
    datagram.sender = {9};
    datagram.sequence = sequence;
    datagram.message_bytes = static_cast<std::uint32_t>(payload.size());
    datagram.fragment_bytes = 1000;
    datagram.topic = "/topic";
    datagram.type = "std_msgs/msg/String";
    std::vector<std::byte> bytes;
    udp::internal::write_header(datagram, bytes);
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    send(bytes);
  }

 private:
  int socket_;
  sockaddr_in to_{};
};

TEST(UdpTransportTest, CountsWhatWasLostOnTheWayAndDropsWhatWasOvertaken) {
  const auto transport = udp::open_udp(listener());
  const auto subscription = transport->subscribe(topic(), {});
  const Stranger stranger(transport->port());
  for (const std::uint64_t sequence : {5U, 6U, 10U, 9U, 11U}) {
    stranger.publish(sequence, std::to_string(sequence));
  }
  EXPECT_EQ(take_count(*subscription, 4), (std::vector<std::string>{"5", "6", "10", "11"}));
  EXPECT_EQ(subscription->lost(), 3);
}

TEST(UdpTransportTest, WhatIsMalformedIsCountedAndDroppedAndTheRestArrives) {
  const auto transport = udp::open_udp(listener());
  const auto subscription = transport->subscribe(topic(), {});
  const Stranger stranger(transport->port());
  testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i) {
    stranger.send(bytes_of("no header at all"));
  }
  std::vector<std::byte> cut;
  udp::internal::Datagram datagram;
  datagram.topic = "/topic";
  udp::internal::write_header(datagram, cut);
  cut.resize(40);
  stranger.send(cut);
  stranger.send({});
  stranger.publish(1, "sound");
  EXPECT_EQ(take_count(*subscription, 1), std::vector<std::string>{"sound"});
  EXPECT_EQ(transport->statistics().malformed, 5);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("127.0.0.1"), std::string::npos) << said;
  EXPECT_EQ(std::ranges::count(said, '\n'), 2) << said;
}

TEST(UdpTransportTest, AMessageThatSaysItIsTooLargeIsMalformed) {
  auto options = listener();
  options.max_message_bytes = 100;
  const auto transport = udp::open_udp(options);
  const auto subscription = transport->subscribe(topic(), {});
  const Stranger stranger(transport->port());
  stranger.publish(1, std::string(200, 'x'));
  stranger.publish(2, "small");
  EXPECT_EQ(take_count(*subscription, 1), std::vector<std::string>{"small"});
  EXPECT_EQ(transport->statistics().malformed, 1);
}

TEST(UdpTransportTest, WhatNobodyTakesHasABoundInBytesToo) {
  auto options = listener();
  options.room_bytes = 3000;
  const auto transport = udp::open_udp(options);
  const auto subscription = transport->subscribe(topic(0), {});
  const Stranger stranger(transport->port());
  for (std::uint64_t i = 1; i <= 10; ++i) {
    stranger.publish(i, std::to_string(i) + std::string(900, 'x'));
  }
  ASSERT_TRUE(eventually([&] { return subscription->lost() == 7; })) << subscription->lost();
  EXPECT_EQ(take_all(*subscription).size(), 3);
}

TEST(UdpTransportTest, ASubscriptionNamesAPublisherOfAnotherTypeWhenItSends) {
  const auto transport = udp::open_udp(listener());
  Events events;
  auto other = topic();
  other.type.name = "std_msgs/msg/Int32";
  const auto subscription = transport->subscribe(other, events.record());
  const Stranger stranger(transport->port());
  stranger.publish(1, "not for you");
  stranger.publish(2, "nor this");
  ASSERT_TRUE(eventually([&] { return !events.incompatible().empty(); }));
  EXPECT_NE(events.incompatible().front().find("String"), std::string::npos);
  EXPECT_NE(events.incompatible().front().find("Int32"), std::string::npos);
  EXPECT_NE(events.incompatible().front().find("publisher of 127.0.0.1:"), std::string::npos);
  EXPECT_TRUE(eventually([&] { return transport->statistics().mistyped == 2; }));
  EXPECT_EQ(events.incompatible().size(), 1);
  EXPECT_EQ(take_all(*subscription).size(), 0);
}

TEST(UdpTransportTest, AListenerThatCameBackIsHeardAgain) {
  auto first = udp::open_udp(listener());
  const std::uint16_t port = first->port();
  const auto desk = udp::open_udp(speaker(port));
  const auto subscription = desk->subscribe(topic(), {});
  const auto publisher = desk->advertise(topic(), {});
  ASSERT_TRUE(eventually([&] { return first->statistics().peers == 1; }));
  first.reset();
  ASSERT_TRUE(publisher->publish(bytes_of("into nothing"))) << "nobody can tell, and nobody minds";
  const auto second = udp::open_udp(listener(port));
  ASSERT_TRUE(eventually([&] { return second->statistics().peers == 1; }));
  const auto answer = second->advertise(topic(), {});
  ASSERT_TRUE(answer->publish(bytes_of("back")));
  EXPECT_EQ(take_count(*subscription, 1), std::vector<std::string>{"back"});
}

TEST(UdpTransportTest, LargeDatagramsCarryLargeMessagesInFew) {
  auto at_robot = listener();
  at_robot.max_datagram_bytes = 65507;
  const auto robot = udp::open_udp(at_robot);
  const auto desk = udp::open_udp(speaker(robot->port()));
  const auto subscription = desk->subscribe(topic(), {});
  const auto publisher = robot->advertise(topic(), {});
  ASSERT_TRUE(eventually([&] { return robot->statistics().peers == 1; }));
  const std::string text(60'000, 'x');
  ASSERT_TRUE(publisher->publish(bytes_of(text)));
  EXPECT_EQ(take_count(*subscription, 1), std::vector<std::string>{text});
}

TEST(UdpTransportTest, TheLargestMessageFitsIntoTheSmallestMemoryThatIsAllowedForIt) {
  const std::string text(20'000, 'x');
  const auto message = bytes_of(text);
  auto at_robot = listener();
  at_robot.max_message_bytes = message.size();
  at_robot.reassembly_bytes = message.size() + 256;
  const auto robot = udp::open_udp(at_robot);
  const auto desk = udp::open_udp(speaker(robot->port()));
  const auto subscription = robot->subscribe(topic(), {});
  const auto publisher = desk->advertise(topic(), {});
  ASSERT_TRUE(publisher->publish(message));
  EXPECT_EQ(take_count(*subscription, 1), std::vector<std::string>{text});
}

TEST(UdpTransportTest, HasOneThreadOfItsName) {
  const auto transport = udp::open_udp(listener());
  EXPECT_TRUE(eventually([] { return std::ranges::count(core::thread_names(), "udp.recv") == 1; }));
}

TEST(UdpTransportTest, OptionsThatCannotBeAreRefused) {
  EXPECT_THROW(static_cast<void>(udp::open_udp({})), LogicError) << "neither group nor host";
  auto options = listener();
  options.host = "239.255.0.7";
  EXPECT_THROW(static_cast<void>(udp::open_udp(options)), LogicError) << "a group is not listened to like a host";
  options = listener();
  options.max_datagram_bytes = 70'000;
  EXPECT_THROW(static_cast<void>(udp::open_udp(options)), LogicError);
  options = listener();
  options.reassembly_bytes = options.max_message_bytes;
  try {
    static_cast<void>(udp::open_udp(options));
    ADD_FAILURE() << "a message that cannot be put together";
  } catch (const LogicError& error) {
    EXPECT_NE(std::string(error.what()).find("max_message_bytes is 16777216"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("reassembly_bytes 16777216"), std::string::npos) << error.what();
  }
  const auto holder = udp::open_udp(listener());
  EXPECT_THROW(static_cast<void>(udp::open_udp(listener(holder->port()))), SystemError) << "the port is taken";
}

TEST(UdpTransportTest, LongNamesAreRefused) {
  const auto transport = udp::open_udp(listener());
  auto named = topic();
  named.name = "/" + std::string(255, 'n');
  EXPECT_THROW(static_cast<void>(transport->advertise(named, {})), LogicError);
}

}  // namespace
}  // namespace takt::bus::test
