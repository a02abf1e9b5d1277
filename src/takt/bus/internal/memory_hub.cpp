#include "takt/bus/internal/memory_hub.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include "takt/bus/matching.hpp"

namespace takt::bus::internal {
namespace {

using Kind = EndpointInfo::Kind;

std::pair<std::string, std::string> ordered(const std::string& one, const std::string& other) {
  return {std::min(one, other), std::max(one, other)};
}

/// True for a publisher beside a subscription, or a server beside a client.
bool offers_to(const MemoryEndpoint& one, const MemoryEndpoint& other) {
  return (one.info.kind == Kind::kPublisher && other.info.kind == Kind::kSubscription) ||
         (one.info.kind == Kind::kServer && other.info.kind == Kind::kClient);
}

TopicEndpoint topic_of(const MemoryEndpoint& endpoint) {
  const EndpointInfo& info = endpoint.info;
  return {.name = info.name, .type = info.type, .qos = info.qos, .node = info.node};
}

ServiceEndpoint service_of(const MemoryEndpoint& endpoint) {
  const EndpointInfo& info = endpoint.info;
  return {.name = info.name, .request = endpoint.request, .reply = endpoint.reply, .qos = info.qos, .node = info.node};
}

std::optional<std::string> mismatch_of(const MemoryEndpoint& offering, const MemoryEndpoint& asking) {
  return offering.info.kind == Kind::kPublisher ? find_mismatch(topic_of(offering), topic_of(asking))
                                                : find_mismatch(service_of(offering), service_of(asking));
}

bool keeps_for_late(const MemoryEndpoint& endpoint) {
  return endpoint.info.qos.durability == Durability::kTransientLocal;
}

}  // namespace

void MemoryHub::join(const std::string& host) {
  const std::scoped_lock lock(mutex_);
  if (!hosts_.emplace(host, Host{}).second) {
    throw LogicError("memory network: there is a host '" + host + "' already");
  }
}

void MemoryHub::leave(const std::string& host) {
  watch(host, {});
  const std::scoped_lock lock(mutex_);
  hosts_.erase(host);
}

bool MemoryHub::linked(const std::string& one, const std::string& other) const {
  return one == other || !cuts_.contains(ordered(one, other));
}

std::shared_ptr<MemoryEndpoint> MemoryHub::shared(MemoryEndpoint& endpoint) const {
  const auto found =
      std::ranges::find(endpoints_, &endpoint, [](const std::shared_ptr<MemoryEndpoint>& one) { return one.get(); });
  return found == endpoints_.end() ? nullptr : *found;
}

std::shared_ptr<MemoryEndpoint> MemoryHub::add(EndpointInfo info, const ServiceEndpoint* service,
                                               const std::string& host, EndpointEvents events) {
  Happened happened;
  std::shared_ptr<MemoryEndpoint> endpoint;
  {
    const std::scoped_lock lock(mutex_);
    ++last_id_;
    std::memcpy(info.id.data(), &last_id_, sizeof(last_id_));
    endpoint = std::make_shared<MemoryEndpoint>(std::move(info), host, std::move(events), options_.room);
    if (service != nullptr) {
      endpoint->request = service->request;
      endpoint->reply = service->reply;
    }
    endpoints_.push_back(endpoint);
    for (const auto& other : endpoints_) {
      match(*endpoint, *other, happened);
    }
    post_graph(host, happened);
  }
  say(happened);
  return endpoint;
}

void MemoryHub::remove(MemoryEndpoint& endpoint) {
  Happened happened;
  {
    const std::scoped_lock lock(mutex_);
    for (MemoryEndpoint* const peer : std::vector(endpoint.peers)) {
      unmatch(endpoint, *peer, happened);
    }
    endpoint.retained.clear();
    std::erase(endpoints_, shared(endpoint));
    post_graph(endpoint.host, happened);
  }
  say(happened);
  endpoint.gate.close();
}

void MemoryHub::match(MemoryEndpoint& one, MemoryEndpoint& other, Happened& happened) {
  const bool offers = offers_to(one, other);
  if (one.host == other.host || one.info.name != other.info.name || (!offers && !offers_to(other, one)) ||
      !linked(one.host, other.host) || std::ranges::find(one.peers, &other) != one.peers.end()) {
    return;
  }
  MemoryEndpoint& offering = offers ? one : other;
  MemoryEndpoint& asking = offers ? other : one;
  if (const auto mismatch = mismatch_of(offering, asking)) {
    for (MemoryEndpoint* const end : {&offering, &asking}) {
      end->gate.post_incompatible(*mismatch);
      happened.gates.emplace_back(shared(*end), &end->gate);
    }
    return;
  }
  offering.peers.push_back(&asking);
  asking.peers.push_back(&offering);
  ++offering.total_matched;
  ++asking.total_matched;
  for (MemoryEndpoint* const end : {&offering, &asking}) {
    post_matched(*end, happened);
    if (std::exchange(end->wants_room, false)) {  // a client that asked before there was a server
      end->gate.post_writable();
    }
  }
  if (keeps_for_late(asking)) {
    for (const MemoryMessage& message : offering.retained) {
      send(asking, message, happened);
    }
  }
}

void MemoryHub::unmatch(MemoryEndpoint& one, MemoryEndpoint& other, Happened& happened) {
  for (const auto& [end, peer] : {std::pair(&one, &other), std::pair(&other, &one)}) {
    if (!end->peers.empty() && end->peers.front() == peer) {
      end->asked_from = end->sequence + 1;
    }
    std::erase(end->peers, peer);
  }
  post_matched(one, happened);
  post_matched(other, happened);
  for (MemoryEndpoint* const end : {&one, &other}) {
    if (std::exchange(end->wants_room, false)) {  // the one without room may have gone
      end->gate.post_writable();
    }
  }
}

void MemoryHub::post_matched(MemoryEndpoint& endpoint, Happened& happened) {
  endpoint.gate.post_matched({.current = endpoint.peers.size(), .total = endpoint.total_matched});
  happened.gates.emplace_back(shared(endpoint), &endpoint.gate);
}

void MemoryHub::post_graph(const std::string& host, Happened& happened) {
  for (const auto& [name, other] : hosts_) {
    if (other.watcher && linked(name, host)) {
      other.watcher->post_data();
      happened.gates.push_back(other.watcher);
    }
  }
}

void MemoryHub::cut(const std::string& one, const std::string& other) {
  Happened happened;
  {
    const std::scoped_lock lock(mutex_);
    if (one == other || cuts_.contains(ordered(one, other))) {
      return;
    }
    post_graph(one, happened);
    post_graph(other, happened);
    cuts_.insert(ordered(one, other));
    for (const auto& endpoint : endpoints_) {
      for (MemoryEndpoint* const peer : std::vector(endpoint->peers)) {
        if (!linked(endpoint->host, peer->host)) {
          unmatch(*endpoint, *peer, happened);
        }
      }
    }
  }
  say(happened);
}

void MemoryHub::restore(const std::string& one, const std::string& other) {
  Happened happened;
  {
    const std::scoped_lock lock(mutex_);
    if (cuts_.erase(ordered(one, other)) == 0) {
      return;
    }
    for (const auto& endpoint : endpoints_) {
      for (const auto& peer : endpoints_) {
        if (endpoint->host == one && peer->host == other) {
          match(*endpoint, *peer, happened);
        }
      }
    }
    post_graph(one, happened);
    post_graph(other, happened);
  }
  say(happened);
}

void MemoryHub::say(Happened& happened) const {
  for (std::function<void()>& deliver : happened.to_carry) {
    options_.carry(std::move(deliver));
  }
  for (const std::shared_ptr<EventGate>& gate : happened.gates) {
    gate->run();
  }
}

void MemoryHub::add_node(const std::string& host, const NodeInfo& node) {
  Happened happened;
  {
    const std::scoped_lock lock(mutex_);
    hosts_.at(host).nodes.push_back(node);
    post_graph(host, happened);
  }
  say(happened);
}

void MemoryHub::remove_node(const std::string& host, const std::string& name) {
  Happened happened;
  {
    const std::scoped_lock lock(mutex_);
    auto& nodes = hosts_.at(host).nodes;
    const auto found = std::ranges::find(nodes, name, &NodeInfo::name);
    if (found == nodes.end()) {
      return;
    }
    nodes.erase(found);
    post_graph(host, happened);
  }
  say(happened);
}

Graph MemoryHub::graph(const std::string& host) const {
  const std::scoped_lock lock(mutex_);
  Graph graph;
  for (const auto& [name, other] : hosts_) {
    if (linked(name, host)) {
      graph.nodes.insert(graph.nodes.end(), other.nodes.begin(), other.nodes.end());
    }
  }
  for (const auto& endpoint : endpoints_) {
    if (linked(endpoint->host, host)) {
      graph.endpoints.push_back(endpoint->info);
    }
  }
  return graph;
}

void MemoryHub::watch(const std::string& host, std::function<void()> on_change) {
  std::shared_ptr<EventGate> watcher;
  if (on_change) {
    EndpointEvents events;
    events.on_data = std::move(on_change);
    watcher = std::make_shared<EventGate>(std::move(events));
  }
  {
    const std::scoped_lock lock(mutex_);
    watcher.swap(hosts_.at(host).watcher);
  }
  if (watcher) {
    watcher->close();
  }
}

}  // namespace takt::bus::internal
