#include "takt/transports/zmq/zmq_transport.hpp"

#include <utility>

#include "takt/bus/matching.hpp"
#include "takt/transports/zmq/internal/link.hpp"

namespace takt::zmq {
namespace {

using bus::Capability;
using internal::Announcement;
using internal::Kind;
using internal::Link;
using internal::Local;

/// What the four kinds of endpoints have in common: it exists on the link for as long as this object.
class OnLink {
 public:
  OnLink(Link& link, Announcement announcement, bus::EndpointEvents events)
      : link_(link), local_(link.add(std::move(announcement), std::move(events))) {}
  ~OnLink() { link_.remove(local_); }
  OnLink(const OnLink&) = delete;
  OnLink& operator=(const OnLink&) = delete;

  [[nodiscard]] Link& link() const noexcept { return link_; }
  [[nodiscard]] Local& local() const noexcept { return *local_; }
  [[nodiscard]] bus::Matched matched() const { return link_.matched(*local_); }
  [[nodiscard]] bool take(const bus::OnRequest& visit) const {
    auto message = local_->inbox.take();
    if (!message) {
      return false;
    }
    const bus::RequestId request{.client = local_->is.kind == Kind::kServer ? message->info.sender : local_->is.id,
                                 .sequence = static_cast<std::int64_t>(message->info.sequence)};
    visit(request, message->bytes, message->info);
    message.reset();  // it does not lie there any more
    link_.on_taken(*local_);
    return true;
  }

 private:
  Link& link_;
  const std::shared_ptr<Local> local_;  // the receive thread may be about to give it something
};

class ZmqPublisher final : public bus::TransportPublisher {
 public:
  ZmqPublisher(Link& link, Announcement announcement, bus::EndpointEvents events)
      : at_(link, std::move(announcement), std::move(events)) {}
  [[nodiscard]] Expected<void, bus::SendError> publish(bus::Bytes bytes) override {
    return at_.link().publish(at_.local(), bytes);
  }
  [[nodiscard]] bus::Matched matched() const override { return at_.matched(); }

 private:
  const OnLink at_;
};

class ZmqSubscription final : public bus::TransportSubscription {
 public:
  ZmqSubscription(Link& link, Announcement announcement, bus::EndpointEvents events)
      : at_(link, std::move(announcement), std::move(events)) {}
  [[nodiscard]] bool take(const bus::OnMessage& visit) override {
    return at_.take([&](const bus::RequestId&, bus::Bytes bytes, const bus::MessageInfo& info) { visit(bytes, info); });
  }
  [[nodiscard]] bus::Matched matched() const override { return at_.matched(); }
  [[nodiscard]] std::uint64_t lost() const override { return at_.local().inbox.lost(); }

 private:
  const OnLink at_;
};

class ZmqClient final : public bus::TransportClient {
 public:
  ZmqClient(Link& link, Announcement announcement, bus::EndpointEvents events)
      : at_(link, std::move(announcement), std::move(events)) {}
  [[nodiscard]] Expected<bus::RequestId, bus::SendError> request(bus::Bytes bytes) override {
    return at_.link().request(at_.local(), bytes);
  }
  [[nodiscard]] bool take(const bus::OnRequest& visit) override { return at_.take(visit); }
  [[nodiscard]] bus::Matched matched() const override { return at_.matched(); }
  [[nodiscard]] std::int64_t lost_before() const override { return at_.link().lost_before(at_.local()); }

 private:
  const OnLink at_;
};

class ZmqServer final : public bus::TransportServer {
 public:
  ZmqServer(Link& link, Announcement announcement, bus::EndpointEvents events)
      : at_(link, std::move(announcement), std::move(events)) {}
  [[nodiscard]] bool take(const bus::OnRequest& visit) override { return at_.take(visit); }
  [[nodiscard]] Expected<void, bus::SendError> reply(const bus::RequestId& id, bus::Bytes bytes) override {
    return at_.link().reply(at_.local(), id, bytes);
  }
  [[nodiscard]] bus::Matched matched() const override { return at_.matched(); }

 private:
  const OnLink at_;
};

bool encrypts(const ZmqOptions& options) {
  return options.binds ? !options.keys.secret_key.empty() : !options.server_key.empty();
}

class Zmq final : public ZmqTransport {
 public:
  explicit Zmq(const ZmqOptions& options)
      : scheme_(options.address.starts_with("ipc") ? "zmq+ipc" : "zmq+tcp"),
        encrypts_(encrypts(options)),
        link_(options) {}

  [[nodiscard]] std::string scheme() const override { return scheme_; }
  [[nodiscard]] bus::Capabilities capabilities() const noexcept override {
    bus::Capabilities all = encrypts_ ? static_cast<bus::Capabilities>(Capability::kEncrypted) : 0;
    for (const Capability one : {Capability::kPublishSubscribe, Capability::kRequestReply, Capability::kMatchedEvents,
                                 Capability::kGraph, Capability::kReliable, Capability::kTransientLocal}) {
      all |= static_cast<bus::Capabilities>(one);
    }
    return all;
  }
  [[nodiscard]] std::unique_ptr<bus::TransportPublisher> advertise(const bus::TopicEndpoint& topic,
                                                                   bus::EndpointEvents events) override {
    return std::make_unique<ZmqPublisher>(link_, announce(Kind::kPublisher, topic), std::move(events));
  }
  [[nodiscard]] std::unique_ptr<bus::TransportSubscription> subscribe(const bus::TopicEndpoint& topic,
                                                                      bus::EndpointEvents events) override {
    return std::make_unique<ZmqSubscription>(link_, announce(Kind::kSubscription, topic), std::move(events));
  }
  [[nodiscard]] std::unique_ptr<bus::TransportClient> client(const bus::ServiceEndpoint& service,
                                                             bus::EndpointEvents events) override {
    return std::make_unique<ZmqClient>(link_, announce(Kind::kClient, service), std::move(events));
  }
  [[nodiscard]] std::unique_ptr<bus::TransportServer> serve(const bus::ServiceEndpoint& service,
                                                            bus::EndpointEvents events) override {
    return std::make_unique<ZmqServer>(link_, announce(Kind::kServer, service), std::move(events));
  }
  void add_node(const bus::NodeInfo& node) override { link_.add_node(node); }
  void remove_node(const std::string& name) override { link_.remove_node(name); }
  [[nodiscard]] bus::Graph graph() const override { return link_.graph(); }
  void watch_graph(std::function<void()> on_change) override { link_.watch(std::move(on_change)); }
  [[nodiscard]] ZmqStatistics statistics() const override { return link_.statistics(); }

 private:
  [[nodiscard]] Announcement announce(Kind kind, const bus::TopicEndpoint& topic) const {
    bus::require_supported(topic.qos, capabilities(), scheme_, topic.name);
    return {.kind = kind,
            .id = {},
            .qos = topic.qos,
            .window = 0,
            .name = topic.name,
            .node = topic.node,
            .type = topic.type,
            .reply = {}};
  }
  [[nodiscard]] Announcement announce(Kind kind, const bus::ServiceEndpoint& service) const {
    bus::require_supported(service.qos, capabilities(), scheme_, service.name);
    return {.kind = kind,
            .id = {},
            .qos = service.qos,
            .window = 0,
            .name = service.name,
            .node = service.node,
            .type = service.request,
            .reply = service.reply};
  }

  const std::string scheme_;
  const bool encrypts_;
  Link link_;
};

}  // namespace

std::unique_ptr<ZmqTransport> open_zmq(const ZmqOptions& options) {
  return std::make_unique<Zmq>(options);
}

}  // namespace takt::zmq
