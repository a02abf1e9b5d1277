#include "takt/node/subscription.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "takt/node/test/rig.hpp"

// Names that begin with S or H and a number are the lines of the conformance checklist.

namespace takt::node {
namespace {

using namespace testing;

class SubscriptionTest : public NodesTest {
 protected:
  Node talker{"talker", near()};
  Node node{"node", far()};
};
INSTANTIATE_TEST_SUITE_P(, SubscriptionTest, ::testing::ValuesIn(ways()), name_of);

TEST_P(SubscriptionTest, S1APlainFunctionReceivesData) {
  std::string received;
  node.subscribe<Text>("/topic", [&](const Text& text) {
    received = text.data;
    node.destroy();
  });
  EXPECT_TRUE(talker.publisher<Text>("/topic").publish({"hello"}));
  run([&] { return node.run(); });
  EXPECT_EQ(received, "hello");
}

TEST_P(SubscriptionTest, S2AndS3AnExceptionOfTheHandlerComesOutOfRun) {
  for (const Delivery delivery : {Delivery::kSequential, Delivery::kConcurrent}) {
    Node failing("failing", far());
    failing.subscribe<Text>("/fail",
                            [](const Text&) -> Task<void> {
                              co_await sleep_for(1ms);
                              throw std::invalid_argument("the handler failed");
                            },
                            {.delivery = delivery});
    EXPECT_TRUE(talker.publisher<Text>("/fail").publish({"before run"}));
    run([&]() -> Task<void> {
      const auto error = co_await outcome(failing.run());
      EXPECT_TRUE(holds<std::invalid_argument>(error));
      EXPECT_NE(async::describe(error).find("subscription /fail of /failing"), std::string::npos)
          << async::describe(error);
      EXPECT_TRUE(failing.destroyed());
    });
  }
}

TEST_P(SubscriptionTest, S4ThreeConcurrentHandlersMeetAtABarrier) {
  Barrier barrier(3);
  auto subscription = node.subscribe<Number>("/topic", [&](const Number&) { return barrier.arrive(); },
                                             {.delivery = Delivery::kConcurrent});
  auto publisher = talker.publisher<Number>("/topic");
  run([&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> {
      for (std::int64_t i = 0; i < 3; ++i) {
        EXPECT_TRUE(publisher.publish({i}));
      }
      EXPECT_TRUE(co_await until([&] { return barrier.met(); }));
    });
  });
  EXPECT_EQ(subscription.statistics().most_running, 3U);
}

TEST_P(SubscriptionTest, S5AFunctionOfTwoArgumentsGetsWhatCameWithTheMessage) {
  const core::Nanoseconds before_ns = core::monotonic_now_ns();
  const core::Nanoseconds wall_before_ns = core::wall_now_ns();
  bus::MessageInfo seen;
  node.subscribe<Text>("/topic", [&](const Text&, const bus::MessageInfo& info) {
    seen = info;
    node.destroy();
  });
  EXPECT_TRUE(talker.publisher<Text>("/topic").publish({"hello"}));
  run([&] { return node.run(); });
  EXPECT_GE(seen.received_ns, before_ns);
  EXPECT_LE(seen.received_ns, core::monotonic_now_ns());
  EXPECT_GE(seen.source_wall_ns, wall_before_ns);
}

TEST_P(SubscriptionTest, SequentialHandlersDoNotOverlap) {
  int running = 0;
  int most = 0;
  int handled = 0;
  node.subscribe<Number>("/topic", [&](const Number&) -> Task<void> {
    most = std::max(most, ++running);
    co_await sleep_for(10ms);
    --running;
    ++handled;
  });
  auto publisher = talker.publisher<Number>("/topic");
  run([&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> {
      for (std::int64_t i = 0; i < 5; ++i) {
        EXPECT_TRUE(publisher.publish({i}));
      }
      EXPECT_TRUE(co_await until([&] { return handled == 5; }));
    });
  });
  EXPECT_EQ(most, 1);
}

