#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/semaphore.hpp"
#include "takt/messages/cdr.hpp"
#include "takt/node/failure_policy.hpp"
#include "takt/node/internal/endpoints.hpp"
#include "takt/node/internal/entity.hpp"
#include "takt/node/internal/failures.hpp"
#include "takt/node/internal/handler.hpp"
#include "takt/node/internal/local_services.hpp"
#include "takt/node/internal/send_retry.hpp"
#include "takt/node/internal/subscription_core.hpp"

namespace takt::node {

struct ServiceOptions {
  // Behaviour
  bus::Qos qos{};
  Delivery delivery{Delivery::kSequential};  ///< not kInline
  FailurePolicy on_failure{};
  bool in_process_only{false};  ///< not on transports: for types without a wire form
  /// How long a response waits for the way back to its client.
  async::Duration reply_patience{std::chrono::seconds(1)};
  // Performance
  std::size_t max_concurrent{16};  ///< of kConcurrent; at this bound nothing more is taken
  std::size_t take_per_turn{64};   ///< requests at most before other tasks, timers and threads have their turn
};

struct ServiceStatistics {
  std::uint64_t requests{0};     ///< that were handed to the handler
  std::uint64_t responses{0};    ///< that were sent
  std::uint64_t undelivered{0};  ///< responses that were dropped: their client had gone, or its transport refused them
  std::uint64_t malformed{0};
  std::uint64_t failures{0};  ///< of the handler
  std::size_t running{0};     ///< handlers now
  std::size_t most_running{0};
  std::uint64_t saturated{0};  ///< times that the bound of kConcurrent was reached
};

namespace internal {

/// What a Service is made of.
template <class S>
class ServiceCore final : public Entity {
 public:
  using Request = typename S::Request;
  using Response = typename S::Response;
  using Function = Handler<Response, const Request&>;

  ServiceCore(std::shared_ptr<NodeCore> core, const std::string& name, Function function, const ServiceOptions& options)
      : Entity(std::move(core), "service", name),
        options_(options),
        function_(std::move(function)),
        failures_(options.on_failure, title()),
        services_(node().bus().template shared<LocalServices>()) {
    if (options_.take_per_turn == 0 || options_.max_concurrent == 0 || options_.delivery == Delivery::kInline) {
      throw LogicError(title() + ": want sequential or concurrent delivery, max_concurrent and take_per_turn above 0");
    }
    const auto transports = transports_for(node(), bus::Capability::kRequestReply, name, service_name<S>(),
                                           EncodableService<S>, options.in_process_only);
    for (const auto& transport : transports) {
      bus::EndpointEvents events = graph_events(node());
      events.on_data = [this] { arrived_.ring(); };
      events.on_writable = [this] { writable_.ring(); };
      remote_.push_back(transport->serve({.name = name,
                                          .request = request_id<S>(),
                                          .reply = response_id<S>(),
                                          .qos = options.qos,
                                          .node = node().name()},
                                         std::move(events)));
    }
    services_.template add<S>(name, local_);
    listed_.emplace(node().graph(), bus::EndpointInfo{.kind = bus::EndpointInfo::Kind::kServer,
                                                      .node = node().name(),
                                                      .name = name,
                                                      .type = {.name = service_name<S>(), .hash = {}},
                                                      .qos = options.qos,
                                                      .id = {}});
  }

  ~ServiceCore() override {
    services_.remove(name(), local_.get());
    local_->close();
  }

  [[nodiscard]] ServiceStatistics statistics() const {
    ServiceStatistics statistics = counts_;
    statistics.failures = failures_.count();
    statistics.malformed = malformed_.count();
    return statistics;
  }

  [[nodiscard]] bool drains() const noexcept override { return true; }
  void begin_drain() noexcept override {
    draining_ = true;
    arrived_.ring();
  }

 private:
  /// Where the response goes.
  struct RemoteClient {
    std::size_t server{0};
    bus::RequestId id;
  };
  using ReplyTo = std::variant<ReplyDuty<Response>, RemoteClient>;
  struct Incoming {
    Request request;
    ReplyTo reply_to;
  };

