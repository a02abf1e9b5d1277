#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "takt/async/tasks/channel.hpp"
#include "takt/async/tasks/test/primitives.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

TEST(ChannelCancelTest, AReceiverThatIsCancelledInTheMiddleLeavesTheQueue) {
  Channel<int> channel(0);
  CancelScope scope;
  std::vector<int> received;
  bool cancelled_one_got_something = true;
  const auto receive_one = [&]() -> Task<void> {
    const auto value = co_await channel.receive();
    received.push_back(value.value_or(-1));
  };
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("a", receive_one);
    nursery.start("b", [&]() -> Task<void> {
      const auto value = co_await scope.run(channel.receive());
      cancelled_one_got_something = value.has_value();
    });
    nursery.start("c", receive_one);
    co_await settle();
    scope.cancel("test");
    for (int i = 1; i <= 2; ++i) {
      EXPECT_TRUE(channel.try_send(i).has_value());
    }
    EXPECT_FALSE(channel.try_send(3).has_value()) << "nobody else waits";
    co_return kJoin;
  });
  EXPECT_FALSE(cancelled_one_got_something);
  EXPECT_EQ(received, (std::vector{1, 2}));
}

TEST(ChannelCancelTest, ASenderThatIsCancelledInTheMiddleHasSentNothing) {
  Channel<int> channel(0);
  CancelScope scope;
  std::vector<int> received;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("a", [&]() -> Task<void> { static_cast<void>(co_await channel.send(1)); });
    nursery.start("b", [&]() -> Task<void> {
      const auto sent = co_await scope.run(channel.send(2));
      EXPECT_FALSE(sent);
    });
    nursery.start("c", [&]() -> Task<void> { static_cast<void>(co_await channel.send(3)); });
    co_await settle();
    scope.cancel("test");
    while (const auto value = channel.try_receive()) {
      received.push_back(*value);
    }
    co_return kJoin;
  });
  EXPECT_EQ(received, (std::vector{1, 3}));
  EXPECT_EQ(channel.statistics(), (ChannelStatistics{.sent = 2, .received = 2, .dropped = 0}));
}

TEST(ChannelCancelTest, ACancelledScopeSendsAndReceivesNothingEvenWhenItCould) {
  Channel<int> channel(2);
  CancelScope scope;
  scope.cancel("test");
  run_virtual([&](Nursery&) -> Task<Join> {
    EXPECT_TRUE(channel.try_send(1).has_value());
    const auto sent = co_await scope.run(channel.send(2));
    EXPECT_FALSE(sent);
    CancelScope other;
    other.cancel("test");
    const auto received = co_await other.run(channel.receive());
    EXPECT_FALSE(received.has_value());
    co_return kJoin;
  });
  EXPECT_EQ(channel.statistics(), (ChannelStatistics{.sent = 1, .received = 0, .dropped = 0}));
}

// What a task got that waited while the value came and its scope was cancelled within one turn, in either order.
struct Race {
  std::optional<bool> sent;
  std::optional<int> received;
  bool went_on{false};
  ChannelStatistics statistics;
};

Race race_of_a_receiver(bool value_first) {
  Channel<int> channel(0);
  CancelScope scope;
  Race race;
  const auto inside = [&]() -> Task<void> {
    race.received = co_await channel.receive();
    co_await checkpoint();
    race.went_on = true;
  };
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("receiver", [&]() -> Task<void> { static_cast<void>(co_await scope.run(inside())); });
    co_await settle();
    if (value_first) {
      EXPECT_TRUE(channel.try_send(1).has_value());
      scope.cancel("test");
    } else {
      scope.cancel("test");
      EXPECT_FALSE(channel.try_send(1).has_value());
    }
    co_return kJoin;
  });
  race.statistics = channel.statistics();
  return race;
}

Race race_of_a_sender(bool value_first) {
  Channel<int> channel(0);
  CancelScope scope;
  Race race;
  const auto inside = [&]() -> Task<void> {
    race.sent = co_await channel.send(1);
    co_await checkpoint();
    race.went_on = true;
  };
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("sender", [&]() -> Task<void> { static_cast<void>(co_await scope.run(inside())); });
    co_await settle();
    if (value_first) {
      race.received = channel.try_receive();
      scope.cancel("test");
    } else {
      scope.cancel("test");
      race.received = channel.try_receive();
    }
    co_return kJoin;
  });
  race.statistics = channel.statistics();
  return race;
}

TEST(ChannelCancelTest, AValueHandedOverBeforeTheCancellationIsReceived) {
  const Race race = race_of_a_receiver(true);
  EXPECT_EQ(race.received, 1);
  EXPECT_FALSE(race.went_on) << "the next await throws";
  EXPECT_EQ(race.statistics, (ChannelStatistics{.sent = 1, .received = 1, .dropped = 0}));
}

