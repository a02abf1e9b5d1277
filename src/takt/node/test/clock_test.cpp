#include "takt/node/clock.hpp"

#include <vector>

#include "takt/messages/packages/rosgraph_msgs.hpp"
#include "takt/node/internal/sim_time.hpp"
#include "takt/node/test/rig.hpp"

// Names that begin with K and a number are the lines of the conformance checklist.

namespace takt::node {
namespace {

using namespace testing;
using ClockMessage = rosgraph_msgs::Clock;

class ClockTest : public NodesTest {
 protected:
  /// Says a time on /clock, and lets it arrive.
  Task<void> show(std::int32_t sec) {
    EXPECT_TRUE(simulation.publish({.clock = {.sec = sec, .nanosec = 0}}));
    co_await sleep_for(1ms);
    const core::Nanoseconds shown_ns = sec * core::kNanosecondsPerSecond;
    EXPECT_TRUE(co_await until([&] { return !node.clock().simulated() || node.clock().now_ns() == shown_ns; }));
    co_await sleep_for(1ms);  // who sleeps is woken
  }
  /// Runs a body inside a node that follows /clock.
  Task<void> simulated(std::function<Task<void>(Nursery&)> body) {
    node.use_sim_time(true);
    co_await with_node(node, [&]() -> Task<void> {
      co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
        co_await sleep_for(1ms);
        co_await body(nursery);
        co_return kCancel;
      });
    });
  }
  /// A task that sleeps and says when it woke.
  std::function<Task<void>()> sleeper(async::Duration duration, std::vector<std::int64_t>& woke) {
    return [this, duration, &woke]() -> Task<void> {
      co_await node.clock().sleep_for(duration);
      woke.push_back(duration / 1s);
    };
  }

  Node node{"node", near()};
  Node simulator{"simulator", far()};
  Publisher<ClockMessage> simulation{simulator.publisher<ClockMessage>("/clock")};
};
INSTANTIATE_TEST_SUITE_P(, ClockTest, ::testing::ValuesIn(ways()), name_of);

TEST_P(ClockTest, K1SleepsOnTheWall) {
  run([&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> { co_await node.clock().sleep_for(2s); });
    expect_now(2s);
  });
}

TEST_P(ClockTest, K2DestroyingTheNodeEndsALongSleep) {
  run([&]() -> Task<void> {
    bool said = false;
    co_await with_node(node, [&]() -> Task<void> {
      node.timer(10ms, [&] { node.destroy(); });
      try {
        co_await node.clock().sleep_for(999s);
      } catch (const NodeDestroyed& error) {
        said = error.node() == "/node";
      }
    });
    EXPECT_TRUE(said);
    expect_now(10ms);
  });
}

TEST_P(ClockTest, K2ASleepingHandlerIsCancelledWithItsNode) {
  run([&]() -> Task<void> {
    bool cancelled = false;
    co_await with_node(node, [&]() -> Task<void> {
      node.timer(10ms, [&]() -> Task<void> {
        try {
          co_await node.clock().sleep_for(999s);
        } catch (const async::Cancelled&) {
          cancelled = true;
          throw;
        }
      });
      co_await sleep_for(20ms);
    });
    EXPECT_TRUE(cancelled);
  });
}

TEST_P(ClockTest, K3SwitchingSimulatedTimeOnOrOffEndsEverySleep) {
  run([&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> {
      node.timer(10ms, [&] { node.use_sim_time(!node.clock().simulated()); });
      EXPECT_THROW(co_await node.clock().sleep_for(999s), async::TimeSourceChanged);
      EXPECT_TRUE(node.clock().simulated());
      EXPECT_EQ(node.clock().now_ns(), 0);
      node.timer(0ms, [&] { node.use_sim_time(false); });
      EXPECT_THROW(co_await node.clock().sleep_until(999'000'000'000), async::TimeSourceChanged);
      EXPECT_FALSE(node.clock().simulated());
    });
  });
}

TEST_P(ClockTest, K4SleepsOfZeroAndLessReturn) {
  run([&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> {
      co_await node.clock().sleep_for(0s);
      co_await node.clock().sleep_for(-1s);
      co_await node.clock().sleep_until(node.clock().now_ns() - 1);
    });
    expect_now(0ms);
  });
}

