// A sleep on the node's clock, which simulated time drives where the parameter use_sim_time says so.

#include <chrono>

#include <fmt/core.h>

#include <takt/async/tasks/run.hpp>
#include <takt/core/time.hpp>
#include <takt/node/node.hpp>
#include <takt/registry/buses.hpp>

using namespace takt;
using namespace std::chrono_literals;
using async::Task;
using node::Node;

namespace {

Task<void> app() {
  const auto bus = co_await open_bus();
  Node node("my_node", bus);
  co_await with_node(node, [&]() -> Task<void> {
    const core::Nanoseconds before = node.clock().now_ns();
    co_await node.clock().sleep_for(2s);
    fmt::print("slept {:.3f} s\n", core::to_seconds(node.clock().now_ns() - before));
  });
}

}  // namespace

int main() {
  return async::run(app());
}
