// Who is pressed back by whom, and by what, and who is not.
#include <algorithm>
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

TEST(ZmqPressureTest, AReaderThatKeepsAllAndDoesNotTakePressesBackInsteadOfLosing) {
  zmq::ZmqOptions options;
  options.queue = 10;
  options.room = 10;
  const Binder binder = bind_ipc(options);
  const auto desk = zmq::open_zmq(connector(binder));
  const Qos qos = quality(Durability::kVolatile, 0);
  Events events;
  const auto publisher = binder.transport->advertise(topic(qos), events.record());
  const auto subscription = desk->subscribe(topic(qos), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1; }));
  std::size_t sent = 0;
  for (int tries = 0; tries < 500; ++tries) {
    if (publisher->publish(bytes_of("x"))) {
      ++sent;
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));  // pressed back
    }
  }
  EXPECT_LT(sent, 500);
  const int told = events.writable();  // it may have been early, before the first grant
  EXPECT_FALSE(publisher->publish(bytes_of("x")));
  EXPECT_EQ(events.writable(), told) << "nobody took";
  EXPECT_EQ(take_count(*subscription, sent).size(), sent);
  EXPECT_TRUE(eventually([&] { return events.writable() > told; }));
  EXPECT_TRUE(publisher->publish(bytes_of("x")));
  EXPECT_EQ(take_count(*subscription, 1).size(), 1);
  EXPECT_EQ(subscription->lost(), 0);
}

TEST(ZmqPressureTest, APublisherThatKeepsTheLastWaitsForNobody) {
  zmq::ZmqOptions options;
  options.queue = 10;
  options.room = 1;
  const Binder binder = bind_ipc(options);
  const auto desk = zmq::open_zmq(connector(binder));
  const auto stuck = desk->subscribe(topic(quality(Durability::kVolatile, 0)), {});
  const auto publisher = binder.transport->advertise(topic(quality(Durability::kVolatile, 5)), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1; }));
  ASSERT_TRUE(publisher->publish(bytes_of("first")));  // what is lost is counted from what was heard first
  EXPECT_EQ(take_count(*stuck, 1).size(), 1U);
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(publisher->publish(bytes_of(std::to_string(i))));
  }
  std::string last;
  EXPECT_TRUE(eventually([&] {
    for (const std::string& text : take_all(*stuck)) {
      last = text;
    }
    return last == "499";
  })) << last;
  EXPECT_GT(stuck->lost(), 0);
}

TEST(ZmqPressureTest, AReaderWithoutProgressHoldsUpNoOtherForLong) {
  zmq::ZmqOptions options;
  options.queue = 10;
  options.room = 10;
  options.patience_ms = 200;
  const Binder binder = bind_ipc(options);
  const auto desk = zmq::open_zmq(connector(binder));
  const auto other_desk = zmq::open_zmq(connector(binder));
  const Qos qos = quality(Durability::kVolatile, 0);
  const auto stuck = desk->subscribe(topic(qos), {});
  const auto reader = other_desk->subscribe(topic(qos), {});
  Events events;
  const auto publisher = binder.transport->advertise(topic(qos), events.record());
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 2; }));
  constexpr std::size_t kCount = 300;
  std::size_t came = 0;
  for (std::size_t i = 0; i < kCount; ++i) {
    ASSERT_TRUE(send_when_ready([&] {
      came += take_all(*reader).size();
      return publisher->publish(bytes_of("x"));
    }));
  }
  EXPECT_TRUE(eventually([&] {
    came += take_all(*reader).size();
    return came == kCount;
  })) << came;
  EXPECT_EQ(reader->lost(), 0);
  EXPECT_GT(events.writable(), 0);
  std::size_t late = 0;
  EXPECT_TRUE(eventually([&] {
    late += take_all(*stuck).size();
    return late + stuck->lost() == kCount;
  })) << late
      << " and " << stuck->lost();
}

