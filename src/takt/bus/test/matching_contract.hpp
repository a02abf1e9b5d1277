#pragma once

#include "takt/bus/test/transport_rig.hpp"

/// Part of the contract suite: who finds whom, who comes late, who does not fit.
namespace takt::bus::test {

TEST_P(TransportContract, BothSidesLearnWhenTheOtherAppearsAndLeaves) {
  TAKT_REQUIRE_CAPABILITY(kMatchedEvents);
  Events of_publisher;
  Events of_subscription;
  const auto publisher = at(0).advertise(topic(), of_publisher.record());
  EXPECT_EQ(publisher->matched().current, 0);
  auto subscription = at(1).subscribe(topic(), of_subscription.record());
  ASSERT_TRUE(eventually([&] { return of_publisher.last_matched().current == 1; }));
  ASSERT_TRUE(eventually([&] { return of_subscription.last_matched().current == 1; }));
  EXPECT_EQ(publisher->matched().total, 1);
  EXPECT_EQ(subscription->matched().current, 1);

  subscription.reset();
  ASSERT_TRUE(eventually([&] { return of_publisher.last_matched().current == 0; }));
  EXPECT_EQ(of_publisher.last_matched().total, 1);

  subscription = at(1).subscribe(topic(), {});
  ASSERT_TRUE(eventually([&] { return of_publisher.last_matched().current == 1; }));
  EXPECT_EQ(of_publisher.last_matched().total, 2);
  EXPECT_EQ(publisher->matched().current, 1);
}

TEST_P(TransportContract, ASubscriptionLearnsThatItsPublisherHasGone) {
  TAKT_REQUIRE_CAPABILITY(kMatchedEvents);
  Events events;
  const auto subscription = at(1).subscribe(topic(), events.record());
  auto publisher = at(0).advertise(topic(), {});
  ASSERT_TRUE(eventually([&] { return events.last_matched().current == 1; }));
  publisher.reset();
  ASSERT_TRUE(eventually([&] { return events.last_matched().current == 0; }));
  EXPECT_EQ(subscription->matched().current, 0);
  EXPECT_EQ(subscription->matched().total, 1);
}

TEST_P(TransportContract, AMatchIsCountedBeforeItIsTold) {
  TAKT_REQUIRE_CAPABILITY(kMatchedEvents);
  const auto matches = std::make_shared<std::atomic<std::uint64_t>>(0);
  std::atomic<std::uint64_t> counted_when_told{0};
  std::atomic<bool> told{false};
  EndpointEvents events;
  events.matches = matches;
  events.on_matched = [&](const Matched& /*now*/) {
    counted_when_told = matches->load();
    told = true;
  };
  const auto publisher = at(0).advertise(topic(), std::move(events));
  const auto subscription = at(1).subscribe(topic(), {});
  ASSERT_TRUE(eventually([&] { return told.load(); }));
  EXPECT_GE(counted_when_told, 1U);
}

TEST_P(TransportContract, WhatIsPublishedOnceMatchedArrives) {
  TAKT_REQUIRE_CAPABILITY(kMatchedEvents);
  TAKT_REQUIRE_CAPABILITY(kReliable);
  const auto publisher = at(0).advertise(topic(), {});
  for (int i = 0; i < 5; ++i) {
    auto subscription = at(1).subscribe(topic(), {});
    ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1; }));
    ASSERT_TRUE(publisher->publish(bytes_of("the first")));
    ASSERT_EQ(take_count(*subscription, 1), std::vector<std::string>{"the first"}) << "round " << i;
    subscription.reset();
    ASSERT_TRUE(eventually([&] { return publisher->matched().current == 0; }));
  }
}

