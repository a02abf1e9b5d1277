#include "takt/teleop/delivery.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"

namespace takt::teleop {
namespace {

constexpr core::Nanoseconds kPeriod = 10'000'000;

messages::RobotState command(std::uint64_t sequence, core::Nanoseconds stamp_ns = 0) {
  messages::RobotState made;
  made.sequence = sequence;
  made.stamp_ns = stamp_ns;
  return made;
}

std::vector<std::uint64_t> take_all(DeliveryQueue& queue) {
  std::vector<std::uint64_t> taken;
  while (const auto next = queue.take()) {
    taken.push_back(next->sequence);
  }
  return taken;
}

void put_many(DeliveryQueue& queue, std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t i = first; i <= last; ++i) {
    queue.put(command(i));
  }
}

TEST(DeliveryTest, HasNoQueueForInlineDelivery) {
  EXPECT_THROW(DeliveryQueue{Delivery::kInline}, LogicError);
}

TEST(DeliveryTest, TakesNothingFromAnEmptyQueue) {
  for (const Delivery policy : {Delivery::kFifo, Delivery::kMailbox, Delivery::kDrainNewest}) {
    DeliveryQueue queue(policy);
    EXPECT_FALSE(queue.take());
    EXPECT_EQ(queue.depth(), 0U);
    EXPECT_EQ(queue.dropped(), 0U);
  }
}

TEST(DeliveryTest, FifoHoldsFiveDropsTheOldestAndPopsTheOldest) {
  DeliveryQueue queue(Delivery::kFifo);
  put_many(queue, 1, 5);
  EXPECT_EQ(queue.depth(), 5U);
  EXPECT_EQ(queue.dropped(), 0U);
  put_many(queue, 6, 8);
  EXPECT_EQ(queue.depth(), 5U);
  EXPECT_EQ(queue.dropped(), 3U);
  EXPECT_EQ(take_all(queue), (std::vector<std::uint64_t>{4, 5, 6, 7, 8}));
}

TEST(DeliveryTest, MailboxHoldsOnlyTheNewest) {
  DeliveryQueue queue(Delivery::kMailbox);
  put_many(queue, 1, 4);
  EXPECT_EQ(queue.depth(), 1U);
  EXPECT_EQ(queue.dropped(), 3U);
  EXPECT_EQ(take_all(queue), (std::vector<std::uint64_t>{4}));
}

TEST(DeliveryTest, DrainToNewestTakesTheNewestAndThrowsTheRestAway) {
  DeliveryQueue queue(Delivery::kDrainNewest);
  put_many(queue, 1, 7);
  EXPECT_EQ(queue.depth(), 5U);
  EXPECT_EQ(queue.dropped(), 2U);
  EXPECT_EQ(take_all(queue), (std::vector<std::uint64_t>{7}));
  EXPECT_EQ(queue.dropped(), 6U);
}

TEST(DeliveryTest, KeepsTheWholeCommand) {
  DeliveryQueue queue(Delivery::kFifo);
  messages::RobotState full = command(3, 42);
  full.joint_positions = {0.1, 0.2};
  full.gripper_position = 0.5;
  full.trace_id = 99;
  messages::stamp_hop(full, messages::HopPoint::kQueued);
  queue.put(full);
  EXPECT_EQ(queue.take(), full);
}

TEST(DeliveryTest, EveryCommandIsTakenWaitsOrWasDropped) {
  for (const Delivery policy : {Delivery::kFifo, Delivery::kMailbox, Delivery::kDrainNewest}) {
    std::mt19937 random(5);
    DeliveryQueue queue(policy);
    std::uint64_t put = 0;
    std::uint64_t taken = 0;
    std::uint64_t last = 0;
    for (int i = 0; i < 5000; ++i) {
      if (random() % 2 == 0) {
        queue.put(command(++put));
      } else if (const auto next = queue.take()) {
        ++taken;
        EXPECT_GT(next->sequence, last) << "in order";
        last = next->sequence;
      }
      ASSERT_EQ(taken + queue.depth() + queue.dropped(), put);
    }
  }
}

/// A producer and an executer of one rate in virtual time; the executer ticks in the middle between two commands. In
/// the slots named by `hiccups` the producer puts its command twice: it was one slot late before and catches up, so it
/// gets one ahead.
struct Simulation {
  explicit Simulation(Delivery policy) : queue(policy) {}

  void run(int slots, const std::vector<int>& hiccups) {
    for (int i = 0; i < slots; ++i, ++slot) {
      const core::Nanoseconds now_ns = slot * kPeriod;
      queue.put(command(++sequence, now_ns));
      if (std::ranges::find(hiccups, i) != hiccups.end()) {
        queue.put(command(++sequence, now_ns + kPeriod / 4));
      }
      const auto next = queue.take();
      const core::Nanoseconds tick_ns = now_ns + kPeriod / 2;
      staleness_ns.push_back(next ? tick_ns - next->stamp_ns : -1);
      depth.push_back(queue.depth());
    }
  }

