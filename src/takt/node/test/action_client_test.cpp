#include "takt/node/action_client.hpp"

#include <memory>
#include <vector>

#include "takt/node/test/action_rig.hpp"

namespace takt::node {
namespace {

using namespace testing;

class ActionClientTest : public ActionsTest {};
INSTANTIATE_TEST_SUITE_P(, ActionClientTest, ::testing::Values(Way::kInProcess, Way::kMemory), name_of);

TEST_P(ActionClientTest, SendsAGoalHearsItsFeedbackAndGetsItsResult) {
  ActionServer<Fibonacci> server(server_node, "/fibonacci", count);
  std::vector<std::size_t> feedback;
  inside([&]() -> Task<void> {
    EXPECT_TRUE(co_await client.wait_for_server(1s));
    auto goal = co_await client.send_goal(
        {.order = 4}, [&](const Fibonacci::Feedback& now) { feedback.push_back(now.sequence.size()); });
    EXPECT_TRUE(goal);
    const auto result = co_await goal->result({.timeout = 10s});
    EXPECT_TRUE(result);
    EXPECT_EQ(result->status, GoalStatus::kSucceeded);
    EXPECT_EQ(result->result.sequence, (std::vector<std::int32_t>{0, 1, 1, 2, 3}));
  });
  EXPECT_EQ(feedback, (std::vector<std::size_t>{3, 4, 5}));
}

TEST_P(ActionClientTest, WaitsForAServerWithoutPolling) {
  inside([&]() -> Task<void> {
    EXPECT_FALSE(client.server_available());
    EXPECT_FALSE(co_await client.wait_for_server(100ms));
    const auto goal = co_await client.send_goal({.order = 1});
    EXPECT_FALSE(goal);
    EXPECT_EQ(goal.error(), CallError::kNoServer);
  });
}

TEST_P(ActionClientTest, HearsOnlyOfItsOwnGoals) {
  ActionServer<Fibonacci> server(server_node, "/fibonacci", count);
  int first_feedback = 0;
  int second_feedback = 0;
  inside([&]() -> Task<void> {
    auto first = co_await client.send_goal({.order = 3}, [&](const Fibonacci::Feedback&) { ++first_feedback; });
    auto second = co_await client.send_goal({.order = 5}, [&](const Fibonacci::Feedback&) { ++second_feedback; });
    EXPECT_TRUE(first.has_value() && second.has_value());
    static_cast<void>(co_await first->result());
    static_cast<void>(co_await second->result());
    EXPECT_NE(first->id(), second->id());
  });
  EXPECT_EQ(first_feedback, 2);
  EXPECT_EQ(second_feedback, 4);
}

TEST_P(ActionClientTest, AServerThatVanishesIsNoticed) {
  ActionServer<Fibonacci> server(server_node, "/fibonacci", count);
  inside([&]() -> Task<void> {
    auto goal = co_await client.send_goal({.order = 1000});
    EXPECT_TRUE(goal);
    co_await async::with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("end", [&]() -> Task<void> {
        co_await sleep_for(1s);
        server.destroy();
      });
      const auto result = co_await goal->result();
      EXPECT_FALSE(result);
      EXPECT_EQ(result.error(), CallError::kServerVanished);
      EXPECT_EQ(loop().clock().now_ns(), 1'000'000'000);
      co_return kJoin;
    });
  });
}

TEST_P(ActionClientTest, DestroyingItEndsWhatWaits) {
  ActionServer<Fibonacci> server(server_node, "/fibonacci", count);
  inside([&]() -> Task<void> {
    auto goal = co_await client.send_goal({.order = 1000});
    EXPECT_TRUE(goal);
    client_node.timer(1s, [&] { client.destroy(); });
    const auto result = co_await goal->result();
    EXPECT_FALSE(result);
    EXPECT_EQ(result.error(), CallError::kClientClosed);
    EXPECT_THROW(static_cast<void>(co_await goal->result()), LogicError);
  });
}

TEST_P(ActionClientTest, TheFeedbackFunctionOfAGoalWhoseServerVanishedIsLetGo) {
  ActionServer<Fibonacci> server(server_node, "/fibonacci", count);
  auto kept = std::make_shared<int>(0);
  const std::weak_ptr<int> seen = kept;
  inside([&]() -> Task<void> {
    auto goal = co_await client.send_goal({.order = 5}, [kept](const Fibonacci::Feedback&) {});
    kept.reset();
    server.destroy();
    const auto result = co_await goal->result();
    EXPECT_FALSE(result);
    EXPECT_TRUE(seen.expired());
  });
}

}  // namespace
}  // namespace takt::node
