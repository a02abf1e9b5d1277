#pragma once

#include <vector>

#include "takt/messages/packages/example_interfaces.hpp"
#include "takt/node/action_client.hpp"
#include "takt/node/action_server.hpp"
#include "takt/node/test/rig.hpp"

namespace takt::node::testing {

using Fibonacci = example_interfaces::Fibonacci;

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
  /// Runs a body inside both nodes.
  void inside(std::function<Task<void>()> body) {
    run([this, body = std::move(body)]() -> Task<void> { co_await with_node(server_node, client_node, body); });
  }
  Node server_node{"server", far()};
  Node client_node{"client", near()};
  ActionClient<Fibonacci> client{client_node, "/fibonacci"};
};

}  // namespace takt::node::testing
