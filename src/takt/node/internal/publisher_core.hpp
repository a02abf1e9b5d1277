#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/bus/bus.hpp"
#include "takt/messages/cdr.hpp"
#include "takt/node/internal/bells.hpp"
#include "takt/node/internal/endpoints.hpp"
#include "takt/node/internal/entity.hpp"
#include "takt/node/internal/send_retry.hpp"

namespace takt::node {

struct PublisherOptions {
  bus::Qos qos{};
  bool in_process_only{false};  ///< not on transports: for types without a wire form
  bool weaken{false};           ///< asks a transport for no more than it can do, instead of being refused by it
};

struct PublisherStatistics {
  std::uint64_t published{0};
  std::uint64_t refused{0};  ///< by a transport, with kWouldBlock or another error
};

namespace internal {

/// What a Publisher is made of. Thread safe, but for its making and destroying.
template <class T>
class PublisherCore final : public Entity {
 public:
  PublisherCore(std::shared_ptr<NodeCore> core, const std::string& topic, const PublisherOptions& options)
      : Entity(std::move(core), "publisher", topic), qos_(options.qos), topic_(node().bus().template topic<T>(topic)) {
    const auto transports = transports_for(node(), bus::Capability::kPublishSubscribe, topic, cpp_name(typeid(T)),
                                           messages::CdrEncodable<T>, options.in_process_only);
    for (const auto& transport : transports) {
      bus::EndpointEvents events = graph_events(node());
      events.on_writable = [this] { writable_.ring(); };
      remote_.push_back({transport->advertise({.name = topic,
                                               .type = type_id<T>(),
                                               .qos = options.weaken ? weakened(qos_, transport->capabilities()) : qos_,
                                               .node = node().name()},
                                              std::move(events)),
                         bus::has(transport->capabilities(), bus::Capability::kMatchedEvents)});
    }
    listed_.emplace(node().graph(), bus::EndpointInfo{.kind = bus::EndpointInfo::Kind::kPublisher,
                                                      .node = node().name(),
                                                      .name = topic,
                                                      .type = type_id<T>(),
                                                      .qos = qos_,
                                                      .id = {}});
  }

  [[nodiscard]] Expected<void, bus::SendError> publish(const T& message) {
    check_alive("publish");
    published_.fetch_add(1, std::memory_order_relaxed);
    topic_.publish(message);
    Expected<void, bus::SendError> result;
    const std::scoped_lock lock(mutex_);
    bool encoded = false;
    for (Remote& remote : remote_) {
      if (!wanted(remote)) {
        continue;
      }
      encode_once(message, encoded);
      const auto sent = remote.endpoint->publish(bytes_);
      if (!sent) {
        refused_.fetch_add(1, std::memory_order_relaxed);
        result = result ? sent : result;
      }
    }
    return result;
  }

  static async::Task<Expected<void, bus::SendError>> publish_when_ready(std::shared_ptr<PublisherCore> self,
                                                                        T message) {
    self->check_alive("publish_when_ready");
    self->published_.fetch_add(1, std::memory_order_relaxed);
    self->topic_.publish(message);
    Expected<void, bus::SendError> result;
    for (std::size_t i = 0; i < self->remote_.size(); ++i) {
      const auto send = [&self, &message, i] { return self->send(message, i); };
      const auto sent = co_await send_when_ready(self->writable_, send, std::nullopt);
      if (!sent) {
        self->refused_.fetch_add(1, std::memory_order_relaxed);
        result = result ? sent : result;
      }
    }
    co_return result;
  }

  static async::Task<bool> wait_for_subscribers(std::shared_ptr<PublisherCore> self, std::size_t count,
                                                std::optional<async::Duration> limit) {
    const auto enough = [&self, count] { return self->destroyed() || self->subscribers() >= count; };
    const bool came = co_await until(self->node().graph().changed(), enough, limit, self->title());
    co_return came && !self->destroyed();
  }

  [[nodiscard]] std::size_t subscribers() const {
    std::size_t count = node().graph().local(bus::EndpointInfo::Kind::kSubscription, name()).size();
    const std::scoped_lock lock(mutex_);
    for (const Remote& remote : remote_) {
      count += remote.endpoint->matched().current;
    }
    return count;
  }

  [[nodiscard]] PublisherStatistics statistics() const noexcept {
    return {.published = published_.load(std::memory_order_relaxed),
            .refused = refused_.load(std::memory_order_relaxed)};
  }

  [[nodiscard]] bool has_task() const noexcept override { return false; }

 private:
  struct Remote {
    std::unique_ptr<bus::TransportPublisher> endpoint;
    bool tells_matches{false};
  };

  // Somebody listens, may come later and be given it, or might listen for all this transport knows.
  [[nodiscard]] bool wanted(const Remote& remote) const {
    return !remote.tells_matches || qos_.durability == bus::Durability::kTransientLocal ||
           remote.endpoint->matched().current > 0;
  }

  // Into bytes_, whose memory is used again. @pre mutex_ is locked
  void encode_once(const T& message, bool& encoded) {
    if constexpr (messages::CdrEncodable<T>) {
      if (!std::exchange(encoded, true)) {
        bytes_.resize(messages::cdr_size(message));
        const auto written = messages::encode_cdr(message, bytes_);
        if (!written) {
          throw LogicError("publish on " + name() + ": " + written.error().text());
        }
      }
    }
  }

  Expected<void, bus::SendError> send(const T& message, std::size_t index) {
    const std::scoped_lock lock(mutex_);
    if (index >= remote_.size()) {  // destroyed meanwhile
      return Unexpected(bus::SendError::kClosed);
    }
    if (!wanted(remote_[index])) {
      return {};
    }
    bool encoded = false;
    encode_once(message, encoded);
    return remote_[index].endpoint->publish(bytes_);
  }

  async::Task<void> run() override { co_return; }
  void stop_listening() noexcept override { listed_.reset(); }
  void close() noexcept override {
    std::vector<Remote> closed;  // outside of the lock: it waits for their events
    {
      const std::scoped_lock lock(mutex_);
      closed.swap(remote_);
    }
    closed.clear();
    writable_.ring();
    node().graph().changed().ring();
  }

  const bus::Qos qos_;
  bus::Topic<T>& topic_;
  mutable std::mutex mutex_;  // of what follows
  std::vector<std::byte> bytes_;
  std::vector<Remote> remote_;
  std::optional<Listed> listed_;
  Bells writable_;
  std::atomic<std::uint64_t> published_{0};
  std::atomic<std::uint64_t> refused_{0};
};

}  // namespace internal
}  // namespace takt::node
