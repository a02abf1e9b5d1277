#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>

#include <fmt/format.h>

#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"
#include "takt/core/time.hpp"
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

bus::Qos qos_named(const std::string& name) {
  if (name == "latest") {
    return bus::Qos::latest();
  }
  if (name == "last") {
    return {.depth = 10};
  }
  if (name == "all") {
    return {.depth = 0};
  }
  throw ConfigError("command line", 0, "", "'" + name + "' is none of latest, last, all");
}

/// Memory of this process that is in use, and the most that was.
std::string memory() {
  std::ifstream status("/proc/self/status");
  std::string word;
  std::uint64_t now_kib = 0;
  std::uint64_t peak_kib = 0;
  while (status >> word) {
    if (word == "VmRSS:") {
      status >> now_kib;
    } else if (word == "VmHWM:") {
      status >> peak_kib;
    }
  }
  return fmt::format("\"memory_kib\": {}, \"peak_kib\": {}", now_kib, peak_kib);
}

}  // namespace

Task<void> flood(Words words) {
  const std::string qos = words.take();
  const std::size_t bytes = words.take_number();
  const std::size_t per_second = words.take_number();
  const std::size_t count = words.take_number();
  const auto bus = co_await open_bus(words.rest());
  Node node("flood", bus);
  auto publisher = node.publisher<String>("/flood", {.qos = qos_named(qos)});
  std::uint64_t sent = 0;
  std::uint64_t refused = 0;
  std::uint64_t waited = 0;
  bool flooding = true;
  node.timer(100ms, [&] {
    say(fmt::format("{{\"sent\": {}, \"refused\": {}, \"waited\": {}, \"flooding\": {}, {}}}", sent, refused, waited,
                    flooding, memory()));
  });
  const auto publish = [&]() -> Task<void> {
    String message{.data = std::to_string(++sent) + " "};
    message.data.resize(std::max(bytes, message.data.size()), 'x');
    if (publisher.publish(message)) {
      co_return;
    }
    if (qos != "all") {
      ++refused;
      co_return;
    }
    ++waited;
    const auto sent_all = co_await publisher.publish_when_ready(std::move(message));
    refused += sent_all ? 0 : 1;
  };
  co_await node::with_node(node, [&]() -> Task<void> {
    co_await async::sleep_for(2s);  // for those who are to hear all of it: not every transport can tell who is there
    const core::Nanoseconds begin = core::monotonic_now_ns();
    while (sent < count) {
      const auto due = static_cast<std::uint64_t>(core::monotonic_now_ns() - begin) * per_second / 1'000'000'000U;
      while (sent < std::min<std::uint64_t>(due, count)) {
        co_await publish();
      }
      co_await async::sleep_for(1ms);
    }
    flooding = false;
    while (true) {
      co_await publish();
      co_await async::sleep_for(100ms);
    }
  });
}

Task<void> slow(Words words) {
  const std::string qos = words.take();
  const std::chrono::milliseconds pause(words.take_number());
  const auto bus = co_await open_bus(words.rest());
  Node node("slow", bus);
  std::uint64_t first = 0;
  std::uint64_t newest = 0;
  std::uint64_t gaps = 0;  // numbers that were left out between two messages
  std::uint64_t unordered = 0;
  auto subscription = node.subscribe<String>("/flood",
                                             [&](const String& message) -> Task<void> {
                                               const std::uint64_t number = std::stoull(message.data);
                                               first = first == 0 ? number : first;
                                               unordered += number <= newest ? 1 : 0;
                                               gaps += newest != 0 && number > newest ? number - newest - 1 : 0;
                                               newest = std::max(newest, number);
                                               co_await async::sleep_for(pause);
                                             },
                                             {.qos = qos_named(qos)});
  node.timer(100ms, [&] {
    const auto heard = subscription.statistics();
    say(fmt::format(
        "{{\"received\": {}, \"lost\": {}, \"first\": {}, \"newest\": {}, \"gaps\": {}, \"unordered\": {}, {}}}",
        heard.received, heard.lost, first, newest, gaps, unordered, memory()));
  });
  co_await node.run();
}

}  // namespace takt::test
