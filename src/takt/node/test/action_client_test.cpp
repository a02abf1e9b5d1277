#include "takt/node/action_client.hpp"

#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "takt/node/test/action_rig.hpp"

namespace takt::node {
namespace {

using namespace testing;
using SendGoal = messages::SendGoal<Fibonacci>;
using GetResult = messages::GetResult<Fibonacci>;
using action_msgs::CancelGoal;

class ActionClientTest : public ActionsTest {
 protected:
  void serve() { server_node.action_server<Fibonacci>("/fibonacci", count, {.max_concurrent = 4}); }

  /// A server that is none of ours, and says what it likes.
  void serve_strangely(std::int8_t result_status, std::int8_t cancel_code) {
    feedback_ = server_node.publisher<messages::FeedbackMessage<Fibonacci>>("/fibonacci/_action/feedback");
    server_node.serve<SendGoal>("/fibonacci/_action/send_goal", [](const SendGoal::Request& request) {
      SendGoal::Response response;
      response.accepted = request.goal.order > 0;
      response.stamp.sec = 5;
      return response;
    });
    server_node.serve<GetResult>("/fibonacci/_action/get_result", [=](const GetResult::Request&) {
      GetResult::Response response;
      response.status = result_status;
      return response;
    });
    server_node.serve<CancelGoal>("/fibonacci/_action/cancel_goal", [=](const CancelGoal::Request&) {
      CancelGoal::Response response;
      response.return_code = cancel_code;
      return response;
    });
  }
  std::optional<Publisher<messages::FeedbackMessage<Fibonacci>>> feedback_;
};
INSTANTIATE_TEST_SUITE_P(, ActionClientTest, ::testing::ValuesIn(ways()), name_of);

TEST_P(ActionClientTest, SendsAGoalHearsItsFeedbackAndGetsItsResult) {
  serve();
  std::vector<std::size_t> feedback;
  SendGoalOptions<Fibonacci> options;
  options.on_feedback = [&](const Fibonacci::Feedback& now) { feedback.push_back(now.sequence.size()); };
  inside([&]() -> Task<void> {
    EXPECT_TRUE(co_await client.wait_for_server(1s));
    const auto goal = co_await client.send_goal({.order = 4}, options);
    EXPECT_TRUE(goal.has_value());
    const auto result = co_await goal->result({.timeout = 10s});
    EXPECT_TRUE(result.has_value());
    EXPECT_EQ(result->status, GoalStatus::kSucceeded);
    EXPECT_EQ(result->result.sequence, (Numbers{0, 1, 1, 2, 3}));
  });
  EXPECT_EQ(feedback, (std::vector<std::size_t>{3, 4, 5}));
}

TEST_P(ActionClientTest, FeedbackNeedsNobodyWhoWaitsForTheResult) {
  serve();
  int feedback = 0;
  SendGoalOptions<Fibonacci> options;
  options.on_feedback = [&](const Fibonacci::Feedback&) { ++feedback; };
  inside([&]() -> Task<void> {
    {
      const auto goal = co_await client.send_goal({.order = 100}, options);
      co_await sleep_for(350ms);
      EXPECT_EQ(feedback, 3);
    }
    co_await sleep_for(1s);
    EXPECT_EQ(feedback, 3);  // the goal was let go
  });
}

TEST_P(ActionClientTest, FeedbackThatThrowsFailsTheNode) {
  serve();
  SendGoalOptions<Fibonacci> options;
  options.on_feedback = [](const Fibonacci::Feedback&) { throw std::runtime_error("no"); };
  run([&]() -> Task<void> {
    const auto body = [&]() -> Task<void> {
      const auto goal = co_await client.send_goal({.order = 100}, options);
      co_await sleep_for(1h);
    };
    const std::exception_ptr error = co_await outcome(with_node(server_node, client_node, body));
    EXPECT_TRUE(holds<std::runtime_error>(error));
    EXPECT_EQ(now_ms(), 100);
  });
}

TEST_P(ActionClientTest, FollowsTheStatusOfAGoal) {
  serve();
  inside([&]() -> Task<void> {
    const auto goal = co_await send(11);
    co_await sleep_for(10ms);
    EXPECT_EQ(goal.status(), GoalStatus::kExecuting);
    co_await sleep_for(2s);
    EXPECT_EQ(goal.status(), GoalStatus::kSucceeded);
    co_await sleep_for(20s);
    EXPECT_EQ(co_await end_of(goal), GoalStatus::kUnknown);  // to the server
    EXPECT_EQ(goal.status(), GoalStatus::kSucceeded);
  });
}

TEST_P(ActionClientTest, WaitsForAServerWithoutPolling) {
  inside([&]() -> Task<void> {
    EXPECT_FALSE(client.server_available());
    EXPECT_FALSE(co_await client.wait_for_server(100ms));
    const auto goal = co_await client.send_goal({.order = 1});
    EXPECT_FALSE(goal.has_value());
    EXPECT_EQ(goal.error(), CallError::kNoServer);
    client_node.timer(100ms, [&, once = false]() mutable {
      if (!std::exchange(once, true)) {
        serve();
      }
    });
    EXPECT_TRUE(co_await client.wait_for_server());
    EXPECT_EQ(now_ms(), 200);
    client.destroy();
    EXPECT_FALSE(co_await client.wait_for_server());
  });
}

TEST_P(ActionClientTest, HearsOnlyOfItsOwnGoals) {
  serve();
  int first_feedback = 0;
  int second_feedback = 0;
  SendGoalOptions<Fibonacci> first_options;
  first_options.on_feedback = [&](const Fibonacci::Feedback&) { ++first_feedback; };
  SendGoalOptions<Fibonacci> second_options;
  second_options.on_feedback = [&](const Fibonacci::Feedback&) { ++second_feedback; };
  inside([&]() -> Task<void> {
    const auto first = co_await client.send_goal({.order = 3}, first_options);
    const auto second = co_await client.send_goal({.order = 5}, second_options);
    EXPECT_TRUE(first.has_value() && second.has_value());
    EXPECT_EQ(co_await end_of(*first), GoalStatus::kSucceeded);
    EXPECT_EQ(co_await end_of(*second), GoalStatus::kSucceeded);
    EXPECT_NE(first->id(), second->id());
  });
  EXPECT_EQ(first_feedback, 2);
  EXPECT_EQ(second_feedback, 4);
}

TEST_P(ActionClientTest, AnActionShowsInTheGraph) {
  serve();
  inside([&]() -> Task<void> {
    EXPECT_TRUE(co_await client.wait_for_server());
    for (const Node* node : {&server_node, &client_node}) {
      const auto actions = node->graph().actions();
      EXPECT_EQ(actions.size(), 1U);
      EXPECT_EQ(actions.at("/fibonacci"), std::set<std::string>{"example_interfaces/action/Fibonacci"});
    }
  });
}

TEST_P(ActionClientTest, AServerThatIsDestroyedAbortsItsGoals) {
  auto server = server_node.action_server<Fibonacci>("/fibonacci", count);
  inside([&]() -> Task<void> {
    const auto goal = co_await send(1000);
    client_node.timer(1s, [&] { server.destroy(); });
    const auto result = co_await goal.result();
    EXPECT_TRUE(result.has_value());
    EXPECT_EQ(result->status, GoalStatus::kAborted);
    EXPECT_EQ(now_ms(), 1000);
    EXPECT_EQ(server.statistics().aborted, 1U);
    EXPECT_EQ((co_await goal.result()).error(), CallError::kNoServer);
  });
}

TEST_P(ActionClientTest, AServerThatVanishesIsNoticed) {
  serve_strangely(0, 0);
  server_node.serve<GetResult>("/silent/_action/get_result",
                               [](const GetResult::Request&) -> Task<GetResult::Response> {
                                 co_await sleep_for(1h);
                                 co_return GetResult::Response{};
                               });
  auto result = client_node.client<GetResult>("/silent/_action/get_result");
  inside([&]() -> Task<void> {
    const auto goal = co_await send(1);
    EXPECT_EQ(goal.accepted_ns(), 5'000'000'000);
    client_node.timer(1s, [&] { server_node.destroy(); });
    EXPECT_EQ((co_await result.call({})).error(), CallError::kServerVanished);
    EXPECT_EQ((co_await goal.result()).error(), CallError::kNoServer);
    EXPECT_EQ((co_await goal.cancel()).error(), CallError::kNoServer);
  });
}

TEST_P(ActionClientTest, ALinkThatIsCutIsNoticedAndTheGoalFoundAgain) {
  if (in_process()) {
    GTEST_SKIP() << "there is no link";
  }
  serve();
  inside([&]() -> Task<void> {
    const auto goal = co_await send(21);
    client_node.timer(1s, [&, times = 0]() mutable {
      if (++times == 1) {
        network().cut("near", "far");
      }
    });
    EXPECT_EQ((co_await goal.result()).error(), CallError::kServerVanished);
    EXPECT_EQ(now_ms(), 1000);
    network().restore("near", "far");
    EXPECT_TRUE(co_await client.wait_for_server(1s));
    EXPECT_EQ(co_await end_of(goal), GoalStatus::kSucceeded);
    EXPECT_EQ(now_ms(), 2000);
  });
}

TEST_P(ActionClientTest, DestroyingItEndsWhatWaits) {
  serve();
  inside([&]() -> Task<void> {
    const auto goal = co_await send(1000);
    client_node.timer(1s, [&] { client.destroy(); });
    EXPECT_EQ((co_await goal.result()).error(), CallError::kClientClosed);
    EXPECT_THROW(static_cast<void>(co_await goal.result()), LogicError);
    EXPECT_THROW(static_cast<void>(co_await goal.cancel()), LogicError);
    EXPECT_THROW(static_cast<void>(co_await client.send_goal({.order = 1})), LogicError);
  });
}

TEST_P(ActionClientTest, ItsWaitsHaveLimits) {
  serve();
  inside([&]() -> Task<void> {
    const auto goal = co_await send(11);
    EXPECT_EQ((co_await goal.result({.timeout = 100ms})).error(), CallError::kTimedOut);
    EXPECT_EQ(now_ms(), 100);
    EXPECT_EQ(co_await end_of(goal), GoalStatus::kSucceeded);  // the goal knew nothing of it
  });
}

TEST_P(ActionClientTest, NumbersThatAreNoneAreMalformed) {
  serve_strangely(7, 4);
  inside([&]() -> Task<void> {
    EXPECT_EQ((co_await client.send_goal({.order = -1})).error(), CallError::kRejected);
    const auto goal = co_await send(1);
    EXPECT_EQ((co_await goal.result()).error(), CallError::kMalformed);
    EXPECT_EQ((co_await goal.cancel()).error(), CallError::kMalformed);
    EXPECT_EQ(goal.status(), GoalStatus::kAccepted);
  });
}

TEST_P(ActionClientTest, ARejectionThatIsNotSaidIsOneToo) {
  serve_strangely(2, CancelGoal::Response::ERROR_NONE);
  inside([&]() -> Task<void> {
    const auto goal = co_await send(1);
    EXPECT_EQ((co_await goal.cancel()).value(), CancelAnswer::kRejected);
    EXPECT_EQ((co_await goal.result()).error(), CallError::kMalformed);  // executing is no result
  });
}

TEST_P(ActionClientTest, CancelsAllOrThoseUntilATime) {
  FibonacciServer options;
  options.cancel = CancelPolicy::kCancelTask;
  options.max_concurrent = 3;
  server_node.action_server<Fibonacci>("/fibonacci", count, options);
  inside([&]() -> Task<void> {
    std::vector<SentGoal<Fibonacci>> goals;
    for (int i = 0; i < 3; ++i) {
      co_await sleep_for(1s);
      goals.push_back(co_await send(1000));
    }
    EXPECT_THROW(static_cast<void>(client.cancel_until(0)), LogicError);
    const auto until = co_await client.cancel_until(goals[1].accepted_ns());
    EXPECT_EQ(until.value(), (std::vector{goals[0].id(), goals[1].id()}));
    EXPECT_EQ(co_await end_of(goals[1]), GoalStatus::kCanceled);
    const auto all = co_await client.cancel_all();
    EXPECT_EQ(all.value(), std::vector{goals[2].id()});
    EXPECT_TRUE((co_await client.cancel_all())->empty());
  });
}

}  // namespace
}  // namespace takt::node
