#include "takt/async/tasks/clock.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>
#include <ostream>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/clocks.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/every.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"

// The contract suite of Clock: every implementation on the loop that it is meant for, with what makes its time pass.

namespace takt::async {
namespace {

using namespace std::chrono_literals;

constexpr Duration kUnit = 500us;  // short, since two of the clocks run in real time

struct Implementation {
  std::string name;
  LoopTime loop_time;
  std::function<std::unique_ptr<Clock>()> make;  // null: the loop's own clock
  std::function<void(Clock&)> move;              // one unit on; empty for a clock that moves by itself
};

std::vector<Implementation> implementations() {
  return {{"SteadyLoop", LoopTime::kSteady, nullptr, nullptr},
          {"VirtualLoop", LoopTime::kVirtual, nullptr, nullptr},
          {"System", LoopTime::kSteady, [] { return std::make_unique<SystemClock>(); }, nullptr},
          {"Manual", LoopTime::kVirtual, [] { return std::make_unique<ManualClock>(7); },
           [](Clock& clock) { dynamic_cast<ManualClock&>(clock).advance(kUnit); }},
          {"Simulated", LoopTime::kVirtual, [] { return std::make_unique<SimulatedClock>(); },
           [](Clock& clock) { dynamic_cast<SimulatedClock&>(clock).set_time(clock.now_ns() + kUnit.count()); }}};
}

// Without the loop's own, which live exactly as long as their loop.
std::vector<Implementation> own_clocks() {
  std::vector<Implementation> all = implementations();
  std::erase_if(all, [](const Implementation& tested) { return tested.make == nullptr; });
  return all;
}

void PrintTo(const Implementation& tested, std::ostream* out) {
  *out << tested.name;
}

class ClockContract : public ::testing::TestWithParam<Implementation> {
 protected:
  // Runs `body` in a nursery beside a task that makes time pass.
  void run(std::function<Task<void>(Nursery&)> body) {
    const auto app = [&]() -> Task<void> {
      co_await with_nursery([&](Nursery& outer) -> Task<Join> {
        outer.start("time", [&]() -> Task<void> {
          while (true) {
            co_await sleep_for(kUnit);
            if (GetParam().move) {
              GetParam().move(clock());
            }
          }
        });
        co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
          co_await body(nursery);
          co_return kJoin;
        });
        co_return kCancel;
      });
    };
    loop.run(app());
  }

  // Sleepers with deadlines that far apart, set in this order: their indices in the order in which they wake. Begins
  // again with more time ahead when the host stalled before all were asleep.
  std::vector<int> wake_order(const std::vector<Duration>& offsets) {
    std::vector<int> order;
    bool late = true;
    for (Duration ahead = kUnit; late; ahead *= 2) {
      order.clear();
      run([&](Nursery& nursery) -> Task<void> {
        const core::Nanoseconds start_ns = clock().now_ns() + ahead.count();
        std::size_t asleep = 0;
        for (int i = 0; i < std::ssize(offsets); ++i) {
          const core::Nanoseconds deadline_ns = start_ns + offsets[static_cast<std::size_t>(i)].count();
          nursery.start("sleeper", [this, i, deadline_ns, &asleep, &order]() -> Task<void> {
            ++asleep;
            co_await sleep_until(clock(), deadline_ns);
            EXPECT_GE(clock().now_ns(), deadline_ns);
            order.push_back(i);
          });
        }
        while (asleep < offsets.size()) {
          co_await yield();
        }
        late = clock().now_ns() >= start_ns;
        while (order.size() < offsets.size()) {
          co_await sleep_for(clock(), kUnit);
        }
      });
    }
    return order;
  }

  Clock& clock() { return own ? *own : loop.clock(); }

  EventLoop loop{GetParam().loop_time};
  std::unique_ptr<Clock> own{GetParam().make ? GetParam().make() : nullptr};
};

class OwnClockContract : public ClockContract {};

TEST_P(ClockContract, SleepersWakeInTheOrderOfTheirDeadlinesAndNeverEarly) {
  EXPECT_EQ(wake_order({5 * kUnit, 1 * kUnit, 3 * kUnit, 2 * kUnit, 4 * kUnit}), (std::vector{1, 3, 2, 4, 0}));
}

TEST_P(ClockContract, ADurationIsCountedFromTheAwait) {
  run([&](Nursery&) -> Task<void> {
    const core::Nanoseconds start_ns = clock().now_ns();
    co_await sleep_for(clock(), 2 * kUnit);
    EXPECT_GE(clock().now_ns() - start_ns, 2 * kUnit.count());
  });
}

TEST_P(ClockContract, EqualDeadlinesWakeInTheOrderInWhichTheyWereSet) {
  std::vector<int> expected(50);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(wake_order(std::vector<Duration>(50, kUnit)), expected);
}

