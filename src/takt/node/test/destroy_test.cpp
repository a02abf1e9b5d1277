// What may end a node, from where, and what may not.

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

#include "takt/core/log.hpp"
#include "takt/messages/packages/rcl_interfaces.hpp"
#include "takt/node/test/rig.hpp"

namespace takt::node {
namespace {

using namespace testing;

class DestroyTest : public NodesTest {
 protected:
  DestroyTest() { core::set_log_level(core::LogLevel::kOff); }
  ~DestroyTest() override { core::set_log_level(core::LogLevel::kInfo); }
};
INSTANTIATE_TEST_SUITE_P(, DestroyTest, ::testing::ValuesIn(ways()), name_of);

TEST_P(DestroyTest, WaitingForANodeEndsWhenTheNodeIsDestroyed) {
  Node node("node", near());
  run([&]() -> Task<void> {
    node.timer(1s, [&] { destroy_nodes(*near()); });
    const auto block = [&]() -> Task<void> {
      co_await with_node(node, [&]() -> Task<void> { EXPECT_FALSE(co_await node.wait_for_node("never")); });
    };
    EXPECT_TRUE(co_await async::with_timeout(100s, block()));
  });
}

TEST_P(DestroyTest, AnotherNodeCannotEndThisOneBySettingAParameter) {
  using rcl_interfaces::SetParameters;
  Node node("node", far(), {.parameters = {.allow_undeclared = true}});
  Node peer("peer", near());
  auto client = peer.client<SetParameters>("/node/set_parameters");
  run([&]() -> Task<void> {
    const auto error = co_await outcome(with_node(node, peer, [&]() -> Task<void> {
      SetParameters::Request request;
      request.parameters.resize(1);
      request.parameters[0].name = "use_sim_time";
      static_cast<void>(co_await client.call(request, {.timeout = 1s}));
      request.parameters[0].value.type = rcl_interfaces::ParameterType::PARAMETER_STRING;
      static_cast<void>(co_await client.call(request, {.timeout = 1s}));
      co_await sleep_for(1s);
    }));
    EXPECT_EQ(error, nullptr) << (error ? async::describe(error) : "");
  });
}

TEST_P(DestroyTest, ANodeIsSeenOnATransportThatCarriesItsEndpoints) {
  Node node("early", near());
  bus::MemoryNetwork later;
  const std::unique_ptr<bus::Transport> watcher = later.join("watcher");
  near()->add(later.join("here"));
  const auto publisher = node.publisher<Number>("/topic");
  for (const auto& endpoint : watcher->graph().endpoints) {
    EXPECT_TRUE(std::ranges::any_of(watcher->graph().nodes, [&](const auto& one) { return one.name == endpoint.node; }))
        << endpoint.name << " is of " << endpoint.node << ", which nobody sees";
  }
}

TEST_P(DestroyTest, DestroyNodesFindsANodeWhoseNamesakeHasGone) {
  Node node("node", near());
  {
    const Node namesake("node", near());
  }
  EXPECT_TRUE(node.graph().has_node("/node"));
  destroy_nodes(*near());
  EXPECT_TRUE(node.destroyed());
}

TEST_P(DestroyTest, DestroyFromAnotherThreadMayMeetTheEntering) {
  for (int i = 0; i < 200; ++i) {
    Node node("node", near());
    async::EventLoop steady;
    std::atomic<bool> go{false};
    std::thread outside([&] {
      while (!go) {
      }
      destroy_nodes(*near());
    });
    go = true;
    try {
      steady.run(node.run());
    } catch (const LogicError&) {  // it was destroyed already
    }
    outside.join();
    EXPECT_TRUE(node.destroyed());
  }
}

TEST_P(DestroyTest, DestroyFromAnotherThreadMayMeetNext) {
  for (int i = 0; i < 50; ++i) {
    Node talker("talker", far());
    Node node("node", near());
    auto numbers = node.subscribe<Number>("/topic");
    auto publisher = talker.publisher<Number>("/topic");
    async::EventLoop steady;
    std::thread outside;
    const auto body = [&]() -> Task<void> {
      EXPECT_TRUE(publisher.publish({0}));
      outside = std::thread([&] { node.destroy(); });
      while (co_await numbers.next()) {
        EXPECT_TRUE(publisher.publish({1}));
      }
    };
    steady.run(body());
    outside.join();
  }
}

TEST_P(DestroyTest, APublisherMayBeDestroyedWhileAnotherThreadPublishes) {
  for (int round = 0; round < 20; ++round) {
    Node node("node", near());
    auto publisher = node.publisher<Text>("/topic", {.qos = bus::Qos::latched()});
    std::atomic<bool> publishes{false};
    std::thread other([&, publisher] {
      EXPECT_THROW(
          for (;;) {
            static_cast<void>(publisher.publish({"a text that does not fit into the string itself"}));
            publishes = true;
          },
          LogicError);
    });
    while (!publishes) {
      std::this_thread::yield();
    }
    publisher.destroy();
    other.join();
  }
}

TEST_P(DestroyTest, ANodeMayBeDestroyedWhileAnotherThreadLogs) {
  for (int round = 0; round < 20; ++round) {
    Node node("node", near());
    std::atomic<bool> logs{false};
    std::atomic<bool> ended{false};
    std::thread other([&] {
      while (!ended) {
        node.logger().log(core::LogLevel::kError, "as before");
        logs = true;
      }
    });
    while (!logs) {
      std::this_thread::yield();
    }
    node.destroy();
    ended = true;
    other.join();
  }
}

}  // namespace
}  // namespace takt::node