TEST_P(SubscriptionTest, ConcurrencyIsBoundedAndCounted) {
  int handled = 0;
  auto subscription = node.subscribe<Number>("/topic",
                                             [&](const Number&) -> Task<void> {
                                               co_await sleep_for(10ms);
                                               ++handled;
                                             },
                                             {.delivery = Delivery::kConcurrent, .max_concurrent = 2});
  auto publisher = talker.publisher<Number>("/topic");
  run([&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> {
      for (std::int64_t i = 0; i < 6; ++i) {
        EXPECT_TRUE(publisher.publish({i}));
      }
      EXPECT_TRUE(co_await until([&] { return handled == 6; }));
    });
  });
  const SubscriptionStatistics statistics = subscription.statistics();
  EXPECT_EQ(statistics.received, 6U);
  EXPECT_EQ(statistics.most_running, 2U);
  EXPECT_GE(statistics.saturated, 2U);
  EXPECT_EQ(statistics.running, 0U);
}

TEST_P(SubscriptionTest, WhatIsNotTakenInTimeIsOverwrittenAndCounted) {
  std::vector<std::int64_t> handled;
  auto subscription = node.subscribe<Number>("/topic", [&](const Number& number) { handled.push_back(number.data); },
                                             {.qos = {.depth = 3}});
  auto publisher = talker.publisher<Number>("/topic");
  for (std::int64_t i = 0; i < 10; ++i) {
    EXPECT_TRUE(publisher.publish({i}));
  }
  run([&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> { EXPECT_TRUE(co_await until([&] { return handled.size() == 3; })); });
  });
  EXPECT_EQ(handled, (std::vector<std::int64_t>{7, 8, 9}));
  EXPECT_EQ(subscription.statistics().lost, 7U);
}

TEST_P(SubscriptionTest, IsReadAsAStream) {
  auto numbers = node.subscribe<Number>("/topic", {.qos = {.depth = 100}});
  auto publisher = talker.publisher<Number>("/topic");
  std::vector<std::int64_t> read;
  run([&]() -> Task<void> {
    co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("talker", [&]() -> Task<void> {
        for (std::int64_t i = 0; i < 100; ++i) {
          EXPECT_TRUE(publisher.publish({i}));
          if (i % 10 == 0) {
            co_await sleep_for(1ms);
          }
        }
        co_await sleep_for(1ms);
        node.destroy();
      });
      while (auto received = co_await numbers.next()) {
        read.push_back(received->message.data);
      }
      co_return kJoin;
    });
  });
  EXPECT_EQ(read.size(), 100U);
  EXPECT_TRUE(std::ranges::is_sorted(read));
}

TEST_P(SubscriptionTest, NextOfOneWithAFunctionIsRefused) {
  auto subscription = node.subscribe<Text>("/topic", [](const Text&) {});
  run([&]() -> Task<void> { EXPECT_THROW(static_cast<void>(co_await subscription.next()), LogicError); });
}

TEST_P(SubscriptionTest, ALateJoinerGetsWhatATransientLocalPublisherSaidLast) {
  auto publisher = talker.publisher<Text>("/description", {.qos = bus::Qos::latched()});
  EXPECT_TRUE(publisher.publish({"the robot"}));
  auto late = node.subscribe<Text>("/description", {.qos = bus::Qos::latched()});
  auto volatile_one = node.subscribe<Text>("/description", {.qos = {.depth = 1}});
  run([&]() -> Task<void> {
    const auto received = co_await async::with_timeout(1s, late.next());
    EXPECT_TRUE(received);
    EXPECT_EQ(received ? received->message.data : "", "the robot");
    EXPECT_FALSE(co_await async::with_timeout(1s, volatile_one.next()));
  });
}

