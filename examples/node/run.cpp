// A node that reacts, for as long as it lives.
//
//   build/release/examples/node/run &  build/release/apps/takt/takt topic pub /topic std_msgs/String '{"data":
//   "hello"}'

#include <fmt/core.h>

#include <takt/async/tasks/run.hpp>
#include <takt/messages/packages/std_msgs.hpp>
#include <takt/node/node.hpp>
#include <takt/registry/buses.hpp>

using namespace takt;
using async::Task;
using node::Node;
using std_msgs::String;

namespace {

void callback(const String& message) {
  fmt::print("heard {}\n", message.data);
}

Task<void> app() {
  const auto bus = co_await open_bus();
  Node node("my_node", bus);
  node.subscribe<String>("/topic", callback);
  co_await node.run();
}

}  // namespace

int main() {
  return async::run(app());
}
