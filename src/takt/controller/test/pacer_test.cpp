#include "takt/controller/internal/pacer.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"

namespace takt::controller::internal {
namespace {

using namespace std::chrono_literals;
using namespace literals;
using async::Task;

class PacerTest : public ::testing::Test {
 protected:
  template <class F>
  void run(F body) {
    async::EventLoop loop(async::LoopTime::kVirtual);
    loop.run(body());
  }
  Pacer pacer;
};

TEST_F(PacerTest, BeatsAtTheFrequencyWhateverTheWorkBetweenTakes) {
  run([this]() -> Task<void> {
    for (int k = 1; k <= 10; ++k) {
      const async::Tick tick = co_await pacer.next(50_hz);
      EXPECT_EQ(tick.deadline_ns, k * 20'000'000);
      co_await async::sleep_for(k * 1ms);
    }
    EXPECT_EQ(pacer.overruns(), 0U);
  });
}

TEST_F(PacerTest, WhatIsMissedIsCountedAndTheRhythmKeepsItsPhase) {
  run([this]() -> Task<void> {
    co_await pacer.next(50_hz);
    co_await async::sleep_for(50ms);
    const async::Tick tick = co_await pacer.next(50_hz);
    EXPECT_EQ(tick.deadline_ns, 80'000'000);
    EXPECT_EQ(tick.missed, 2U);
    EXPECT_EQ(pacer.overruns(), 2U);
  });
}

TEST_F(PacerTest, AnotherFrequencyBeginsAnewAndOverrunsAddUp) {
  run([this]() -> Task<void> {
    co_await pacer.next(50_hz);
    co_await async::sleep_for(30ms);
    co_await pacer.next(50_hz);
    const async::Tick first = co_await pacer.next(100_hz);
    EXPECT_EQ(first.deadline_ns, 70'000'000);
    co_await async::sleep_for(15ms);
    co_await pacer.next(100_hz);
    EXPECT_EQ(pacer.overruns(), 2U);
  });
}

TEST_F(PacerTest, ACancelledBeatStaysTheNext) {
  run([this]() -> Task<void> {
    const auto none = co_await async::with_timeout(5ms, pacer.next(50_hz));
    EXPECT_FALSE(none.has_value());
    const async::Tick tick = co_await pacer.next(50_hz);
    EXPECT_EQ(tick.deadline_ns, 20'000'000);
  });
}

TEST_F(PacerTest, AFrequencyThatIsNoneIsAMistake) {
  run([this]() -> Task<void> {
    for (const double hz : {0.0, -1.0, std::nan(""), 1e300, HUGE_VAL}) {
      bool refused = false;
      try {
        static_cast<void>(co_await pacer.next(Frequency{hz}));
      } catch (const LogicError&) {
        refused = true;
      }
      EXPECT_TRUE(refused) << hz;
    }
  });
}

TEST_F(PacerTest, ARhythmBelongsToOneTaskAtATime) {
  run([this]() -> Task<void> {
    co_await async::with_nursery([this](async::Nursery& nursery) -> Task<async::Join> {
      nursery.start("first", [this]() -> Task<void> { co_await pacer.next(1_hz); });
      co_await async::sleep_for(1ms);
      bool refused = false;
      try {
        co_await pacer.next(1_hz);
      } catch (const LogicError&) {
        refused = true;
      }
      EXPECT_TRUE(refused);
      co_return async::kJoin;
    });
  });
}

}  // namespace
}  // namespace takt::controller::internal