TEST_P(TransportContract, ALateJoinerGetsWhatWasPublishedBeforeItCame) {
  TAKT_REQUIRE_CAPABILITY(kTransientLocal);
  Qos latched = Qos::latched();
  latched.depth = 2;
  const auto publisher = at(0).advertise(topic(latched), {});
  for (const char* text : {"one", "two", "three"}) {
    ASSERT_TRUE(publisher->publish(bytes_of(text)));
  }
  Events events;
  const auto late = at(1).subscribe(topic(latched), events.record());
  const auto volatile_one = at(1).subscribe(topic(), {});
  EXPECT_EQ(take_count(*late, 2), (std::vector<std::string>{"two", "three"}));
  EXPECT_TRUE(eventually([&] { return events.data() >= 1; }));

  await_match(*publisher, *volatile_one, 2);
  ASSERT_TRUE(publisher->publish(bytes_of("four")));
  EXPECT_EQ(take_count(*late, 1), std::vector<std::string>{"four"});
  if (rig->spares_volatile_neighbours()) {
    EXPECT_EQ(take_count(*volatile_one, 1), std::vector<std::string>{"four"});
  } else {
    std::vector<std::string> heard;
    EXPECT_TRUE(eventually([&] {
      const auto more = take_all(*volatile_one);
      heard.insert(heard.end(), more.begin(), more.end());
      return !heard.empty() && heard.back() == "four";
    }));
  }
  EXPECT_EQ(late->lost(), 0);
}

TEST_P(TransportContract, AnotherTypeIsNamedAtBothEndsAndNothingIsDelivered) {
  TAKT_REQUIRE_CAPABILITY(kMatchedEvents);
  Events of_publisher;
  Events of_subscription;
  at(0).add_node({.name = "/here/talker"});
  at(1).add_node({.name = "/there/listener"});
  auto published = topic();
  published.node = "/here/talker";
  auto other = topic();
  other.type.name = "std_msgs/msg/Int32";
  other.node = "/there/listener";
  const auto publisher = at(0).advertise(published, of_publisher.record());
  const auto subscription = at(1).subscribe(other, of_subscription.record());
  for (const Events* events : {&of_publisher, &of_subscription}) {
    ASSERT_TRUE(eventually([&] { return !events->incompatible().empty(); }));
    const std::string reason = events->incompatible().front();
    for (const char* named : {"/contract/topic", "/here/talker", "/there/listener", "String", "Int32"}) {
      EXPECT_NE(reason.find(named), std::string::npos) << reason;
    }
  }
  ASSERT_TRUE(publisher->publish(bytes_of("not for you")));
  settle();
  EXPECT_EQ(take_all(*subscription).size(), 0);
  EXPECT_EQ(publisher->matched().current, 0);
  EXPECT_EQ(subscription->matched().current, 0);
}

TEST_P(TransportContract, AnotherTypeIsNotDelivered) {
  auto other = topic();
  other.type.name = "std_msgs/msg/Int32";
  const auto publisher = at(0).advertise(topic(), {});
  const auto subscription = at(1).subscribe(other, {});
  const auto fitting = at(1).subscribe(topic(), {});
  await_match(*publisher, *fitting);
  ASSERT_TRUE(publisher->publish(bytes_of("for one")));
  EXPECT_EQ(take_count(*fitting, 1), std::vector<std::string>{"for one"});
  settle();
  EXPECT_EQ(take_all(*subscription).size(), 0);
}

TEST_P(TransportContract, HashesMustAgreeWhereBothAreKnown) {
  auto first = topic();
  first.type.hash.fill(1);
  auto second = topic();
  second.type.hash.fill(2);
  const auto publisher = at(0).advertise(first, {});
  const auto same = at(1).subscribe(first, {});
  const auto unknown = at(2).subscribe(topic(), {});
  await_match(*publisher, *same, 2);
  await_match(*publisher, *unknown, 2);
  const auto different = at(1).subscribe(second, {});  // after the others: some transports count it as a match
  settle();
  ASSERT_TRUE(publisher->publish(bytes_of("hash")));
  EXPECT_EQ(take_count(*same, 1), std::vector<std::string>{"hash"});
  EXPECT_EQ(take_count(*unknown, 1), std::vector<std::string>{"hash"});
  settle();
  EXPECT_EQ(take_all(*different).size(), 0);
}

