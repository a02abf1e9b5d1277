#include "takt/node/node.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "takt/node/test/rig.hpp"

// Names that begin with N and a number are the lines of the conformance checklist.

namespace takt::node {
namespace {

using namespace testing;

class NodeTest : public NodesTest {};
INSTANTIATE_TEST_SUITE_P(, NodeTest, ::testing::ValuesIn(ways()), name_of);

Task<void> nothing() {
  co_return;
}

TEST_P(NodeTest, N1EntersAndLeavesCleanly) {
  run([&]() -> Task<void> {
    Node node("node", near());
    co_await with_node(node, nothing);
    EXPECT_TRUE(node.destroyed());
  });
}

TEST_P(NodeTest, N2DestroyingASubscriptionStopsDelivery) {
  run([&]() -> Task<void> {
    Node talker("talker", near());
    Node listener("listener", far());
    const auto publisher = talker.publisher<Number>("/topic");
    int received = 0;
    auto subscription = listener.subscribe<Number>("/topic", [&](const Number&) { ++received; });
    co_await with_node(talker, listener, [&]() -> Task<void> {
      auto sender = publisher;
      EXPECT_TRUE(sender.publish({1}));
      EXPECT_TRUE(co_await until([&] { return received == 1; }));
      subscription.destroy();
      EXPECT_TRUE(sender.publish({2}));
      co_await sleep_for(500ms);
    });
    EXPECT_EQ(received, 1);
  });
}

TEST_P(NodeTest, N3AnEntityThatWasMadeBeforeDispatchesAfterEntering) {
  run([&]() -> Task<void> {
    Node talker("talker", near());
    Node listener("listener", far());
    std::string received;
    listener.subscribe<Text>("/topic", [&](const Text& text) { received = text.data; });
    auto publisher = talker.publisher<Text>("/topic");
    EXPECT_TRUE(publisher.publish({"early"}));
    co_await sleep_for(100ms);
    EXPECT_EQ(received, "");
    co_await with_node(listener,
                       [&]() -> Task<void> { EXPECT_TRUE(co_await until([&] { return received == "early"; })); });
  });
}

TEST_P(NodeTest, N4TwoNodesHearEachOtherOnTwoTopics) {
  run([&]() -> Task<void> {
    Node one("one", near());
    Node other("other", far());
    std::string heard_by_one;
    std::string heard_by_other;
    one.subscribe<Text>("/to_one", [&](const Text& text) { heard_by_one = text.data; });
    other.subscribe<Text>("/to_other", [&](const Text& text) { heard_by_other = text.data; });
    auto to_other = one.publisher<Text>("/to_other");
    auto to_one = other.publisher<Text>("/to_one");
    EXPECT_EQ(to_other.subscribers(), 1U);
    EXPECT_EQ(to_one.subscribers(), 1U);
    co_await with_node(one, other, [&]() -> Task<void> {
      EXPECT_TRUE(to_other.publish({"hello, other"}));
      EXPECT_TRUE(to_one.publish({"hello, one"}));
      EXPECT_TRUE(co_await until([&] { return heard_by_one == "hello, one" && heard_by_other == "hello, other"; }));
    });
  });
}

TEST_P(NodeTest, N7RunReturnsWhenATaskOfTheLoopDestroysTheNode) {
  run([&]() -> Task<void> {
    Node node("node", near());
    co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("destroyer", [&]() -> Task<void> {
        co_await sleep_for(100ms);
        node.destroy();
      });
      co_await node.run();
      co_return kJoin;
    });
    expect_now(100ms);
  });
}

TEST_P(NodeTest, N8RunReturnsWhenACallbackDestroysTheNode) {
  run([&]() -> Task<void> {
    Node talker("talker", near());
    Node node("node", far());
    node.subscribe<Text>("/topic", [&](const Text&) { node.destroy(); });
    auto publisher = talker.publisher<Text>("/topic");
    EXPECT_TRUE(publisher.publish({"end"}));
    co_await node.run();
    EXPECT_TRUE(node.destroyed());
  });
}

TEST_P(NodeTest, N9RunInsideWithNodeIsRefusedAndHarmsNothing) {
  run([&]() -> Task<void> {
    Node node("node", near());
    int ticks = 0;
    co_await with_node(node, [&]() -> Task<void> {
      EXPECT_THROW(co_await node.run(), LogicError);
      node.timer(10ms, [&] { ++ticks; });
      EXPECT_TRUE(co_await until([&] { return ticks == 2; }));
    });
  });
}

