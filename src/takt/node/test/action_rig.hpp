#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "takt/messages/packages/example_interfaces.hpp"
#include "takt/node/action_client.hpp"
#include "takt/node/action_server.hpp"
#include "takt/node/test/rig.hpp"

namespace takt::node::testing {

using Fibonacci = example_interfaces::Fibonacci;
using FibonacciServer = ActionServerOptions<Fibonacci>;
using Numbers = std::vector<std::int32_t>;

/// A number per 100 ms, told as it comes.
inline Task<Fibonacci::Result> count(ActiveGoal<Fibonacci>& goal) {
  Fibonacci::Result result;
  result.sequence = {0, 1};
  for (std::int32_t i = 1; i < goal.goal().order; ++i) {
    co_await sleep_for(100ms);
    const std::size_t size = result.sequence.size();
    result.sequence.push_back(result.sequence[size - 1] + result.sequence[size - 2]);
    Fibonacci::Feedback feedback;
    feedback.sequence = result.sequence;
    goal.publish_feedback(feedback);
  }
  co_return result;
}

class ActionsTest : public NodesTest {
 protected:
  ActionsTest() { core::set_log_level(core::LogLevel::kOff); }  // handlers fail here
  ~ActionsTest() override { core::set_log_level(core::LogLevel::kInfo); }

  /// Runs a body inside both nodes.
  void inside(std::function<Task<void>()> body) {
    run([this, body = std::move(body)]() -> Task<void> { co_await with_node(server_node, client_node, body); });
  }
  /// Sends a goal that is wanted.
  Task<SentGoal<Fibonacci>> send(std::int32_t order) {
    Fibonacci::Goal goal;
    goal.order = order;
    const auto sent = co_await client.send_goal(goal);
    EXPECT_TRUE(sent.has_value());
    co_return sent.value();
  }
  /// What came of a goal, as anybody with its id hears it.
  Task<GoalStatus> end_of(const SentGoal<Fibonacci>& goal) {
    const auto result = co_await goal.result();
    EXPECT_TRUE(result.has_value());
    co_return result.value().status;
  }
  [[nodiscard]] std::int64_t now_ms() { return loop().clock().now_ns() / 1'000'000; }

  Node server_node{"server", far()};
  Node client_node{"client", near()};
  ActionClient<Fibonacci> client{client_node.action_client<Fibonacci>("/fibonacci")};
};

}  // namespace takt::node::testing
