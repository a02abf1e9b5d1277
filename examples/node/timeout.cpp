// A call that is given up after two seconds, here and, as far as the middleware can, on its way.

#include <chrono>

#include <fmt/core.h>

#include <takt/async/tasks/run.hpp>
#include <takt/core/time.hpp>
#include <takt/messages/packages/std_srvs.hpp>
#include <takt/node/node.hpp>
#include <takt/registry/buses.hpp>

using namespace takt;
using namespace std::chrono_literals;
using async::Task;
using node::Node;
using std_srvs::SetBool;

namespace {

Task<void> app() {
  const auto bus = co_await open_bus();
  Node node("node", bus);
  node::ClientOptions options;
  options.qos.lifespan_ns = core::from_seconds(2.0);
  const auto client = node.client<SetBool>("/set_bool", options);
  co_await with_node(node, [&]() -> Task<void> {
    if (co_await client.wait_for_service(2s)) {
      const auto response = co_await client.call({.data = true}, {.timeout = 2s});
      fmt::print("{}\n", response ? response->message : to_string(response.error()));
    } else {
      fmt::print("there is no such service\n");
    }
  });
}

}  // namespace

int main() {
  return async::run(app());
}
