#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/messages/packages/std_msgs.hpp"
#include "takt/node/node.hpp"
#include "takt/registry/buses.hpp"

#include "roles.hpp"

namespace takt::test {

using namespace std::chrono_literals;
using async::Task;
using node::Node;
using std_msgs::String;

namespace {

std::string member_name(std::size_t index) {
  return "member_" + std::to_string(index);
}

void tell(const node::Publisher<String>& publisher, const std::string& text) {
  if (!publisher.publish({.data = text})) {
    say("no room for " + text);  // it is said again
  }
}

/// How many nodes the graph has whose names begin so.
std::size_t count_nodes(const Node& node, const std::string& begin) {
  const auto graph = node.graph();
  return static_cast<std::size_t>(std::ranges::count_if(
      graph.nodes(), [&](const bus::NodeInfo& one) { return one.name.starts_with("/" + begin); }));
}

/// For whoever waits in vain to see how far it got.
void say_state(const Node& node, std::size_t heard) {
  say(fmt::format("{{\"heard\": {}, \"nodes\": {}}}", heard, count_nodes(node, "member_")));
}

}  // namespace

Task<void> member(Words words) {
  const std::size_t index = words.take_number();
  const std::size_t count = words.take_number();
  const auto bus = co_await open_bus(words.rest());
  Node node(member_name(index), bus);
  auto publisher = node.publisher<String>("/members");
  node.timer(100ms, [&] { tell(publisher, member_name(index)); });
  std::set<std::string> heard;
  node.subscribe<String>("/members", [&](const String& message) { heard.insert(message.data); });
  node.timer(1s, [&] { say_state(node, heard.size()); });
  co_await node::with_node(node, [&]() -> Task<void> {
    while (heard.size() < count || count_nodes(node, "member_") < count) {
      co_await async::sleep_for(50ms);
    }
    say("complete");
    co_await async::sleep_for(1h);
  });
}

Task<void> crowd(Words words) {
  const std::size_t count = words.take_number();
  const auto bus = co_await open_bus(words.rest());
  std::vector<std::unique_ptr<Node>> nodes;
  for (std::size_t i = 0; i < count; ++i) {
    nodes.push_back(std::make_unique<Node>(member_name(i), bus));
    auto answers = nodes.back()->publisher<String>("/answers");
    nodes.back()->subscribe<String>("/calls", [answers, i](const String& /*call*/) { tell(answers, member_name(i)); });
  }
  co_await async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
    for (const auto& node : nodes) {
      nursery.start("node", node->run());
    }
    say("open");
    co_return async::kJoin;
  });
}

Task<void> caller(Words words) {
  const std::size_t count = words.take_number();
  const auto bus = co_await open_bus(words.rest());
  Node node("caller", bus);
  auto calls = node.publisher<String>("/calls");
  std::set<std::string> answered;
  // A hundred answers come at once.
  node.subscribe<String>("/answers", [&](const String& answer) { answered.insert(answer.data); },
                         {.qos = {.depth = 0}});
  node.timer(1s, [&] { say_state(node, answered.size()); });
  co_await node::with_node(node, [&]() -> Task<void> {
    while (answered.size() < count || count_nodes(node, "member_") < count) {
      tell(calls, "who is there");
      co_await async::sleep_for(200ms);
    }
    say("complete");
    while (count_nodes(node, "member_") > 0) {
      co_await async::sleep_for(50ms);
    }
    say("alone");
    co_await async::sleep_for(1h);
  });
}

}  // namespace takt::test
