#include "takt/async/tasks/internal/timer_heap.hpp"

#include <map>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace takt::async::internal {
namespace {

struct Recorder final : Timer {
  Recorder(int number, std::vector<int>& order) : id(number), fired(&order) {}
  void fire() noexcept override { fired->push_back(id); }
  void lose(TimerLoss why) noexcept override { fired->push_back(why == TimerLoss::kSourceChanged ? -id : 1000 + id); }
  int id;
  std::vector<int>* fired;
};

TEST(TimerHeapTest, FiresWhatIsDueInTheOrderOfTheDeadlines) {
  std::vector<int> fired;
  Recorder a(1, fired);
  Recorder b(2, fired);
  Recorder c(3, fired);
  TimerHeap heap;
  heap.set(a, 30);
  heap.set(b, 10);
  heap.set(c, 20);
  EXPECT_EQ(heap.earliest_ns(), 10);
  EXPECT_EQ(heap.fire_due(9), 0U);
  EXPECT_EQ(heap.fire_due(20), 2U);
  EXPECT_EQ(fired, (std::vector{2, 3}));
  EXPECT_TRUE(a.set());
  EXPECT_FALSE(b.set());
  heap.cancel(a);
  heap.cancel(a);  // no more there
  EXPECT_TRUE(heap.empty());
}

TEST(TimerHeapTest, EqualDeadlinesFireInTheOrderInWhichTheyWereSet) {
  std::vector<int> fired;
  std::vector<std::unique_ptr<Recorder>> timers;
  TimerHeap heap;
  std::vector<int> expected;
  for (int i = 0; i < 100; ++i) {
    timers.push_back(std::make_unique<Recorder>(i, fired));
    heap.set(*timers.back(), 5);
    expected.push_back(i);
  }
  EXPECT_EQ(heap.fire_due(5), 100U);
  EXPECT_EQ(fired, expected);
}

TEST(TimerHeapTest, ATimerThatSetsItselfAgainInThePastWaitsForTheNextLook) {
  struct Again final : Timer {
    explicit Again(TimerHeap& h) : heap(h) {}
    void fire() noexcept override {
      ++count;
      heap.set(*this, 0);
    }
    TimerHeap& heap;
    int count{0};
  };
  TimerHeap heap;
  Again timer(heap);
  heap.set(timer, 0);
  EXPECT_EQ(heap.fire_due(1), 1U);
  EXPECT_EQ(heap.fire_due(1), 1U);
  EXPECT_EQ(timer.count, 2);
  heap.cancel(timer);
}

TEST(TimerHeapTest, LosingAllTellsEachOnceInOrder) {
  std::vector<int> fired;
  Recorder a(1, fired);
  Recorder b(2, fired);
  TimerHeap heap;
  heap.set(a, 20);
  heap.set(b, 10);
  heap.lose_all(TimerLoss::kSourceChanged);
  EXPECT_TRUE(heap.empty());
  EXPECT_FALSE(a.set());
  heap.set(a, 20);
  heap.lose_all(TimerLoss::kClockDestroyed);
  EXPECT_EQ(fired, (std::vector{-2, -1, 1001}));
  EXPECT_EQ(heap.fire_due(100), 0U);
}

TEST(TimerHeapTest, DeadlinesStopAtTheEndOfTime) {
  constexpr core::Nanoseconds kEnd = std::numeric_limits<core::Nanoseconds>::max();
  EXPECT_EQ(deadline_after(10, 5), 15);
  EXPECT_EQ(deadline_after(10, kEnd), kEnd);
  EXPECT_EQ(deadline_after(-10, std::numeric_limits<core::Nanoseconds>::min()), -10);  // long past: due
}

// Random set, cancel and fire against a std::multimap, which keeps equal keys in the order of insertion.
TEST(TimerHeapTest, BehavesLikeAMultimap) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    std::vector<int> fired;
    std::vector<int> expected;
    std::vector<std::unique_ptr<Recorder>> timers;
    for (int i = 0; i < 200; ++i) {
      timers.push_back(std::make_unique<Recorder>(i, fired));
    }
    TimerHeap heap;
    std::multimap<core::Nanoseconds, int> model;
    core::Nanoseconds now_ns = 0;
    for (int step = 0; step < 5000; ++step) {
      const auto id = random() % 200;
      Recorder& timer = *timers[id];
      if (random() % 8 == 0) {
        now_ns += static_cast<core::Nanoseconds>(random() % 20);
        heap.fire_due(now_ns);
        const auto end = model.upper_bound(now_ns);
        for (auto due = model.begin(); due != end; due = model.erase(due)) {
          expected.push_back(due->second);
        }
      } else if (timer.set()) {
        heap.cancel(timer);
        std::erase_if(model, [&](const auto& entry) { return entry.second == static_cast<int>(id); });
      } else {
        const core::Nanoseconds deadline_ns = now_ns + static_cast<core::Nanoseconds>(random() % 50);
        heap.set(timer, deadline_ns);
        model.emplace(deadline_ns, static_cast<int>(id));
      }
      ASSERT_EQ(heap.size(), model.size()) << "seed " << seed << ", step " << step;
      if (!model.empty()) {
        ASSERT_EQ(heap.earliest_ns(), model.begin()->first) << "seed " << seed << ", step " << step;
      }
    }
    heap.fire_due(now_ns + 100);
    for (const auto& entry : model) {
      expected.push_back(entry.second);
    }
    ASSERT_EQ(fired, expected) << "seed " << seed;
  }
}

}  // namespace
}  // namespace takt::async::internal
