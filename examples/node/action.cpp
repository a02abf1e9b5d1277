// An action: one node counts Fibonacci numbers, another asks for ten, follows the work, and changes its mind.

#include <memory>

#include <fmt/core.h>

#include <takt/async/tasks/run.hpp>
#include <takt/async/tasks/sleep.hpp>
#include <takt/messages/packages/example_interfaces.hpp>
#include <takt/node/action_client.hpp>
#include <takt/node/action_server.hpp>

using namespace takt;
using namespace takt::node;
using namespace std::chrono_literals;
using async::Task;
using example_interfaces::Fibonacci;

namespace {

Task<Fibonacci::Result> count(ActiveGoal<Fibonacci>& goal) {
  Fibonacci::Feedback so_far;
  so_far.sequence = {0, 1};
  while (so_far.sequence.size() <= static_cast<std::size_t>(goal.goal().order) && !goal.cancel_requested()) {
    co_await async::sleep_for(10ms);
    so_far.sequence.push_back((so_far.sequence.end()[-1] + so_far.sequence.end()[-2]) % 1'000'000);
    goal.publish_feedback(so_far);
  }
  if (goal.cancel_requested()) {
    goal.canceled();
  }
  co_return Fibonacci::Result{so_far.sequence};
}

Task<void> app() {
  const auto bus = std::make_shared<bus::Bus>();
  Node worker{"worker", bus};
  Node boss{"boss", bus};
  worker.action_server<Fibonacci>("/fibonacci", count, {.cancel = CancelPolicy::kCooperative});
  const auto client = boss.action_client<Fibonacci>("/fibonacci");
  SendGoalOptions<Fibonacci> options;
  options.on_feedback = [](const Fibonacci::Feedback& now) { fmt::print("and now {}\n", now.sequence.back()); };

  co_await with_node(worker, boss, [&]() -> Task<void> {
    const auto goal = co_await client.send_goal({.order = 10}, options);
    const auto result = co_await goal.value().result();
    fmt::print("the goal has {}: {}\n", to_string(result->status), result->result.sequence.back());

    const auto regretted = co_await client.send_goal({.order = 1'000'000});
    const auto answer = co_await regretted.value().cancel();
    const auto end = co_await regretted->result();
    fmt::print("the other was {}\n", answer == CancelAnswer::kAccepted ? to_string(end->status) : "not given up");
  });
}

}  // namespace

int main() {
  return async::run(app());
}
