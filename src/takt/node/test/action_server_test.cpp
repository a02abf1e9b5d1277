#include "takt/node/action_server.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "takt/node/test/action_rig.hpp"

namespace takt::node {
namespace {

using namespace testing;
using Status = action_msgs::GoalStatus;
using Statuses = std::vector<std::int8_t>;

class ActionServerTest : public ActionsTest {
 protected:
  ActionServer<Fibonacci> serve(const FibonacciServer& options = {}) {
    return server_node.action_server<Fibonacci>("/fibonacci", count, options);
  }
  ActionServer<Fibonacci> serve(CancelPolicy cancel) {
    FibonacciServer options;
    options.cancel = cancel;
    return serve(options);
  }
  /// All statuses of the first goal that were told.
  Task<Statuses> told(Subscription<action_msgs::GoalStatusArray> topic) {
    Statuses seen;
    while (auto status = co_await async::with_timeout(1ms, topic.next())) {
      seen.push_back(status->message.status_list.at(0).status);
    }
    co_return seen;
  }
};
INSTANTIATE_TEST_SUITE_P(, ActionServerTest, ::testing::ValuesIn(ways()), name_of);

TEST_P(ActionServerTest, RejectsWhatItDoesNotWantAndMoreThanItsBound) {
  FibonacciServer options;
  options.max_goals = 2;
  options.accept = [](const Fibonacci::Goal& goal) {
    return goal.order == 13 ? throw std::runtime_error("unlucky") : goal.order > 0;
  };
  auto server = serve(options);
  inside([&]() -> Task<void> {
    EXPECT_EQ((co_await client.send_goal({.order = -1})).error(), CallError::kRejected);
    EXPECT_EQ((co_await client.send_goal({.order = 13})).error(), CallError::kRejected);
    EXPECT_EQ(server.statistics().failures, 1U);
    const auto first = co_await send(5);
    const auto second = co_await send(5);
    EXPECT_EQ((co_await client.send_goal({.order = 5})).error(), CallError::kRejected);
    EXPECT_EQ(server.statistics().unfinished, 2U);
    EXPECT_EQ(co_await end_of(first), GoalStatus::kSucceeded);
    EXPECT_TRUE((co_await client.send_goal({.order = 5})).has_value());
    EXPECT_EQ(server.statistics().accepted, 3U);
    EXPECT_EQ(server.statistics().rejected, 3U);
  });
}

TEST_P(ActionServerTest, AnIdIsTakenOnce) {
  auto server = serve();
  auto send_goal = client_node.client<messages::SendGoal<Fibonacci>>("/fibonacci/_action/send_goal");
  inside([&]() -> Task<void> {
    messages::SendGoal<Fibonacci>::Request request;
    request.goal_id.uuid = new_goal_id();
    request.goal.order = 1;
    EXPECT_TRUE((co_await send_goal.call(request))->accepted);
    EXPECT_FALSE((co_await send_goal.call(request))->accepted);
    co_await sleep_for(1s);
    EXPECT_FALSE((co_await send_goal.call(request))->accepted);  // its result is still kept
    EXPECT_EQ(server.statistics().accepted, 1U);
  });
}

TEST_P(ActionServerTest, GoalsHaveTheirTurnsOneAfterTheOther) {
  auto server = serve();
  inside([&]() -> Task<void> {
    const auto first = co_await send(11);
    const auto second = co_await send(11);
    co_await sleep_for(1ms);
    EXPECT_EQ(first.status(), GoalStatus::kExecuting);
    EXPECT_EQ(second.status(), GoalStatus::kAccepted);
    EXPECT_EQ(co_await end_of(first), GoalStatus::kSucceeded);
    EXPECT_EQ(now_ms(), 1000);
    EXPECT_EQ(co_await end_of(second), GoalStatus::kSucceeded);
    EXPECT_EQ(now_ms(), 2000);
    EXPECT_EQ(server.statistics().most_running, 1U);
  });
}

TEST_P(ActionServerTest, GoalsRunSideBySideWhenAskedTo) {
  FibonacciServer options;
  options.max_concurrent = 2;
  auto server = serve(options);
  inside([&]() -> Task<void> {
    std::vector<SentGoal<Fibonacci>> goals;
    for (int i = 0; i < 3; ++i) {
      goals.push_back(co_await send(11));
    }
    EXPECT_EQ(co_await end_of(goals[1]), GoalStatus::kSucceeded);
    EXPECT_EQ(now_ms(), 1000);
    EXPECT_EQ(co_await end_of(goals[2]), GoalStatus::kSucceeded);
    EXPECT_EQ(now_ms(), 2000);
    EXPECT_EQ(server.statistics().most_running, 2U);
    EXPECT_EQ(server.statistics().succeeded, 3U);
  });
}

TEST_P(ActionServerTest, AbortsGoalsThatSaySoOrThrow) {
  auto server =
      server_node.action_server<Fibonacci>("/fibonacci", [](ActiveGoal<Fibonacci>& goal) -> Task<Fibonacci::Result> {
        if (goal.goal().order == 1) {
          throw std::runtime_error("no");
        }
        goal.abort();
        Fibonacci::Result result;
        result.sequence = {3};
        co_return result;
      });
  inside([&]() -> Task<void> {
    const auto thrower = co_await send(1);
    EXPECT_EQ(co_await end_of(thrower), GoalStatus::kAborted);
    const auto aborter = co_await send(2);
    const auto result = co_await aborter.result();
    EXPECT_EQ(result->status, GoalStatus::kAborted);
    EXPECT_EQ(result->result.sequence, Numbers{3});
    EXPECT_EQ(server.statistics().failures, 1U);
    EXPECT_EQ(server.statistics().aborted, 2U);
  });
}

TEST_P(ActionServerTest, AGoalWhoseFunctionThrowsInsteadOfGivingItsTaskIsAborted) {
  auto server = server_node.action_server<Fibonacci>("/fibonacci", [](ActiveGoal<Fibonacci>& goal) {
    if (goal.goal().order == 0) {
      throw std::runtime_error("no");
    }
    return count(goal);
  });
  inside([&]() -> Task<void> {
    const auto thrower = co_await send(0);
    const auto after_it = co_await send(1);
    EXPECT_EQ(co_await end_of(thrower), GoalStatus::kAborted);
    EXPECT_EQ(co_await end_of(after_it), GoalStatus::kSucceeded);
    EXPECT_EQ(server.statistics().failures, 1U);
    EXPECT_EQ(server.statistics().running, 0U);
  });
}

Task<Fibonacci::Result> fail(ActiveGoal<Fibonacci>& /*goal*/) {
  throw std::runtime_error("no");
  co_return Fibonacci::Result{};
}

TEST_P(ActionServerTest, AFailurePropagatesWhenItShould) {
  FibonacciServer options;
  options.on_failure = FailurePolicy::propagate();
  server_node.action_server<Fibonacci>("/fibonacci", fail, options);
  run([&]() -> Task<void> {
    const auto body = [&]() -> Task<void> {
      const auto goal = co_await send(1);
      co_await sleep_for(1h);
    };
    const std::exception_ptr error = co_await outcome(with_node(server_node, client_node, body));
    EXPECT_TRUE(holds<std::runtime_error>(error));
    EXPECT_EQ(now_ms(), 0);
  });
}

TEST_P(ActionServerTest, AFailureDelaysTheNextGoalWhenItShould) {
  FibonacciServer options;
  options.on_failure = FailurePolicy::restart();
  server_node.action_server<Fibonacci>("/fibonacci", fail, options);
  inside([&]() -> Task<void> {
    std::vector<SentGoal<Fibonacci>> goals;
    for (int i = 0; i < 3; ++i) {
      goals.push_back(co_await send(1));
    }
    EXPECT_EQ(co_await end_of(goals[0]), GoalStatus::kAborted);
    EXPECT_EQ(now_ms(), 0);
    EXPECT_EQ(co_await end_of(goals[1]), GoalStatus::kAborted);
    EXPECT_EQ(now_ms(), 100);
    EXPECT_EQ(co_await end_of(goals[2]), GoalStatus::kAborted);
    EXPECT_EQ(now_ms(), 300);
  });
}

TEST_P(ActionServerTest, TellsAllTransitionsOnceAsRosDoes) {
  auto server = serve(CancelPolicy::kCancelTask);
  auto statuses = client_node.subscribe<action_msgs::GoalStatusArray>("/fibonacci/_action/status");
  inside([&]() -> Task<void> {
    const auto goal = co_await send(10);
    co_await sleep_for(250ms);
    EXPECT_EQ((co_await goal.cancel()).value(), CancelAnswer::kAccepted);
    EXPECT_EQ((co_await goal.cancel()).value(), CancelAnswer::kEnded);
    const Statuses seen = co_await told(statuses);
    EXPECT_EQ(seen, (Statuses{Status::STATUS_ACCEPTED, Status::STATUS_EXECUTING, Status::STATUS_CANCELING,
                              Status::STATUS_CANCELED}));
    // Who comes late gets the last one.
    auto late =
        client_node.subscribe<action_msgs::GoalStatusArray>("/fibonacci/_action/status", {.qos = bus::Qos::latched()});
    EXPECT_EQ(co_await told(late), Statuses{Status::STATUS_CANCELED});
  });
}

TEST_P(ActionServerTest, ItsEndIsToldOfAllItsGoals) {
  auto server = serve();
  auto statuses = client_node.subscribe<action_msgs::GoalStatusArray>("/fibonacci/_action/status");
  inside([&]() -> Task<void> {
    const auto first = co_await send(10);
    const auto second = co_await send(10);
    co_await sleep_for(250ms);
    server_node.destroy();
    co_await sleep_for(1ms);
    EXPECT_EQ(first.status(), GoalStatus::kAborted);
    EXPECT_EQ(second.status(), GoalStatus::kAborted);
    const Statuses seen = co_await told(statuses);
    EXPECT_EQ(seen.back(), Status::STATUS_ABORTED);
    EXPECT_TRUE(server.destroyed());
  });
}

TEST_P(ActionServerTest, DrainLetsGoalsFinish) {
  auto server = serve();
  inside([&]() -> Task<void> {
    const auto early = co_await send(1);
    EXPECT_EQ(co_await end_of(early), GoalStatus::kSucceeded);
    const auto first = co_await send(11);
    const auto second = co_await send(11);
    co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("drain", [&]() -> Task<void> {
        co_await sleep_for(10ms);
        co_await server_node.drain(10s);
      });
      nursery.start("first", [&]() -> Task<void> { EXPECT_EQ(co_await end_of(first), GoalStatus::kSucceeded); });
      EXPECT_EQ(co_await end_of(second), GoalStatus::kSucceeded);
      co_return kJoin;
    });
    EXPECT_EQ(now_ms(), 2000);
    EXPECT_TRUE(server_node.destroyed());
  });
}

TEST_P(ActionServerTest, BoundsOfZeroAreRefused) {
  FibonacciServer options;
  options.max_concurrent = 0;
  EXPECT_THROW(serve(options), LogicError);
  options = {};
  options.max_goals = 0;
  EXPECT_THROW(serve(options), LogicError);
  EXPECT_TRUE(server_node.graph().servers("/fibonacci/_action/send_goal").empty());
}

}  // namespace
}  // namespace takt::node
