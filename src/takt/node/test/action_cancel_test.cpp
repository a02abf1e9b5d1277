#include <algorithm>
#include <vector>

#include "takt/node/test/action_rig.hpp"

// What becomes of requests to cancel goals.
namespace takt::node {
namespace {

using namespace testing;
using Cancel = action_msgs::CancelGoal;
using Status = action_msgs::GoalStatus;
using Statuses = std::vector<std::int8_t>;

class ActionCancelTest : public ActionsTest {
 protected:
  ActionServer<Fibonacci> serve(CancelPolicy cancel) {
    FibonacciServer options;
    options.cancel = cancel;
    return server_node.action_server<Fibonacci>("/fibonacci", count, options);
  }
};
INSTANTIATE_TEST_SUITE_P(, ActionCancelTest, ::testing::ValuesIn(ways()), name_of);

TEST_P(ActionCancelTest, ByDefaultAGoalIsNotCancelled) {
  auto server = server_node.action_server<Fibonacci>("/fibonacci", count);
  inside([&]() -> Task<void> {
    const auto goal = co_await send(10);
    co_await sleep_for(250ms);
    EXPECT_EQ((co_await goal.cancel()).value(), CancelAnswer::kRejected);
    EXPECT_EQ(co_await end_of(goal), GoalStatus::kSucceeded);
  });
}

TEST_P(ActionCancelTest, CancelTaskCancelsTheCoroutine) {
  auto server = serve(CancelPolicy::kCancelTask);
  inside([&]() -> Task<void> {
    const auto goal = co_await send(10);
    co_await sleep_for(250ms);
    EXPECT_EQ((co_await goal.cancel()).value(), CancelAnswer::kAccepted);
    EXPECT_EQ(co_await end_of(goal), GoalStatus::kCanceled);
    EXPECT_EQ(now_ms(), 250);
    EXPECT_EQ((co_await goal.cancel()).value(), CancelAnswer::kEnded);
  });
}

TEST_P(ActionCancelTest, AGoalThatIsCancelledBeforeItsTurnIsNeverExecuted) {
  auto server = serve(CancelPolicy::kCooperative);
  inside([&]() -> Task<void> {
    const auto first = co_await send(11);
    auto statuses = client_node.subscribe<action_msgs::GoalStatusArray>("/fibonacci/_action/status");
    const auto second = co_await send(11);
    EXPECT_EQ((co_await second.cancel()).value(), CancelAnswer::kAccepted);
    EXPECT_EQ(co_await end_of(second), GoalStatus::kCanceled);
    EXPECT_EQ(now_ms(), 0);
    EXPECT_EQ(co_await end_of(first), GoalStatus::kSucceeded);
    Statuses seen;
    while (auto status = co_await async::with_timeout(1ms, statuses.next())) {
      const auto& list = status->message.status_list;
      if (list.size() == 2) {
        seen.push_back(list[1].status);
      }
    }
    EXPECT_EQ(seen.front(), Status::STATUS_ACCEPTED);
    EXPECT_EQ(seen.back(), Status::STATUS_CANCELED);
    EXPECT_EQ(std::ranges::count(seen, Status::STATUS_EXECUTING), 0);
    EXPECT_EQ(server.statistics().most_running, 1U);
    EXPECT_EQ(server.statistics().canceled, 1U);
  });
}

TEST_P(ActionCancelTest, CancelFollowsTheRulesOfRos) {
  FibonacciServer options;
  options.cancel = CancelPolicy::kCooperative;
  options.max_concurrent = 8;
  auto server = server_node.action_server<Fibonacci>(
      "/fibonacci",
      [](ActiveGoal<Fibonacci>&) -> Task<Fibonacci::Result> {
        co_await sleep_for(1h);
        co_return Fibonacci::Result{};
      },
      options);
  auto cancel = client_node.client<Cancel>("/fibonacci/_action/cancel_goal");
  inside([&]() -> Task<void> {
    std::vector<GoalId> ids;
    const auto ask = [&](const GoalId& id, std::int32_t stamp_s) -> Task<Cancel::Response> {
      Cancel::Request request;
      request.goal_info.goal_id.uuid = id;
      request.goal_info.stamp.sec = stamp_s;
      const auto response = co_await cancel.call(request);
      co_return response.value();
    };
    const auto named = [&](const Cancel::Response& response) {
      std::vector<std::ptrdiff_t> found;
      for (const auto& goal : response.goals_canceling) {
        found.push_back(std::ranges::find(ids, goal.goal_id.uuid) - ids.begin());
      }
      return found;
    };
    using Which = std::vector<std::ptrdiff_t>;
    for (int i = 0; i < 5; ++i) {  // accepted at 1 s, 2 s, …
      co_await sleep_for(1s);
      const auto goal = co_await send(1);
      ids.push_back(goal.id());
    }
    EXPECT_EQ(named(co_await ask(ids[3], 0)), Which{3});
    EXPECT_EQ(named(co_await ask(GoalId{}, 1)), Which{0});
    EXPECT_EQ(named(co_await ask(ids[4], 2)), (Which{0, 1, 4}));  // what is canceling is named again
    EXPECT_EQ(named(co_await ask(GoalId{}, 0)), (Which{0, 1, 2, 3, 4}));
    EXPECT_EQ((co_await ask(new_goal_id(), 0)).return_code, Cancel::Response::ERROR_UNKNOWN_GOAL_ID);
    co_await sleep_for(1h);
    EXPECT_EQ((co_await ask(ids[4], 0)).return_code, Cancel::Response::ERROR_GOAL_TERMINATED);
    EXPECT_EQ((co_await ask(GoalId{}, 0)).return_code, Cancel::Response::ERROR_NONE);
    EXPECT_EQ(server.statistics().succeeded, 5U);  // cooperative: they did not care
  });
}

}  // namespace
}  // namespace takt::node
