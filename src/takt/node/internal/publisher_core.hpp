#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
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

/// How many publishers of any type this thread is sending with, one inside the other.
[[nodiscard]] inline int& sends_of_this_thread() noexcept {
  thread_local int sends = 0;
  return sends;
}

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
      events.on_matched = [this, tell = std::move(events.on_matched)](const bus::Matched& now) {
        matches_.fetch_add(1, std::memory_order_release);
        tell(now);
      };
      auto remote = std::make_shared<Remote>();
      remote->endpoint = transport->advertise({.name = topic,
                                               .type = type_id<T>(),
                                               .qos = options.weaken ? weakened(qos_, transport->capabilities()) : qos_,
                                               .node = node().name()},
                                              std::move(events));
      remote->tells_matches = bus::has(transport->capabilities(), bus::Capability::kMatchedEvents);
      remote_.push_back(std::move(remote));
    }
    carried_ = !remote_.empty();
    if (qos_.durability == bus::Durability::kTransientLocal) {
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
    publish_here(message);
    return to_transports(message);
  }

  static async::Task<Expected<void, bus::SendError>> publish_when_ready(std::shared_ptr<PublisherCore> self,
                                                                        T message) {
    self->publish_here(message);
    Expected<void, bus::SendError> result;
    std::vector<std::size_t> waiting;  // one that has no room holds up no other
    for (std::size_t i = 0; i < self->count(); ++i) {
      const auto sent = self->try_send(message, i);
      if (!sent && sent.error() == bus::SendError::kWouldBlock) {
        waiting.push_back(i);
      } else {
        self->note(sent, result);
      }
    }
    if (!waiting.empty()) {
      const auto wait_for_all = [&](async::Nursery& nursery) -> async::Task<async::Join> {
        for (const std::size_t i : waiting) {
          nursery.start(self->title(), send_to(self.get(), &message, i, &result));
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
    matches_.fetch_add(1, std::memory_order_release);  // who is seen here hears the next message
    std::size_t count = node().graph().local(bus::EndpointInfo::Kind::kSubscription, name()).size();
    const std::scoped_lock lock(mutex_);
    for (const auto& remote : remote_) {
      count += remote->endpoint->matched().current;
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

  void publish_here(const T& message) {
    check_alive("publish");
    published_.fetch_add(1, std::memory_order_relaxed);
    if (qos_.durability == bus::Durability::kTransientLocal) {
      const std::scoped_lock lock(kept_mutex_);
      if (kept_) {
        kept_->keep(message);
      }
    }
    topic_.publish(message);
  }

  // The first refusal is the result.
  void note(const Expected<void, bus::SendError>& sent, Expected<void, bus::SendError>& result) noexcept {
    if (!sent) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      result = result ? sent : result;
    }
  }

  static void encode(const T& message, const std::string& name, std::vector<std::byte>& bytes) {
    if constexpr (messages::CdrEncodable<T>) {
      bytes.resize(messages::cdr_size(message));
      const auto written = messages::encode_cdr(message, bytes);
      if (!written) {
        throw LogicError("publish on " + name + ": " + written.error().text());
      }
    }
  }

  // A transport's publisher is used by one thread at a time, and may run handlers inside its publish() that publish
  // themselves. Those wait for nobody, since somebody may wait for them: they leave the bytes to who is sending.
  [[nodiscard]] bool begin_sending(std::unique_lock<std::mutex>& lock) {
    if (sends_of_this_thread() == 0) {
      free_.wait(lock, [this] { return !sending_; });
    }
    return !std::exchange(sending_, true);
  }

  [[nodiscard]] Expected<void, bus::SendError> to_transports(const T& message) {
    const std::uint64_t matches = matches_.load(std::memory_order_acquire);
    if (!carried_ || nobody_at_.load(std::memory_order_relaxed) == matches) {
      return {};
    }
    {
      std::unique_lock lock(mutex_);
      if (!begin_sending(lock)) {
        return leave(message);
      }
    }
    const Sending sending(*this);
    bool encoded = false;
    Expected<void, bus::SendError> result;
    for (std::size_t i = 0; const auto remote = at(i); ++i) {
      if (wanted(*remote)) {
        if (!std::exchange(encoded, true)) {
          encode(message, name(), bytes_);
        }
        note(remote->endpoint->publish(bytes_), result);
      }
    }
    if (!encoded) {  // with what matched since, the count is another
      nobody_at_.store(matches, std::memory_order_relaxed);
    }
    return result;
  }

  // @pre mutex_ is locked
  [[nodiscard]] Expected<void, bus::SendError> leave(const T& message) {
    if (outbox_.size() >= kMostLeft) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      return Unexpected(bus::SendError::kWouldBlock);
    }
    std::vector<std::byte> bytes;
    encode(message, name(), bytes);
    outbox_.push_back(std::move(bytes));
    return {};
  }

  /// Uses the endpoints until it has sent what others left.
  class Sending {
   public:
    explicit Sending(PublisherCore& core) noexcept : core_(core) { ++sends_of_this_thread(); }
    Sending(const Sending&) = delete;
    Sending& operator=(const Sending&) = delete;
    ~Sending() {
      Expected<void, bus::SendError> result;  // nobody's any more
      while (core_.take_left()) {
        for (std::size_t i = 0; const auto remote = core_.at(i); ++i) {
          if (core_.wanted(*remote)) {
            core_.note(remote->endpoint->publish(core_.bytes_), result);
          }
        }
      }
      --sends_of_this_thread();
    }

   private:
    PublisherCore& core_;
  };

  // Into bytes_. False, and the endpoints are free: nothing was left.
  bool take_left() noexcept {
    const std::scoped_lock lock(mutex_);
    sending_ = !outbox_.empty();
    if (sending_) {
      bytes_ = std::move(outbox_.front());
      outbox_.pop_front();
    } else {
      free_.notify_one();
    }
    return sending_;
  }

  [[nodiscard]] std::shared_ptr<Remote> at(std::size_t index) const noexcept {
    const std::scoped_lock lock(mutex_);
    return index < remote_.size() ? remote_[index] : nullptr;
  }
  [[nodiscard]] std::size_t count() const noexcept {
    const std::scoped_lock lock(mutex_);
    return remote_.size();
  }

  static async::Task<void> send_to(PublisherCore* self, const T* message, std::size_t index,
                                   Expected<void, bus::SendError>* result) {
    const auto send = [=] { return self->try_send(*message, index); };
    const auto sent = co_await send_when_ready(self->writable_, send, std::nullopt);
    self->note(sent, *result);
  }

  [[nodiscard]] Expected<void, bus::SendError> try_send(const T& message, std::size_t index) {
    const auto remote = at(index);
    if (remote == nullptr) {  // destroyed meanwhile
      return Unexpected(bus::SendError::kClosed);
    }
    if (!wanted(*remote)) {
      return {};
    }
    {
      std::unique_lock lock(mutex_);
      if (!begin_sending(lock)) {
        return Unexpected(bus::SendError::kWouldBlock);
      }
    }
    const Sending sending(*this);
    encode(message, name(), bytes_);
    return remote->endpoint->publish(bytes_);
  }

  async::Task<void> run() override { co_return; }
  void stop_listening() noexcept override {
    listed_.reset();
    const std::scoped_lock lock(kept_mutex_);
    kept_.reset();
  }
  void close() noexcept override {
    std::vector<std::shared_ptr<Remote>> closed;  // outside of the lock: it waits for their events
    {
      const std::scoped_lock lock(mutex_);
      closed.swap(remote_);
    }
    closed.clear();
    writable_.ring();
    node().graph().changed().ring();
  }

  static constexpr std::size_t kMostLeft = 1024;

  const bus::Qos qos_;
  bus::Topic<T>& topic_;
  bool carried_{false};                          // beyond this process; constant once made
  mutable std::mutex mutex_;                     // of what follows
  std::vector<std::shared_ptr<Remote>> remote_;  // shared with who sends just now
  bool sending_{false};                          // the endpoints, and bytes_, are in use
  std::condition_variable free_;                 // not sending_
  std::deque<std::vector<std::byte>> outbox_;    // left for who uses them

  std::vector<std::byte> bytes_;
  std::optional<Listed> listed_;
  std::mutex kept_mutex_;  // somebody may publish while it is destroyed
  std::optional<typename Latched<T>::Kept> kept_;
  Bells writable_;
  mutable std::atomic<std::uint64_t> matches_{1};  // counts what may change who listens beyond this process
  std::atomic<std::uint64_t> nobody_at_{0};        // nobody did at that count: a publish need not look again
  std::atomic<std::uint64_t> published_{0};
  std::atomic<std::uint64_t> refused_{0};
};

}  // namespace internal
}  // namespace takt::node
