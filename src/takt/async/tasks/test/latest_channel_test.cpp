#include "takt/async/tasks/latest_channel.hpp"

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "takt/async/tasks/test/primitives.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

Task<void> receive_one(LatestChannel<int>* channel, std::vector<int>* received) {
  const auto value = co_await channel->receive();
  received->push_back(value.value_or(-1));
}

TEST(LatestChannelTest, ASlowReceiverGetsOnlyTheNewestValue) {
  LatestChannel<int> channel("state");
  run_virtual([&](Nursery&) -> Task<Join> {
    for (int i = 1; i <= 5; ++i) {
      EXPECT_TRUE(channel.send(i));
    }
    const auto value = co_await channel.receive();
    EXPECT_EQ(value, 5);
    EXPECT_FALSE(channel.try_receive().has_value()) << "each value is received once";
    co_return kJoin;
  });
  EXPECT_EQ(channel.statistics(), (ChannelStatistics{.sent = 5, .received = 1, .dropped = 4}));
}

TEST(LatestChannelTest, AFastReceiverWaitsForEachValue) {
  LatestChannel<int> channel;
  std::vector<int> received;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("receiver", [&]() -> Task<void> {
      while (const auto value = co_await channel.receive()) {
        received.push_back(*value);
      }
    });
    for (int i = 1; i <= 3; ++i) {
      co_await sleep_for(1s);
      channel.send(i);
    }
    channel.close();
    co_return kJoin;
  });
  EXPECT_EQ(received, (std::vector{1, 2, 3}));
  EXPECT_EQ(channel.statistics(), (ChannelStatistics{.sent = 3, .received = 3, .dropped = 0}));
}

TEST(LatestChannelTest, AReceiverThatWasWokenGetsWhatIsSentUntilItRuns) {
  LatestChannel<int> channel;
  std::vector<int> a;
  std::vector<int> b;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("a", receive_one(&channel, &a));
    nursery.start("b", receive_one(&channel, &b));
    co_await settle();
    for (int i = 1; i <= 3; ++i) {
      channel.send(i);
    }
    co_await settle();
    EXPECT_EQ(a, std::vector{3});
    EXPECT_TRUE(b.empty());
    channel.send(4);
    co_return kJoin;
  });
  EXPECT_EQ(b, std::vector{4}) << "each value goes to one, who waits longest first";
  EXPECT_EQ(channel.statistics(), (ChannelStatistics{.sent = 4, .received = 2, .dropped = 2}));
}

TEST(LatestChannelTest, LatestLooksAndLeavesTheValue) {
  LatestChannel<std::unique_ptr<int>> channel;
  EXPECT_EQ(channel.latest(), nullptr);
  channel.send(std::make_unique<int>(1));
  channel.send(std::make_unique<int>(2));
  const std::unique_ptr<int>* const seen = channel.latest();
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(**seen, 2);
  const auto taken = channel.try_receive();
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(**taken, 2);
  EXPECT_EQ(channel.latest(), nullptr);
}

TEST(LatestChannelTest, ClosingLeavesTheLastValueAndTellsWhoWaits) {
  LatestChannel<int> waited_for("a");
  LatestChannel<int> filled("b");
  std::vector<int> received;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("receiver", receive_one(&waited_for, &received));
    co_await settle();
    waited_for.close();
    filled.send(7);
    filled.close();
    EXPECT_FALSE(filled.send(8));
    const auto last = co_await filled.receive();
    EXPECT_EQ(last, 7);
    const auto none = co_await filled.receive();
    EXPECT_FALSE(none.has_value());
    co_return kJoin;
  });
  EXPECT_EQ(received, std::vector{-1});
  EXPECT_TRUE(filled.closed());
  EXPECT_EQ(filled.statistics(), (ChannelStatistics{.sent = 1, .received = 1, .dropped = 0}));
  EXPECT_TRUE(contains(logic_error_of([&] { filled.close(); }), "LatestChannel 'b' was closed twice"));
}

TEST(LatestChannelTest, AReceiverThatIsCancelledInTheMiddleLeavesTheQueue) {
  LatestChannel<int> channel;
  CancelScope scope;
  std::vector<int> received;
  bool cancelled_one_got_something = true;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("a", receive_one(&channel, &received));
    nursery.start("b", [&]() -> Task<void> {
      const auto value = co_await scope.run(channel.receive());
      cancelled_one_got_something = value.has_value();
    });
    nursery.start("c", receive_one(&channel, &received));
    co_await settle();
    scope.cancel("test");
    for (int i = 1; i <= 2; ++i) {
      channel.send(i);
      co_await settle();
    }
    co_return kJoin;
  });
  EXPECT_FALSE(cancelled_one_got_something);
  EXPECT_EQ(received, (std::vector{1, 2}));
}

// What a receiver got when a value was sent and its scope was cancelled within one turn, in either order.
std::optional<int> race(bool value_first, LatestChannel<int>& channel) {
  CancelScope scope;
  std::optional<int> received;
  bool went_on = false;
  const auto inside = [&]() -> Task<void> {
    received = co_await channel.receive();
    co_await checkpoint();
    went_on = true;
  };
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("receiver", [&]() -> Task<void> { static_cast<void>(co_await scope.run(inside())); });
    co_await settle();
    if (value_first) {
      channel.send(1);
      scope.cancel("test");
      channel.send(2);
    } else {
      scope.cancel("test");
      channel.send(1);
    }
    co_return kJoin;
  });
  EXPECT_FALSE(went_on);
  return received;
}