TEST_P(NodeTest, N15AndN16WaitForNodeFindsAnotherAndTimesOutForNone) {
  run([&]() -> Task<void> {
    Node node("node", near());
    EXPECT_FALSE(co_await node.wait_for_node("late", 200ms));
    expect_now(200ms);
    bool found = false;
    co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("late", [&]() -> Task<void> {
        co_await sleep_for(300ms);
        Node late("late", far());
        EXPECT_TRUE(co_await until([&] { return found; }));
      });
      EXPECT_TRUE(co_await node.wait_for_node("late"));
      found = true;
      expect_now(500ms);
      co_return kJoin;
    });
    EXPECT_FALSE(co_await node.wait_for_node("/late", 1ms));
  });
}

TEST_P(NodeTest, N17ToN20NothingCanBeMadeOnADestroyedNode) {
  Node node("node", near());
  node.destroy();
  EXPECT_THROW(static_cast<void>(node.publisher<Text>("/topic")), LogicError);
  EXPECT_THROW(node.subscribe<Text>("/topic", [](const Text&) {}), LogicError);
  EXPECT_THROW(static_cast<void>(node.client<SetBool>("/service")), LogicError);
  EXPECT_THROW(node.serve<SetBool>("/service", [](const SetBoolRequest&) { return SetBoolResponse{}; }), LogicError);
  EXPECT_THROW(node.timer(1s, [] {}), LogicError);
  run([&]() -> Task<void> {
    EXPECT_THROW(co_await node.run(), LogicError);
    EXPECT_THROW(co_await with_node(node, nothing), LogicError);
  });
}

TEST_P(NodeTest, N21N22AndN27ToN29DestroyingTwiceIsFine) {
  Node node("node", near());
  auto publisher = node.publisher<Text>("/topic");
  auto subscription = node.subscribe<Text>("/topic", [](const Text&) {});
  auto client = node.client<SetBool>("/service");
  auto service = node.serve<SetBool>("/service", [](const SetBoolRequest&) { return SetBoolResponse{}; });
  auto timer = node.timer(1s, [] {});
  for (int i = 0; i < 2; ++i) {
    publisher.destroy();
    subscription.destroy();
    client.destroy();
    service.destroy();
    timer.destroy();
  }
  EXPECT_TRUE(publisher.destroyed() && subscription.destroyed() && client.destroyed() && service.destroyed() &&
              timer.destroyed());
  node.destroy();
  node.destroy();
  EXPECT_TRUE(node.destroyed());
}

TEST_P(NodeTest, N23AFailureOfTheBodyDestroysTheNode) {
  run([&]() -> Task<void> {
    Node node("node", near());
    auto publisher = node.publisher<Text>("/topic");
    const auto error = co_await outcome(with_node(node, []() -> Task<void> {
      co_await sleep_for(1ms);
      throw std::runtime_error("the body failed");
    }));
    EXPECT_TRUE(holds<std::runtime_error>(error));
    EXPECT_TRUE(node.destroyed());
    EXPECT_THROW(static_cast<void>(publisher.publish({"?"})), LogicError);
  });
}

TEST_P(NodeTest, N24DestroyNodesDestroysIdleNodesOfTheBus) {
  Node node("node", near());
  Node other("other", near());
  destroy_nodes(*near());
  EXPECT_TRUE(node.destroyed());
  EXPECT_TRUE(other.destroyed());
  node.destroy();
}

