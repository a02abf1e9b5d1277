#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event.hpp"
#include "takt/messages/cdr.hpp"
#include "takt/node/errors.hpp"
#include "takt/node/internal/client_options.hpp"
#include "takt/node/internal/endpoints.hpp"
#include "takt/node/internal/entity.hpp"
#include "takt/node/internal/local_services.hpp"
#include "takt/node/internal/send_retry.hpp"

namespace takt::node {

namespace internal {

/// What a Client is made of.
template <class S>
class ClientCore final : public Entity {
 public:
  using Request = typename S::Request;
  using Response = typename S::Response;
  using Result = Expected<Response, CallError>;

  ClientCore(std::shared_ptr<NodeCore> core, const std::string& name, const ClientOptions& options)
      : Entity(std::move(core), "client", name), services_(node().bus().template shared<LocalServices>()) {
    const auto transports = transports_for(node(), bus::Capability::kRequestReply, name, service_name<S>(),
                                           EncodableService<S>, options.in_process_only);
    if (!options.in_process_only) {
      warn_without_requests(node(), "client", name);
    }
    for (const auto& transport : transports) {
      bus::EndpointEvents events = graph_events(node());
      events.on_data = [this] { replies_->arrived().ring(); };
      events.on_writable = [this] { writable_.ring(); };
      events.on_matched = [this](const bus::Matched& /*now*/) {
        replies_->arrived().ring();  // a server may have gone
        node().graph().changed().ring();
      };
      remote_.push_back(transport->client({.name = name,
                                           .request = request_id<S>(),
                                           .reply = response_id<S>(),
                                           .qos = options.qos,
                                           .node = node().name()},
                                          std::move(events)));
    }
    listed_.emplace(node().graph(), bus::EndpointInfo{.kind = bus::EndpointInfo::Kind::kClient,
                                                      .node = node().name(),
                                                      .name = name,
                                                      .type = {.name = service_name<S>(), .hash = {}},
                                                      .qos = options.qos,
                                                      .id = {}});
  }

  static async::Task<Result> call(std::shared_ptr<ClientCore> self, Request request, CallOptions options) {
    self->check_alive("call");
    if (!self->node().entered()) {
      throw LogicError("call of the " + self->title() + ": its node is not entered, nobody would take the response");
    }
    ++self->counts_.calls;
    Pending pending(*self);
    if (!options.timeout) {
      co_await self->exchange(request, pending);
    } else {
      static_cast<void>(co_await async::with_timeout(*options.timeout, self->exchange(request, pending)));
    }
    if (pending.result) {  // also when it came in the same turn as the timeout
      co_return std::move(*pending.result);
    }
    co_return Unexpected(CallError::kTimedOut);
  }

  [[nodiscard]] bool service_available() const { return services_.has(name()) || matched_remote().has_value(); }

  static async::Task<bool> wait_for_service(std::shared_ptr<ClientCore> self, std::optional<async::Duration> limit) {
    const auto there = [&self] { return self->destroyed() || self->service_available(); };
    const bool came = co_await until(self->node().graph().changed(), there, limit, self->title());
    co_return came && !self->destroyed();
  }

  [[nodiscard]] ClientStatistics statistics() const {
    ClientStatistics statistics = counts_;
    statistics.malformed = malformed_.count();
    return statistics;
  }

 private:
  /// Where a request went, and its number there. Of this bus: kLocal.
  using Key = std::pair<std::size_t, std::int64_t>;
  static constexpr std::size_t kLocal = ~std::size_t{0};

  /// A call that waits. Found by its key from sending to its end, so that nothing late can reach it.
  struct Pending {
    explicit Pending(ClientCore& owner) noexcept : client(owner) {}
    Pending(const Pending&) = delete;
    Pending& operator=(const Pending&) = delete;
    ~Pending() {
      if (sent_as) {
        client.pending_.erase(*sent_as);
      }
      if (server != nullptr && !result) {
        server->withdraw(*client.replies_, sent_as->second);
      }
    }
    void wait_as(Key key) {
      sent_as = key;
      client.pending_.emplace(key, this);
    }
    void end(Result value) {
      if (!result) {
        result.emplace(std::move(value));
        ended.set();
      }
    }

    ClientCore& client;
    std::optional<Key> sent_as;
    std::shared_ptr<RequestBox<S>> server;  // when it is of this bus
    std::optional<Result> result;
    async::Event ended{"response"};
  };

  [[nodiscard]] std::optional<std::size_t> matched_remote() const {
    for (std::size_t i = 0; i < remote_.size(); ++i) {
      if (remote_[i]->matched().current > 0) {
        return i;
      }
    }
    return std::nullopt;
  }

