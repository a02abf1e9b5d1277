// A call of a service: an await, nothing else.

#include <fmt/core.h>

#include <takt/async/tasks/run.hpp>
#include <takt/messages/packages/std_srvs.hpp>
#include <takt/node/node.hpp>
#include <takt/registry/buses.hpp>

using namespace takt;
using async::Task;
using node::Node;
using std_srvs::SetBool;

namespace {

Task<void> app() {
  const auto bus = co_await open_bus();
  Node node("my_node", bus);
  const auto client = node.client<SetBool>("/set_bool");
  co_await with_node(node, [&]() -> Task<void> {
    if (co_await client.wait_for_service()) {
      const auto response = co_await client.call({.data = true});
      fmt::print("{}\n", response ? response->message : to_string(response.error()));
    }
  });
}

}  // namespace

int main() {
  return async::run(app());
}