TEST_P(ClockContract, ACancelledSleeperLeavesAtOnceAndTheOthersStay) {
  run([&](Nursery& nursery) -> Task<void> {
    CancelScope first;
    bool other_woke = false;
    nursery.start("other", [&, deadline_ns = clock().now_ns() + 3 * kUnit.count()]() -> Task<void> {
      co_await sleep_until(clock(), deadline_ns);
      other_woke = true;
    });
    nursery.start("canceller", [&]() -> Task<void> {
      const std::size_t before = clock().sleepers();
      first.cancel("enough");
      EXPECT_EQ(clock().sleepers(), before - 1);
      co_return;
    });
    const bool finished = co_await first.run(sleep_for(clock(), 1h));
    EXPECT_FALSE(finished);
    while (!other_woke) {
      co_await sleep_for(clock(), kUnit);
    }
  });
}

TEST_P(ClockContract, ADeadlineThatHasPassedLetsTheOthersRunOnce) {
  run([&](Nursery& nursery) -> Task<void> {
    bool other_ran = false;
    nursery.start("other", [&]() -> Task<void> {
      other_ran = true;
      co_return;
    });
    co_await sleep_until(clock(), clock().now_ns());
    EXPECT_TRUE(other_ran);
    co_await sleep_until(clock(), -5);
    co_await sleep_for(clock(), 0s);
    co_await sleep_for(clock(), -1s);
  });
}

TEST_P(ClockContract, ManySleepersAllWakeInOrder) {
  std::mt19937 random(1);
  std::vector<Duration> offsets(2000);
  std::ranges::generate(offsets, [&] { return Duration(random() % 1000 * 4000); });  // some of them are equal
  std::vector<int> expected(offsets.size());
  std::iota(expected.begin(), expected.end(), 0);
  std::ranges::sort(expected, {}, [&](int i) { return std::pair(offsets[static_cast<std::size_t>(i)], i); });
  EXPECT_EQ(wake_order(offsets), expected);
}

TEST_P(OwnClockContract, ItOutlivesALoopAndServesTheNext) {
  run([&](Nursery&) -> Task<void> {
    const bool woke = co_await with_timeout(kUnit, sleep_for(clock(), 1h));
    EXPECT_FALSE(woke);
    EXPECT_EQ(clock().sleepers(), 0U);
  });
  EventLoop second;
  const auto app = [&]() -> Task<void> {
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("sleeper", [&]() -> Task<void> { co_await sleep_for(clock(), kUnit); });
      co_await yield();
      if (GetParam().move) {
        GetParam().move(clock());
      }
      co_return kJoin;
    });
  };
  second.run(app());
  EXPECT_EQ(clock().sleepers(), 0U);
}

TEST_P(OwnClockContract, WhoSleepsOnAClockThatIsDestroyedGetsALogicError) {
  int errors = 0;
  const auto app = [&]() -> Task<void> {
    const auto expect_error = [&](Clock* clock) -> Task<void> {
      try {
        co_await sleep_for(*clock, 1h);
      } catch (const LogicError& error) {
        EXPECT_NE(std::string(error.what()).find("sleeper"), std::string::npos) << error.what();
        ++errors;
      }
    };
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("sleeper", expect_error(own.get()));
      nursery.start("sleeper", expect_error(own.get()));
      co_await yield();
      own.reset();
      co_return kJoin;
    });
  };
  loop.run(app());
  EXPECT_EQ(errors, 2);
}

TEST_P(ClockContract, ARhythmOnItKeepsItsPhase) {
  run([&](Nursery&) -> Task<void> {
    auto tick = every(clock(), 2 * kUnit);
    const Tick first = co_await tick;
    for (int i = 0; i < 3; ++i) {
      const Tick next = co_await tick;
      EXPECT_GE(next.lateness_ns, 0);
      EXPECT_EQ((next.deadline_ns - first.deadline_ns) % (2 * kUnit.count()), 0);
    }
  });
}

TEST_P(OwnClockContract, SleepingOnAnotherThreadThanItsSleepersIsALogicError) {
  CancelScope sleep;
  run([&](Nursery& nursery) -> Task<void> {
    nursery.start("sleeper", [&]() -> Task<void> { static_cast<void>(co_await sleep.run(sleep_for(clock(), 1h))); });
    co_await yield();
    std::thread([&] {
      EventLoop other;
      const auto app = [&]() -> Task<void> { co_await sleep_for(clock(), 1h); };
      EXPECT_THROW(other.run(app()), LogicError);
    }).join();
    sleep.cancel("seen");
  });
}

std::string name_of(const ::testing::TestParamInfo<Implementation>& tested) {
  return tested.param.name;
}

INSTANTIATE_TEST_SUITE_P(Clocks, ClockContract, ::testing::ValuesIn(implementations()), name_of);
INSTANTIATE_TEST_SUITE_P(Clocks, OwnClockContract, ::testing::ValuesIn(own_clocks()), name_of);

}  // namespace
}  // namespace takt::async
