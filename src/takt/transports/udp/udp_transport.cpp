#include "takt/transports/udp/udp_transport.hpp"

#include <utility>

#include <fmt/format.h>

#include "takt/bus/internal/matching.hpp"
#include "takt/transports/udp/internal/link.hpp"

namespace takt::udp {
namespace {

using bus::Capability;
using internal::Link;

class UdpPublisher final : public bus::TransportPublisher {
 public:
  UdpPublisher(Link& link, bus::TopicEndpoint topic)
      : link_(link),
        writer_{.topic = std::move(topic), .id = link.make_id(), .sequence = 0, .headers = {}, .parts = {}} {}
  [[nodiscard]] Expected<void, bus::SendError> publish(bus::Bytes bytes) override {
    return link_.publish(writer_, bytes);
  }
  [[nodiscard]] bus::Matched matched() const override { return {}; }

 private:
  Link& link_;
  internal::Writer writer_;
};

class UdpSubscription final : public bus::TransportSubscription {
 public:
  UdpSubscription(Link& link, const bus::TopicEndpoint& topic, bus::EndpointEvents events)
      : link_(link), reader_(std::make_shared<internal::Reader>(topic, std::move(events), link.options())) {
    link_.readers().add(reader_);
  }
  ~UdpSubscription() override {
    link_.readers().remove(reader_);
    reader_->gate.close();
  }
  UdpSubscription(const UdpSubscription&) = delete;
  UdpSubscription& operator=(const UdpSubscription&) = delete;

  [[nodiscard]] bool take(const bus::OnMessage& visit) override {
    const auto message = reader_->inbox.take();
    if (message) {
      visit(*message->bytes, message->info);
    }
    return message.has_value();
  }
  [[nodiscard]] bus::Matched matched() const override { return {}; }
  [[nodiscard]] std::uint64_t lost() const override { return reader_->inbox.lost(); }

 private:
  Link& link_;
  const std::shared_ptr<internal::Reader> reader_;  // the receive thread may be about to give it something
};

class Udp final : public UdpTransport {
 public:
  explicit Udp(const UdpOptions& options) : link_(options) {}

  [[nodiscard]] std::string scheme() const override { return "udp"; }
  [[nodiscard]] bus::Capabilities capabilities() const noexcept override {
    const auto basic = static_cast<bus::Capabilities>(Capability::kPublishSubscribe);
    return link_.socket().is_group() ? basic | static_cast<bus::Capabilities>(Capability::kMulticast) : basic;
  }
  [[nodiscard]] std::unique_ptr<bus::TransportPublisher> advertise(const bus::TopicEndpoint& topic,
                                                                   bus::EndpointEvents /*events*/) override {
    check(topic);
    return std::make_unique<UdpPublisher>(link_, topic);
  }
  [[nodiscard]] std::unique_ptr<bus::TransportSubscription> subscribe(const bus::TopicEndpoint& topic,
                                                                      bus::EndpointEvents events) override {
    check(topic);
    return std::make_unique<UdpSubscription>(link_, topic, std::move(events));
  }
  [[nodiscard]] std::unique_ptr<bus::TransportClient> client(const bus::ServiceEndpoint& service,
                                                             bus::EndpointEvents /*events*/) override {
    throw_no_requests(service);
  }
  [[nodiscard]] std::unique_ptr<bus::TransportServer> serve(const bus::ServiceEndpoint& service,
                                                            bus::EndpointEvents /*events*/) override {
    throw_no_requests(service);
  }
  void add_node(const bus::NodeInfo& /*node*/) override {}
  void remove_node(const std::string& /*name*/) override {}
  [[nodiscard]] bus::Graph graph() const override {
    throw LogicError("udp: it has no graph: nobody says who is there");
  }
  void watch_graph(std::function<void()> /*on_change*/) override {
    throw LogicError("udp: it has no graph that could change: nobody says who is there");
  }
  [[nodiscard]] UdpStatistics statistics() const override { return link_.statistics(); }
  [[nodiscard]] std::uint16_t port() const noexcept override { return link_.socket().port(); }

 private:
  void check(const bus::TopicEndpoint& topic) const {
    bus::internal::require_supported(topic.qos, capabilities(), scheme(), topic.name);
    if (topic.name.empty() || topic.name.size() > internal::kMaxNameBytes ||
        topic.type.name.size() > internal::kMaxNameBytes) {
      throw LogicError(fmt::format("udp: topic '{}' of type '{}': names have 1 to {} bytes", topic.name,
                                   topic.type.name, internal::kMaxNameBytes));
    }
  }
  [[noreturn]] static void throw_no_requests(const bus::ServiceEndpoint& service) {
    throw LogicError(
        fmt::format("{}: the transport udp has no requests and replies: nothing is repeated on it", service.name));
  }

  Link link_;
};

}  // namespace

std::unique_ptr<UdpTransport> open_udp(const UdpOptions& options) {
  return std::make_unique<Udp>(options);
}

}  // namespace takt::udp
