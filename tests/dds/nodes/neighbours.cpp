#include "neighbours.hpp"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

#include "takt/transports/dds/test/dds_test.hpp"

namespace takt::dds::test {
namespace {

using Kind = bus::EndpointInfo::Kind;

Kind other_side(Kind kind) {
  switch (kind) {
    case Kind::kPublisher:
      return Kind::kSubscription;
    case Kind::kSubscription:
      return Kind::kPublisher;
    case Kind::kClient:
      return Kind::kServer;
    default:
      return Kind::kClient;
  }
}

/// Whether what one offers is enough for the other.
bool suits(const bus::Qos& offered, const bus::Qos& requested) {
  return offered.reliability >= requested.reliability && offered.durability >= requested.durability;
}

/// An endpoint that is entered for as long as it lives.
template <class Interface>
class Entered {
 public:
  Entered(Neighbours& neighbours, std::unique_ptr<Interface> endpoint, Neighbours::Entry entry)
      : neighbours_(neighbours), endpoint_(std::move(endpoint)) {
    entry.matched = [this] { return endpoint_->matched(); };
    place_ = neighbours_.enter(std::move(entry));
  }
  ~Entered() {
    neighbours_.leave(place_, [this] { endpoint_.reset(); });
  }
  Entered(const Entered&) = delete;
  Entered& operator=(const Entered&) = delete;

  Interface* operator->() const { return endpoint_.get(); }

 private:
  Neighbours& neighbours_;
  std::unique_ptr<Interface> endpoint_;
  Neighbours::Place place_;
};

class Publisher final : public bus::TransportPublisher {
 public:
  template <class... Arguments>
  explicit Publisher(Arguments&&... arguments) : entered_(std::forward<Arguments>(arguments)...) {}
  Expected<void, bus::SendError> publish(bus::Bytes bytes) override { return entered_->publish(bytes); }
  bus::Matched matched() const override { return entered_->matched(); }

 private:
  Entered<bus::TransportPublisher> entered_;
};

class Subscription final : public bus::TransportSubscription {
 public:
  template <class... Arguments>
  explicit Subscription(Arguments&&... arguments) : entered_(std::forward<Arguments>(arguments)...) {}
  bool take(const bus::OnMessage& visit) override { return entered_->take(visit); }
  bus::Matched matched() const override { return entered_->matched(); }
  std::uint64_t lost() const override { return entered_->lost(); }

 private:
  Entered<bus::TransportSubscription> entered_;
};

class Client final : public bus::TransportClient {
 public:
  template <class... Arguments>
  explicit Client(Arguments&&... arguments) : entered_(std::forward<Arguments>(arguments)...) {}
  Expected<bus::RequestId, bus::SendError> request(bus::Bytes bytes) override { return entered_->request(bytes); }
  bool take(const bus::OnRequest& visit) override { return entered_->take(visit); }
  bus::Matched matched() const override { return entered_->matched(); }
  std::int64_t lost_before() const override { return entered_->lost_before(); }

 private:
  Entered<bus::TransportClient> entered_;
};

class Server final : public bus::TransportServer {
 public:
  template <class... Arguments>
  explicit Server(Arguments&&... arguments) : entered_(std::forward<Arguments>(arguments)...) {}
  bool take(const bus::OnRequest& visit) override { return entered_->take(visit); }
  Expected<void, bus::SendError> reply(const bus::RequestId& id, bus::Bytes bytes) override {
    return entered_->reply(id, bytes);
  }
  bus::Matched matched() const override { return entered_->matched(); }

 private:
  Entered<bus::TransportServer> entered_;
};

class Neighbour final : public bus::Transport {
 public:
  Neighbour(std::shared_ptr<Neighbours> neighbours, std::shared_ptr<bus::Transport> transport)
      : neighbours_(std::move(neighbours)), transport_(std::move(transport)) {}

  std::string scheme() const override { return transport_->scheme(); }
  bus::Capabilities capabilities() const noexcept override { return transport_->capabilities(); }
  bus::Graph graph() const override { return transport_->graph(); }
  void watch_graph(std::function<void()> on_change) override { transport_->watch_graph(std::move(on_change)); }
  void add_node(const bus::NodeInfo& node) override {
    transport_->add_node(node);
    neighbours_->nodes(node.name, 1);
  }
  void remove_node(const std::string& name) override {
    transport_->remove_node(name);
    neighbours_->nodes(name, -1);
  }

