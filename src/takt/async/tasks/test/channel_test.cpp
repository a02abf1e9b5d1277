#include "takt/async/tasks/channel.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "takt/async/tasks/test/primitives.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

// Moves only, and has no default.
struct Parcel {
  explicit Parcel(int value) : content(std::make_unique<const int>(value)) {}
  Parcel(Parcel&&) noexcept = default;
  Parcel& operator=(Parcel&&) = delete;
  std::unique_ptr<const int> content;
};

Task<void> send_one(Channel<int>* channel, int value, std::vector<int>* sent) {
  const bool taken = co_await channel->send(value);
  if (taken) {
    sent->push_back(value);
  }
}

Task<void> receive_one(Channel<int>* channel, std::vector<int>* received) {
  const auto value = co_await channel->receive();
  received->push_back(value.value_or(-1));
}

TEST(ChannelTest, ValuesComeOutInTheOrderInWhichTheyWentIn) {
  Channel<int> channel(3, "numbers");
  run_virtual([&](Nursery&) -> Task<Join> {
    for (int round = 0; round < 5; ++round) {
      for (int i = 0; i < 3; ++i) {
        const bool sent = co_await channel.send(10 * round + i);
        EXPECT_TRUE(sent);
      }
      EXPECT_EQ(channel.size(), channel.capacity());
      for (int i = 0; i < 3; ++i) {
        const auto value = co_await channel.receive();
        EXPECT_EQ(value, 10 * round + i);
      }
    }
    co_return kJoin;
  });
  EXPECT_EQ(channel.statistics(), (ChannelStatistics{.sent = 15, .received = 15, .dropped = 0}));
}

TEST(ChannelTest, ValuesThatOnlyMoveAndHaveNoDefaultPass) {
  Channel<Parcel> channel(1);
  std::vector<int> received;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("receiver", [&]() -> Task<void> {
      while (auto parcel = co_await channel.receive()) {
        received.push_back(*parcel->content);
      }
    });
    for (int i = 0; i < 4; ++i) {
      const bool sent = co_await channel.send(Parcel(i));
      EXPECT_TRUE(sent);
    }
    channel.close();
    co_return kJoin;
  });
  EXPECT_EQ(received, (std::vector<int>{0, 1, 2, 3}));
}

TEST(ChannelTest, AFullChannelMakesTheSenderWaitForRoom) {
  Channel<int> channel(1);
  core::Nanoseconds sent_ns = 0;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("sender", [&]() -> Task<void> {
      for (int i = 0; i < 2; ++i) {
        const bool sent = co_await channel.send(i);
        EXPECT_TRUE(sent);
      }
      sent_ns = this_loop().clock().now_ns();
    });
    co_await sleep_for(1s);
    static_cast<void>(co_await channel.receive());
    co_return kJoin;
  });
  EXPECT_EQ(sent_ns, 1'000'000'000);
  EXPECT_EQ(channel.size(), 1U);
}

TEST(ChannelTest, ReceiversAreServedInTheOrderInWhichTheyCame) {
  Channel<int> channel(4);
  std::array<std::vector<int>, 3> received;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    for (std::vector<int>& own : received) {
      nursery.start("receiver", receive_one(&channel, &own));
    }
    co_await settle();
    for (int i = 1; i <= 4; ++i) {
      EXPECT_TRUE(channel.try_send(i).has_value());
    }
    EXPECT_EQ(channel.try_receive(), 4) << "the others are with those who waited";
    co_return kJoin;
  });
  EXPECT_EQ(received, (std::array{std::vector{1}, std::vector{2}, std::vector{3}}));
}

