// What the qualities of service promise where there is little room.
#include <utility>

#include "takt/transports/zmq/test/zmq_rig.hpp"

namespace takt::bus::test {
namespace {

TopicEndpoint topic(Qos qos = {}) {
  return {.name = "/topic", .type = {.name = "std_msgs/msg/String"}, .qos = qos, .node = {}};
}

Qos quality(Durability durability, std::uint32_t depth) {
  Qos qos;
  qos.durability = durability;
  qos.depth = depth;
  return qos;
}

TEST(ZmqQualityTest, AllThatAProcessHasIsAnnouncedHoweverMuchItIs) {
  const std::string address = own_ipc();
  zmq::ZmqOptions options;
  options.address = address;
  const auto connector = zmq::open_zmq(options);
  std::vector<std::unique_ptr<TransportPublisher>> publishers;
  constexpr std::size_t kCount = 2500;
  for (std::size_t i = 0; i < kCount; ++i) {
    TopicEndpoint one = topic();
    one.name += std::to_string(i);
    publishers.push_back(connector->advertise(one, {}));
  }
  options.binds = true;
  const auto binder = zmq::open_zmq(options);
  EXPECT_TRUE(eventually([&] { return binder->graph().endpoints.size() == kCount; }, std::chrono::seconds(10)))
      << binder->graph().endpoints.size();
}

TEST(ZmqQualityTest, AReliableTransientLocalPublisherDoesNotLoseSilently) {
  zmq::ZmqOptions options;
  options.queue = 10;
  const Binder binder = bind_ipc(options);
  const auto desk = zmq::open_zmq(connector(binder));
  const Qos qos = quality(Durability::kTransientLocal, 0);
  const auto publisher = binder.transport->advertise(topic(qos), {});
  const auto subscription = desk->subscribe(topic(qos), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1; }));
  constexpr std::size_t kCount = 3000;
  const auto bytes = bytes_of(std::string(4096, 'x'));
  for (std::size_t i = 0; i < kCount; ++i) {
    ASSERT_TRUE(send_when_ready([&] { return publisher->publish(bytes); }));
  }
  std::size_t came = 0;
  static_cast<void>(eventually(
      [&] {
        came += take_all(*subscription).size();
        return came >= kCount;
      },
      std::chrono::seconds(3)));
  EXPECT_EQ(subscription->lost(), 0);
  EXPECT_EQ(came, kCount);
}

TEST(ZmqQualityTest, ALateJoinerGetsTheNewestOfWhatIsKept) {
  zmq::ZmqOptions options;
  options.queue = 10;
  const Binder binder = bind_ipc(options);
  const auto publisher = binder.transport->advertise(topic(quality(Durability::kTransientLocal, 200)), {});
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(publisher->publish(bytes_of(std::to_string(i))));
  }
  const auto desk = zmq::open_zmq(connector(binder));
  const auto subscription = desk->subscribe(topic(quality(Durability::kTransientLocal, 1)), {});
  std::string last;
  EXPECT_TRUE(eventually(
      [&] {
        for (const std::string& text : take_all(*subscription)) {
          last = text;
        }
        return last == "199";
      },
      std::chrono::seconds(3)))
      << last;
}

TEST(ZmqQualityTest, WhatWasPublishedLastArrivesThoughItsPublisherHasGone) {
  const Binder binder = bind_ipc();
  const auto desk = zmq::open_zmq(connector(binder));
  const Qos qos = quality(Durability::kVolatile, 0);
  const auto subscription = desk->subscribe(topic(qos), {});
  auto publisher = binder.transport->advertise(topic(qos), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1; }));
  const auto bytes = bytes_of(std::string(std::size_t{1} << 20U, 'x'));  // more than may be on the way at once
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(publisher->publish(bytes));
  }
  publisher.reset();
  EXPECT_EQ(take_count(*subscription, 6).size(), 6);
}

TEST(ZmqQualityTest, AServerThatDoesNotTakePressesBackAndItsClientIsToldWhenItDoes) {
  zmq::ZmqOptions options;
  options.queue = 5;
  options.room = 5;
  const Binder binder = bind_ipc(options);
  const auto desk = zmq::open_zmq(connector(binder));
  const ServiceEndpoint service{
      .name = "/service", .request = {.name = "q"}, .reply = {.name = "r"}, .qos = {}, .node = {}};
  const auto server = binder.transport->serve(service, {});
  Events events;
  const auto client = desk->client(service, events.record());
  ASSERT_TRUE(eventually([&] { return client->matched().current == 1; }));
  std::size_t sent = 0;
  EXPECT_TRUE(eventually([&] {
    while (sent < 100 && client->request(bytes_of("?"))) {
      ++sent;
    }
    return sent >= 10;
  })) << "5 there, when they are granted, 5 here";
  EXPECT_LT(sent, 100) << "nobody takes";
  std::size_t came = 0;
  EXPECT_TRUE(eventually([&] {
    while (server->take([](const RequestId&, Bytes, const MessageInfo&) {})) {
      ++came;
    }
    return came == sent && events.writable() > 0;
  })) << came
      << " of " << sent;
  EXPECT_TRUE(client->request(bytes_of("again")));
}

TEST(ZmqQualityTest, AClientWhoseServerIsReplacedIsToldThatItMayAsk) {
  Binder binder = bind_ipc();
  const auto desk = zmq::open_zmq(connector(binder));
  const ServiceEndpoint service{
      .name = "/service", .request = {.name = "q"}, .reply = {.name = "r"}, .qos = {}, .node = {}};
  Events events;
  const auto client = desk->client(service, events.record());
  for (int round = 1; round <= 3; ++round) {
    const auto early = client->request(bytes_of("anybody?"));
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error(), SendError::kWouldBlock);
    {
      const auto server = binder.transport->serve(service, {});
      ASSERT_TRUE(eventually([&] { return events.writable() == round; })) << round;
      EXPECT_TRUE(client->request(bytes_of("you?")));
    }
    binder.transport.reset();  // cannot be reached, rather than none there
    ASSERT_TRUE(eventually([&] { return client->matched().current == 0; }));
    binder.transport = zmq::open_zmq(binder.options);
  }
}

}  // namespace
}  // namespace takt::bus::test