  async::Task<void> exchange(Request& request, Pending& pending) {
    if (auto server = services_.template find<S>(name())) {
      const std::int64_t sequence = next_sequence_++;
      pending.wait_as({kLocal, sequence});
      pending.server = server;
      server->push({std::move(request), ReplyDuty<Response>(replies_, sequence)});
    } else if (const auto remote = matched_remote()) {
      co_await send(*remote, request, pending);
    } else {
      pending.end(Unexpected(CallError::kNoServer));
    }
    co_await pending.ended;
  }

  async::Task<void> send(std::size_t remote, const Request& request, Pending& pending) {
    if constexpr (EncodableService<S>) {
      const std::vector<std::byte> bytes = messages::to_cdr(request);
      std::optional<bus::RequestId> id;
      const auto try_send = [&]() -> Expected<void, bus::SendError> {
        if (destroyed()) {
          return Unexpected(bus::SendError::kClosed);
        }
        const auto sent = remote_[remote]->request(bytes);
        if (!sent) {
          const bool there = remote_[remote]->matched().current > 0;
          return Unexpected(there ? sent.error() : bus::SendError::kNoPeer);
        }
        id = *sent;
        pending.wait_as({remote, id->sequence});  // before anything can be taken
        return {};
      };
      const auto sent = co_await send_when_ready(writable_, try_send, std::nullopt);
      if (!sent) {
        pending.end(Unexpected(to_call_error(sent.error())));
      }
    }
  }

  static CallError to_call_error(bus::SendError error) noexcept {
    switch (error) {
      case bus::SendError::kTooLarge:
        return CallError::kTooLarge;
      case bus::SendError::kClosed:
        return CallError::kClientClosed;
      case bus::SendError::kNoPeer:
      case bus::SendError::kWouldBlock:
        break;
    }
    return CallError::kNoServer;
  }

  async::Task<void> run() override {
    constexpr int kTakePerTurn = 64;
    Bells::Listening arrived(replies_->arrived(), title());
    for (;;) {
      const std::vector<std::int64_t> lost = lost_before();  // before what had come by then is taken
      int taken = 0;
      while (taken < kTakePerTurn && !destroyed() && take()) {
        ++taken;
      }
      if (taken == kTakePerTurn) {
        co_await arrived.next_turn();
      } else {
        fail_vanished(lost);
        co_await arrived;
      }
    }
  }

  bool take() {
    if (auto reply = replies_->pop()) {
      answer({kLocal, reply->sequence}, std::move(reply->response));
      return true;
    }
    for (std::size_t i = 0; i < remote_.size(); ++i) {
      const auto visit = [&](const bus::RequestId& id, bus::Bytes bytes, const bus::MessageInfo& /*info*/) {
        answer({i, id.sequence}, decode(bytes));
      };
      if (remote_[i]->take(visit)) {
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] Result decode(bus::Bytes bytes) {
    if constexpr (EncodableService<S>) {
      auto response = messages::from_cdr<Response>(bytes);
      if (response) {
        return std::move(*response);
      }
      malformed_.count(name(), response.error());
    }
    return Unexpected(CallError::kMalformed);
  }

  void answer(Key key, Result result) {
    const auto waiting = pending_.find(key);
    if (waiting == pending_.end() || waiting->second->result) {
      counts_.late += result ? 1 : 0;
      return;
    }
    counts_.responses += result ? 1 : 0;
    waiting->second->end(std::move(result));
  }

  /// Of each transport, as TransportClient::lost_before.
  [[nodiscard]] std::vector<std::int64_t> lost_before() const {
    std::vector<std::int64_t> lost;
    for (const auto& remote : remote_) {
      lost.push_back(remote->lost_before());
    }
    return lost;
  }

  // What was asked of a server that has gone gets no response, also when there are others.
  void fail_vanished(const std::vector<std::int64_t>& lost) {
    for (const auto& [key, pending] : pending_) {
      if (key.first != kLocal && key.second < lost.at(key.first)) {
        pending->end(Unexpected(CallError::kServerVanished));
      }
    }
  }

  void stop_listening() noexcept override {
    listed_.reset();
    replies_->close();
    for (const auto& [key, pending] : pending_) {
      pending->end(Unexpected(CallError::kClientClosed));
    }
  }
  void close() noexcept override {
    remote_.clear();
    writable_.ring();
    node().graph().changed().ring();
  }

  LocalServices& services_;
  std::shared_ptr<ReplyBox<Response>> replies_{std::make_shared<ReplyBox<Response>>()};
  std::map<Key, Pending*> pending_;  // calls that wait; theirs
  std::int64_t next_sequence_{1};
  Malformed malformed_;
  ClientStatistics counts_;
  Bells writable_;
  std::optional<Listed> listed_;
  std::vector<std::unique_ptr<bus::TransportClient>> remote_;
};

}  // namespace internal
}  // namespace takt::node
