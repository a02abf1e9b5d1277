#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/transports/dds/test/dds_topic_rig.hpp"

// Publishers and subscriptions: what arrives, and how it is told.
namespace takt::dds {
namespace {

using namespace std::chrono_literals;
using test::DdsTopic;
using test::eventually;
using test::own;
using Bytes = std::vector<std::byte>;

TEST_F(DdsTopic, MessagesArriveInOrderWithSenderSequenceAndTimes) {
  const auto publisher = here->advertise(test::topic(own("/order")), {});
  const auto subscription = there->subscribe(test::topic(own("/order")), {});
  ASSERT_TRUE(paired(*publisher, *subscription));
  const core::Nanoseconds before_ns = core::monotonic_now_ns();
  const core::Nanoseconds before_wall_ns = core::wall_now_ns();
  for (const char* text : {"a", "b", "c"}) {
    publish(*publisher, text);
  }
  std::vector<bus::MessageInfo> infos;
  ASSERT_TRUE(eventually([&] {
    return !subscription->take([&](bus::Bytes bytes, const bus::MessageInfo& info) {
      EXPECT_EQ(test::text_of(bytes), std::string(1, static_cast<char>('a' + infos.size())));
      infos.push_back(info);
    }) && infos.size() == 3;
  }));
  for (std::size_t i = 0; i < infos.size(); ++i) {
    EXPECT_EQ(infos[i].sequence, i + 1);
    EXPECT_EQ(infos[i].sender, infos[0].sender);
    EXPECT_GE(infos[i].received_ns, before_ns);
    EXPECT_LE(infos[i].received_ns, core::monotonic_now_ns());
    EXPECT_GE(infos[i].source_wall_ns, before_wall_ns);
    EXPECT_LE(infos[i].source_wall_ns, core::wall_now_ns());
  }
  EXPECT_NE(infos[0].sender, (std::array<std::uint8_t, 16>{}));
  EXPECT_EQ(subscription->lost(), 0U);
}

TEST_F(DdsTopic, AnEndpointOfTheSameTransportHearsNothing) {
  const auto publisher = here->advertise(test::topic(own("/self")), {});
  const auto same = here->subscribe(test::topic(own("/self")), {});
  const auto other = there->subscribe(test::topic(own("/self")), {});
  ASSERT_TRUE(paired(*publisher, *other));
  publish(*publisher, "x");
  EXPECT_EQ(take(*other, 1).size(), 1U);
  EXPECT_TRUE(test::take_texts(*same).empty());
  EXPECT_EQ(same->matched().current, 0U);
  EXPECT_EQ(publisher->matched().current, 1U);
}

TEST_F(DdsTopic, ALargeMessageArrivesWholeAndInOnePiece) {
  const auto publisher = here->advertise(test::topic(own("/large")), {});
  const auto subscription = there->subscribe(test::topic(own("/large")), {});
  ASSERT_TRUE(paired(*publisher, *subscription));
  std::string large(3'000'001, ' ');
  for (std::size_t i = 0; i < large.size(); ++i) {
    large[i] = static_cast<char>('a' + i % 23);
  }
  publish(*publisher, large);
  const auto taken = take(*subscription, 1);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_TRUE(taken[0] == large);
}

TEST_F(DdsTopic, DataIsToldAndAgainOnlyAfterNothingWasLeft) {
  std::atomic<int> rings{0};
  const auto publisher = here->advertise(test::topic(own("/bell"), test::depth(100)), {});
  const auto subscription =
      there->subscribe(test::topic(own("/bell"), test::depth(100)), test::on_data([&] { ++rings; }));
  ASSERT_TRUE(paired(*publisher, *subscription));
  int told = 0;
  int looks = 0;  // each ended with nothing left
  for (int burst = 1; burst <= 3; ++burst) {
    for (int i = 0; i < 10; ++i) {
      publish(*publisher, "x");
    }
    std::size_t taken = 0;
    ASSERT_TRUE(eventually([&] {
      if (rings == told) {
        return false;
      }
      told = rings;
      taken += test::take_texts(*subscription).size();
      ++looks;
      EXPECT_LE(rings, looks + 1);
      return taken == 10;
    })) << taken;
  }
  publish(*publisher, "the last");
  EXPECT_EQ(take(*subscription, 1).size(), 1U);
}

TEST_F(DdsTopic, AMessageCanBeTakenInsideTheEventOnTheReceiveThread) {
  std::mutex mutex;
  std::vector<std::string> taken;
  std::optional<std::thread::id> thread;
  std::atomic<bus::TransportSubscription*> subscription{nullptr};
  const auto publisher = here->advertise(test::topic(own("/inside")), {});
  const auto made = there->subscribe(test::topic(own("/inside")), test::on_data([&] {
                                       if (auto* const from = subscription.load()) {
                                         const std::lock_guard lock(mutex);
                                         thread = std::this_thread::get_id();
                                         const auto texts = test::take_texts(*from);
                                         taken.insert(taken.end(), texts.begin(), texts.end());
                                       }
                                     }));
  subscription = made.get();
  ASSERT_TRUE(paired(*publisher, *made));
  publish(*publisher, "1");
  publish(*publisher, "2");
  ASSERT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return taken == std::vector<std::string>{"1", "2"};
  }));
  EXPECT_NE(*thread, std::this_thread::get_id());
}

