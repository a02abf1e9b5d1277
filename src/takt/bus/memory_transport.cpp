#include "takt/bus/memory_transport.hpp"

#include <utility>

#include "takt/bus/internal/memory_hub.hpp"
#include "takt/bus/matching.hpp"

namespace takt::bus {
namespace {

using internal::MemoryEndpoint;
using internal::MemoryHub;

/// What the four kinds of endpoints have in common: it exists on the hub for as long as this object.
class OnHub {
 public:
  OnHub(std::shared_ptr<MemoryHub> hub, std::shared_ptr<MemoryEndpoint> endpoint)
      : hub_(std::move(hub)), endpoint_(std::move(endpoint)) {}
  ~OnHub() { hub_->remove(*endpoint_); }
  OnHub(const OnHub&) = delete;
  OnHub& operator=(const OnHub&) = delete;

  [[nodiscard]] MemoryHub& hub() const noexcept { return *hub_; }
  [[nodiscard]] MemoryEndpoint& endpoint() const noexcept { return *endpoint_; }
  [[nodiscard]] Matched matched() const { return hub_->matched(*endpoint_); }

 private:
  const std::shared_ptr<MemoryHub> hub_;
  const std::shared_ptr<MemoryEndpoint> endpoint_;
};

class MemoryPublisher final : public TransportPublisher {
 public:
  MemoryPublisher(std::shared_ptr<MemoryHub> hub, std::shared_ptr<MemoryEndpoint> endpoint)
      : at_(std::move(hub), std::move(endpoint)) {}
  [[nodiscard]] Expected<void, SendError> publish(Bytes bytes) override {
    return at_.hub().publish(at_.endpoint(), bytes);
  }
  [[nodiscard]] Matched matched() const override { return at_.matched(); }

 private:
  const OnHub at_;
};

class MemorySubscription final : public TransportSubscription {
 public:
  MemorySubscription(std::shared_ptr<MemoryHub> hub, std::shared_ptr<MemoryEndpoint> endpoint)
      : at_(std::move(hub), std::move(endpoint)) {}
  [[nodiscard]] bool take(const OnMessage& visit) override {
    return at_.hub().take(at_.endpoint(),
                          [&](const RequestId&, Bytes bytes, const MessageInfo& info) { visit(bytes, info); });
  }
  [[nodiscard]] Matched matched() const override { return at_.matched(); }
  [[nodiscard]] std::uint64_t lost() const override { return at_.endpoint().inbox.lost(); }

 private:
  const OnHub at_;
};

class MemoryClient final : public TransportClient {
 public:
  MemoryClient(std::shared_ptr<MemoryHub> hub, std::shared_ptr<MemoryEndpoint> endpoint)
      : at_(std::move(hub), std::move(endpoint)) {}
  [[nodiscard]] Expected<RequestId, SendError> request(Bytes bytes) override {
    return at_.hub().request(at_.endpoint(), bytes);
  }
  [[nodiscard]] bool take(const OnRequest& visit) override { return at_.hub().take(at_.endpoint(), visit); }
  [[nodiscard]] Matched matched() const override { return at_.matched(); }
  [[nodiscard]] std::int64_t lost_before() const override { return at_.hub().lost_before(at_.endpoint()); }

 private:
  const OnHub at_;
};

class MemoryServer final : public TransportServer {
 public:
  MemoryServer(std::shared_ptr<MemoryHub> hub, std::shared_ptr<MemoryEndpoint> endpoint)
      : at_(std::move(hub), std::move(endpoint)) {}
  [[nodiscard]] bool take(const OnRequest& visit) override { return at_.hub().take(at_.endpoint(), visit); }
  [[nodiscard]] Expected<void, SendError> reply(const RequestId& id, Bytes bytes) override {
    return at_.hub().reply(at_.endpoint(), id, bytes);
  }
  [[nodiscard]] Matched matched() const override { return at_.matched(); }

