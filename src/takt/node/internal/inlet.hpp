#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "takt/bus/bus.hpp"
#include "takt/bus/inbox.hpp"
#include "takt/messages/cdr.hpp"
#include "takt/node/internal/bells.hpp"
#include "takt/node/internal/endpoints.hpp"
#include "takt/node/internal/latched.hpp"
#include "takt/node/received.hpp"

namespace takt::node {

namespace internal {

/// The info of a message that was published in this process just now.
[[nodiscard]] inline bus::MessageInfo local_info() noexcept {
  bus::MessageInfo info;
  info.received_ns = core::monotonic_now_ns();
  info.source_wall_ns = core::wall_now_ns();
  return info;
}

/// Decodes what `source` gives into `use`, which is called at most once. False: nothing was there to take.
template <class T, class Use>
[[nodiscard]] bool take_decoded(bus::TransportSubscription& source, const std::string& name, Malformed& malformed,
                                Use&& use) {
  return source.take([&](bus::Bytes bytes, const bus::MessageInfo& info) {
    auto message = messages::from_cdr<T>(bytes);
    if (message) {
      use(std::move(*message), info);
    } else {
      malformed.count(name, message.error());
    }
  });
}

struct InletOptions {
  bus::Qos qos{};
  bool in_process_only{false};
};

/// One subscription to a topic, of this process and of all transports: keeps what came, rings, and is taken from. It is
/// taken from on one thread; the rest is thread safe where it must be.
template <class T>
class Inlet {
 public:
  Inlet(NodeCore& node, const std::string& name, const InletOptions& options)
      : name_(name), local_(options.qos.depth, kKeepAllBound) {
    const auto transports =
        transports_for(node, bus::Capability::kPublishSubscribe, name, cpp_name(typeid(T)),
                       messages::CdrEncodable<T> && std::default_initializable<T>, options.in_process_only);
    bus::Topic<T>& topic = node.bus().template topic<T>(name);
    joining_ = options.qos.durability == bus::Durability::kTransientLocal;
    subscription_ = topic.subscribe_to_keep(node.name(), [this](const auto& message) { push(message); });
    if (joining_) {
      join(node.bus().template shared<Latched<T>>().of(name));
    }
    for (const auto& transport : transports) {
      remote_.push_back(open(node, *transport, options.qos));
    }
    listed_.emplace(node.graph(), bus::EndpointInfo{.kind = bus::EndpointInfo::Kind::kSubscription,
                                                    .node = node.name(),
                                                    .name = name,
                                                    .type = type_id<T>(),
                                                    .qos = options.qos,
                                                    .id = {}});
  }

  /// The oldest message of the next source that has one. Its place in the turn is kept, so that none starves another.
  [[nodiscard]] std::optional<Received<T>> take() {
    const std::scoped_lock lock(taking_);
    const std::size_t sources = remote_.size() + 1;
    for (std::size_t tried = 0; tried < sources; ++tried) {
      const std::size_t source = turn_ % sources;  // there are fewer once it is closed
      turn_ = source + 1;
      auto received = source == 0 ? local_.take() : take_remote(*remote_[source - 1]);
      if (received) {
        return received;
      }
    }
    return std::nullopt;
  }

  /// Rung when take() may give something.
  [[nodiscard]] Bells& arrived() noexcept { return arrived_; }

  /// Nothing of this process is heard any more; what came can be taken.
  void stop() noexcept {
    subscription_.unsubscribe();
    listed_.reset();
  }
  /// Nothing is heard or taken from a transport any more. Any thread.
  void close() noexcept {
    std::vector<std::unique_ptr<bus::TransportSubscription>> closed;  // outside of the lock: it waits for their events
    const std::scoped_lock lock(taking_);
    for (const auto& source : remote_) {
      lost_remotely_ += source->lost();
    }
    closed.swap(remote_);
  }

  /// Overwritten here or lost on the way.
  [[nodiscard]] std::uint64_t lost() const {
    const std::scoped_lock lock(taking_);
    std::uint64_t lost = lost_remotely_ + local_.lost();
    for (const auto& source : remote_) {
      lost += source->lost();
    }
    return lost;
  }
  [[nodiscard]] std::uint64_t malformed() const noexcept { return malformed_.count(); }
  [[nodiscard]] std::uint64_t deadlines_missed() const noexcept {
    return deadlines_missed_.load(std::memory_order_relaxed);
  }

  /// Publishers beyond this process.
  [[nodiscard]] std::size_t remote_publishers() const {
    std::size_t count = 0;
    const std::scoped_lock lock(taking_);
    for (const auto& source : remote_) {
      count += source->matched().current;
    }
    return count;
  }

 private:
  void push(const std::shared_ptr<const T>& message) {
    if (joining_) {
      const std::scoped_lock lock(taking_);
      if (joining_) {
        meanwhile_.push_back(Received<T>(message, local_info()));
        return;
      }
    }
    keep(Received<T>(message, local_info()));
  }
  void keep(Received<T> received) {
    if (local_.push(std::move(received))) {
      arrived_.ring();
    }
  }

  // What the publishers of this bus keep is older than what comes while it is looked for. A message that is kept and
  // published at this moment may come twice.
  void join(const std::vector<std::shared_ptr<const T>>& kept) {
    for (const auto& message : kept) {
      keep(Received<T>(message, local_info()));
    }
    const std::scoped_lock lock(taking_);
    for (Received<T>& received : meanwhile_) {
      keep(std::move(received));
    }
    meanwhile_.clear();
    joining_ = false;
  }

  [[nodiscard]] std::unique_ptr<bus::TransportSubscription> open(NodeCore& node, bus::Transport& transport,
                                                                 const bus::Qos& qos) {
    bus::EndpointEvents events = graph_events(node);
    events.on_data = [this] { arrived_.ring(); };
    events.on_deadline_missed = [this] { deadlines_missed_.fetch_add(1, std::memory_order_relaxed); };
    return transport.subscribe(
        {.name = name_, .type = type_id<T>(), .qos = reader_qos(node, name_, qos, transport), .node = node.name()},
        std::move(events));
  }

  [[nodiscard]] std::optional<Received<T>> take_remote(bus::TransportSubscription& source) {
    std::optional<Received<T>> received;
    if constexpr (messages::CdrEncodable<T> && std::default_initializable<T>) {
      const auto use = [&](T message, const bus::MessageInfo& info) {
        received.emplace(std::make_shared<const T>(std::move(message)), info);
      };
      for (int malformed = 0; !received && take_decoded<T>(source, name_, malformed_, use); ++malformed) {
        if (!received && malformed == kMostMalformed) {
          arrived_.ring();  // there may be more
          break;
        }
      }
    }
    return received;
  }

  const std::string name_;
  Bells arrived_;
  bus::Inbox<Received<T>> local_;
  Malformed malformed_;
  std::atomic<std::uint64_t> deadlines_missed_{0};
  std::optional<Listed> listed_;
  std::atomic<bool> joining_{false};  // becomes false under the lock
  mutable std::mutex taking_;         // guards what follows
  std::vector<Received<T>> meanwhile_;
  std::size_t turn_{0};
  std::uint64_t lost_remotely_{0};  // by sources that are closed
  std::vector<std::unique_ptr<bus::TransportSubscription>> remote_;
  bus::Subscription subscription_;  // last: ends before what its callback uses
};

}  // namespace internal
}  // namespace takt::node