TEST(ChannelCancelTest, ACancellationBeforeTheValueReceivesNothing) {
  const Race race = race_of_a_receiver(false);
  EXPECT_FALSE(race.received.has_value());
  EXPECT_EQ(race.statistics, (ChannelStatistics{.sent = 0, .received = 0, .dropped = 1}));
}

TEST(ChannelCancelTest, AValueTakenBeforeTheCancellationIsSent) {
  const Race race = race_of_a_sender(true);
  EXPECT_EQ(race.sent, true);
  EXPECT_EQ(race.received, 1);
  EXPECT_FALSE(race.went_on) << "the next await throws";
}

TEST(ChannelCancelTest, ACancellationBeforeTheValueIsTakenSendsNothing) {
  const Race race = race_of_a_sender(false);
  EXPECT_FALSE(race.sent.has_value());
  EXPECT_FALSE(race.received.has_value());
  EXPECT_EQ(race.statistics, ChannelStatistics());
}

TEST(ChannelCancelTest, AValueIsDestroyedOnceWhereverItEnds) {
  const auto value = std::make_shared<int>(1);
  {
    Channel<std::shared_ptr<int>> channel(1);
    run_virtual([&](Nursery& nursery) -> Task<Join> {
      for (int i = 0; i < 3; ++i) {
        nursery.start("sender", [&]() -> Task<void> { static_cast<void>(co_await channel.send(value)); });
      }
      co_await settle();
      EXPECT_EQ(value.use_count(), 4);
      co_return kCancel;
    });
    EXPECT_EQ(value.use_count(), 2) << "one stands in the channel";
  }
  EXPECT_EQ(value.use_count(), 1);
}

// Tasks that send, receive and give up at random, on a clock so coarse that much happens at the same instant.
class Exchange {
 public:
  explicit Exchange(unsigned seed) : channel_(seed % 4, "stress"), random_(seed) {}

  void run() {
    run_virtual([this](Nursery& nursery) -> Task<Join> {
      for (int i = 0; i < 4; ++i) {
        nursery.start("sender", send_some(i));
        nursery.start("receiver", receive_some());
      }
      co_await sleep_for(pause() * 100);
      channel_.close();
      co_return kJoin;
    });
    while (const auto value = channel_.try_receive()) {
      received_.push_back(*value);
      ++left_;
    }
  }

  void check() {
    EXPECT_EQ(channel_.statistics().sent, sent_.size());
    EXPECT_EQ(channel_.statistics().received, received_.size());
    EXPECT_EQ(channel_.statistics().dropped, refused_);
    std::ranges::sort(sent_);
    std::ranges::sort(received_);
    EXPECT_EQ(sent_, received_) << "lost or doubled";
    EXPECT_EQ(out_of_order_, 0);
  }

  [[nodiscard]] std::size_t given_up() const { return given_up_; }
  [[nodiscard]] std::size_t received() const { return received_.size() - left_; }

 private:
  std::chrono::milliseconds pause() { return std::chrono::milliseconds(random_() % 4); }

  Task<void> send_some(int sender) {
    for (int i = 0; i < 100; ++i) {
      const int value = 1000 * sender + i;
      if (random_() % 3 == 0) {
        const auto sent = channel_.try_send(value);
        refused_ += !sent && sent.error() == SendError::kFull ? 1U : 0U;
        note(value, sent.has_value());
      } else {
        const auto sent = co_await with_timeout(pause(), channel_.send(value));
        given_up_ += sent ? 0U : 1U;
        note(value, sent);
      }
      co_await sleep_for(pause());
    }
  }

  void note(int value, bool sent) {
    if (sent) {
      sent_.push_back(value);
    }
  }

  Task<void> receive_some() {
    std::map<int, int> last;  // of each sender
    for (int i = 0; i < 80; ++i) {
      const auto value = co_await with_timeout(pause(), channel_.receive());
      given_up_ += value ? 0U : 1U;
      if (value) {
        received_.push_back(*value);
        const auto [seen, first] = last.try_emplace(*value / 1000, *value);
        out_of_order_ += !first && seen->second >= *value ? 1 : 0;
        seen->second = *value;
      }
      co_await sleep_for(pause());
    }
  }

  Channel<int> channel_;
  std::mt19937 random_;
  std::vector<int> sent_;
  std::vector<int> received_;
  std::size_t refused_{0};
  std::size_t given_up_{0};
  std::size_t left_{0};
  int out_of_order_{0};
};

TEST(ChannelCancelTest, NothingIsLostOrDoubledWhateverIsCancelled) {
  std::size_t given_up = 0;
  std::size_t received = 0;
  for (unsigned seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Exchange exchange(seed);
    exchange.run();
    exchange.check();
    given_up += exchange.given_up();
    received += exchange.received();
  }
  EXPECT_GT(given_up, 1000U) << "the test cancels too little to say anything";
  EXPECT_GT(received, 1000U);
}

}  // namespace
}  // namespace takt::async