TEST_P(SubscriptionTest, ATypeWithoutAWireFormWorksInProcessAndIsRefusedByNameOnATransport) {
  if (in_process()) {
    int seen = 0;
    node.subscribe<Local>("/local", [&](const Local& local) { seen = local.value; });
    run([&]() -> Task<void> {
      co_await with_node(node, [&]() -> Task<void> {
        EXPECT_TRUE(talker.publisher<Local>("/local").publish({7}));
        EXPECT_TRUE(co_await until([&] { return seen == 7; }));
      });
    });
    return;
  }
  try {
    node.subscribe<Local>("/local", [](const Local&) {});
    FAIL() << "was not refused";
  } catch (const LogicError& error) {
    EXPECT_NE(std::string(error.what()).find("testing::Local"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("/local"), std::string::npos) << error.what();
  }
  EXPECT_THROW(static_cast<void>(talker.publisher<Local>("/local")), LogicError);
  node.subscribe<Local>("/local", [](const Local&) {}, {.in_process_only = true});
}

TEST_P(SubscriptionTest, MessagesOfOtherThreadsAllArrive) {
  constexpr std::int64_t kEach = 2000;
  std::int64_t sum = 0;
  std::int64_t count = 0;
  node.subscribe<Number>("/topic",
                         [&](const Number& number) {
                           sum += number.data;
                           if (++count == 2 * kEach) {
                             node.destroy();
                           }
                         },
                         {.qos = {.depth = 0}});
  auto publisher = talker.publisher<Number>("/topic", {.qos = {.depth = 0}});
  const auto talk = [publisher]() mutable {
    for (std::int64_t i = 1; i <= kEach; ++i) {
      while (!publisher.publish({i})) {  // there is no room on the network now: nothing was sent
        std::this_thread::yield();
      }
    }
  };
  async::EventLoop steady;
  std::thread one(talk);
  std::thread other(talk);
  steady.run(node.run());
  one.join();
  other.join();
  EXPECT_EQ(sum, kEach * (kEach + 1));
}

TEST_P(SubscriptionTest, H2AFloodDoesNotStarveATimer) {
  // A handler that never waits and always has more: it publishes what it receives.
  std::uint64_t messages = 0;
  int ticks = 0;
  auto publisher = node.publisher<Number>("/flood");
  node.subscribe<Number>("/flood", [&](const Number& number) {
    ++messages;
    EXPECT_TRUE(publisher.publish({number.data + 1}));
  });
  async::EventLoop steady;
  node.timer(1ms, [&] {
    if (++ticks == 20) {
      node.destroy();
    }
  });
  EXPECT_TRUE(publisher.publish({0}));
  steady.run(node.run());
  EXPECT_EQ(ticks, 20);
  EXPECT_GT(messages, 100U);
}

TEST_P(SubscriptionTest, NextOfADestroyedSubscriptionThatHeardItsOwnProcessGivesNothing) {
  Node node("node", near());
  auto numbers = node.subscribe<Number>("/topic");
  auto publisher = node.publisher<Number>("/topic");
  run([&]() -> Task<void> {
    EXPECT_TRUE(publisher.publish({1}));
    EXPECT_TRUE((co_await numbers.next()).has_value());
    node.destroy();
    EXPECT_FALSE((co_await numbers.next()).has_value());
  });
}

TEST_P(SubscriptionTest, ACancelledSequentialHandlerDoesNotCountAsRunning) {
  Node talker("talker", near());
  Node node("node", far());
  auto publisher = talker.publisher<Number>("/topic");
  auto subscription = node.subscribe<Number>("/topic", [](const Number&) -> Task<void> { co_await sleep_for(1h); });
  run([&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> {
      EXPECT_TRUE(publisher.publish({1}));
      co_await sleep_for(1ms);
      EXPECT_EQ(subscription.statistics().running, 1U);
    });
  });
  EXPECT_EQ(subscription.statistics().running, 0U);
}

}  // namespace
}  // namespace takt::node
