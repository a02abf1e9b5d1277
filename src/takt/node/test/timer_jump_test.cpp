// Timers whose time jumps, or changes its source.

#include <cstdint>
#include <vector>

#include "takt/messages/packages/rosgraph_msgs.hpp"
#include "takt/node/test/rig.hpp"

namespace takt::node {
namespace {

using namespace testing;
using ClockMessage = rosgraph_msgs::Clock;

class TimerJumpTest : public NodesTest {
 protected:
  void show(Publisher<ClockMessage>& clock, std::int32_t sec, std::uint32_t nanosec = 0) {
    EXPECT_TRUE(clock.publish({.clock = {.sec = sec, .nanosec = nanosec}}));
  }
  Node node{"node", near()};
};
INSTANTIATE_TEST_SUITE_P(, TimerJumpTest, ::testing::ValuesIn(ways()), name_of);

TEST_P(TimerJumpTest, ABackwardJumpOfMoreThanAPeriodBeginsANewOne) {
  run([&]() -> Task<void> {
    Node simulator("simulator", far());
    auto clock = simulator.publisher<ClockMessage>("/clock");
    node.use_sim_time(true);
    int fired = 0;
    co_await with_node(node, [&]() -> Task<void> {
      co_await async::yield();
      show(clock, 100);
      co_await sleep_for(1ms);
      node.timer(1s, [&] { ++fired; });
      co_await sleep_for(1ms);
      show(clock, 10);
      co_await sleep_for(1ms);
      EXPECT_EQ(fired, 0);
      show(clock, 10, 900'000'000);
      co_await sleep_for(1ms);
      EXPECT_EQ(fired, 0);
      show(clock, 11);
      co_await sleep_for(1ms);
      EXPECT_EQ(fired, 1);
    });
  });
}

TEST_P(TimerJumpTest, AChangeOfTheSourceCarriesOverWhatWasLeftOfThePeriod) {
  run([&]() -> Task<void> {
    Node simulator("simulator", far());
    auto clock = simulator.publisher<ClockMessage>("/clock");
    Node other("other", near(), {.use_sim_time = true});  // knows the simulated time already
    std::vector<core::Nanoseconds> fired;
    node.timer(100ms, [&] { fired.push_back(node.clock().now_ns()); });
    co_await with_node(node, other, [&]() -> Task<void> {
      co_await async::yield();
      show(clock, 50);
      co_await sleep_for(70ms);
      node.use_sim_time(true);
      co_await sleep_for(1ms);
      show(clock, 50, 29'000'000);
      co_await sleep_for(1ms);
      EXPECT_TRUE(fired.empty());
      show(clock, 50, 30'000'000);
      co_await sleep_for(1ms);
    });
    EXPECT_EQ(fired, (std::vector<core::Nanoseconds>{50'030'000'000}));
  });
}

TEST_P(TimerJumpTest, ABackwardJumpDuringACallbackDoesNotSilenceTheTimer) {
  run([&]() -> Task<void> {
    Node simulator("simulator", far());
    Node node("node", near(), {.use_sim_time = true});
    auto clock = simulator.publisher<ClockMessage>("/clock");
    int fired = 0;
    co_await with_node(node, [&]() -> Task<void> {
      co_await sleep_for(1ms);
      EXPECT_TRUE(clock.publish({.clock = {.sec = 100, .nanosec = 0}}));
      co_await sleep_for(1ms);
      node.timer(1s, [&]() -> Task<void> {
        ++fired;
        co_await sleep_for(10ms);
      });
      co_await sleep_for(1ms);
      EXPECT_TRUE(clock.publish({.clock = {.sec = 101, .nanosec = 0}}));
      co_await sleep_for(1ms);
      EXPECT_EQ(fired, 1);
      EXPECT_TRUE(clock.publish({.clock = {.sec = 10, .nanosec = 0}}));
      co_await sleep_for(20ms);
      EXPECT_TRUE(clock.publish({.clock = {.sec = 12, .nanosec = 0}}));
      co_await sleep_for(20ms);
      EXPECT_EQ(fired, 2);
    });
  });
}

TEST_P(TimerJumpTest, AChangeOfTheSourceDuringACallbackDoesNotSilenceTheTimer) {
  run([&]() -> Task<void> {
    Node simulator("simulator", far());
    Node other("other", near(), {.use_sim_time = true});
    Node node("node", near());
    auto clock = simulator.publisher<ClockMessage>("/clock");
    int fired = 0;
    co_await sleep_for(1000s);  // the loop's time is far ahead of the simulated one
    node.timer(100ms, [&] {
      if (++fired == 1) {
        node.use_sim_time(true);
      }
    });
    co_await with_node(node, other, [&]() -> Task<void> {
      co_await sleep_for(1ms);
      EXPECT_TRUE(clock.publish({.clock = {.sec = 50, .nanosec = 0}}));
      co_await sleep_for(150ms);
      EXPECT_EQ(fired, 1);
      EXPECT_TRUE(clock.publish({.clock = {.sec = 51, .nanosec = 0}}));
      co_await sleep_for(1ms);
      EXPECT_EQ(fired, 2);
    });
  });
}

}  // namespace
}  // namespace takt::node
