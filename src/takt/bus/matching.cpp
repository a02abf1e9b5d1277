#include "takt/bus/matching.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

namespace takt::bus {
namespace {

bool is_known(const TypeId& type) noexcept {
  return std::ranges::any_of(type.hash, [](std::uint8_t byte) { return byte != 0; });
}

std::string text_of(const TypeId& type) {
  std::string text = type.name;
  if (is_known(type)) {
    text += " RIHS01_";
    for (const std::uint8_t byte : type.hash) {
      text += fmt::format("{:02x}", byte);
    }
  }
  return text;
}

std::string_view text_of(Reliability reliability) noexcept {
  return reliability == Reliability::kReliable ? "reliable" : "best effort";
}

std::string_view text_of(Durability durability) noexcept {
  return durability == Durability::kTransientLocal ? "transient local" : "volatile";
}

std::string at_node(const std::string& node) {
  return node.empty() ? "" : fmt::format(" of {}", node);
}

}  // namespace

bool same_type(const TypeId& a, const TypeId& b) noexcept {
  return a.name == b.name && (a.hash == b.hash || !is_known(a) || !is_known(b));
}

std::optional<std::string> find_mismatch(const TopicEndpoint& publisher, const TopicEndpoint& subscription) {
  const auto say = [&](std::string_view what, std::string_view offered, std::string_view asked) {
    return fmt::format("{}: the publisher{} and the subscription{} differ in {}: {} is published, {} is asked for",
                       publisher.name, at_node(publisher.node), at_node(subscription.node), what, offered, asked);
  };
  if (!same_type(publisher.type, subscription.type)) {
    return say("type", text_of(publisher.type), text_of(subscription.type));
  }
  if (publisher.qos.reliability < subscription.qos.reliability) {
    return say("reliability", text_of(publisher.qos.reliability), text_of(subscription.qos.reliability));
  }
  if (publisher.qos.durability < subscription.qos.durability) {
    return say("durability", text_of(publisher.qos.durability), text_of(subscription.qos.durability));
  }
  return std::nullopt;
}

std::optional<std::string> find_mismatch(const ServiceEndpoint& server, const ServiceEndpoint& client) {
  if (same_type(server.request, client.request) && same_type(server.reply, client.reply)) {
    return std::nullopt;
  }
  return fmt::format("{}: the server{} and the client{} differ in type: {} -> {} is served, {} -> {} is asked for",
                     server.name, at_node(server.node), at_node(client.node), text_of(server.request),
                     text_of(server.reply), text_of(client.request), text_of(client.reply));
}

void require_supported(const Qos& qos, Capabilities capabilities, const std::string& scheme, const std::string& name) {
  struct Asked {
    bool asked;
    Capability capability;
    std::string_view what;
  };
  const std::array<Asked, 4> all{{
      {qos.reliability == Reliability::kReliable, Capability::kReliable, "reliable delivery"},
      {qos.durability == Durability::kTransientLocal, Capability::kTransientLocal, "transient local durability"},
      {qos.deadline_ns.has_value(), Capability::kDeadline, "deadlines"},
      {qos.lifespan_ns.has_value(), Capability::kLifespan, "lifespans"},
  }};
  for (const Asked& one : all) {
    if (one.asked && !has(capabilities, one.capability)) {
      throw LogicError(fmt::format("{}: the transport {} does not have {}, which the quality of service asks for", name,
                                   scheme, one.what));
    }
  }
}

TypeId service_type(const TypeId& request) {
  constexpr std::string_view kSuffix = "_Request";
  std::string name = request.name;
  if (name.ends_with(kSuffix)) {
    name.resize(name.size() - kSuffix.size());
  }
  return {.name = std::move(name)};
}

}  // namespace takt::bus
