#include "takt/node/internal/endpoints.hpp"

#include "takt/core/error.hpp"

namespace takt::node::internal {

void Malformed::count(std::string_view where, const messages::DecodeError& error) noexcept {
  if (count_.fetch_add(1, std::memory_order_relaxed) > 0) {
    return;
  }
  try {
    core::log(core::LogLevel::kWarning, std::string(where) + ": a message came that is none, and was dropped: " +
                                            error.text() + "; further ones are only counted");
  } catch (...) {  // NOLINT(bugprone-empty-catch): no memory for the text: the count stands
  }
}

std::vector<std::shared_ptr<bus::Transport>> transports_for(const NodeCore& node, bus::Capability capability,
                                                            std::string_view name, std::string_view type,
                                                            bool encodable, bool in_process_only) {
  std::vector<std::shared_ptr<bus::Transport>> found;
  if (in_process_only) {
    return found;
  }
  for (const auto& transport : node.transports()) {
    if (!bus::has(transport->capabilities(), capability)) {
      continue;
    }
    if (!encodable) {
      throw LogicError(std::string(name) + " of node " + node.name() + ": type " + std::string(type) +
                       " has no wire form, so transport " + transport->scheme() +
                       " cannot carry it: describe the type, or ask for in_process_only");
    }
    found.push_back(transport);
  }
  return found;
}

void warn_without_requests(const NodeCore& node, std::string_view what, const std::string& name) {
  std::string schemes;
  for (const auto& transport : node.transports()) {
    if (bus::has(transport->capabilities(), bus::Capability::kRequestReply)) {
      return;
    }
    schemes += (schemes.empty() ? "" : ", ") + transport->scheme();
  }
  if (!schemes.empty()) {
    core::log(core::LogLevel::kWarning, "node " + node.name() + ": the " + std::string(what) + " " + name +
                                            " reaches this process only: of the transports (" + schemes +
                                            ") none carries requests");
  }
}

bus::Qos weakened(bus::Qos qos, bus::Capabilities capabilities) noexcept {
  if (!bus::has(capabilities, bus::Capability::kReliable)) {
    qos.reliability = bus::Reliability::kBestEffort;
  }
  if (!bus::has(capabilities, bus::Capability::kTransientLocal)) {
    qos.durability = bus::Durability::kVolatile;
  }
  if (!bus::has(capabilities, bus::Capability::kDeadline)) {
    qos.deadline_ns.reset();
  }
  if (!bus::has(capabilities, bus::Capability::kLifespan)) {
    qos.lifespan_ns.reset();
  }
  return qos;
}

bus::Qos reader_qos(const NodeCore& node, const std::string& topic, const bus::Qos& qos,
                    const bus::Transport& transport) {
  const bus::Qos served = weakened(qos, transport.capabilities());
  if (served != qos) {
    core::log(core::LogLevel::kWarning, "node " + node.name() + ": the transport " + transport.scheme() +
                                            " cannot do all that the quality of service of the subscription " + topic +
                                            " asks for; there it goes without");
  }
  return served;
}

bus::EndpointEvents graph_events(const NodeCore& node) {
  bus::EndpointEvents events;
  events.on_matched = [&graph = node.graph()](const bus::Matched& /*now*/) { graph.changed().ring(); };
  events.on_incompatible = [name = node.name()](const std::string& reason) {
    core::log(core::LogLevel::kWarning, "node " + name + ": " + reason);
  };
  return events;
}

}  // namespace takt::node::internal