TEST(LatestChannelTest, AValueHandedOverBeforeTheCancellationIsReceived) {
  LatestChannel<int> channel;
  EXPECT_EQ(race(true, channel), 2) << "and is the newest";
  EXPECT_EQ(channel.latest(), nullptr);
}

TEST(LatestChannelTest, ACancellationBeforeTheValueReceivesNothing) {
  LatestChannel<int> channel;
  EXPECT_FALSE(race(false, channel).has_value());
  EXPECT_EQ(channel.try_receive(), 1) << "it is there for the next";
}

TEST(LatestChannelTest, DestroyedWhileTasksWaitItThrowsThereAndWhatWasHandedOverIsReceived) {
  auto channel = std::make_unique<LatestChannel<int>>("short-lived");
  std::vector<int> first;
  std::string second;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("first", receive_one(channel.get(), &first));
    nursery.start("second", [&]() -> Task<void> { second = co_await logic_error_of_await(channel->receive()); });
    co_await settle();
    channel->send(1);
    channel.reset();
    co_return kJoin;
  });
  EXPECT_EQ(first, std::vector{1});
  EXPECT_TRUE(contains(second, "main/second") && contains(second, "destroyed")) << second;
}

TEST(LatestChannelTest, ClosedAndDestroyedBeforeTheReceiverRunsItGetsNothing) {
  auto channel = std::make_unique<LatestChannel<int>>();
  std::vector<int> received;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("receiver", receive_one(channel.get(), &received));
    co_await settle();
    channel->close();
    channel.reset();
    co_return kJoin;
  });
  EXPECT_EQ(received, std::vector{-1});
}

TEST(LatestChannelTest, AnotherThreadIsRefusedByName) {
  LatestChannel<int> channel("mine");
  EXPECT_FALSE(channel.closed());
  const auto refused = [&](auto&& call) { return contains(logic_error_on_another_thread(call), "'mine'"); };
  EXPECT_TRUE(refused([&] { channel.send(1); }));
  EXPECT_TRUE(refused([&] { static_cast<void>(channel.try_receive()); }));
  EXPECT_TRUE(refused([&] { static_cast<void>(channel.latest()); }));
  EXPECT_TRUE(refused([&] { channel.close(); }));
  EXPECT_TRUE(refused([&] { static_cast<void>(channel.statistics()); }));
  EXPECT_TRUE(contains(logic_error_of_await_on_another_thread(channel.receive()), "'mine'"));
  EXPECT_EQ(channel.statistics(), ChannelStatistics());
}

TEST(LatestChannelTest, ADeadlockNamesIt) {
  LatestChannel<int> channel("never");
  EventLoop loop(LoopTime::kVirtual);
  std::vector<int> ignored;
  try {
    loop.run(receive_one(&channel, &ignored));
    ADD_FAILURE() << "it ended";
  } catch (const Deadlock& deadlock) {
    EXPECT_TRUE(contains(deadlock.what(), "a value of LatestChannel 'never'")) << deadlock.what();
  }
}

TEST(LatestChannelTest, AStreamAllocatesNothing) {
  LatestChannel<int> channel;
  std::uint64_t allocations = 1;
  int received = 0;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("receiver", [&]() -> Task<void> {
      while (co_await channel.receive()) {
        ++received;
      }
    });
    co_await settle();
    const testing::AllocationGuard guard;
    for (int i = 0; i < 1000; ++i) {
      channel.send(i);
      co_await yield();
    }
    allocations = guard.count();
    channel.close();
    co_return kJoin;
  });
  EXPECT_EQ(allocations, 0U);
  EXPECT_EQ(received, 1000);
}

TEST(LatestChannelTest, NoValueComesTwiceOrLateAndTheLastAlwaysComes) {
  for (int seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    LatestChannel<int> channel;
    std::mt19937 random(static_cast<unsigned>(seed));
    const auto pause = [&] { return std::chrono::milliseconds(random() % 4); };
    int last_sent = 0;
    std::vector<int> received;
    run_virtual([&](Nursery& nursery) -> Task<Join> {
      for (int i = 0; i < 4; ++i) {
        nursery.start("receiver", [&]() -> Task<void> {
          while (!channel.closed() || channel.latest() != nullptr) {
            const auto value = co_await with_timeout(pause(), channel.receive());
            if (value) {
              EXPECT_TRUE(received.empty() || received.back() < *value);
              received.push_back(*value);
            }
            co_await sleep_for(pause());
          }
        });
      }
      for (int i = 1; i <= 300; ++i) {
        channel.send(last_sent = i);
        co_await sleep_for(pause() / 2);
      }
      channel.close();
      co_return kJoin;
    });
    const ChannelStatistics statistics = channel.statistics();
    EXPECT_EQ(statistics.sent, 300U);
    EXPECT_EQ(statistics.received, received.size());
    EXPECT_EQ(statistics.dropped, statistics.sent - statistics.received);
    EXPECT_EQ(received.back(), last_sent);
  }
}

}  // namespace
}  // namespace takt::async
