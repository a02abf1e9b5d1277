#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "takt/bus/transport.hpp"

namespace takt::app {

/// What crossed between this process and others, by the topics of docs/formats/commands.md. A value.
struct WireCounts {
  std::uint64_t requests{0};        ///< out, that wanted an answer; said again: counted again
  std::uint64_t one_way{0};         ///< out, that wanted none
  std::uint64_t replies{0};         ///< in
  std::uint64_t statuses{0};        ///< in, unasked
  std::uint64_t bytes_to_owner{0};  ///< of the messages: what the transport adds is not counted
  std::uint64_t bytes_to_client{0};

  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_to_owner + bytes_to_client; }
  friend WireCounts operator-(const WireCounts& later, const WireCounts& earlier) noexcept;
  friend bool operator==(const WireCounts&, const WireCounts&) = default;
};

/// Counts what a client of a twin says and hears through a transport, which does the work. Topics only. Thread safe as
/// the transport is. A resource.
class CountingTransport final : public bus::Transport {
 public:
  explicit CountingTransport(std::shared_ptr<bus::Transport> carrier);
  ~CountingTransport() override;

  [[nodiscard]] WireCounts counts() const noexcept;

  [[nodiscard]] std::string scheme() const override { return carrier_->scheme(); }
  [[nodiscard]] bus::Capabilities capabilities() const noexcept override { return carrier_->capabilities(); }
  [[nodiscard]] std::unique_ptr<bus::TransportPublisher> advertise(const bus::TopicEndpoint& topic,
                                                                   bus::EndpointEvents events) override;
  [[nodiscard]] std::unique_ptr<bus::TransportSubscription> subscribe(const bus::TopicEndpoint& topic,
                                                                      bus::EndpointEvents events) override;
  [[nodiscard]] std::unique_ptr<bus::TransportClient> client(const bus::ServiceEndpoint& service,
                                                             bus::EndpointEvents events) override;
  [[nodiscard]] std::unique_ptr<bus::TransportServer> serve(const bus::ServiceEndpoint& service,
                                                            bus::EndpointEvents events) override;
  void add_node(const bus::NodeInfo& node) override { carrier_->add_node(node); }
  void remove_node(const std::string& name) override { carrier_->remove_node(name); }
  [[nodiscard]] bus::Graph graph() const override { return carrier_->graph(); }
  void watch_graph(std::function<void()> on_change) override { carrier_->watch_graph(std::move(on_change)); }

 private:
  class Publisher;
  class Subscription;
  struct Tally;

  std::shared_ptr<bus::Transport> carrier_;
  std::unique_ptr<Tally> tally_;
};

}  // namespace takt::app