TEST_P(TransportContract, AReaderThatAsksForMoreThanIsOfferedIsNamedAtBothEnds) {
  TAKT_REQUIRE_CAPABILITY(kMatchedEvents);
  TAKT_REQUIRE_CAPABILITY(kReliable);
  Events of_publisher;
  Events of_subscription;
  at(0).add_node({.name = "/here/talker"});
  at(1).add_node({.name = "/there/listener"});
  auto offered = topic(Qos::latest());
  offered.node = "/here/talker";
  auto asked = topic();
  asked.node = "/there/listener";
  const auto publisher = at(0).advertise(offered, of_publisher.record());
  const auto subscription = at(1).subscribe(asked, of_subscription.record());
  for (const Events* events : {&of_publisher, &of_subscription}) {
    ASSERT_TRUE(eventually([&] { return !events->incompatible().empty(); }));
    const std::string reason = events->incompatible().front();
    for (const char* named : {"/contract/topic", "/here/talker", "/there/listener", "reliable", "best effort"}) {
      EXPECT_NE(reason.find(named), std::string::npos) << reason;
    }
  }
  ASSERT_TRUE(publisher->publish(bytes_of("not for you")));
  settle();
  EXPECT_EQ(take_all(*subscription).size(), 0);
}

/// Whether the graph of some transport shows what the test waits for.
inline bool shows(const Graph& graph, EndpointInfo::Kind kind, const std::string& name, const std::string& node) {
  for (const EndpointInfo& one : graph.endpoints) {
    if (one.kind == kind && one.name == name && one.node == node) {
      return true;
    }
  }
  return false;
}

inline bool shows(const Graph& graph, const std::string& node) {
  for (const NodeInfo& one : graph.nodes) {
    if (one.name == node) {
      return true;
    }
  }
  return false;
}

TEST_P(TransportContract, TheGraphShowsNodesAndEndpointsOfAllWithTypeAndQuality) {
  TAKT_REQUIRE_CAPABILITY(kGraph);
  at(0).add_node({.name = "/here/talker"});
  at(1).add_node({.name = "/there/listener"});
  auto at_talker = topic();
  at_talker.node = "/here/talker";
  auto at_listener = topic(Qos::latest());
  at_listener.node = "/there/listener";
  const auto publisher = at(0).advertise(at_talker, {});
  const auto subscription = at(1).subscribe(at_listener, {});
  for (const std::size_t index : {0U, 1U}) {
    ASSERT_TRUE(eventually([&] {
      const Graph graph = at(index).graph();
      return shows(graph, "/here/talker") && shows(graph, "/there/listener") &&
             shows(graph, EndpointInfo::Kind::kPublisher, "/contract/topic", "/here/talker") &&
             shows(graph, EndpointInfo::Kind::kSubscription, "/contract/topic", "/there/listener");
    })) << "seen from "
        << index;
    for (const EndpointInfo& one : at(index).graph().endpoints) {
      const bool publishes = one.kind == EndpointInfo::Kind::kPublisher;
      if (one.name == "/contract/topic") {
        EXPECT_EQ(one.type.name, "std_msgs/msg/String");
        EXPECT_EQ(one.qos.reliability, publishes ? Reliability::kReliable : Reliability::kBestEffort);
      }
    }
  }
}

TEST_P(TransportContract, TheGraphForgetsWhatHasGoneAndTellsWhoWatches) {
  TAKT_REQUIRE_CAPABILITY(kGraph);
  std::atomic<int> changes{0};
  at(1).watch_graph([&] { ++changes; });
  at(0).add_node({.name = "/passing"});
  auto passing = topic();
  passing.node = "/passing";
  auto publisher = at(0).advertise(passing, {});
  const auto is_there = [&] {
    return shows(at(1).graph(), EndpointInfo::Kind::kPublisher, "/contract/topic", "/passing");
  };
  ASSERT_TRUE(eventually([&] { return is_there() && shows(at(1).graph(), "/passing"); }));
  ASSERT_TRUE(eventually([&] { return changes > 0; }));
  settle();
  const int before = changes;
  publisher.reset();
  at(0).remove_node("/passing");
  ASSERT_TRUE(eventually([&] { return !is_there() && !shows(at(1).graph(), "/passing"); }));
  ASSERT_TRUE(eventually([&] { return changes > before; }));
  at(1).watch_graph({});
  settle();
  const int last = changes;
  publisher = at(0).advertise(passing, {});
  ASSERT_TRUE(eventually([&] { return is_there(); }));
  settle();
  EXPECT_EQ(changes, last);
}

}  // namespace takt::bus::test
