#include "takt/bus/memory_transport.hpp"

#include <deque>

#include "takt/bus/test/transport_contract.hpp"

namespace takt::bus::test {
namespace {

class MemoryRig final : public TransportRig {
 public:
  [[nodiscard]] Transport& transport(std::size_t index) override { return *transports_.at(index); }
  void settle() override {}  // what happens has happened when the call that made it returns
  [[nodiscard]] std::size_t max_message_bytes() const override { return std::size_t{2} << 20U; }

 private:
  MemoryNetwork network_{{.lose = {}, .carry = {}, .room = 64, .max_message_bytes = std::size_t{2} << 20U}};
  std::vector<std::unique_ptr<Transport>> transports_ = [this] {
    std::vector<std::unique_ptr<Transport>> made;
    for (const char* host : {"a", "b", "c"}) {
      made.push_back(network_.join(host));
    }
    return made;
  }();
};

INSTANTIATE_TEST_SUITE_P(Memory, TransportContract,
                         testing::Values(RigMaker{.name = "Memory",
                                                  .make = [] { return std::make_unique<MemoryRig>(); }}),
                         name_of);

TopicEndpoint topic(Qos qos = {}) {
  return {.name = "/topic", .type = {.name = "std_msgs/msg/String"}, .qos = qos, .node = {}};
}

TEST(MemoryNetworkTest, ACutLinkUnmatchesAndARestoredOneMatchesAgain) {
  MemoryNetwork network;
  const auto robot = network.join("robot");
  const auto desk = network.join("desk");
  Events events;
  const auto publisher = robot->advertise(topic(), {});
  const auto subscription = desk->subscribe(topic(), events.record());
  network.cut("desk", "robot");
  EXPECT_EQ(events.last_matched().current, 0);
  ASSERT_TRUE(publisher->publish(bytes_of("into nothing")));
  EXPECT_EQ(take_all(*subscription).size(), 0);
  network.restore("robot", "desk");
  EXPECT_EQ(events.last_matched().current, 1);
  EXPECT_EQ(events.last_matched().total, 2);
  ASSERT_TRUE(publisher->publish(bytes_of("heard")));
  EXPECT_EQ(take_all(*subscription), std::vector<std::string>{"heard"});
}

TEST(MemoryNetworkTest, WhatIsKeptArrivesOnceWhenTheLinkIsBack) {
  MemoryNetwork network;
  const auto robot = network.join("robot");
  const auto desk = network.join("desk");
  const auto publisher = robot->advertise(topic(Qos::latched()), {});
  const auto subscription = desk->subscribe(topic(Qos::latched()), {});
  ASSERT_TRUE(publisher->publish(bytes_of("one")));
  EXPECT_EQ(take_all(*subscription), std::vector<std::string>{"one"});
  network.cut("desk", "robot");
  network.restore("desk", "robot");
  EXPECT_EQ(take_all(*subscription).size(), 0) << "it was heard before";
  network.cut("desk", "robot");
  ASSERT_TRUE(publisher->publish(bytes_of("two")));
  network.restore("desk", "robot");
  EXPECT_EQ(take_all(*subscription), std::vector<std::string>{"two"});
}

TEST(MemoryNetworkTest, ACutHostLeavesTheGraph) {
  MemoryNetwork network;
  const auto robot = network.join("robot");
  const auto desk = network.join("desk");
  robot->add_node({.name = "/robot/driver"});
  int changes = 0;
  desk->watch_graph([&] { ++changes; });
  EXPECT_EQ(desk->graph().nodes.size(), 1);
  network.cut("robot", "desk");
  EXPECT_EQ(desk->graph().nodes.size(), 0);
  EXPECT_EQ(robot->graph().nodes.size(), 1);
  EXPECT_GE(changes, 1);
}

TEST(MemoryNetworkTest, LosesWhatIsBestEffortAndCountsItAndNeverWhatIsReliable) {
  int asked = 0;
  MemoryNetworkOptions options;
  options.lose = [&](const std::string& from, const std::string& to, const std::string& name) {
    EXPECT_EQ(from + to + name, "robotdesk/topic");
    return ++asked % 2 == 0;
  };
  MemoryNetwork network(options);
  const auto robot = network.join("robot");
  const auto desk = network.join("desk");
  const auto publisher = robot->advertise(topic(), {});
  Qos best_effort;
  best_effort.reliability = Reliability::kBestEffort;
  const auto lossy = desk->subscribe(topic(best_effort), {});
  const auto sure = desk->subscribe(topic(), {});
  for (const char* text : {"1", "2", "3"}) {
    ASSERT_TRUE(publisher->publish(bytes_of(text)));
  }
  EXPECT_EQ(take_all(*lossy), (std::vector<std::string>{"1", "3"}));
  EXPECT_EQ(lossy->lost(), 1);
  EXPECT_EQ(take_all(*sure), (std::vector<std::string>{"1", "2", "3"}));
}

TEST(MemoryNetworkTest, AHookDelaysAndACutLosesWhatIsOnTheWay) {
  std::deque<std::function<void()>> way;
  MemoryNetworkOptions options;
  options.carry = [&](std::function<void()> deliver) { way.push_back(std::move(deliver)); };
  MemoryNetwork network(options);
  const auto robot = network.join("robot");
  const auto desk = network.join("desk");
  const auto publisher = robot->advertise(topic(), {});
  const auto subscription = desk->subscribe(topic(), {});
  for (const char* text : {"one", "two", "three"}) {
    ASSERT_TRUE(publisher->publish(bytes_of(text)));
  }
  ASSERT_EQ(way.size(), 3);
  EXPECT_EQ(take_all(*subscription).size(), 0);
  way[0]();
  way[0]();  // twice is once
  EXPECT_EQ(take_all(*subscription), std::vector<std::string>{"one"});
  network.cut("robot", "desk");
  way[1]();
  EXPECT_EQ(take_all(*subscription).size(), 0);
  network.restore("robot", "desk");
  way[2]();
  EXPECT_EQ(take_all(*subscription), std::vector<std::string>{"three"});
  EXPECT_EQ(subscription->lost(), 1);
}

TEST(MemoryNetworkTest, AFullReaderPressesBackAndSaysWhenThereIsRoom) {
  std::vector<std::function<void()>> way;
  MemoryNetworkOptions options;
  options.carry = [&](std::function<void()> deliver) { way.push_back(std::move(deliver)); };
  options.room = 2;
  MemoryNetwork network(options);
  const auto robot = network.join("robot");
  const auto desk = network.join("desk");
  Qos all;
  all.depth = 0;
  Events events;
  const auto publisher = robot->advertise(topic(all), events.record());
  const auto subscription = desk->subscribe(topic(all), {});
  ASSERT_TRUE(publisher->publish(bytes_of("1")));
  way.front()();
  ASSERT_TRUE(publisher->publish(bytes_of("2")));  // one there, one on the way
  const auto refused = publisher->publish(bytes_of("3"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), SendError::kWouldBlock);
  EXPECT_EQ(events.writable(), 0);
  EXPECT_EQ(take_all(*subscription).size(), 1);
  EXPECT_EQ(events.writable(), 1);
  EXPECT_TRUE(publisher->publish(bytes_of("3")));
}

TEST(MemoryNetworkTest, AHostJoinsOnce) {
  MemoryNetwork network;
  const auto robot = network.join("robot");
  EXPECT_THROW(static_cast<void>(network.join("robot")), LogicError);
}

TEST(MemoryNetworkTest, TransportsOutliveTheNetworkObject) {
  auto network = std::make_unique<MemoryNetwork>();
  const auto robot = network->join("robot");
  const auto desk = network->join("desk");
  network.reset();
  const auto publisher = robot->advertise(topic(), {});
  const auto subscription = desk->subscribe(topic(), {});
  ASSERT_TRUE(publisher->publish(bytes_of("on")));
  EXPECT_EQ(take_all(*subscription), std::vector<std::string>{"on"});
}

}  // namespace
}  // namespace takt::bus::test
