#include "takt/messages/packages/rosgraph_msgs.hpp"
#include "takt/node/test/action_rig.hpp"

// For how long a server knows what came of a goal.
namespace takt::node {
namespace {

using namespace testing;

class ActionResultTest : public ActionsTest {
 protected:
  ActionServer<Fibonacci> serve(const FibonacciServer& options = {}) {
    return server_node.action_server<Fibonacci>("/fibonacci", count, options);
  }
};
INSTANTIATE_TEST_SUITE_P(, ActionResultTest, ::testing::ValuesIn(ways()), name_of);

TEST_P(ActionResultTest, KeepsResultsForAWhile) {
  FibonacciServer options;
  options.result_timeout = 5s;
  auto server = serve(options);
  inside([&]() -> Task<void> {
    const auto goal = co_await send(2);
    co_await sleep_for(4s);
    EXPECT_EQ(co_await end_of(goal), GoalStatus::kSucceeded);
    EXPECT_EQ((co_await goal.cancel()).value(), CancelAnswer::kEnded);
    co_await sleep_for(4s);
    EXPECT_EQ(co_await end_of(goal), GoalStatus::kUnknown);
    EXPECT_EQ((co_await goal.cancel()).value(), CancelAnswer::kUnknownGoal);
  });
}

TEST_P(ActionResultTest, KeepsResultsForEverOrForThoseWhoWaitAlready) {
  FibonacciServer for_ever;
  for_ever.result_timeout = -1s;
  auto server = serve(for_ever);
  FibonacciServer not_at_all;
  not_at_all.result_timeout = 0s;
  server_node.action_server<Fibonacci>("/forgetful", count, not_at_all);
  auto forgetful = client_node.action_client<Fibonacci>("/forgetful");
  inside([&]() -> Task<void> {
    const auto kept = co_await send(2);
    const auto waited_for = co_await forgetful.send_goal({.order = 2});
    EXPECT_EQ(co_await end_of(*waited_for), GoalStatus::kSucceeded);
    EXPECT_EQ(co_await end_of(*waited_for), GoalStatus::kUnknown);
    co_await sleep_for(24h);
    EXPECT_EQ(co_await end_of(kept), GoalStatus::kSucceeded);
  });
}

TEST_P(ActionResultTest, KeepsResultsOnTheClockOfItsNode) {
  auto clock = client_node.publisher<rosgraph_msgs::Clock>("/clock");
  const auto show = [&](std::int32_t seconds) -> Task<void> {
    rosgraph_msgs::Clock now;
    now.clock.sec = seconds;
    EXPECT_TRUE(clock.publish(now));
    co_await sleep_for(1ms);
  };
  server_node.use_sim_time(true);
  auto server = serve();
  inside([&]() -> Task<void> {
    co_await sleep_for(1ms);
    co_await show(100);
    const auto goal = co_await send(2);
    EXPECT_EQ(goal.accepted_ns(), 100'000'000'000);
    EXPECT_EQ(co_await end_of(goal), GoalStatus::kSucceeded);
    co_await sleep_for(1h);
    EXPECT_EQ(co_await end_of(goal), GoalStatus::kSucceeded);
    co_await show(50);  // set back: its ten seconds begin again
    EXPECT_EQ(co_await end_of(goal), GoalStatus::kSucceeded);
    co_await show(59);
    EXPECT_EQ(co_await end_of(goal), GoalStatus::kSucceeded);
    co_await show(60);
    EXPECT_EQ(co_await end_of(goal), GoalStatus::kUnknown);
  });
}

TEST_P(ActionResultTest, AGoalThatNobodySentIsUnknownAtOnce) {
  auto server = serve();
  auto result = client_node.client<messages::GetResult<Fibonacci>>("/fibonacci/_action/get_result");
  inside([&]() -> Task<void> {
    messages::GetResult<Fibonacci>::Request request;
    request.goal_id.uuid = new_goal_id();
    EXPECT_EQ((co_await result.call(request))->status, action_msgs::GoalStatus::STATUS_UNKNOWN);
    EXPECT_EQ(now_ms(), 0);
  });
}

}  // namespace
}  // namespace takt::node
