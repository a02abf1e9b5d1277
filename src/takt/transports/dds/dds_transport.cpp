#include "takt/transports/dds/dds_transport.hpp"

#include <atomic>
#include <utility>

#include "takt/core/error.hpp"
#include "takt/transports/dds/internal/configuration.hpp"
#include "takt/transports/dds/internal/discovery.hpp"
#include "takt/transports/dds/internal/endpoint_notices.hpp"
#include "takt/transports/dds/internal/entity.hpp"
#include "takt/transports/dds/internal/handles.hpp"
#include "takt/transports/dds/internal/node_table.hpp"
#include "takt/transports/dds/internal/qos.hpp"
#include "takt/transports/dds/internal/work_thread.hpp"

// Each transport has a domain object of Cyclone DDS to itself, with its own sockets and threads: two of one process
// then hear each other as two processes do, each with its own configuration. Cyclone DDS knows domain objects by
// number, one for each in a process; the number on the wire is another setting (ExternalDomainId), so that the second
// transport of a domain takes a number that no domain has.
namespace takt::dds {
namespace {

dds_domainid_t spare_number() {
  static std::atomic<dds_domainid_t> next{1'000'000};
  return next++;
}

/// A domain object and the number it got.
struct Domain {
  explicit Domain(const DdsOptions& options) : entity(create(options), what(options)) {}

  dds_domainid_t number{0};
  Entity entity;

 private:
  dds_entity_t create(const DdsOptions& options) {
    const std::string configuration = cyclone_configuration(options);
    number = options.domain;
    dds_entity_t made = dds_create_domain(number, configuration.c_str());
    while (made == DDS_RETCODE_PRECONDITION_NOT_MET) {  // there is one of this number
      number = spare_number();
      made = dds_create_domain(number, configuration.c_str());
    }
    return made;
  }

  static std::string what(const DdsOptions& options) {
    return "domain " + std::to_string(options.domain) + " cannot be joined; is its configuration right, '" +
           cyclone_configuration(options) + "', and are there fewer than " + std::to_string(options.max_processes) +
           " processes on it?";
  }
};

QosHandle participant_qos(const std::string& enclave) {
  QosHandle qos(dds_create_qos());
  const std::string data = "enclave=" + enclave + ";";
  dds_qset_userdata(qos.get(), data.data(), data.size());
  return qos;
}

class DdsTransport final : public bus::Transport {
 public:
  explicit DdsTransport(const DdsOptions& options)
      : domain_(options),
        participant_(dds_create_participant(domain_.number, participant_qos(options.enclave).get(), nullptr),
                     "participant of domain " + std::to_string(options.domain)),
        nodes_(NodeTable::make(participant_.get(), events_)),
        discovery_(participant_.get(), events_, *nodes_),
        plain_topics_(options.plain_topics),
        around_{.participant = participant_.get(),
                .events = events_,
                .deletions = deletions_,
                .linger = linger_,
                .nodes = *nodes_,
                .discovery = discovery_,
                .keep_all_samples = options.keep_all_samples,
                .keep_all_patience_ns = core::Nanoseconds{options.keep_all_patience_ms} * 1'000'000,
                .max_message_bytes = options.max_message_bytes,
                .plain_topics = plain_topics_,
                .services = services_} {}
  ~DdsTransport() override { linger_.end(core::monotonic_now_ns()); }
  DdsTransport(const DdsTransport&) = delete;
  DdsTransport& operator=(const DdsTransport&) = delete;

  [[nodiscard]] std::string scheme() const override { return "dds"; }

  [[nodiscard]] bus::Capabilities capabilities() const noexcept override {
    using enum bus::Capability;
    bus::Capabilities all = 0;
    for (const bus::Capability one : {kPublishSubscribe, kRequestReply, kMatchedEvents, kGraph, kReliable,
                                      kTransientLocal, kDeadline, kLifespan, kMulticast}) {
      all |= static_cast<std::uint32_t>(one);
    }
    return all;
  }

  [[nodiscard]] std::unique_ptr<bus::TransportPublisher> advertise(const bus::TopicEndpoint& topic,
                                                                   bus::EndpointEvents events) override {
    return make<PublisherHandle>(topic, std::move(events));
  }
  [[nodiscard]] std::unique_ptr<bus::TransportSubscription> subscribe(const bus::TopicEndpoint& topic,
                                                                      bus::EndpointEvents events) override {
    return make<SubscriptionHandle>(topic, std::move(events));
  }
  [[nodiscard]] std::unique_ptr<bus::TransportClient> client(const bus::ServiceEndpoint& service,
                                                             bus::EndpointEvents events) override {
    return make<ClientHandle>(service, std::move(events));
  }
  [[nodiscard]] std::unique_ptr<bus::TransportServer> serve(const bus::ServiceEndpoint& service,
                                                            bus::EndpointEvents events) override {
    return make<ServerHandle>(service, std::move(events));
  }

  /// ROS has one enclave for each process, and so has DDS: that of the options.
  void add_node(const bus::NodeInfo& node) override {
    nodes_->add(node.name);
    discovery_.own_nodes_changed();
  }
  void remove_node(const std::string& name) override {
    nodes_->remove(name);
    discovery_.own_nodes_changed();
  }

  [[nodiscard]] bus::Graph graph() const override { return discovery_.graph(); }
  void watch_graph(std::function<void()> on_change) override { discovery_.watch(std::move(on_change)); }

 private:
  template <class Made, class Endpoint>
  std::unique_ptr<Made> make(const Endpoint& endpoint, bus::EndpointEvents events) {
    return std::make_unique<Made>(around_, endpoint, std::move(events));
  }

  Domain domain_;
  Entity participant_;
  WorkThread events_{"dds.events"};
  std::atomic<std::uint32_t> services_{0};
  std::shared_ptr<NodeTable> nodes_;
  Discovery discovery_;
  const std::vector<PlainTopic> plain_topics_;
  Linger linger_{core::kNanosecondsPerSecond};
  WorkThread deletions_{"dds.deletions"};  // ends before what the endpoints it deletes refer to
  Surroundings around_;
};

}  // namespace

std::shared_ptr<bus::Transport> open_dds(const DdsOptions& options) {
  return std::make_shared<DdsTransport>(options);
}

}  // namespace takt::dds