TEST(ChannelTest, SendersAreServedInTheOrderInWhichTheyCameAndNobodyPasses) {
  Channel<int> channel(1);
  std::vector<int> sent;
  std::vector<int> received;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    for (int i = 0; i < 4; ++i) {
      nursery.start("sender", send_one(&channel, i, &sent));
    }
    co_await settle();
    EXPECT_EQ(sent, std::vector{0});
    received.push_back(channel.try_receive().value_or(-1));
    EXPECT_EQ(channel.try_send(99), Unexpected(SendError::kFull)) << "the room went to who waits";
    while (const auto value = channel.try_receive()) {
      received.push_back(*value);
    }
    co_return kJoin;
  });
  EXPECT_EQ(sent, (std::vector{0, 1, 2, 3}));
  EXPECT_EQ(received, (std::vector{0, 1, 2, 3}));
}

TEST(ChannelTest, CapacityZeroIsAMeeting) {
  Channel<int> channel(0, "door");
  std::vector<int> sent;
  std::vector<int> received;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    EXPECT_EQ(channel.try_send(1), Unexpected(SendError::kFull));
    nursery.start("sender", send_one(&channel, 2, &sent));
    co_await settle();
    EXPECT_TRUE(sent.empty()) << "nobody came";
    const auto value = co_await channel.receive();
    EXPECT_EQ(value, 2);
    nursery.start("receiver", receive_one(&channel, &received));
    co_await settle();
    EXPECT_TRUE(channel.try_send(3).has_value());
    co_return kJoin;
  });
  EXPECT_EQ(sent, std::vector{2});
  EXPECT_EQ(received, std::vector{3});
  EXPECT_EQ(channel.statistics(), (ChannelStatistics{.sent = 2, .received = 2, .dropped = 1}));
}

TEST(ChannelTest, TrySendKeepsItsHandsOffAValueItRefuses) {
  Channel<std::unique_ptr<int>> channel(1);
  auto value = std::make_unique<int>(7);
  EXPECT_TRUE(channel.try_send(nullptr).has_value());
  EXPECT_EQ(channel.try_send(std::move(value)), Unexpected(SendError::kFull));
  ASSERT_NE(value, nullptr);  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_TRUE(channel.try_receive().has_value());
  EXPECT_TRUE(channel.try_send(std::move(value)).has_value());
  EXPECT_EQ(value, nullptr);  // NOLINT(bugprone-use-after-move)
  channel.close();
  EXPECT_EQ(channel.try_send(nullptr), Unexpected(SendError::kClosed));
  EXPECT_EQ(channel.statistics(), (ChannelStatistics{.sent = 2, .received = 1, .dropped = 1}));
}

TEST(ChannelTest, ClosingTellsWhoWaitsToReceiveAndWhoClosesTwice) {
  Channel<int> channel(2, "frames");
  std::vector<int> received;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("a", receive_one(&channel, &received));
    nursery.start("b", receive_one(&channel, &received));
    co_await settle();
    channel.close();
    co_return kJoin;
  });
  EXPECT_EQ(received, (std::vector{-1, -1}));
  EXPECT_TRUE(contains(logic_error_of([&] { channel.close(); }), "Channel 'frames' was closed twice"));
}

TEST(ChannelTest, ClosingTellsWhoWaitsToSendAndLeavesWhatStandsInIt) {
  Channel<int> channel(1);
  std::vector<int> sent;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    for (int i = 0; i < 3; ++i) {
      nursery.start("sender", send_one(&channel, i, &sent));
    }
    co_await settle();
    channel.close();
    EXPECT_TRUE(channel.closed());
    const bool late = co_await channel.send(9);
    EXPECT_FALSE(late);
    const auto first = co_await channel.receive();
    EXPECT_EQ(first, 0);
    const auto second = co_await channel.receive();
    EXPECT_FALSE(second.has_value());
    co_return kJoin;
  });
  EXPECT_EQ(sent, std::vector{0});
  EXPECT_EQ(channel.statistics(), (ChannelStatistics{.sent = 1, .received = 1, .dropped = 0}));
}