  DeliveryQueue queue;
  std::uint64_t sequence{0};
  core::Nanoseconds slot{0};
  std::vector<core::Nanoseconds> staleness_ns;  // of the command taken at each tick
  std::vector<std::size_t> depth;               // after it
};

TEST(DeliveryTest, FifoOfEqualRatesIsFreshWithoutJitter) {
  Simulation simulation(Delivery::kFifo);
  simulation.run(1000, {});
  EXPECT_EQ(std::ranges::max(simulation.depth), 0U);
  EXPECT_LT(std::ranges::max(simulation.staleness_ns), kPeriod);
}

TEST(DeliveryTest, FifoNeverGivesBackTheDepthThatOneSlotOfJitterCost) {
  Simulation simulation(Delivery::kFifo);
  for (std::size_t hiccups = 1; hiccups <= 8; ++hiccups) {
    simulation.run(100, {50});
    const std::size_t settled = std::min<std::size_t>(hiccups, DeliveryQueue::kDepth - 1);
    ASSERT_EQ(simulation.depth.back(), settled) << "after " << hiccups << " hiccups";
  }
  EXPECT_TRUE(std::ranges::is_sorted(simulation.depth)) << "the depth fell back by itself";
  EXPECT_EQ(simulation.depth.back(), 4U);
  EXPECT_EQ(simulation.queue.dropped(), 4U) << "four filled it, four more each pushed one out";
}

TEST(DeliveryTest, FifoCommandsAreDepthTimesPeriodOld) {
  Simulation simulation(Delivery::kFifo);
  for (int hiccups = 0; hiccups < 7; ++hiccups) {
    simulation.run(100, {50});
    const std::size_t depth = simulation.depth.back();
    for (std::size_t i = simulation.depth.size() - 40; i < simulation.depth.size(); ++i) {
      ASSERT_EQ(simulation.depth[i], depth);
      ASSERT_EQ(simulation.staleness_ns[i] - kPeriod / 2, static_cast<core::Nanoseconds>(depth) * kPeriod)
          << "slot " << i;
    }
  }
  EXPECT_EQ(simulation.staleness_ns.back() - kPeriod / 2, 40'000'000) << "the 40 ms of the old path";
}

TEST(DeliveryTest, FifoFillsUpUnderSeededJitterAndStaysFull) {
  std::mt19937 random(11);
  std::vector<int> hiccups;
  for (int i = 0; i < 2000; ++i) {
    if (random() % 100 < 2) {
      hiccups.push_back(i);
    }
  }
  ASSERT_GT(hiccups.size(), 10U);
  Simulation simulation(Delivery::kFifo);
  simulation.run(2000, hiccups);
  EXPECT_TRUE(std::ranges::is_sorted(simulation.depth));
  const auto filled = static_cast<std::ptrdiff_t>(hiccups[4]) + 10;
  EXPECT_TRUE(
      std::all_of(simulation.depth.begin() + filled, simulation.depth.end(), [](auto depth) { return depth == 4; }));
  std::vector<core::Nanoseconds> settled(simulation.staleness_ns.begin() + filled, simulation.staleness_ns.end());
  std::ranges::sort(settled);
  EXPECT_EQ(settled[settled.size() / 2] - kPeriod / 2, 4 * kPeriod)
      << "the median; a hiccup makes single commands younger";
}

TEST(DeliveryTest, MailboxAndDrainToNewestStayFresherThanOnePeriodUnderAnyJitter) {
  std::vector<int> hiccups;
  for (int i = 0; i < 1000; i += 7) {
    hiccups.push_back(i);
  }
  for (const Delivery policy : {Delivery::kMailbox, Delivery::kDrainNewest}) {
    Simulation simulation(policy);
    simulation.run(1000, hiccups);
    EXPECT_LT(std::ranges::max(simulation.staleness_ns), kPeriod);
    EXPECT_GE(std::ranges::min(simulation.staleness_ns), 0);
    EXPECT_EQ(std::ranges::max(simulation.depth), 0U);
    EXPECT_EQ(simulation.queue.dropped(), hiccups.size());
  }
}

TEST(DeliveryTest, CarriesCommandsBetweenThreadsInOrder) {
  for (const Delivery policy : {Delivery::kFifo, Delivery::kMailbox, Delivery::kDrainNewest}) {
    DeliveryQueue queue(policy);
    constexpr std::uint64_t kCount = 5000;
    std::jthread producer([&queue] { put_many(queue, 1, kCount); });
    std::uint64_t last = 0;
    std::uint64_t taken = 0;
    while (last < kCount) {  // the newest always arrives
      if (const auto next = queue.take()) {
        ASSERT_GT(next->sequence, last);
        last = next->sequence;
        ++taken;
      }
    }
    producer.join();
    EXPECT_EQ(taken + queue.dropped(), kCount);
  }
}

}  // namespace
}  // namespace takt::teleop