  std::unique_ptr<bus::TransportPublisher> advertise(const bus::TopicEndpoint& topic,
                                                     bus::EndpointEvents events) override {
    return std::make_unique<Publisher>(*neighbours_, transport_->advertise(topic, std::move(events)),
                                       entry(Kind::kPublisher, topic, topic.type));
  }
  std::unique_ptr<bus::TransportSubscription> subscribe(const bus::TopicEndpoint& topic,
                                                        bus::EndpointEvents events) override {
    return std::make_unique<Subscription>(*neighbours_, transport_->subscribe(topic, std::move(events)),
                                          entry(Kind::kSubscription, topic, topic.type));
  }
  std::unique_ptr<bus::TransportClient> client(const bus::ServiceEndpoint& service,
                                               bus::EndpointEvents events) override {
    return std::make_unique<Client>(*neighbours_, transport_->client(service, std::move(events)),
                                    entry(Kind::kClient, service, service.request));
  }
  std::unique_ptr<bus::TransportServer> serve(const bus::ServiceEndpoint& service,
                                              bus::EndpointEvents events) override {
    return std::make_unique<Server>(*neighbours_, transport_->serve(service, std::move(events)),
                                    entry(Kind::kServer, service, service.request));
  }

 private:
  template <class Endpoint>
  Neighbours::Entry entry(Kind kind, const Endpoint& endpoint, const bus::TypeId& type) const {
    return {.place = transport_.get(),
            .kind = kind,
            .name = endpoint.name,
            .type = type.name,
            .node = endpoint.node,
            .qos = endpoint.qos,
            .matched = {}};
  }

  std::shared_ptr<Neighbours> neighbours_;
  std::shared_ptr<bus::Transport> transport_;
};

}  // namespace

std::shared_ptr<bus::Transport> Neighbours::join(std::shared_ptr<bus::Transport> transport) {
  const std::lock_guard lock(mutex_);
  transports_.push_back(transport);
  return std::make_shared<Neighbour>(shared_from_this(), std::move(transport));
}

Neighbours::Place Neighbours::enter(Entry entry) {
  const std::lock_guard lock(mutex_);
  const Place place = entries_.insert(entries_.end(), std::move(entry));
  settle(place->name);
  return place;
}

void Neighbours::leave(Place place, const std::function<void()>& end) {
  const std::lock_guard lock(mutex_);
  const std::string name = place->name;
  entries_.erase(place);
  end();
  settle(name);
}

void Neighbours::nodes(const std::string& name, int more) {
  const std::lock_guard lock(mutex_);
  if (more > 0) {
    nodes_.push_back(name);
  } else if (const auto one = std::ranges::find(nodes_, name); one != nodes_.end()) {
    nodes_.erase(one);
  }
  const auto expected = std::ranges::count(nodes_, name);
  EXPECT_TRUE(eventually([&] {
    return std::ranges::all_of(transports_, [&](const auto& transport) {
      return std::ranges::count(transport->graph().nodes, name, &bus::NodeInfo::name) == expected;
    });
  })) << name;
}

void Neighbours::settle(const std::string& name) {
  EXPECT_TRUE(eventually([&] { return settled(name); })) << name;
}

bool Neighbours::settled(const std::string& name) const {
  const auto matched = [&](const Entry& entry) {
    return entry.name != name || entry.matched().current == partners(entry);
  };
  if (!std::ranges::all_of(entries_, matched)) {
    return false;
  }
  const auto expected =
      std::ranges::count_if(entries_, [&](const Entry& entry) { return entry.name == name && !entry.node.empty(); });
  return std::ranges::all_of(transports_, [&](const auto& transport) {
    const bus::Graph graph = transport->graph();
    return std::ranges::count_if(graph.endpoints, [&](const bus::EndpointInfo& info) {
             return info.name == name && !info.node.empty();
           }) == expected;
  });
}

std::size_t Neighbours::partners(const Entry& entry) const {
  const bool offers = entry.kind == Kind::kPublisher || entry.kind == Kind::kClient;
  return static_cast<std::size_t>(std::ranges::count_if(entries_, [&](const Entry& other) {
    return other.place != entry.place && other.kind == other_side(entry.kind) && other.name == entry.name &&
           other.type == entry.type && suits(offers ? entry.qos : other.qos, offers ? other.qos : entry.qos);
  }));
}

}  // namespace takt::dds::test
