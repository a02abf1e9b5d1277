#include "takt/node/active_goal.hpp"

#include <functional>
#include <optional>
#include <utility>

#include "takt/node/test/action_rig.hpp"

namespace takt::node {
namespace {

using namespace testing;

class ActiveGoalTest : public ActionsTest {
 protected:
  using Execute = std::function<Task<Fibonacci::Result>(ActiveGoal<Fibonacci>&)>;
  void serve(Execute execute, CancelPolicy cancel = CancelPolicy::kCooperative) {
    FibonacciServer options;
    options.cancel = cancel;
    server_node.action_server<Fibonacci>("/fibonacci", std::move(execute), options);
  }
};
INSTANTIATE_TEST_SUITE_P(, ActiveGoalTest, ::testing::ValuesIn(ways()), name_of);

TEST_P(ActiveGoalTest, IsWhatWasSent) {
  std::optional<GoalId> seen;
  serve([&](ActiveGoal<Fibonacci>& goal) -> Task<Fibonacci::Result> {
    seen = goal.id();
    EXPECT_EQ(goal.goal().order, 7);
    EXPECT_EQ(goal.status(), GoalStatus::kExecuting);
    EXPECT_FALSE(goal.cancel_requested());
    co_return Fibonacci::Result{};
  });
  inside([&]() -> Task<void> {
    const auto goal = co_await send(7);
    EXPECT_EQ(co_await end_of(goal), GoalStatus::kSucceeded);
    EXPECT_EQ(seen, goal.id());
  });
}

TEST_P(ActiveGoalTest, EndsWithWhatItHasWhenItIsCancelled) {
  serve([](ActiveGoal<Fibonacci>& goal) -> Task<Fibonacci::Result> {
    EXPECT_THROW(goal.canceled(), LogicError);
    co_await goal.wait_for_cancel();
    EXPECT_TRUE(goal.cancel_requested());
    EXPECT_EQ(goal.status(), GoalStatus::kCanceling);
    goal.canceled();
    Fibonacci::Result result;
    result.sequence = {7};
    co_return result;
  });
  inside([&]() -> Task<void> {
    const auto goal = co_await send(1);
    co_await sleep_for(250ms);
    EXPECT_EQ((co_await goal.cancel()).value(), CancelAnswer::kAccepted);
    const auto result = co_await goal.result();
    EXPECT_EQ(result->status, GoalStatus::kCanceled);
    EXPECT_EQ(result->result.sequence, Numbers{7});
    EXPECT_EQ(now_ms(), 250);
  });
}

TEST_P(ActiveGoalTest, MaySucceedOrAbortAllTheSame) {
  serve([](ActiveGoal<Fibonacci>& goal) -> Task<Fibonacci::Result> {
    co_await goal.wait_for_cancel();
    if (goal.goal().order == 2) {
      goal.abort();
    }
    co_return Fibonacci::Result{};
  });
  inside([&]() -> Task<void> {
    for (const auto& [order, end] : {std::pair(1, GoalStatus::kSucceeded), std::pair(2, GoalStatus::kAborted)}) {
      const auto goal = co_await send(order);
      co_await sleep_for(1ms);
      EXPECT_EQ((co_await goal.cancel()).value(), CancelAnswer::kAccepted);
      EXPECT_EQ(co_await end_of(goal), end);
    }
  });
}

TEST_P(ActiveGoalTest, SaysWhetherItCanBeCancelledNow) {
  serve(
      [](ActiveGoal<Fibonacci>& goal) -> Task<Fibonacci::Result> {
        co_await sleep_for(1s);
        goal.on_cancel(CancelPolicy::kReject);  // holds something that must not fall
        co_await sleep_for(1s);
        goal.on_cancel(CancelPolicy::kCancelTask);
        co_await sleep_for(1h);
        co_return Fibonacci::Result{};
      },
      CancelPolicy::kCancelTask);
  inside([&]() -> Task<void> {
    const auto first = co_await send(1);
    co_await sleep_for(500ms);
    EXPECT_EQ((co_await first.cancel()).value(), CancelAnswer::kAccepted);
    EXPECT_EQ(co_await end_of(first), GoalStatus::kCanceled);
    const auto second = co_await send(1);
    co_await sleep_for(1500ms);
    EXPECT_EQ((co_await second.cancel()).value(), CancelAnswer::kRejected);
    co_await sleep_for(1s);
    EXPECT_EQ((co_await second.cancel()).value(), CancelAnswer::kAccepted);
    EXPECT_EQ(co_await end_of(second), GoalStatus::kCanceled);
    EXPECT_EQ(now_ms(), 3000);
  });
}

TEST_P(ActiveGoalTest, MayEndItsServer) {
  std::optional<ActionServer<Fibonacci>> server;
  server =
      server_node.action_server<Fibonacci>("/fibonacci", [&](ActiveGoal<Fibonacci>& goal) -> Task<Fibonacci::Result> {
        server->destroy();
        EXPECT_EQ(goal.status(), GoalStatus::kAborted);
        co_return Fibonacci::Result{};
      });
  inside([&]() -> Task<void> {
    const auto goal = co_await send(1);
    co_await sleep_for(1ms);
    EXPECT_EQ(goal.status(), GoalStatus::kAborted);
    EXPECT_EQ(server->statistics().aborted, 1U);
    EXPECT_EQ(server->statistics().succeeded, 0U);
  });
}

TEST_P(ActiveGoalTest, TellsNobodyAfterItsServersEnd) {
  bool unwound = false;
  ActiveGoal<Fibonacci>* running = nullptr;
  struct Unwinding {
    ~Unwinding() {
      (*goal)->publish_feedback({});
      *unwound = true;
    }
    ActiveGoal<Fibonacci>** goal;
    bool* unwound;
  };
  serve([&](ActiveGoal<Fibonacci>& goal) -> Task<Fibonacci::Result> {
    running = &goal;
    const Unwinding unwinding{&running, &unwound};
    co_await goal.wait_for_cancel();
    co_return Fibonacci::Result{};
  });
  inside([&]() -> Task<void> {
    const auto goal = co_await send(1);
    co_await sleep_for(1ms);
    EXPECT_NE(running, nullptr);
    server_node.destroy();
    co_await sleep_for(1ms);
    EXPECT_TRUE(unwound);
  });
}

}  // namespace
}  // namespace takt::node
