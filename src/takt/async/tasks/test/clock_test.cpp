#include "takt/async/tasks/clock.hpp"

#include <algorithm>
#include <functional>
#include <memory>
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

  Clock& clock() { return own ? *own : loop.clock(); }
  core::Nanoseconds in(int units) { return clock().now_ns() + units * kUnit.count(); }

  EventLoop loop{GetParam().loop_time};
  std::unique_ptr<Clock> own{GetParam().make ? GetParam().make() : nullptr};
};

TEST_P(ClockContract, SleepersWakeInTheOrderOfTheirDeadlinesAndNeverEarly) {
  std::vector<int> order;
  run([&](Nursery& nursery) -> Task<void> {
    for (const int units : {5, 1, 3, 2, 4}) {
      nursery.start("sleeper", [&, units, deadline_ns = in(units)]() -> Task<void> {
        co_await sleep_until(clock(), deadline_ns);
        EXPECT_GE(clock().now_ns(), deadline_ns);
        order.push_back(units);
      });
    }
    co_return;
  });
  EXPECT_EQ(order, (std::vector{1, 2, 3, 4, 5}));
}

TEST_P(ClockContract, ADurationIsCountedFromTheAwait) {
  run([&](Nursery&) -> Task<void> {
    const core::Nanoseconds start_ns = clock().now_ns();
    co_await sleep_for(clock(), 2 * kUnit);
    EXPECT_GE(clock().now_ns() - start_ns, 2 * kUnit.count());
  });
}

TEST_P(ClockContract, EqualDeadlinesWakeInTheOrderInWhichTheyWereSet) {
  std::vector<int> order;
  run([&](Nursery& nursery) -> Task<void> {
    const core::Nanoseconds deadline_ns = in(3);
    for (int i = 0; i < 50; ++i) {
      nursery.start("sleeper", [&, i, deadline_ns]() -> Task<void> {
        co_await sleep_until(clock(), deadline_ns);
        order.push_back(i);
      });
    }
    co_return;
  });
  EXPECT_EQ(order.size(), 50U);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST_P(ClockContract, ACancelledSleeperLeavesAtOnceAndTheOthersStay) {
  std::vector<int> order;
  run([&](Nursery& nursery) -> Task<void> {
    CancelScope first;
    const std::size_t before = clock().sleepers();
    const core::Nanoseconds start_ns = clock().now_ns();
    nursery.start("others", [&, start_ns]() -> Task<void> {
      co_await sleep_until(clock(), start_ns + 3 * kUnit.count());
      order.push_back(1);
    });
    nursery.start("canceller", [&]() -> Task<void> {
      co_await yield();
      EXPECT_EQ(clock().sleepers(), before + 2);
      first.cancel("enough");
      EXPECT_EQ(clock().sleepers(), before + 1);
    });
    const bool finished = co_await first.run(sleep_for(clock(), 1h));
    EXPECT_FALSE(finished);
    EXPECT_TRUE(order.empty());
    co_await sleep_until(clock(), start_ns + 5 * kUnit.count());
    EXPECT_EQ(order, (std::vector{1}));
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
  std::vector<std::pair<core::Nanoseconds, int>> order;
  run([&](Nursery& nursery) -> Task<void> {
    const core::Nanoseconds start_ns = clock().now_ns();
    for (int i = 0; i < 2000; ++i) {
      const core::Nanoseconds deadline_ns = start_ns + kUnit.count() * 40 + random() % (8 * kUnit.count()) / 1000 * 1000;
      nursery.start("sleeper", [&, i, deadline_ns]() -> Task<void> {
        EXPECT_LT(clock().now_ns(), deadline_ns) << "not a stall of the host: it must be asleep in time for this test";
        co_await sleep_until(clock(), deadline_ns);
        order.emplace_back(deadline_ns, i);
      });
    }
    co_return;
  });
  EXPECT_EQ(order.size(), 2000U);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST_P(ClockContract, ItOutlivesALoopAndServesTheNext) {
  if (!own) {
    GTEST_SKIP() << "the loop's own";
  }
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

TEST_P(ClockContract, WhoSleepsOnAClockThatIsDestroyedGetsALogicError) {
  if (!own) {
    GTEST_SKIP() << "the loop's own";
  }
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

TEST_P(ClockContract, SleepingOnAnotherThreadThanItsOwnIsALogicError) {
  if (!own) {
    GTEST_SKIP() << "the loop's own";
  }
  run([&](Nursery&) -> Task<void> { co_await sleep_for(clock(), kUnit); });
  std::thread([&] {
    EventLoop other;
    const auto app = [&]() -> Task<void> { co_await sleep_for(clock(), 1h); };
    EXPECT_THROW(other.run(app()), LogicError);
  }).join();
}

INSTANTIATE_TEST_SUITE_P(Clocks, ClockContract, ::testing::ValuesIn(implementations()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace takt::async
