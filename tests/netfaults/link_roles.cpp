#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "takt/async/tasks/sleep.hpp"
#include "takt/messages/packages/std_msgs.hpp"
#include "takt/messages/packages/std_srvs.hpp"
#include "takt/node/node.hpp"
#include "takt/registry/buses.hpp"

#include "roles.hpp"

namespace takt::test {

using namespace std::chrono_literals;
using async::Task;
using node::Node;

namespace {

/// What one end of the link has seen so far.
struct Seen {
  std::uint64_t sent{0};
  std::uint64_t refused{0};
  std::uint64_t newest{0};    // number of the other's message that came last
  std::uint64_t answered{0};  // calls
  std::map<std::string, std::uint64_t> errors;
};

std::string text_of(const Seen& seen, const node::SubscriptionStatistics& heard, bool served) {
  std::string errors;
  for (const auto& [error, count] : seen.errors) {
    errors += fmt::format("{}\"{}\": {}", errors.empty() ? "" : ", ", error, count);
  }
  return fmt::format(
      "{{\"sent\": {}, \"refused\": {}, \"received\": {}, \"lost\": {}, \"newest\": {}, \"answered\": {}, "
      "\"served\": {}, \"errors\": {{{}}}}}",
      seen.sent, seen.refused, heard.received, heard.lost, seen.newest, seen.answered, served, errors);
}

/// Asks the other end again and again; no call is without an end.
Task<void> ask(const node::Client<std_srvs::SetBool>& client, Seen& seen) {
  while (true) {
    const auto response = co_await client.call({.data = true}, {.timeout = 1s});
    if (response) {
      ++seen.answered;
    } else {
      ++seen.errors[to_string(response.error())];
    }
    co_await async::sleep_for(20ms);
  }
}

}  // namespace

Task<void> talk(Words words) {
  const std::string name = words.take();
  const std::string other = words.take();
  const bool asks = words.take() == "asks";
  const auto bus = co_await open_bus(words.rest());
  Node node(name, bus);
  Seen seen;
  const bus::Qos qos{.reliability = asks ? bus::Reliability::kReliable : bus::Reliability::kBestEffort};
  auto publisher = node.publisher<std_msgs::UInt64>("/from_" + name, {.qos = qos});
  node.timer(10ms, [&] {
    ++seen.sent;
    seen.refused += publisher.publish({.data = seen.sent}) ? 0 : 1;
  });
  auto heard = node.subscribe<std_msgs::UInt64>(
      "/from_" + other, [&](const std_msgs::UInt64& message) { seen.newest = message.data; }, {.qos = qos});
  std::optional<node::Client<std_srvs::SetBool>> client;
  if (asks) {
    node.serve<std_srvs::SetBool>("/ask_" + name, [](const std_srvs::SetBool::Request& request) {
      return std_srvs::SetBool::Response{.success = request.data, .message = {}};
    });
    client = node.client<std_srvs::SetBool>("/ask_" + other);
  }
  node.timer(100ms, [&] { say(text_of(seen, heard.statistics(), client && client->service_available())); });
  co_await node::with_node(node, [&]() -> Task<void> {
    if (client) {
      co_await ask(*client, seen);
    }
    co_await async::sleep_for(1h);
  });
}

}  // namespace takt::test