TEST(ChannelTest, DestroyedWhileTasksWaitItThrowsThere) {
  auto full = std::make_unique<Channel<int>>(0, "full");
  auto empty = std::make_unique<Channel<int>>(1, "empty");
  std::string sender;
  std::string receiver;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("sender", [&]() -> Task<void> { sender = co_await logic_error_of_await(full->send(1)); });
    nursery.start("receiver", [&]() -> Task<void> { receiver = co_await logic_error_of_await(empty->receive()); });
    co_await settle();
    full.reset();
    empty.reset();
    co_return kJoin;
  });
  EXPECT_TRUE(contains(sender, "main/sender") && contains(sender, "destroyed")) << sender;
  EXPECT_TRUE(contains(receiver, "main/receiver") && contains(receiver, "destroyed")) << receiver;
}

TEST(ChannelTest, WhatWasHandedOverOutlivesTheChannel) {
  auto channel = std::make_unique<Channel<int>>(0);
  std::vector<int> received;
  std::vector<int> sent;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("receiver", receive_one(channel.get(), &received));
    co_await settle();
    EXPECT_TRUE(channel->try_send(5).has_value());
    nursery.start("sender", send_one(channel.get(), 6, &sent));
    co_await settle();
    EXPECT_EQ(channel->try_receive(), 6);
    channel.reset();
    co_return kJoin;
  });
  EXPECT_EQ(received, std::vector{5});
  EXPECT_EQ(sent, std::vector{6});
}

TEST(ChannelTest, AnotherThreadIsRefusedByName) {
  Channel<int> channel(1, "mine");
  EXPECT_FALSE(channel.closed());
  const auto refused = [&](auto&& call) { return contains(logic_error_on_another_thread(call), "'mine'"); };
  EXPECT_TRUE(refused([&] { EXPECT_TRUE(channel.try_send(1)); }));
  EXPECT_TRUE(refused([&] { static_cast<void>(channel.try_receive()); }));
  EXPECT_TRUE(refused([&] { channel.close(); }));
  EXPECT_TRUE(refused([&] { static_cast<void>(channel.statistics()); }));
  EXPECT_TRUE(refused([&] { static_cast<void>(channel.size()); }));
  EXPECT_TRUE(contains(logic_error_of_await_on_another_thread(channel.send(1)), "'mine'"));
  EXPECT_TRUE(contains(logic_error_of_await_on_another_thread(channel.receive()), "'mine'"));
  EXPECT_EQ(channel.statistics(), ChannelStatistics());
}

TEST(ChannelTest, ADeadlockSaysWhoWaitsForRoomAndWhoForAValue) {
  Channel<int> full(0, "full");
  Channel<int> empty(1, "empty");
  EventLoop loop(LoopTime::kVirtual);
  std::vector<int> ignored;
  try {
    loop.run(with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("sender", send_one(&full, 1, &ignored));
      nursery.start("receiver", receive_one(&empty, &ignored));
      co_return kJoin;
    }));
    ADD_FAILURE() << "it ended";
  } catch (const Deadlock& deadlock) {
    EXPECT_TRUE(contains(deadlock.what(), "room in Channel 'full'")) << deadlock.what();
    EXPECT_TRUE(contains(deadlock.what(), "a value of Channel 'empty'")) << deadlock.what();
  }
}

TEST(ChannelTest, AStreamAllocatesNothing) {
  Channel<int> forth(2);
  Channel<int> back(0);
  std::uint64_t allocations = 1;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("echo", [&]() -> Task<void> {
      while (const auto value = co_await forth.receive()) {
        static_cast<void>(co_await back.send(*value));
      }
    });
    std::optional<testing::AllocationGuard> guard;
    for (int i = 0; i < 1000; ++i) {
      if (i == 10) {
        guard.emplace();
      }
      static_cast<void>(co_await forth.send(i));
      static_cast<void>(co_await forth.send(i));
      static_cast<void>(co_await back.receive());
      static_cast<void>(co_await back.receive());
    }
    allocations = guard->count();
    forth.close();
    co_return kJoin;
  });
  EXPECT_EQ(allocations, 0U);
}

}  // namespace
}  // namespace takt::async