TEST(ZmqPressureTest, AReaderThatKeepsAllPressesBackWhenItsBytesAreManyToo) {
  zmq::ZmqOptions options;
  options.queue = 2;
  options.room_bytes = std::size_t{2} << 20U;
  const Binder binder = bind_ipc(options);
  const auto desk = zmq::open_zmq(connector(binder));
  const Qos qos = quality(Durability::kVolatile, 0);
  const auto publisher = binder.transport->advertise(topic(qos), {});
  const auto subscription = desk->subscribe(topic(qos), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1; }));
  const auto bytes = bytes_of(std::string(std::size_t{1} << 20U, 'x'));
  std::size_t sent = 0;
  for (int tries = 0; tries < 300; ++tries) {
    if (publisher->publish(bytes)) {
      ++sent;
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));  // pressed back
    }
  }
  EXPECT_LE(sent, 12) << "1 or 2 that lie there, 4 or 5 on the way, 2 here";
  EXPECT_EQ(take_count(*subscription, sent).size(), sent);
  constexpr std::size_t kMore = 50;
  std::size_t came = 0;
  for (std::size_t i = 0; i < kMore; ++i) {
    ASSERT_TRUE(send_when_ready([&] {
      came += take_all(*subscription).size();
      return publisher->publish(bytes);
    }));
  }
  EXPECT_TRUE(eventually([&] {
    came += take_all(*subscription).size();
    return came == kMore;
  })) << came;
  EXPECT_EQ(subscription->lost(), 0);
}

TEST(ZmqPressureTest, OfAReaderOfADepthTheOldestGiveWayWhenItsBytesAreMany) {
  zmq::ZmqOptions options;
  options.room_bytes = std::size_t{2} << 20U;
  const Binder binder = bind_ipc(options);
  const auto desk = zmq::open_zmq(connector(binder));
  const auto publisher = binder.transport->advertise(topic(quality(Durability::kVolatile, 100)), {});
  const auto subscription = desk->subscribe(topic(quality(Durability::kVolatile, 100)), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1; }));
  const std::string large(std::size_t{900} << 10U, 'x');
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(publisher->publish(bytes_of(large)));
  }
  ASSERT_TRUE(publisher->publish(bytes_of("last")));
  ASSERT_TRUE(eventually([&] { return subscription->lost() == 18; }));
  std::vector<std::string> taken;
  EXPECT_TRUE(eventually([&] {
    for (std::string& text : take_all(*subscription)) {
      taken.push_back(std::move(text));
    }
    return !taken.empty() && taken.back() == "last";
  }));
  EXPECT_EQ(taken.size(), 3);
}

TEST(ZmqPressureTest, WhatIsSmallCountsWithWhatItTakesToKeepIt) {
  zmq::ZmqOptions options;
  options.room_bytes = std::size_t{64} << 10U;
  const Binder binder = bind_ipc(options);
  const auto desk = zmq::open_zmq(connector(binder));
  const auto publisher = binder.transport->advertise(topic(quality(Durability::kVolatile, 5000)), {});
  const auto subscription = desk->subscribe(topic(quality(Durability::kVolatile, 5000)), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1; }));
  for (int i = 0; i < 5000; ++i) {
    ASSERT_TRUE(publisher->publish({}));
  }
  std::size_t came = 0;
  std::size_t lost = 0;
  ASSERT_TRUE(eventually([&] {
    lost = subscription->lost();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return lost > 0 && subscription->lost() == lost;
  }));
  EXPECT_TRUE(eventually([&] {
    came += take_all(*subscription).size();
    return came + subscription->lost() == 5000;
  })) << came;
  EXPECT_LT(came, 3000);
}

/// Who waits for it is granted something as soon as there is room.
TEST(ZmqPressureTest, WhatSendersThatHaveGoneLeftHoldsUpTheNextWhichLosesNothing) {
  zmq::ZmqOptions options;
  options.room = 100;
  const Binder binder = bind_ipc(options);
  const auto desk = zmq::open_zmq(connector(binder));
  const Qos qos = quality(Durability::kVolatile, 0);
  const auto subscription = binder.transport->subscribe(topic(qos), {});
  for (int sender = 0; sender < 3; ++sender) {
    const auto publisher = desk->advertise(topic(qos), {});
    ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1; }));
    for (int i = 0; i < 100; ++i) {
      ASSERT_TRUE(publisher->publish(bytes_of("of one that goes")));
    }
  }
  ASSERT_TRUE(eventually([&] { return subscription->matched().total == 3 && subscription->matched().current == 0; }));
  const auto publisher = desk->advertise(topic(qos), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1 && subscription->matched().current == 1; }));
  constexpr std::size_t kCount = 300;
  for (std::size_t i = 0; i < kCount; ++i) {
    ASSERT_TRUE(publisher->publish(bytes_of("of one that stays")));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // time to lose some
  std::size_t came = 0;
  EXPECT_TRUE(eventually([&] {
    const std::vector<std::string> taken = take_all(*subscription);
    came += static_cast<std::size_t>(std::ranges::count(taken, "of one that stays"));
    return came == kCount;
  })) << came;
  EXPECT_EQ(binder.transport->statistics().malformed, 0);
}

