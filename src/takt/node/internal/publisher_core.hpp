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

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/bus/bus.hpp"
#include "takt/messages/cdr.hpp"
#include "takt/node/internal/bells.hpp"
#include "takt/node/internal/endpoints.hpp"
#include "takt/node/internal/entity.hpp"
#include "takt/node/internal/latched.hpp"
#include "takt/node/internal/publisher_gate.hpp"
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
      : Entity(std::move(core), "publisher", topic),
        qos_(options.qos),
        keeps_(qos_.durability == bus::Durability::kTransientLocal),
        topic_(node().bus().template topic<T>(topic)),
        gate_(keeps_) {
    const auto transports = transports_for(node(), bus::Capability::kPublishSubscribe, topic, cpp_name(typeid(T)),
                                           messages::CdrEncodable<T>, options.in_process_only);
    for (const auto& transport : transports) {
      bus::EndpointEvents events = graph_events(node());
      events.on_writable = [this] { writable_.ring(); };
      events.matches = gate_.matches();
      auto endpoint = transport->advertise({.name = topic,
                                            .type = type_id<T>(),
                                            .qos = options.weaken ? weakened(qos_, transport->capabilities()) : qos_,
                                            .node = node().name()},
                                           std::move(events));
      gate_.add(std::move(endpoint), bus::has(transport->capabilities(), bus::Capability::kMatchedEvents));
    }
    if (keeps_) {
      kept_.emplace(node().bus().template shared<Latched<T>>(), topic, qos_.depth);
    }
    listed_.emplace(node().graph(), bus::EndpointInfo{.kind = bus::EndpointInfo::Kind::kPublisher,
                                                      .node = node().name(),
                                                      .name = topic,
                                                      .type = type_id<T>(),
                                                      .qos = qos_,
                                                      .id = {}});
  }

  [[nodiscard]] Expected<void, bus::SendError> publish(const T& message) {
    if (keeps_) {
      return publish(std::make_shared<const T>(message));
    }
    begin_publish();
    topic_.publish(message);
    return gate_.send(encoder(message));
  }
  [[nodiscard]] Expected<void, bus::SendError> publish(const std::shared_ptr<const T>& message) {
    publish_here(message);
    return gate_.send(encoder(*message));
  }

  static async::Task<Expected<void, bus::SendError>> publish_when_ready(std::shared_ptr<PublisherCore> self,
                                                                        std::shared_ptr<const T> message) {
    self->publish_here(message);
    Expected<void, bus::SendError> result;
    std::vector<std::size_t> waiting;  // one that has no room holds up no other
    for (std::size_t i = 0; i < self->gate_.count(); ++i) {
      const auto sent = self->gate_.try_send(i, self->encoder(*message));
      if (!sent && sent.error() == bus::SendError::kWouldBlock) {
        waiting.push_back(i);
      } else {
        self->gate_.note(sent, result);
      }
    }
    if (!waiting.empty()) {
      const auto wait_for_all = [&](async::Nursery& nursery) -> async::Task<async::Join> {
        for (const std::size_t i : waiting) {
          nursery.start(self->title(), send_to(self.get(), message.get(), i, &result));
        }
        co_return async::kJoin;
      };
      co_await async::with_nursery(wait_for_all);
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
    return node().graph().count(bus::EndpointInfo::Kind::kSubscription, name()) + gate_.matched();
  }

  [[nodiscard]] PublisherStatistics statistics() const noexcept {
    return {.published = published_.load(std::memory_order_relaxed), .refused = gate_.refused()};
  }

  [[nodiscard]] bool has_task() const noexcept override { return false; }

 private:
  void begin_publish() {
    check_alive("publish");
    published_.fetch_add(1, std::memory_order_relaxed);
  }
  void publish_here(const std::shared_ptr<const T>& message) {
    if (message == nullptr) {
      throw LogicError("publish on " + name() + ": the message is null");
    }
    begin_publish();
    if (keeps_) {
      const std::scoped_lock lock(keeping_);
      if (kept_) {  // else it is being destroyed
        kept_->keep(message);
      }
    }
    topic_.publish(message);
  }

  /// While the message lives.
  [[nodiscard]] PublisherGate::Encode encoder(const T& message) const {
    return [this, &message](std::vector<std::byte>& bytes) { encode(message, bytes); };
  }
  void encode(const T& message, std::vector<std::byte>& bytes) const {
    if constexpr (messages::CdrEncodable<T>) {
      bytes.resize(messages::cdr_size(message));
      const auto written = messages::encode_cdr(message, bytes);
      if (!written) {
        throw LogicError("publish on " + name() + ": " + written.error().text());
      }
    }
  }

  static async::Task<void> send_to(PublisherCore* self, const T* message, std::size_t index,
                                   Expected<void, bus::SendError>* result) {
    const auto send = [=] { return self->gate_.try_send(index, self->encoder(*message)); };
    const auto sent = co_await send_when_ready(self->writable_, send, std::nullopt);
    self->gate_.note(sent, *result);
  }

  async::Task<void> run() override { co_return; }
  void stop_listening() noexcept override {
    listed_.reset();
    const std::scoped_lock lock(keeping_);
    kept_.reset();
  }
  void close() noexcept override {
    gate_.close();
    writable_.ring();
    node().graph().changed().ring();
  }

  const bus::Qos qos_;
  const bool keeps_;  // for who comes late
  bus::Topic<T>& topic_;
  std::optional<Listed> listed_;
  std::mutex keeping_;  // of what follows: others may publish while it is destroyed
  std::optional<typename Latched<T>::Kept> kept_;
  Bells writable_;
  std::atomic<std::uint64_t> published_{0};
  PublisherGate gate_;  // last: its events use what is above
};

}  // namespace internal
}  // namespace takt::node
