#include "takt/node/timer.hpp"

#include <stdexcept>
#include <thread>
#include <vector>

#include "takt/messages/packages/rosgraph_msgs.hpp"
#include "takt/node/test/rig.hpp"

// Names that begin with T and a number are the lines of the conformance checklist.

namespace takt::node {
namespace {

using namespace testing;
using ClockMessage = rosgraph_msgs::Clock;

class TimerTest : public NodesTest {
 protected:
  void show(Publisher<ClockMessage>& clock, std::int32_t sec, std::uint32_t nanosec = 0) {
    EXPECT_TRUE(clock.publish({.clock = {.sec = sec, .nanosec = nanosec}}));
  }
  Node node{"node", near()};
};
INSTANTIATE_TEST_SUITE_P(, TimerTest, ::testing::ValuesIn(ways()), name_of);

// Two arguments are an error of the compiler (T10).
static_assert(TimerCallback<void (*)()>);
static_assert(TimerCallback<void (*)(const TimerInfo&)>);
static_assert(TimerCallback<Task<void> (*)()>);
static_assert(!TimerCallback<void (*)(const TimerInfo&, int)>);

TEST_P(TimerTest, T1AndT2FiresAgainAndAgainInItsPhase) {
  std::vector<core::Nanoseconds> fired;
  node.timer(50ms, [&] {
    fired.push_back(now_ns());
    if (fired.size() == 3) {
      node.destroy();
    }
  });
  run([&] { return node.run(); });
  expect_due(fired, {50ms, 100ms, 150ms});
}

TEST_P(TimerTest, T3CancelStopsItAndResetStartsAWholePeriod) {
  run([&]() -> Task<void> {
    std::vector<core::Nanoseconds> fired;
    auto timer = node.timer(50ms, [&] { fired.push_back(now_ns()); });
    co_await with_node(node, [&]() -> Task<void> {
      EXPECT_TRUE(co_await until([&] { return !fired.empty(); }));
      timer.cancel();
      const std::size_t before = fired.size();
      EXPECT_TRUE(timer.cancelled());
      EXPECT_FALSE(timer.time_until_next_call());
      co_await sleep_for(150ms);
      EXPECT_EQ(fired.size(), before);
      const std::chrono::nanoseconds reset_at(now_ns());
      timer.reset();
      EXPECT_FALSE(timer.cancelled());
      EXPECT_TRUE(!exact() || timer.time_until_next_call() == 50ms);
      EXPECT_TRUE(co_await until([&] { return fired.size() > before; }));
      expect_due(fired.front(), 50ms);
      expect_due(fired.at(before), reset_at + 50ms);
    });
  });
}

TEST_P(TimerTest, T4DestroyStopsIt) {
  run([&]() -> Task<void> {
    int fired = 0;
    auto timer = node.timer(50ms, [&] { ++fired; });
    co_await with_node(node, [&]() -> Task<void> {
      EXPECT_TRUE(co_await until([&] { return fired > 0; }));
      timer.destroy();
      const int before = fired;
      co_await sleep_for(200ms);
      EXPECT_EQ(fired, before);
    });
    EXPECT_THROW(timer.reset(), LogicError);
    EXPECT_THROW(timer.cancel(), LogicError);
    EXPECT_THROW(timer.set_period(1s), LogicError);
  });
}

TEST_P(TimerTest, T5AnExceptionFailsTheNode) {
  node.timer(10ms, [] { throw std::invalid_argument("the callback failed"); });
  run([&]() -> Task<void> { EXPECT_TRUE(holds<std::invalid_argument>(co_await outcome(node.run()))); });
}

TEST_P(TimerTest, T6OneThatWasMadeBeforeFiresAPeriodAfterEntering) {
  core::Nanoseconds fired = 0;
  node.timer(50ms, [&] {
    fired = now_ns();
    node.destroy();
  });
  run([&]() -> Task<void> {
    co_await sleep_for(1s);
    EXPECT_EQ(fired, 0);
    co_await node.run();
  });
  expect_due(fired, 1050ms);
}

TEST_P(TimerTest, T7PeriodAndCancelStateAreVisible) {
  auto timer = node.timer(50ms, [] {}, {.autostart = false});
  EXPECT_EQ(timer.period(), 50ms);
  EXPECT_TRUE(timer.cancelled());
  timer.set_period(20ms);
  EXPECT_EQ(timer.period(), 20ms);
  timer.reset();
  EXPECT_FALSE(timer.cancelled());
  EXPECT_THROW(timer.set_period(-1ms), LogicError);
  EXPECT_THROW(node.timer(-1ms, [] {}), LogicError);
}

TEST_P(TimerTest, T8TheCallbackIsToldWhenItWasDueAndWhenItIs) {
  TimerInfo info;
  node.timer(50ms, [&](const TimerInfo& now) {
    info = now;
    node.destroy();
  });
  run([&] { return node.run(); });
  EXPECT_GE(info.actual_ns, info.expected_ns);
  if (exact()) {
    EXPECT_EQ(info.expected_ns, 50'000'000);
    EXPECT_EQ(info.actual_ns, 50'000'000);
    EXPECT_EQ(info.missed, 0U);
  }
}

TEST_P(TimerTest, T9AZeroPeriodFiresAgainAndAgainWithOthersInBetween) {
  int fired = 0;
  int others = 0;
  node.timer(0ms, [&] {
    if (++fired == 1000) {
      node.destroy();
    }
  });
  run([&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> {
      while (!node.destroyed()) {
        ++others;
        co_await async::yield();
      }
    });
  });
  EXPECT_EQ(fired, 1000);
  EXPECT_GE(others, 900);
}

TEST_P(TimerTest, T11SimulatedTimeDrivesIt) {
  run([&]() -> Task<void> {
    Node simulator("simulator", far());
    auto clock = simulator.publisher<ClockMessage>("/clock");
    node.use_sim_time(true);
    int fired = 0;
    node.timer(1s, [&] { ++fired; });
    co_await with_node(node, [&]() -> Task<void> {
      co_await sleep_for(50ms);
      EXPECT_EQ(fired, 0);
      show(clock, 1);
      EXPECT_TRUE(co_await until([&] { return fired == 1; }));
      co_await sleep_for(50ms);
      EXPECT_EQ(fired, 1);
    });
  });
}

TEST_P(TimerTest, LateCallsSkipToTheNextInPhaseAndSayWhatTheyMissed) {
  std::vector<core::Nanoseconds> fired;
  std::uint64_t missed = 0;
  auto timer = node.timer(10ms, [&](const TimerInfo& info) -> Task<void> {
    fired.push_back(now_ns());
    missed += info.missed;
    co_await sleep_for(fired.size() == 1 ? 25ms : 0ms);
    if (fired.size() == 3) {
      node.destroy();
    }
  });
  run([&] { return node.run(); });
  // Due at 20 and 30 while the first call ran: it is called at 35 for 30, then at 40.
  EXPECT_EQ(fired, (std::vector<core::Nanoseconds>{10'000'000, 35'000'000, 40'000'000}));
  EXPECT_EQ(missed, 1U);
  EXPECT_EQ(timer.missed(), 1U);
}

TEST_P(TimerTest, ResetDuringACallCountsFromThere) {
  std::vector<core::Nanoseconds> fired;
  std::optional<Timer> timer;
  timer = node.timer(10ms, [&]() -> Task<void> {
    fired.push_back(now_ns());
    if (fired.size() == 1) {
      co_await sleep_for(3ms);
      timer->reset();
    } else {
      node.destroy();
    }
  });
  run([&] { return node.run(); });
  EXPECT_EQ(fired, (std::vector<core::Nanoseconds>{10'000'000, 23'000'000}));
}

TEST_P(TimerTest, ANewPeriodHoldsForTheWaitThatIsGoingOn) {
  run([&]() -> Task<void> {
    std::vector<core::Nanoseconds> fired;
    auto timer = node.timer(1h, [&] { fired.push_back(now_ns()); });
    co_await with_node(node, [&]() -> Task<void> {
      co_await sleep_for(5ms);
      timer.set_period(20ms);
      co_await sleep_for(40ms);
    });
    EXPECT_EQ(fired, (std::vector<core::Nanoseconds>{20'000'000, 40'000'000}));
  });
}

TEST_P(TimerTest, TheCallbackMayBeReplacedAlsoByItself) {
  int old_calls = 0;
  std::optional<Timer> timer;
  timer = node.timer(10ms, [&] {
    ++old_calls;
    timer->set_callback([this](const TimerInfo&) { node.destroy(); });
  });
  run([&] { return node.run(); });
  EXPECT_EQ(old_calls, 1);
  EXPECT_EQ(now_ns(), 20'000'000);
}

TEST_P(TimerTest, IsNotCalledWhenItsNodeWasLeftInTheTurnInWhichItIsDue) {
  auto publisher = node.publisher<Text>("/topic");
  int fired = 0;
  node.timer(10ms, [&] {
    ++fired;
    EXPECT_TRUE(publisher.publish({"still here"}));  // would throw: its publisher is gone
  });
  run([&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> { co_await sleep_for(10ms); });  // sleeps before the timer does
  });
  EXPECT_EQ(fired, 0);
}

// In the time of this host: in virtual time a call takes none.
TEST(TimerOnTheWallTest, CallsAsLongAsThePeriodLeaveOthersTheirTurn) {
  Node node("node", std::make_shared<bus::Bus>());
  int fired = 0;
  node.timer(1ms, [&] {
    ++fired;
    std::this_thread::sleep_for(2ms);
  });
  const auto end_it = [&]() -> Task<void> {
    co_await sleep_for(10ms);
    node.destroy();
  };
  async::EventLoop loop;
  const auto both = [&]() -> Task<void> {
    co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("end", end_it());
      co_await node.run();
      co_return kJoin;
    });
  };
  loop.run(both());  // hangs where the timer lets nobody else run
  EXPECT_GE(fired, 1);
}

TEST_P(TimerTest, ATimerOfTheLongestPeriodDoesNotFire) {
  Node node("node", near());
  int fired = 0;
  node.timer(async::Duration::max(), [&] {
    ++fired;
    node.destroy();
  });
  run([&]() -> Task<void> {
    co_await sleep_for(1s);
    co_await with_node(node, [&]() -> Task<void> { co_await sleep_for(1s); });
  });
  EXPECT_EQ(fired, 0);
}

}  // namespace
}  // namespace takt::node
