#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "takt/node/internal/inlet.hpp"

/// Internal to node.
namespace takt::node::internal {

/// One subscription to a topic, of this process and of all transports, that hands over each message on the thread that
/// brings it. Ends with its destruction, which waits for a call that runs; not from inside one.
template <class T>
class InlineInlet {
 public:
  /// @param deliver  any thread, several at once too; must not throw
  using Deliver = std::function<void(const T&, const bus::MessageInfo&)>;

  /// @param wants_info  false: messages of this process come with an empty one, so that no clock is read for them
  InlineInlet(NodeCore& node, const std::string& name, const InletOptions& options, Malformed& malformed,
              Deliver deliver, bool wants_info)
      : name_(name), wants_info_(wants_info), deliver_(std::move(deliver)), malformed_(malformed) {
    const auto transports =
        transports_for(node, bus::Capability::kPublishSubscribe, name, cpp_name(typeid(T)),
                       messages::CdrEncodable<T> && std::default_initializable<T>, options.in_process_only);
    for (const auto& transport : transports) {
      remote_.push_back(std::make_unique<Remote>());
      open(node, *transport, options.qos, *remote_.back());
    }
    listed_.emplace(node.graph(), bus::EndpointInfo{.kind = bus::EndpointInfo::Kind::kSubscription,
                                                    .node = node.name(),
                                                    .name = name,
                                                    .type = type_id<T>(),
                                                    .qos = options.qos,
                                                    .id = {}});
    subscription_ =
        node.bus().template topic<T>(name).subscribe(node.name(), [this](const T& message) { deliver_here(message); });
    if (options.qos.durability == bus::Durability::kTransientLocal) {
      for (const T& message : node.bus().template shared<Latched<T>>().of(name)) {
        deliver_here(message);
      }
    }
  }

 private:
  struct Remote {
    std::mutex taking;  // one at a time: the first look, and the events
    bus::TransportSubscription* ready{nullptr};
    std::unique_ptr<bus::TransportSubscription> endpoint;
  };

  void deliver_here(const T& message) { deliver_(message, wants_info_ ? local_info() : bus::MessageInfo{}); }

  // What lies there already may be said before the endpoint is known here: hence the first look.
  void open(NodeCore& node, bus::Transport& transport, const bus::Qos& qos, Remote& remote) {
    bus::EndpointEvents events = graph_events(node);
    events.on_data = [this, &remote] { take_all(remote); };
    remote.endpoint = transport.subscribe(
        {.name = name_, .type = type_id<T>(), .qos = reader_qos(node, name_, qos, transport), .node = node.name()},
        std::move(events));
    {
      const std::scoped_lock lock(remote.taking);
      remote.ready = remote.endpoint.get();
    }
    take_all(remote);
  }

  void take_all(Remote& remote) {
    if constexpr (messages::CdrEncodable<T> && std::default_initializable<T>) {
      const std::scoped_lock lock(remote.taking);
      while (remote.ready != nullptr && take_decoded<T>(*remote.ready, name_, malformed_, deliver_)) {
      }
    }
  }

  const std::string name_;
  const bool wants_info_;
  const Deliver deliver_;
  Malformed& malformed_;
  std::optional<Listed> listed_;
  std::vector<std::unique_ptr<Remote>> remote_;
  bus::Subscription subscription_;  // last: ends first
};

}  // namespace takt::node::internal