TEST(ZmqPressureTest, OfManyClientsThatAskAtOnceNoneLosesARequest) {
  zmq::ZmqOptions options;
  options.room = 10;
  const Binder binder = bind_ipc(options);
  const auto desk = zmq::open_zmq(connector(binder));
  const ServiceEndpoint service{
      .name = "/service", .request = {.name = "q"}, .reply = {.name = "r"}, .qos = {}, .node = {}};
  const auto server = binder.transport->serve(service, {});
  constexpr std::size_t kClients = 100;
  std::vector<std::unique_ptr<TransportClient>> clients;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.push_back(desk->client(service, {}));
  }
  ASSERT_TRUE(eventually([&] { return server->matched().current == kClients; }));
  for (const auto& client : clients) {
    ASSERT_TRUE(eventually([&] { return client->matched().current == 1; }));
    for (std::size_t i = 0; i < options.room; ++i) {
      ASSERT_TRUE(client->request(bytes_of("x")));
    }
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // time to lose some
  std::size_t came = 0;
  EXPECT_TRUE(eventually([&] {
    while (server->take([](const RequestId&, Bytes, const MessageInfo&) {})) {
      ++came;
    }
    return came == kClients * options.room;
  })) << came;
  EXPECT_EQ(binder.transport->statistics().malformed, 0);
}

TEST(ZmqPressureTest, SendersShareTheRoomOfAReaderThatKeepsAll) {
  zmq::ZmqOptions options;
  options.queue = 1;
  options.room = 3;  // less than there are senders
  const Binder binder = bind_ipc(options);
  const auto desk = zmq::open_zmq(connector(binder));
  const Qos qos = quality(Durability::kVolatile, 0);
  const auto subscription = desk->subscribe(topic(qos), {});
  std::vector<std::unique_ptr<TransportPublisher>> publishers;
  for (int i = 0; i < 5; ++i) {
    publishers.push_back(binder.transport->advertise(topic(qos), {}));
    ASSERT_TRUE(eventually([&] { return publishers.back()->matched().current == 1; }));
  }
  constexpr std::size_t kRounds = 200;
  std::size_t came = 0;
  for (std::size_t round = 0; round < kRounds; ++round) {
    for (const auto& publisher : publishers) {
      ASSERT_TRUE(send_when_ready([&] {
        came += take_all(*subscription).size();
        return publisher->publish(bytes_of("x"));
      }));
    }
  }
  EXPECT_TRUE(eventually([&] {
    came += take_all(*subscription).size();
    return came == kRounds * publishers.size();
  })) << came;
  EXPECT_EQ(subscription->lost(), 0);
}

TEST(ZmqPressureTest, APublisherThatNobodyGrantsIsDestroyedAtOnceAndGoneAMomentLater) {
  zmq::ZmqOptions options;
  options.queue = 10;
  options.room = 1;
  const Binder binder = bind_ipc(options);
  const auto desk = zmq::open_zmq(connector(binder));
  const Qos qos = quality(Durability::kVolatile, 0);
  const auto subscription = desk->subscribe(topic(qos), {});
  std::atomic<int> events{0};
  EndpointEvents counted;
  counted.on_matched = [&](const Matched&) { ++events; };
  auto publisher = binder.transport->advertise(topic(qos), counted);
  ASSERT_TRUE(eventually(
      [&] { return publisher->matched().current == 1 && subscription->matched().current == 1 && events == 1; }));
  while (publisher->publish(bytes_of("x"))) {
  }
  publisher.reset();
  EXPECT_EQ(subscription->matched().current, 1) << "it waits with the receive thread, not here";
  EXPECT_TRUE(eventually([&] { return subscription->matched().current == 0; })) << "nobody took, and it goes";
  EXPECT_EQ(events, 1);
}

TEST(ZmqPressureTest, ATransportEndsThoughNobodyGrantsWhatItsPublisherLeft) {
  zmq::ZmqOptions options;
  options.queue = 10;
  options.room = 1;
  Binder binder = bind_ipc(options);
  const auto desk = zmq::open_zmq(connector(binder));
  const Qos qos = quality(Durability::kVolatile, 0);
  const auto subscription = desk->subscribe(topic(qos), {});
  auto publisher = binder.transport->advertise(topic(qos), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1; }));
  while (publisher->publish(bytes_of("x"))) {
  }
  publisher.reset();
  binder.transport.reset();
  EXPECT_TRUE(eventually([&] { return subscription->matched().current == 0; }));
  EXPECT_EQ(take_all(*subscription).size(), 1);
}

}  // namespace
}  // namespace takt::bus::test