  [[nodiscard]] std::optional<Incoming> take() {
    const std::size_t sources = remote_.size() + 1;
    for (std::size_t tried = 0; tried < sources; ++tried) {
      const std::size_t source = turn_;
      turn_ = (turn_ + 1) % sources;
      auto incoming = source == 0 ? take_local() : take_remote(source - 1);
      if (incoming) {
        ++counts_.requests;
        return incoming;
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Incoming> take_local() {
    auto local = local_->pop();
    if (!local) {
      return std::nullopt;
    }
    return Incoming{std::move(local->request), ReplyTo(std::move(local->duty))};
  }

  [[nodiscard]] std::optional<Incoming> take_remote(std::size_t server) {
    std::optional<Incoming> incoming;
    if constexpr (EncodableService<S>) {
      const auto visit = [&](const bus::RequestId& id, bus::Bytes bytes, const bus::MessageInfo& /*info*/) {
        auto request = messages::from_cdr<Request>(bytes);
        if (request) {
          incoming.emplace(std::move(*request), ReplyTo(RemoteClient{server, id}));
        } else {
          malformed_.count(name(), request.error());
        }
      };
      while (!incoming && remote_[server]->take(visit)) {
      }
    }
    return incoming;
  }

  async::Task<void> run() override {
    Bells::Listening arrived(arrived_, title());
    if (options_.delivery == Delivery::kSequential) {
      co_await read(arrived, nullptr, nullptr);
      co_return;
    }
    async::Semaphore permits(options_.max_concurrent, title());
    const auto read_all = [&](async::Nursery& nursery) -> async::Task<async::Join> {
      co_await read(arrived, &nursery, &permits);
      co_return async::kJoin;
    };
    co_await async::with_nursery(read_all);
  }

  // Sequential when there is no nursery.
  async::Task<void> read(Bells::Listening& arrived, async::Nursery* nursery, async::Semaphore* permits) {
    for (;;) {
      std::size_t taken = 0;
      for (; taken < options_.take_per_turn && !destroyed() && !failures_.pause_due(); ++taken) {
        async::Semaphore::Permit permit;
        if (permits != nullptr) {
          counts_.saturated += permits->available() == 0 ? 1 : 0;
          permit = co_await permits->acquire();
        }
        auto incoming = take();
        if (!incoming) {
          break;
        }
        if (nursery != nullptr) {
          nursery->start(title(), handle_and_keep(this, std::move(*incoming), std::move(permit)));
        } else {
          co_await handle(*incoming);
        }
      }
      if (destroyed() || (draining_ && taken < options_.take_per_turn && !failures_.pause_due())) {
        co_return;
      }
      if (failures_.pause_due()) {
        co_await failures_.pause();
      } else if (taken == options_.take_per_turn) {
        co_await arrived.next_turn();
      } else {
        co_await arrived;
      }
    }
  }

  static async::Task<void> handle_and_keep(ServiceCore* self, Incoming incoming, async::Semaphore::Permit permit) {
    static_cast<void>(permit);  // held until the end
    co_await self->handle(incoming);
  }

  /// Counts a handler while it runs.
  class InHandler {
   public:
    explicit InHandler(ServiceStatistics& counts) noexcept : counts_(counts) {
      counts_.most_running = std::max(counts_.most_running, ++counts_.running);
    }
    InHandler(const InHandler&) = delete;
    InHandler& operator=(const InHandler&) = delete;
    ~InHandler() { --counts_.running; }

   private:
    ServiceStatistics& counts_;
  };

  async::Task<void> handle(Incoming& incoming) {
    std::optional<Response> response;
    std::exception_ptr error;
    {
      const InHandler in_handler(counts_);
      if (function_.is_plain()) {
        error = thrown_by([&] { response.emplace(function_.call(incoming.request)); });
      } else {
        error = co_await thrown_by(keep(function_.start(incoming.request), &response));
      }
    }
    if (error == nullptr) {
      failures_.succeeded();
      co_await reply(incoming.reply_to, std::move(*response));
      co_return;
    }
    if (auto* local = std::get_if<ReplyDuty<Response>>(&incoming.reply_to)) {
      local->answer(Unexpected(failures_.propagates() ? CallError::kServerVanished : CallError::kHandlerFailed));
    }
    failures_.apply(error);
  }

  static async::Task<void> keep(async::Task<Response> task, std::optional<Response>* response) {
    response->emplace(co_await std::move(task));
  }

  async::Task<void> reply(ReplyTo& to, Response response) {
    if (auto* local = std::get_if<ReplyDuty<Response>>(&to)) {
      ++(local->answer(std::move(response)) ? counts_.responses : counts_.undelivered);
      co_return;
    }
    if constexpr (EncodableService<S>) {
      const RemoteClient client = std::get<RemoteClient>(to);
      const std::vector<std::byte> bytes = messages::to_cdr(response);
      const auto send = [&] { return remote_[client.server]->reply(client.id, bytes); };
      const auto sent = co_await send_when_ready(writable_, send, options_.reply_patience);
      ++(sent ? counts_.responses : counts_.undelivered);
    }
  }

  void stop_listening() noexcept override {
    listed_.reset();
    services_.remove(name(), local_.get());
    local_->close();
    node().graph().changed().ring();
    arrived_.ring();
  }
  void close() noexcept override { remote_.clear(); }

  const ServiceOptions options_;
  Function function_;
  Failures failures_;
  Malformed malformed_;
  ServiceStatistics counts_;
  LocalServices& services_;
  Bells arrived_;
  Bells writable_;
  std::shared_ptr<RequestBox<S>> local_{std::make_shared<RequestBox<S>>(arrived_)};
  std::optional<Listed> listed_;
  std::size_t turn_{0};
  bool draining_{false};
  std::vector<std::unique_ptr<bus::TransportServer>> remote_;
};

}  // namespace internal
}  // namespace takt::node
