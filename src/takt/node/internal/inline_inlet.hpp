#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "takt/node/internal/bells.hpp"
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

  /// Where and how messages are handed over; what it refers to outlives the inlet.
  struct Outlet {
    Deliver deliver;
    bool wants_info{true};  ///< false: messages of this process come with an empty one, no clock is read for them
    Malformed& malformed;
    Bells& more;  ///< rung when take_more() is needed
  };

  InlineInlet(NodeCore& node, const std::string& name, const InletOptions& options, Outlet outlet)
      : name_(name), outlet_(std::move(outlet)) {
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
      for (const auto& message : node.bus().template shared<Latched<T>>().of(name)) {
        deliver_here(*message);
      }
    }
  }

  /// Delivers of each transport what a thread of it left after a long row of messages, which is its end for every other
  /// endpoint there. At most such a row again; then `more` is rung again.
  void take_more() {
    for (const auto& remote : remote_) {
      std::unique_lock lock(remote->taking, std::try_to_lock);
      if (lock) {  // else its own thread takes again, and says when it leaves something
        take_row(*remote, std::move(lock));
      }
    }
  }

 private:
  static constexpr int kMostInARow = 256;

  struct Remote {
    std::mutex taking;  // one at a time: the first look, and the events
    bus::TransportSubscription* ready{nullptr};
    std::unique_ptr<bus::TransportSubscription> endpoint;
  };

  void deliver_here(const T& message) {
    outlet_.deliver(message, outlet_.wants_info ? local_info() : bus::MessageInfo{});
  }

  // What lies there already may be said before the endpoint is known here: hence the first look.
  void open(NodeCore& node, bus::Transport& transport, const bus::Qos& qos, Remote& remote) {
    bus::EndpointEvents events = graph_events(node);
    events.on_data = [this, &remote] { take_row(remote, std::unique_lock(remote.taking)); };
    remote.endpoint = transport.subscribe(
        {.name = name_, .type = type_id<T>(), .qos = reader_qos(node, name_, qos, transport), .node = node.name()},
        std::move(events));
    {
      const std::scoped_lock lock(remote.taking);
      remote.ready = remote.endpoint.get();
    }
    take_row(remote, std::unique_lock(remote.taking));
  }

  void take_row(Remote& remote, std::unique_lock<std::mutex> taking) {
    if constexpr (messages::CdrEncodable<T> && std::default_initializable<T>) {
      int taken = 0;
      while (remote.ready != nullptr && taken < kMostInARow &&
             take_decoded<T>(*remote.ready, name_, outlet_.malformed, outlet_.deliver)) {
        ++taken;
      }
      taking.unlock();  // before it is said: who hears it tries once
      if (taken == kMostInARow) {
        outlet_.more.ring();
      }
    }
  }

  const std::string name_;
  const Outlet outlet_;
  std::optional<Listed> listed_;
  std::vector<std::unique_ptr<Remote>> remote_;
  bus::Subscription subscription_;  // last: ends first
};

}  // namespace takt::node::internal