TEST_P(NodeTest, N25DestroyNodesInsideARunningBlockEndsACallbackThatSleeps) {
  run([&]() -> Task<void> {
    Node talker("talker", near());
    Node node("node", far());
    bool entered = false;
    bool finished = false;
    node.subscribe<Text>("/topic", [&](const Text&) -> Task<void> {
      entered = true;
      co_await sleep_for(10s);
      finished = true;
    });
    auto publisher = talker.publisher<Text>("/topic");
    co_await with_node(node, [&]() -> Task<void> {
      EXPECT_TRUE(publisher.publish({"go"}));
      EXPECT_TRUE(co_await until([&] { return entered; }));
      destroy_nodes(*far());
      EXPECT_THROW(node.timer(1s, [] {}), LogicError);
    });
    EXPECT_TRUE(!exact() || now_ns() < 1'000'000'000);
    EXPECT_FALSE(finished);
  });
}

TEST_P(NodeTest, N26ACallbackThatDestroysItsNodeGoesOnToItsNextAwait) {
  run([&]() -> Task<void> {
    Node talker("talker", near());
    Node node("node", far());
    async::Event after("after");
    bool beyond = false;
    node.subscribe<Text>("/topic", [&](const Text&) -> Task<void> {
      node.destroy();
      after.set();
      co_await sleep_for(1ms);
      beyond = true;
    });
    auto publisher = talker.publisher<Text>("/topic");
    co_await with_node(node, [&]() -> Task<void> {
      EXPECT_TRUE(publisher.publish({"go"}));
      co_await after;
    });
    EXPECT_FALSE(beyond);
  });
}

TEST_P(NodeTest, N30AFailureInABlockOfTwoNodesDestroysBoth) {
  run([&]() -> Task<void> {
    Node one("one", near());
    Node other("other", far());
    const auto error = co_await outcome(with_node(one, other, []() -> Task<void> {
      co_await async::yield();
      throw std::runtime_error("the body failed");
    }));
    EXPECT_TRUE(holds<std::runtime_error>(error));
    EXPECT_TRUE(one.destroyed());
    EXPECT_TRUE(other.destroyed());
  });
}

TEST_P(NodeTest, IsDestroyedFromAnotherThreadOnItsOwnLoop) {
  async::EventLoop steady;
  const auto body = [&]() -> Task<void> {
    Node node("node", near());
    std::thread::id cancelled_on;
    node.timer(1ms, [&]() -> Task<void> {
      try {
        co_await sleep_for(1h);
      } catch (const async::Cancelled&) {
        cancelled_on = std::this_thread::get_id();
        throw;
      }
    });
    std::thread outside;
    co_await with_node(node, [&]() -> Task<void> {
      co_await sleep_for(5ms);
      outside = std::thread([&] { node.destroy(); });
      co_await node.clock().sleep_for(1h);
    });
    outside.join();
    EXPECT_EQ(cancelled_on, std::this_thread::get_id());
  };
  steady.run(body());
}

TEST_P(NodeTest, ASleeperOfTheBodyThatTheNodesEndWakesIsNoFailure) {
  run([&]() -> Task<void> {
    Node node("node", near());
    bool beyond = false;
    node.timer(10ms, [&] { node.destroy(); });
    co_await with_node(node, [&]() -> Task<void> {
      co_await node.clock().sleep_for(1h);
      beyond = true;
    });
    EXPECT_FALSE(beyond);
    EXPECT_EQ(loop().clock().now_ns(), 10'000'000);
  });
}

TEST_P(NodeTest, NamesAreResolvedBelowNamespaceAndNode) {
  Node node("arm", near(), {.node_namespace = "/left"});
  EXPECT_EQ(node.name(), "/left/arm");
  EXPECT_EQ(node.publisher<Text>("state").topic(), "/left/state");
  EXPECT_EQ(node.publisher<Text>("~/state").topic(), "/left/arm/state");
  EXPECT_EQ(node.publisher<Text>("/state").topic(), "/state");
  EXPECT_EQ(node.publisher<Text>("/{node}/of{ns}").topic(), "/arm/of/left");
  EXPECT_THROW(static_cast<void>(node.publisher<Text>("a//b")), LogicError);
  EXPECT_THROW(static_cast<void>(node.publisher<Text>("a__b")), LogicError);
  EXPECT_THROW(Node("a/b", near()), LogicError);
  EXPECT_THROW(Node("a", near(), {.node_namespace = "/a/"}), LogicError);
}

TEST_P(NodeTest, NothingOfItIsLeftInTheGraph) {
  run([&]() -> Task<void> {
    Node watcher("watcher", far());
    {
      Node node("node", near());
      auto publisher = node.publisher<Text>("/topic");
      auto service = node.serve<SetBool>("/service", [](const SetBoolRequest&) { return SetBoolResponse{}; });
      EXPECT_TRUE(watcher.graph().has_node("/node"));
      EXPECT_EQ(watcher.graph().publishers("/topic").size(), 1U);
      EXPECT_EQ(watcher.graph().servers("/service").size(), 1U);
      co_await with_node(node, nothing);
      EXPECT_FALSE(watcher.graph().has_node("/node"));
    }
    const Graph graph = watcher.graph();
    EXPECT_TRUE(
        std::ranges::all_of(graph.endpoints(), [](const auto& endpoint) { return endpoint.node == "/watcher"; }));
    EXPECT_EQ(graph.nodes().size(), 1U);
  });
}

}  // namespace
}  // namespace takt::node
