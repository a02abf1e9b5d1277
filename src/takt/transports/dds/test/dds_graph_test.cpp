#include <algorithm>
#include <atomic>
#include <optional>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/transports/dds/test/dds_test.hpp"

// What discovery shows of nodes and endpoints, here and elsewhere.
namespace takt::dds {
namespace {

using test::eventually;
using test::own;
using Kind = bus::EndpointInfo::Kind;

std::vector<bus::EndpointInfo> named(const bus::Graph& graph, const std::string& name) {
  std::vector<bus::EndpointInfo> found;
  std::ranges::copy_if(graph.endpoints, std::back_inserter(found),
                       [&](const bus::EndpointInfo& info) { return info.name == name; });
  std::ranges::sort(found, {}, &bus::EndpointInfo::kind);
  return found;
}

std::optional<bus::NodeInfo> node(const bus::Graph& graph, const std::string& name) {
  const auto found = std::ranges::find(graph.nodes, name, &bus::NodeInfo::name);
  return found == graph.nodes.end() ? std::nullopt : std::optional(*found);
}

TEST(DdsGraph, NodesAndTheirEndpointsShowAlikeHereAndElsewhere) {
  DdsOptions options = test::options();
  options.enclave = "/kitchen";
  const auto here = open_dds(options);
  const auto there = test::open();
  const std::string talker = own("/ns/talker");
  here->add_node({.name = talker});
  const auto publisher = here->advertise(test::topic(own("/graph/a"), bus::Qos::latched(), talker), {});
  const auto subscription = here->subscribe(test::topic(own("/graph/a"), bus::Qos::latest(), talker), {});
  const auto server = here->serve(test::service(own("/graph/s"), talker), {});
  const auto client = here->client(test::service(own("/graph/s"), talker), {});
  for (const auto& transport : {here, there}) {
    ASSERT_TRUE(eventually([&] {
      const bus::Graph graph = transport->graph();
      const auto on_topic = named(graph, own("/graph/a"));
      const auto on_service = named(graph, own("/graph/s"));
      return on_topic.size() == 2 && on_service.size() == 2 && on_topic[1].node == talker &&
             on_service[1].node == talker && on_service[0].node == talker && on_topic[0].node == talker;
    }));
    const bus::Graph graph = transport->graph();
    ASSERT_TRUE(node(graph, talker));
    EXPECT_EQ(node(graph, talker)->enclave, "/kitchen");
    const auto on_topic = named(graph, own("/graph/a"));
    EXPECT_EQ(on_topic[0].kind, Kind::kPublisher);
    EXPECT_EQ(on_topic[0].type, test::string_type());
    EXPECT_EQ(on_topic[0].qos.durability, bus::Durability::kTransientLocal);
    EXPECT_EQ(on_topic[0].qos.reliability, bus::Reliability::kReliable);
    EXPECT_EQ(on_topic[1].kind, Kind::kSubscription);
    EXPECT_EQ(on_topic[1].qos.reliability, bus::Reliability::kBestEffort);
    const auto on_service = named(graph, own("/graph/s"));
    EXPECT_EQ(on_service[0].kind, Kind::kClient);
    EXPECT_EQ(on_service[1].kind, Kind::kServer);
    EXPECT_EQ(on_service[0].type.name, "std_srvs/srv/SetBool");
    EXPECT_EQ(on_service[1].type.hash, (std::array<std::uint8_t, 32>{}));
  }
}

TEST(DdsGraph, TheIdOfAPublisherIsTheSenderOfItsMessages) {
  const auto here = test::open();
  const auto there = test::open();
  const auto publisher = here->advertise(test::topic(own("/id")), {});
  const auto subscription = there->subscribe(test::topic(own("/id")), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1 && subscription->matched().current == 1; }));
  ASSERT_TRUE(publisher->publish(test::text("me")));
  std::array<std::uint8_t, 16> sender{};
  ASSERT_TRUE(eventually(
      [&] { return subscription->take([&](bus::Bytes, const bus::MessageInfo& info) { sender = info.sender; }); }));
  const auto shown = named(there->graph(), own("/id"));
  ASSERT_EQ(shown.size(), 2U);
  EXPECT_EQ(shown[0].id, sender);
}

TEST(DdsGraph, WhatGoesIsNotShownAnyMore) {
  const auto watcher = test::open();
  auto leaving = test::open();
  const std::string name = own("/leaving");
  leaving->add_node({.name = name});
  auto publisher = leaving->advertise(test::topic(own("/leave"), {}, name), {});
  ASSERT_TRUE(eventually([&] {
    const auto shown = named(watcher->graph(), own("/leave"));
    return shown.size() == 1 && shown[0].node == name;
  }));
  publisher.reset();
  ASSERT_TRUE(eventually([&] { return named(watcher->graph(), own("/leave")).empty(); }));
  EXPECT_TRUE(node(watcher->graph(), name));
  leaving->remove_node(name);
  ASSERT_TRUE(eventually([&] { return !node(watcher->graph(), name); }));
  leaving->add_node({.name = name});
  ASSERT_TRUE(eventually([&] { return node(watcher->graph(), name).has_value(); }));
  leaving.reset();
  ASSERT_TRUE(eventually([&] { return !node(watcher->graph(), name); }));
}

TEST(DdsGraph, ChangesAreToldHereAndElsewhereUntilTheWatchEnds) {
  std::atomic<int> told_here{0};
  std::atomic<int> told_there{0};
  const auto here = test::open();
  const auto there = test::open();
  here->watch_graph([&] { ++told_here; });
  there->watch_graph([&] { ++told_there; });
  const std::string name = own("/watched");
  // What is shown, at both, and that somebody was told since.
  const auto told = [&](const std::function<void()>& change, const std::function<bool(const bus::Graph&)>& shows) {
    const int before_here = told_here;
    const int before_there = told_there;
    change();
    return eventually([&] {
      return shows(here->graph()) && shows(there->graph()) && told_here > before_here && told_there > before_there;
    });
  };
  std::unique_ptr<bus::TransportPublisher> publisher;
  EXPECT_TRUE(told([&] { here->add_node({.name = name}); },
                   [&](const bus::Graph& graph) { return node(graph, name).has_value(); }));
  EXPECT_TRUE(told([&] { publisher = here->advertise(test::topic(own("/watch"), {}, name), {}); },
                   [&](const bus::Graph& graph) { return named(graph, own("/watch")).size() == 1; }));
  EXPECT_TRUE(
      told([&] { publisher.reset(); }, [&](const bus::Graph& graph) { return named(graph, own("/watch")).empty(); }));
  here->watch_graph({});
  const int last = told_here;
  here->remove_node(name);
  ASSERT_TRUE(eventually([&] { return !node(there->graph(), name); }));
  EXPECT_EQ(told_here, last);
}

TEST(DdsGraph, ANodeNeedsAFullName) {
  const auto transport = test::open();
  for (const char* name : {"", "talker", "/", "/ns/"}) {
    EXPECT_THROW(transport->add_node({.name = name}), LogicError) << name;
  }
  transport->remove_node("/never_added");
}

}  // namespace
}  // namespace takt::dds