TEST_P(ClockTest, K5SleepingOnTheClockOfADestroyedNodeThrows) {
  node.destroy();
  run([&]() -> Task<void> {
    EXPECT_THROW(co_await node.clock().sleep_for(1s), LogicError);
    EXPECT_THROW(co_await node.clock().sleep_until(1), LogicError);
  });
}

TEST_P(ClockTest, K6ASleepOnSimulatedTimeEndsWhenThatTimeHasCome) {
  run([&]() -> Task<void> {
    std::vector<std::int64_t> woke;
    co_await simulated([&](Nursery& nursery) -> Task<void> {
      co_await show(10);
      EXPECT_EQ(node.clock().now_ns(), 10'000'000'000);
      nursery.start("sleeper", sleeper(1s, woke));
      co_await sleep_for(long_enough());
      EXPECT_TRUE(woke.empty());
      co_await show(11);
      EXPECT_EQ(woke, std::vector<std::int64_t>{1});
    });
  });
}

TEST_P(ClockTest, K7ConcurrentSleepsAreNeverEarly) {
  async::EventLoop steady;
  const auto body = [&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> {
      co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
        for (const async::Duration duration : {50ms, 100ms, 200ms}) {
          nursery.start("sleeper", [this, duration]() -> Task<void> {
            const core::Nanoseconds begin_ns = core::monotonic_now_ns();
            co_await node.clock().sleep_for(duration);
            EXPECT_GE(core::monotonic_now_ns() - begin_ns, duration.count());
          });
        }
        co_return kJoin;
      });
    });
  };
  steady.run(body());
}

TEST_P(ClockTest, K8AJumpWakesThoseWhoseTimeHasComeAndNobodyElse) {
  run([&]() -> Task<void> {
    std::vector<std::int64_t> woke;
    co_await simulated([&](Nursery& nursery) -> Task<void> {
      for (const async::Duration duration : {10s, 1s, 5s}) {
        nursery.start("sleeper", sleeper(duration, woke));
      }
      co_await show(3);
      EXPECT_EQ(woke, std::vector<std::int64_t>{1});
      co_await show(11);
      EXPECT_EQ(woke, (std::vector<std::int64_t>{1, 5, 10}));
    });
  });
}

TEST_P(ClockTest, ABackwardJumpLeavesSleepersTheirDeadlines) {
  run([&]() -> Task<void> {
    std::vector<std::int64_t> woke;
    co_await simulated([&](Nursery& nursery) -> Task<void> {
      co_await show(100);
      nursery.start("sleeper", sleeper(5s, woke));
      co_await show(50);
      co_await show(104);
      EXPECT_TRUE(woke.empty());
      co_await show(105);
      EXPECT_EQ(woke, std::vector<std::int64_t>{5});
    });
  });
}