 private:
  const OnHub at_;
};

class MemoryTransport final : public Transport {
 public:
  MemoryTransport(std::shared_ptr<MemoryHub> hub, std::string host) : hub_(std::move(hub)), host_(std::move(host)) {}
  ~MemoryTransport() override { hub_->leave(host_); }
  MemoryTransport(const MemoryTransport&) = delete;
  MemoryTransport& operator=(const MemoryTransport&) = delete;

  [[nodiscard]] std::string scheme() const override { return "memory"; }
  [[nodiscard]] Capabilities capabilities() const noexcept override {
    Capabilities all = 0;
    for (const Capability one : {Capability::kPublishSubscribe, Capability::kRequestReply, Capability::kMatchedEvents,
                                 Capability::kGraph, Capability::kReliable, Capability::kTransientLocal}) {
      all |= static_cast<Capabilities>(one);
    }
    return all;
  }

  [[nodiscard]] std::unique_ptr<TransportPublisher> advertise(const TopicEndpoint& topic,
                                                              EndpointEvents events) override {
    return std::make_unique<MemoryPublisher>(hub_, add(EndpointInfo::Kind::kPublisher, topic, std::move(events)));
  }
  [[nodiscard]] std::unique_ptr<TransportSubscription> subscribe(const TopicEndpoint& topic,
                                                                 EndpointEvents events) override {
    return std::make_unique<MemorySubscription>(hub_, add(EndpointInfo::Kind::kSubscription, topic, std::move(events)));
  }
  [[nodiscard]] std::unique_ptr<TransportClient> client(const ServiceEndpoint& service,
                                                        EndpointEvents events) override {
    return std::make_unique<MemoryClient>(hub_, add(EndpointInfo::Kind::kClient, service, std::move(events)));
  }
  [[nodiscard]] std::unique_ptr<TransportServer> serve(const ServiceEndpoint& service, EndpointEvents events) override {
    return std::make_unique<MemoryServer>(hub_, add(EndpointInfo::Kind::kServer, service, std::move(events)));
  }

  void add_node(const NodeInfo& node) override { hub_->add_node(host_, node); }
  void remove_node(const std::string& name) override { hub_->remove_node(host_, name); }
  [[nodiscard]] Graph graph() const override { return hub_->graph(host_); }
  void watch_graph(std::function<void()> on_change) override { hub_->watch(host_, std::move(on_change)); }

 private:
  std::shared_ptr<MemoryEndpoint> add(EndpointInfo::Kind kind, const TopicEndpoint& topic, EndpointEvents events) {
    require_supported(topic.qos, capabilities(), scheme(), topic.name);
    return hub_->add({.kind = kind, .node = topic.node, .name = topic.name, .type = topic.type, .qos = topic.qos},
                     nullptr, host_, std::move(events));
  }
  std::shared_ptr<MemoryEndpoint> add(EndpointInfo::Kind kind, const ServiceEndpoint& service, EndpointEvents events) {
    require_supported(service.qos, capabilities(), scheme(), service.name);
    return hub_->add({.kind = kind,
                      .node = service.node,
                      .name = service.name,
                      .type = service_type(service.request),
                      .qos = service.qos},
                     &service, host_, std::move(events));
  }

  const std::shared_ptr<MemoryHub> hub_;
  const std::string host_;
};

}  // namespace

MemoryNetwork::MemoryNetwork(MemoryNetworkOptions options) : hub_(std::make_shared<MemoryHub>(std::move(options))) {}
MemoryNetwork::~MemoryNetwork() = default;

std::unique_ptr<Transport> MemoryNetwork::join(const std::string& host) {
  hub_->join(host);
  return std::make_unique<MemoryTransport>(hub_, host);
}

void MemoryNetwork::cut(const std::string& one, const std::string& other) {
  hub_->cut(one, other);
}

void MemoryNetwork::restore(const std::string& one, const std::string& other) {
  hub_->restore(one, other);
}

}  // namespace takt::bus
