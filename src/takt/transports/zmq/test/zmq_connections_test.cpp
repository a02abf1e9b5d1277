// What becomes of messages when connections are slow, or lost without everybody noticing.
#include "takt/transports/zmq/test/proxy.hpp"

namespace takt::bus::test {
namespace {

TopicEndpoint topic(Qos qos = {}) {
  return {.name = "/topic", .type = {.name = "std_msgs/msg/String"}, .qos = qos, .node = {}};
}

TEST(ZmqConnectionsTest, WhatIsKeptComesAgainWhenOnlyTheConnectorNoticedThatTheConnectionWasLost) {
  const Binder binder = bind_ipc();
  Proxy proxy(binder.options.address);
  zmq::ZmqOptions options = connector(binder);
  options.address = proxy.own();
  const auto desk = zmq::open_zmq(options);
  const auto publisher = binder.transport->advertise(topic(Qos::latched()), {});
  const auto subscription = desk->subscribe(topic(Qos::latched()), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1; }));
  ASSERT_TRUE(publisher->publish(bytes_of("1")));
  EXPECT_EQ(take_count(*subscription, 1), std::vector<std::string>{"1"});
  proxy.lose_connections(Proxy::Notices::kConnector);
  ASSERT_TRUE(publisher->publish(bytes_of("2")));
  std::string last;
  EXPECT_TRUE(eventually(
      [&] {
        for (const std::string& text : take_all(*subscription)) {
          last = text;
        }
        return last == "2";
      },
      std::chrono::seconds(6)));
  ASSERT_TRUE(publisher->publish(bytes_of("3")));
  EXPECT_TRUE(eventually([&] { return !take_all(*subscription).empty(); }, std::chrono::seconds(6))) << "connected";
}

TEST(ZmqConnectionsTest, WhatIsKeptComesAgainWhenOnlyTheBinderNoticedThatTheConnectionWasLost) {
  zmq::ZmqOptions options;
  options.heartbeat_ms = 100;
  const Binder binder = bind_ipc(options);
  Proxy proxy(binder.options.address);
  options = connector(binder);
  options.address = proxy.own();
  const auto desk = zmq::open_zmq(options);
  const auto publisher = binder.transport->advertise(topic(Qos::latched()), {});
  const auto subscription = desk->subscribe(topic(Qos::latched()), {});
  ASSERT_TRUE(publisher->publish(bytes_of("1")));
  EXPECT_EQ(take_count(*subscription, 1), std::vector<std::string>{"1"});
  proxy.lose_connections(Proxy::Notices::kBinder);
  EXPECT_TRUE(eventually([&] { return publisher->matched().current == 0; }));
  ASSERT_TRUE(publisher->publish(bytes_of("2")));
  EXPECT_EQ(take_count(*subscription, 1), std::vector<std::string>{"2"});
  EXPECT_EQ(subscription->matched().current, 1);
}

/// The connection of a binder that is no more is still open: a heartbeat tells.
TEST(ZmqConnectionsTest, WhatADeadBinderKeptIsNotTakenForThatOfTheNext) {
  zmq::ZmqOptions options;
  options.heartbeat_ms = 100;
  Binder binder = bind_ipc(options);
  Proxy proxy(binder.options.address);
  options = connector(binder);
  options.address = proxy.own();
  const auto desk = zmq::open_zmq(options);
  Events events;
  const auto subscription = desk->subscribe(topic(Qos::latched()), events.record());
  auto publisher = binder.transport->advertise(topic(Qos::latched()), {});
  ASSERT_TRUE(publisher->publish(bytes_of("of the first")));
  EXPECT_EQ(take_count(*subscription, 1), std::vector<std::string>{"of the first"});
  proxy.lose_connections(Proxy::Notices::kBinder);
  publisher.reset();
  binder.transport.reset();
  EXPECT_TRUE(eventually([&] { return events.last_matched().current == 0; }));
  binder.transport = zmq::open_zmq(binder.options);
  publisher = binder.transport->advertise(topic(Qos::latched()), {});
  EXPECT_TRUE(eventually([&] { return events.last_matched().current == 1; }));
  EXPECT_EQ(take_all(*subscription).size(), 0);
  ASSERT_TRUE(publisher->publish(bytes_of("of the second")));
  EXPECT_EQ(take_count(*subscription, 1), std::vector<std::string>{"of the second"});
}

TEST(ZmqConnectionsTest, OfLatestTheNewestArrivesAfterALinkWasSlow) {
  zmq::ZmqOptions options;
  options.heartbeat_ms = 60'000;
  const Binder binder = bind_ipc(options);
  Proxy proxy(binder.options.address);
  options = connector(binder);
  options.address = proxy.own();
  const auto desk = zmq::open_zmq(options);
  const auto publisher = binder.transport->advertise(topic(Qos::latest()), {});
  const auto subscription = desk->subscribe(topic(Qos::latest()), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1; }));
  proxy.stall(true);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  constexpr int kCount = 3000;
  for (int i = 0; i <= kCount; ++i) {
    ASSERT_TRUE(publisher->publish(bytes_of(std::to_string(i) + std::string(1000, ' '))));
  }
  proxy.stall(false);
  int last = -1;
  EXPECT_TRUE(eventually(
      [&] {
        for (const std::string& text : take_all(*subscription)) {
          last = std::stoi(text);
        }
        return last == kCount;
      },
      std::chrono::seconds(5)))
      << last;
}

}  // namespace
}  // namespace takt::bus::test
