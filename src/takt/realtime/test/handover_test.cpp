#include "takt/realtime/handover.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::realtime {
namespace {

/// Counts those that live.
struct Counted {
  Counted(int its_number, std::atomic<int>& counter) : number(its_number), living(counter) { ++living; }
  ~Counted() { --living; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

  int number;
  std::atomic<int>& living;
};

class HandoverTest : public ::testing::Test {
 protected:
  std::unique_ptr<Counted> make(int number) { return std::make_unique<Counted>(number, living); }

  std::atomic<int> living{0};
};

TEST_F(HandoverTest, GivesNothingWhenNothingWasOffered) {
  Handover<Counted> handover;
  EXPECT_EQ(handover.take(), nullptr);
}

TEST_F(HandoverTest, GivesTheNewestOfferOnceAndFreesTheOneItReplaced) {
  Handover<Counted> handover;
  handover.offer(make(1));
  handover.offer(make(2));
  EXPECT_EQ(living, 1);
  Counted* taken = handover.take();
  ASSERT_NE(taken, nullptr);
  EXPECT_EQ(taken->number, 2);
  EXPECT_EQ(handover.take(), nullptr);
  handover.retire(taken);
}

TEST_F(HandoverTest, AnOfferOfNothingWithdrawsTheOneBefore) {
  Handover<Counted> handover;
  handover.offer(make(1));
  handover.offer(nullptr);
  EXPECT_EQ(living, 0);
  EXPECT_EQ(handover.take(), nullptr);
}

TEST_F(HandoverTest, FreesWhatCameBackAtTheNextOfferAndWhenAsked) {
  Handover<Counted> handover;
  handover.offer(make(1));
  handover.retire(handover.take());
  EXPECT_EQ(living, 1);
  handover.offer(make(2));
  EXPECT_EQ(living, 1);
  handover.retire(handover.take());
  handover.reclaim();
  EXPECT_EQ(living, 0);
}

TEST_F(HandoverTest, AnyNumberMayBeHeldAndRetiredInAnyOrder) {
  Handover<Counted> handover;
  std::vector<Counted*> held;
  for (int i = 0; i < 1000; ++i) {
    handover.offer(make(i));
    held.push_back(handover.take());
  }
  EXPECT_EQ(living, 1000);
  for (std::size_t i = 0; i < held.size(); ++i) {
    handover.retire(held[(i * 7 + 3) % held.size()]);
  }
  EXPECT_EQ(living, 1000);
  handover.reclaim();
  EXPECT_EQ(living, 0);
}

TEST_F(HandoverTest, FreesOfferedAndRetiredObjectsWhenDestroyed) {
  {
    Handover<Counted> handover;
    handover.offer(make(1));
    handover.retire(handover.take());
    Counted* held = nullptr;
    handover.offer(make(2));
    held = handover.take();
    handover.offer(make(3));
    handover.retire(held);
    EXPECT_EQ(living, 2);
  }
  EXPECT_EQ(living, 0);
}

TEST_F(HandoverTest, TakingAndRetiringAllocateNothing) {
  Handover<Counted> handover;
  handover.offer(make(1));
  const testing::AllocationGuard guard;
  Counted* taken = handover.take();
  handover.retire(taken);
  static_cast<void>(handover.take());
  EXPECT_EQ(guard.count(), 0U);
  EXPECT_EQ(living, 1);
}

TEST_F(HandoverTest, LosesAndFreesNothingTwiceWhileSeveralOfferAndOneTakes) {
  constexpr int kOffers = 20'000;
  std::uint64_t taken_count = 0;
  {
    Handover<Counted> handover;
    std::atomic<int> offering{2};
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 2; ++thread) {
      threads.emplace_back([&] {
        for (int i = 0; i < kOffers; ++i) {
          handover.offer(make(i));
        }
        --offering;
      });
    }
    threads.emplace_back([&] {
      while (offering > 0) {
        handover.reclaim();
        std::this_thread::yield();
      }
    });
    threads.emplace_back([&] {
      std::vector<Counted*> held;
      bool finishing = false;
      while (!finishing) {
        finishing = offering == 0;
        if (Counted* taken = handover.take(); taken != nullptr) {
          ++taken_count;
          held.push_back(taken);
        } else {
          std::this_thread::yield();
        }
        if (held.size() == 3 || finishing) {  // two at a time come back, the third stays
          for (; !held.empty() && (held.size() > 1 || finishing); held.pop_back()) {
            EXPECT_GE(held.back()->number, 0);
            handover.retire(held.back());
          }
        }
      }
    });
    threads.clear();
  }
  EXPECT_EQ(living, 0);
  EXPECT_GT(taken_count, 0U);
}

}  // namespace
}  // namespace takt::realtime
