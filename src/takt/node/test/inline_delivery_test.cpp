// Subscriptions whose function runs on the thread that brings the message.

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <thread>
#include <vector>

#include "takt/node/test/rig.hpp"

namespace takt::node {
namespace {

using namespace testing;

class InlineDeliveryTest : public NodesTest {
 protected:
  Node talker{"talker", near()};
  Node node{"node", far()};
};
INSTANTIATE_TEST_SUITE_P(, InlineDeliveryTest, ::testing::ValuesIn(ways()), name_of);

TEST_P(InlineDeliveryTest, InlineDeliveryRunsOnThePublishersThreadInsideThePublish) {
  std::thread::id seen;
  auto publisher = talker.publisher<Text>("/topic");
  auto subscription = node.subscribe<Text>("/topic", [&](const Text&) { seen = std::this_thread::get_id(); },
                                           {.delivery = Delivery::kInline});
  run([&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> {
      co_await async::yield();
      EXPECT_TRUE(publisher.publish({"from the loop"}));
      EXPECT_EQ(seen, std::this_thread::get_id());
      std::thread outside([&] { EXPECT_TRUE(publisher.publish({"from outside"})); });
      const std::thread::id outside_id = outside.get_id();
      outside.join();
      EXPECT_EQ(seen, outside_id);
    });
    EXPECT_TRUE(publisher.publish({"after the end"}));
  });
  EXPECT_EQ(subscription.statistics().received, 2U);
  EXPECT_THROW(node.subscribe<Text>("/topic", [](const Text&) {}), LogicError);  // destroyed
}

TEST_P(InlineDeliveryTest, AnInlineFunctionOfTwoArgumentsGetsWhatCameWithTheMessage) {
  const core::Nanoseconds before_ns = core::monotonic_now_ns();
  const core::Nanoseconds wall_before_ns = core::wall_now_ns();
  bus::MessageInfo seen;
  auto publisher = talker.publisher<Text>("/topic");
  node.subscribe<Text>("/topic", [&](const Text&, const bus::MessageInfo& info) { seen = info; },
                       {.delivery = Delivery::kInline});
  run([&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> {
      co_await async::yield();
      EXPECT_TRUE(publisher.publish({"hello"}));
    });
  });
  EXPECT_GE(seen.received_ns, before_ns);
  EXPECT_LE(seen.received_ns, core::monotonic_now_ns());
  EXPECT_GE(seen.source_wall_ns, wall_before_ns);
}

TEST_P(InlineDeliveryTest, InlineDeliveryCountsWhatSeveralThreadsPublishAtOnce) {
  constexpr int kThreads = 3;
  constexpr std::uint64_t kEach = 500;
  std::atomic<std::uint64_t> heard{0};
  auto publisher = talker.publisher<Number>("/topic");
  auto subscription =
      node.subscribe<Number>("/topic", [&](const Number&) { heard.fetch_add(1); }, {.delivery = Delivery::kInline});
  run([&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> {
      co_await async::yield();
      std::vector<std::thread> threads;
      for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
          for (std::uint64_t k = 0; k < kEach; ++k) {
            EXPECT_TRUE(publisher.publish({0}));
          }
        });
      }
      for (std::thread& thread : threads) {
        thread.join();
      }
    });
  });
  EXPECT_EQ(heard, kThreads * kEach);
  EXPECT_EQ(subscription.statistics().received, kThreads * kEach);
  EXPECT_EQ(publisher.statistics().published, kThreads * kEach);
}

TEST_P(InlineDeliveryTest, InlineDeliveryWantsAPlainFunction) {
  EXPECT_THROW(
      node.subscribe<Text>("/topic", [](const Text&) -> Task<void> { co_return; }, {.delivery = Delivery::kInline}),
      LogicError);
}

TEST_P(InlineDeliveryTest, WhatAnInlineHandlerThrowsFailsTheNode) {
  auto publisher = talker.publisher<Text>("/topic");
  node.subscribe<Text>("/topic", [](const Text&) { throw std::invalid_argument("inline"); },
                       {.delivery = Delivery::kInline});
  run([&]() -> Task<void> {
    const auto error = co_await outcome(with_node(node, [&]() -> Task<void> {
      co_await async::yield();
      EXPECT_TRUE(publisher.publish({"go"}));
      co_await sleep_for(1h);
    }));
    EXPECT_TRUE(holds<std::invalid_argument>(error));
  });
}

}  // namespace
}  // namespace takt::node