TEST_P(ClockTest, SleepUntilMeansSimulatedTime) {
  run([&]() -> Task<void> {
    bool woke = false;
    co_await simulated([&](Nursery& nursery) -> Task<void> {
      nursery.start("sleeper", [&]() -> Task<void> {
        co_await node.clock().sleep_until(7'000'000'000);
        woke = true;
      });
      co_await show(6);
      EXPECT_FALSE(woke);
      co_await show(8);
      EXPECT_TRUE(woke);
    });
  });
}

TEST_P(ClockTest, TheNodesOfABusShareOneReaderOfTheClock) {
  run([&]() -> Task<void> {
    Node second("second", near(), {.use_sim_time = true});
    EXPECT_EQ(simulation.subscribers(), 0U);
    co_await simulated([&](Nursery&) -> Task<void> {
      EXPECT_EQ(simulation.subscribers(), 1U);
      co_await with_node(second, [&]() -> Task<void> {
        co_await show(4);
        EXPECT_EQ(simulation.subscribers(), 1U);
        EXPECT_EQ(node.clock().now_ns(), 4'000'000'000);
        EXPECT_EQ(second.clock().now_ns(), 4'000'000'000);
        node.use_sim_time(false);  // it read; now the other one must
        co_await sleep_for(1ms);
        EXPECT_EQ(simulation.subscribers(), 1U);
        co_await show(5);
        EXPECT_EQ(second.clock().now_ns(), 5'000'000'000);
      });
    });
    EXPECT_EQ(simulation.subscribers(), 0U);
  });
}

TEST_P(ClockTest, HooksHearOfTheJumpsTheyAskedFor) {
  run([&]() -> Task<void> {
    std::vector<TimeJump> all;
    std::vector<TimeJump> backward;
    int before = 0;
    auto all_hook = node.clock().on_jump(
        {.min_forward = 1ns, .min_backward = -1ns, .on_change = true}, [&] { ++before; },
        [&](const TimeJump& jump) { all.push_back(jump); });
    auto backward_hook =
        node.clock().on_jump({.min_backward = -10s}, {}, [&](const TimeJump& jump) { backward.push_back(jump); });
    co_await simulated([&](Nursery&) -> Task<void> {
      co_await show(100);
      co_await show(95);
      co_await show(20);
      all_hook = {};
      co_await show(1);
    });
    EXPECT_EQ(before, 4);
    EXPECT_EQ(all.size(), 4U);
    EXPECT_EQ(all.at(0).kind, TimeJump::Kind::kActivated);
    EXPECT_EQ(all.at(1), (TimeJump{.kind = TimeJump::Kind::kSameSource, .delta = 100s}));
    EXPECT_EQ(all.at(2).delta, -5s);
    EXPECT_EQ(backward.size(), 2U);
    EXPECT_EQ(backward.at(0).delta, -75s);
    EXPECT_EQ(backward.at(1).delta, -19s);
  });
}

TEST_P(ClockTest, AHookMayEndAnotherHookAndItself) {
  run([&]() -> Task<void> {
    int ended_calls = 0;
    int own_calls = 0;
    JumpHook ended;
    JumpHook own;
    own = node.clock().on_jump(
        {.min_forward = 1ns}, [&] { ended = {}; },
        [&](const TimeJump&) {
          ++own_calls;
          own = {};
        });
    ended = node.clock().on_jump({.min_forward = 1ns}, [&] { ++ended_calls; }, [&](const TimeJump&) { ++ended_calls; });
    co_await simulated([&](Nursery&) -> Task<void> {
      co_await show(100);
      co_await show(200);
    });
    EXPECT_EQ(own_calls, 1);
    EXPECT_EQ(ended_calls, 0);
  });
}

TEST_P(ClockTest, AHookMayEndAnotherNodeWhoseHooksAreNotCalledThen) {
  Node other("other", near());
  run([&]() -> Task<void> {
    int calls = 0;
    other.use_sim_time(true);
    co_await with_node(other, [&]() -> Task<void> {
      co_await sleep_for(1ms);
      const auto hook =
          other.clock().on_jump({.min_forward = 1ns}, [&] { ++calls; }, [&](const TimeJump&) { ++calls; });
      const auto ends = node.clock().on_jump({.min_forward = 1ns}, [&] { other.destroy(); }, {});
      co_await simulated([&](Nursery&) -> Task<void> { co_await show(100); });
    });
    EXPECT_TRUE(other.destroyed());
    EXPECT_EQ(calls, 0);
  });
}

TEST_P(ClockTest, AHookThatNothingPassesIsRefused) {
  EXPECT_THROW(static_cast<void>(node.clock().on_jump({}, {}, {})), LogicError);
  EXPECT_THROW(static_cast<void>(node.clock().on_jump({.min_forward = 0ns}, {}, {})), LogicError);
  EXPECT_THROW(static_cast<void>(node.clock().on_jump({.min_backward = 1ns}, {}, {})), LogicError);
}

}  // namespace
}  // namespace takt::node
