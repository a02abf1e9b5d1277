#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

#include "takt/messages/cdr.hpp"
#include "takt/transports/dds/dds_transport.hpp"

/// What the tests of this folder share: a domain of their own on the loopback interface, and waiting for others.
namespace takt::dds::test {

/// A domain that other test programs hardly have; names below make sure that it does not matter when they do. 0 to 100:
/// the ports of those above (7400 + 250 per domain) are what Linux gives to whoever asks for any.
inline DdsOptions options() {
  DdsOptions result;
  result.domain = static_cast<std::uint32_t>(::getpid() % 101);
  result.max_processes = 64;
  return result;
}

inline std::shared_ptr<bus::Transport> open() {
  return open_dds(options());
}

/// "/name_<pid>": nobody else's.
inline std::string own(std::string_view name) {
  return std::string(name) + "_" + std::to_string(::getpid());
}

/// Whether `condition` holds before a deadline that only a broken program misses.
inline bool eventually(const std::function<bool()>& condition) {
  using namespace std::chrono_literals;
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

/// std_msgs/msg/String, as bytes.
inline std::vector<std::byte> text(std::string_view value) {
  return messages::to_cdr(std::tuple(std::string(value)));
}
inline std::string text_of(bus::Bytes bytes) {
  const auto value = messages::from_cdr<std::tuple<std::string>>(bytes);
  return value ? std::get<0>(*value) : "malformed: " + value.error().text();
}

inline bus::TypeId string_type() {
  bus::TypeId type{.name = "std_msgs/msg/String", .hash = {}};
  type.hash.fill(0xdf);
  return type;
}

inline bus::Qos depth(std::uint32_t value) {
  bus::Qos qos;
  qos.depth = value;
  return qos;
}

inline bus::EndpointEvents on_data(std::function<void()> event) {
  bus::EndpointEvents events;
  events.on_data = std::move(event);
  return events;
}
inline bus::EndpointEvents on_matched(std::function<void(const bus::Matched&)> event) {
  bus::EndpointEvents events;
  events.on_matched = std::move(event);
  return events;
}
inline bus::EndpointEvents on_incompatible(std::function<void(const std::string&)> event) {
  bus::EndpointEvents events;
  events.on_incompatible = std::move(event);
  return events;
}

inline bus::TopicEndpoint topic(std::string name, const bus::Qos& qos = {}, std::string node = "") {
  return {.name = std::move(name), .type = string_type(), .qos = qos, .node = std::move(node)};
}

inline bus::ServiceEndpoint service(std::string name, std::string node = "") {
  return {.name = std::move(name),
          .request = {.name = "std_srvs/srv/SetBool_Request", .hash = {}},
          .reply = {.name = "std_srvs/srv/SetBool_Response", .hash = {}},
          .qos = {},
          .node = std::move(node)};
}

/// All texts that can be taken now.
inline std::vector<std::string> take_texts(bus::TransportSubscription& subscription) {
  std::vector<std::string> texts;
  while (subscription.take([&](bus::Bytes bytes, const bus::MessageInfo&) { texts.push_back(text_of(bytes)); })) {
  }
  return texts;
}

}  // namespace takt::dds::test
