#include "takt/node/action_server.hpp"

#include <stdexcept>
#include <vector>

#include "takt/core/log.hpp"
#include "takt/node/test/action_rig.hpp"

namespace takt::node {
namespace {

using namespace testing;

class ActionServerTest : public ActionsTest {
 protected:
  ActionServerTest() { core::set_log_level(core::LogLevel::kOff); }
  ~ActionServerTest() override { core::set_log_level(core::LogLevel::kInfo); }

  /// Sends a goal, asks to cancel it after 250 ms, and gives what came of it.
  Task<GoalResult<Fibonacci>> cancel_one(bool expect_accepted) {
    auto goal = co_await client.send_goal({.order = 10});
    EXPECT_TRUE(goal);
    co_await sleep_for(250ms);
    const auto cancelled = co_await goal->cancel();
    EXPECT_EQ(cancelled.value(), expect_accepted);
    auto result = co_await goal->result();
    co_return std::move(*result);
  }
};
INSTANTIATE_TEST_SUITE_P(, ActionServerTest, ::testing::Values(Way::kInProcess, Way::kMemory), name_of);

TEST_P(ActionServerTest, RejectsWhatItDoesNotWantAndMoreThanItsBound) {
  ActionServer<Fibonacci> server(server_node, "/fibonacci", count, {.max_goals = 2},
                                 [](const Fibonacci::Goal& goal) { return goal.order > 0; });
  inside([&]() -> Task<void> {
    const auto unwanted = co_await client.send_goal({.order = -1});
    EXPECT_FALSE(unwanted);
    EXPECT_EQ(unwanted.error(), CallError::kRejected);
    auto first = co_await client.send_goal({.order = 5});
    const auto second = co_await client.send_goal({.order = 5});
    const auto third = co_await client.send_goal({.order = 5});
    EXPECT_TRUE(first.has_value() && second.has_value());
    EXPECT_FALSE(third);
    EXPECT_EQ(server.goals(), 2U);
    static_cast<void>(co_await first->result());
    EXPECT_TRUE((co_await client.send_goal({.order = 5})).has_value());
  });
}

TEST_P(ActionServerTest, GoalsRunSideBySide) {
  ActionServer<Fibonacci> server(server_node, "/fibonacci", count);
  inside([&]() -> Task<void> {
    auto first = co_await client.send_goal({.order = 11});
    auto second = co_await client.send_goal({.order = 11});
    static_cast<void>(co_await first->result());
    static_cast<void>(co_await second->result());
    EXPECT_EQ(loop().clock().now_ns(), 1'000'000'000);
  });
}

TEST_P(ActionServerTest, ByDefaultAGoalIsNotCancelled) {
  ActionServer<Fibonacci> server(server_node, "/fibonacci", count);
  inside([&]() -> Task<void> {
    const auto result = co_await cancel_one(false);
    EXPECT_EQ(result.status, GoalStatus::kSucceeded);
    EXPECT_EQ(result.result.sequence.size(), 11U);
  });
}

TEST_P(ActionServerTest, CancelTaskCancelsTheCoroutine) {
  ActionServer<Fibonacci> server(server_node, "/fibonacci", count, {.cancel = CancelPolicy::kCancelTask});
  inside([&]() -> Task<void> {
    const auto result = co_await cancel_one(true);
    EXPECT_EQ(result.status, GoalStatus::kCanceled);
    EXPECT_EQ(loop().clock().now_ns(), 250'000'000);
  });
}

TEST_P(ActionServerTest, ACooperativeCoroutineEndsWithWhatItHas) {
  ActionServer<Fibonacci> server(server_node, "/fibonacci",
                                 [](ActiveGoal<Fibonacci>& goal) -> Task<Fibonacci::Result> {
                                   EXPECT_THROW(goal.canceled(), LogicError);
                                   co_await goal.wait_cancel_requested();
                                   EXPECT_TRUE(goal.cancel_requested());
                                   EXPECT_EQ(goal.status(), GoalStatus::kCanceling);
                                   goal.canceled();
                                   Fibonacci::Result result;
                                   result.sequence = {7};
                                   co_return result;
                                 },
                                 {.cancel = CancelPolicy::kCooperative});
  inside([&]() -> Task<void> {
    const auto result = co_await cancel_one(true);
    EXPECT_EQ(result.status, GoalStatus::kCanceled);
    EXPECT_EQ(result.result.sequence, std::vector<std::int32_t>{7});
  });
}

TEST_P(ActionServerTest, AbortsGoalsThatSaySoOrThrow) {
  ActionServer<Fibonacci> server(server_node, "/fibonacci", [](ActiveGoal<Fibonacci>& goal) -> Task<Fibonacci::Result> {
    if (goal.goal().order == 1) {
      throw std::runtime_error("no");
    }
    goal.abort();
    co_return Fibonacci::Result{};
  });
  inside([&]() -> Task<void> {
    for (const std::int32_t order : {1, 2}) {
      auto goal = co_await client.send_goal({.order = order});
      const auto result = co_await goal->result();
      EXPECT_EQ(result->status, GoalStatus::kAborted);
    }
    EXPECT_EQ(server.failures(), 1U);
  });
}

TEST_P(ActionServerTest, KeepsResultsForAWhile) {
  ActionServer<Fibonacci> server(server_node, "/fibonacci", count, {.result_timeout = 5s});
  inside([&]() -> Task<void> {
    auto goal = co_await client.send_goal({.order = 2});
    co_await sleep_for(4s);
    EXPECT_EQ((co_await goal->result())->status, GoalStatus::kSucceeded);
    co_await sleep_for(4s);
    EXPECT_EQ((co_await goal->result())->status, GoalStatus::kUnknown);
  });
}

TEST_P(ActionServerTest, TellsAllTransitionsAsRosDoes) {
  ActionServer<Fibonacci> server(server_node, "/fibonacci", count, {.cancel = CancelPolicy::kCancelTask});
  auto statuses = client_node.subscribe<action_msgs::GoalStatusArray>("/fibonacci/_action/status");
  std::vector<std::int8_t> seen;
  inside([&]() -> Task<void> {
    static_cast<void>(co_await cancel_one(true));
    while (auto status = co_await async::with_timeout(1ms, statuses.next())) {
      seen.push_back(status->message.status_list.at(0).status);
    }
  });
  using Status = action_msgs::GoalStatus;
  EXPECT_EQ(seen, (std::vector<std::int8_t>{Status::STATUS_ACCEPTED, Status::STATUS_EXECUTING, Status::STATUS_CANCELING,
                                            Status::STATUS_CANCELED}));
}

TEST_P(ActionServerTest, CancelFollowsTheRulesOfRos) {
  using Cancel = action_msgs::CancelGoal;
  ActionServer<Fibonacci> server(server_node, "/fibonacci", count, {.cancel = CancelPolicy::kCancelTask});
  auto cancel = client_node.client<Cancel>("/fibonacci/_action/cancel_goal");
  inside([&]() -> Task<void> {
    Cancel::Request unknown;
    unknown.goal_info.goal_id.uuid = new_goal_id();
    EXPECT_EQ((co_await cancel.call(unknown))->return_code, Cancel::Response::ERROR_UNKNOWN_GOAL_ID);
    auto ended = co_await client.send_goal({.order = 1});
    static_cast<void>(co_await ended->result());
    Cancel::Request late;
    late.goal_info.goal_id.uuid = ended->id();
    EXPECT_EQ((co_await cancel.call(late))->return_code, Cancel::Response::ERROR_GOAL_TERMINATED);
    co_await sleep_for(1s);
    auto first = co_await client.send_goal({.order = 1000});
    co_await sleep_for(1s);
    auto second = co_await client.send_goal({.order = 1000});
    Cancel::Request until_then;
    until_then.goal_info.stamp = {.sec = 1, .nanosec = 500'000'000};
    const auto older = co_await cancel.call(until_then);
    EXPECT_EQ(older->goals_canceling.size(), 1U);
    EXPECT_EQ((co_await first->result())->status, GoalStatus::kCanceled);
    EXPECT_TRUE((co_await client.cancel_all()).value());
    EXPECT_EQ((co_await second->result())->status, GoalStatus::kCanceled);
  });
}

TEST_P(ActionServerTest, DrainLetsGoalsFinish) {
  ActionServer<Fibonacci> server(server_node, "/fibonacci", count);
  inside([&]() -> Task<void> {
    auto goal = co_await client.send_goal({.order = 11});
    EXPECT_TRUE(goal);
    co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("drain", [&]() -> Task<void> {
        co_await sleep_for(10ms);
        co_await server_node.drain(10s);
      });
      EXPECT_EQ((co_await goal->result())->status, GoalStatus::kSucceeded);
      co_return kJoin;
    });
    EXPECT_EQ(loop().clock().now_ns(), 1'000'000'000);
  });
}

TEST_P(ActionServerTest, DrainDoesNotWaitForResultsThatAreKept) {
  ActionServer<Fibonacci> server(server_node, "/fibonacci", count, {.result_timeout = 100s});
  inside([&]() -> Task<void> {
    auto goal = co_await client.send_goal({.order = 2});
    static_cast<void>(co_await goal->result());
    co_await server_node.drain(1000s);
    EXPECT_LT(loop().clock().now_ns(), 50'000'000'000);
  });
}

TEST_P(ActionServerTest, AGoalWhoseFunctionThrowsInsteadOfGivingItsTaskIsAborted) {
  core::set_log_level(core::LogLevel::kOff);
  ActionServer<Fibonacci> server(server_node, "/fibonacci", [](ActiveGoal<Fibonacci>& goal) {
    if (goal.goal().order > 0) {
      throw std::runtime_error("bad");
    }
    return count(goal);
  });
  run([&]() -> Task<void> {
    const auto error = co_await outcome(with_node(server_node, client_node, [&]() -> Task<void> {
      auto goal = co_await client.send_goal({.order = 2});
      const auto result = co_await goal->result({.timeout = 1s});
      EXPECT_TRUE(result && result->status == GoalStatus::kAborted);
    }));
    EXPECT_EQ(error, nullptr) << (error ? async::describe(error) : "");
  });
  core::set_log_level(core::LogLevel::kInfo);
}

}  // namespace
}  // namespace takt::node
