// A node that lives as long as a block of your program.

#include <chrono>

#include <fmt/core.h>

#include <takt/async/tasks/run.hpp>
#include <takt/async/tasks/sleep.hpp>
#include <takt/messages/packages/std_msgs.hpp>
#include <takt/node/node.hpp>
#include <takt/registry/buses.hpp>

using namespace takt;
using namespace std::chrono_literals;
using async::Task;
using node::Node;
using std_msgs::String;

namespace {

void callback(const String& message) {
  fmt::print("heard {}\n", message.data);
}

Task<void> some_async_function() {
  co_await async::sleep_for(1s);
  fmt::print("done\n");
}

Task<void> app() {
  const auto bus = co_await open_bus();
  Node node("my_node", bus);
  node.subscribe<String>("/topic", callback);
  co_await with_node(node, some_async_function);
  fmt::print("nothing of the node is left: {}\n", node.destroyed() ? "destroyed" : "alive");
}

}  // namespace

int main() {
  return async::run(app());
}