TEST_F(DdsTopic, BothEndsLearnOfComingAndGoing) {
  std::mutex mutex;
  std::vector<std::size_t> seen;
  const auto note = [&](const bus::Matched& matched) {
    const std::lock_guard lock(mutex);
    seen.push_back(matched.current);
  };
  const auto saw = [&](std::vector<std::size_t> expected) {
    return eventually([&] {
      const std::lock_guard lock(mutex);
      return seen == expected;
    });
  };
  const auto publisher = here->advertise(test::topic(own("/match")), test::on_matched(note));
  auto subscription = there->subscribe(test::topic(own("/match")), {});
  ASSERT_TRUE(saw({1}));
  subscription.reset();
  ASSERT_TRUE(saw({1, 0}));
  EXPECT_EQ(publisher->matched().total, 1U);
  auto leaving = test::open();
  subscription = leaving->subscribe(test::topic(own("/match")), {});
  ASSERT_TRUE(saw({1, 0, 1}));
  subscription.reset();
  leaving.reset();
  ASSERT_TRUE(saw({1, 0, 1, 0}));
  EXPECT_EQ(publisher->matched().total, 2U);
}

TEST_F(DdsTopic, DestroyingWaitsForTheEventThatRuns) {
  std::atomic<bool> inside{false};
  std::atomic<bool> left{false};
  const auto publisher = here->advertise(test::topic(own("/leave")), {});
  auto subscription = there->subscribe(test::topic(own("/leave")), test::on_data([&] {
                                         inside = true;
                                         std::this_thread::sleep_for(100ms);
                                         left = true;
                                       }));
  ASSERT_TRUE(paired(*publisher, *subscription));
  publish(*publisher, "x");
  ASSERT_TRUE(eventually([&] { return inside.load(); }));
  subscription.reset();
  EXPECT_TRUE(left);
}

TEST_F(DdsTopic, BadNamesAndBytesAreRefusedByName) {
  EXPECT_THROW((void)here->advertise(test::topic("no_slash"), {}), LogicError);
  EXPECT_THROW((void)here->subscribe(test::topic("/a//b"), {}), LogicError);
  const auto publisher = here->advertise(test::topic(own("/bytes")), {});
  EXPECT_THROW([[maybe_unused]] const auto sent = publisher->publish({}), LogicError);
}

TEST_F(DdsTopic, WhatExceedsALimitIsTooLargeWhoeverSetIt) {
  DdsOptions options = test::options();
  options.max_message_bytes = 100;
  EXPECT_EQ(open_dds(options)->advertise(test::topic(own("/ours")), {})->publish(Bytes(101)).error(),
            bus::SendError::kTooLarge);
  options = test::options();
  options.cyclone_config = "<Internal><MaxSampleSize>1000B</MaxSampleSize></Internal>";
  const auto limited = open_dds(options);
  const auto publisher = limited->advertise(test::topic(own("/theirs")), {});
  EXPECT_TRUE(publisher->publish(Bytes(1000)));
  EXPECT_EQ(publisher->publish(Bytes(1004)).error(), bus::SendError::kTooLarge);
}

}  // namespace
}  // namespace takt::dds
