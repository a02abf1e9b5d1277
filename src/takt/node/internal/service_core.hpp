#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
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
#include "takt/node/internal/client_shares.hpp"
#include "takt/node/internal/entity.hpp"
#include "takt/node/internal/failures.hpp"
#include "takt/node/internal/handler.hpp"
#include "takt/node/internal/send_retry.hpp"
#include "takt/node/internal/service_inlet.hpp"
#include "takt/node/internal/service_options.hpp"

namespace takt::node {

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
        options_(checked(options)),
        function_(std::move(function)),
        failures_(options.on_failure, title()),
        inlet_(node(), this->name(), options) {}

  [[nodiscard]] ServiceStatistics statistics() const {
    ServiceStatistics statistics = counts_;
    statistics.failures = failures_.count();
    statistics.malformed = inlet_.malformed();
    return statistics;
  }

  [[nodiscard]] bool drains() const noexcept override { return true; }
  void begin_drain() noexcept override {
    if (std::exchange(draining_, true)) {
      return;
    }
    inlet_.hide();
    while (left_.size() < kKeepAllBound) {
      auto incoming = inlet_.take();
      if (!incoming) {
        break;
      }
      left_.push_back(std::move(*incoming));
    }
    inlet_.arrived().ring();
  }

 private:
  using Incoming = typename ServiceInlet<S>::Incoming;
  using ReplyTo = typename ServiceInlet<S>::ReplyTo;

  [[nodiscard]] ServiceOptions checked(const ServiceOptions& options) const {
    if (options.take_per_turn == 0 || options.max_concurrent == 0 || options.delivery == Delivery::kInline) {
      throw LogicError(title() + ": want sequential or concurrent delivery, max_concurrent and take_per_turn above 0");
    }
    return options;
  }

  [[nodiscard]] std::optional<Incoming> take() {
    std::optional<Incoming> incoming;
    if (!draining_) {
      incoming = inlet_.take();
    } else if (!left_.empty()) {
      incoming.emplace(std::move(left_.front()));
      left_.pop_front();
    }
    counts_.requests += incoming ? 1 : 0;
    return incoming;
  }

  async::Task<void> run() override {
    Bells::Listening arrived(inlet_.arrived(), title());
    async::Semaphore permits(options_.max_concurrent, title());
    const auto read_all = [&](async::Nursery& nursery) -> async::Task<async::Join> {
      co_await read(arrived, nursery, options_.delivery == Delivery::kSequential ? nullptr : &permits);
      co_return async::kJoin;
    };
    co_await async::with_nursery(read_all);
  }

  // Sequential when there are no permits; in the nursery is what must not hold up the next request.
  async::Task<void> read(Bells::Listening& arrived, async::Nursery& nursery, async::Semaphore* permits) {
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
        if (permits != nullptr && !shares_.admit(client_of(incoming->reply_to))) {
          ++counts_.refused;
        } else if (permits != nullptr) {
          nursery.start(title(), handle_and_keep(this, nursery, std::move(*incoming), std::move(permit)));
        } else {
          co_await handle(nursery, *incoming);
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

  static async::Task<void> handle_and_keep(ServiceCore* self, async::Nursery nursery, Incoming incoming,
                                           async::Semaphore::Permit permit) {
    static_cast<void>(permit);  // held until the end
    const Admitted admitted(self->shares_, incoming.reply_to);
    co_await self->handle(nursery, incoming);
  }

  /// Which client of a transport it is; none for one of this process.
  [[nodiscard]] static std::optional<ClientShares::Client> client_of(const ReplyTo& to) noexcept {
    const auto* const remote = std::get_if<RemoteClient>(&to);
    return remote == nullptr ? std::nullopt : std::optional(remote->id.client);
  }
  /// One that was admitted, until it ends.
  class Admitted {
   public:
    Admitted(ClientShares& shares, const ReplyTo& to) noexcept : shares_(shares), client_(client_of(to)) {}
    Admitted(const Admitted&) = delete;
    Admitted& operator=(const Admitted&) = delete;
    ~Admitted() { shares_.leave(client_); }

   private:
    ClientShares& shares_;
    std::optional<ClientShares::Client> client_;
  };

  async::Task<void> handle(async::Nursery nursery, Incoming& incoming) {
    std::optional<Response> response;
    std::exception_ptr error;
    {
      const InHandler in_handler(counts_.running, counts_.most_running);
      if (function_.is_plain()) {
        error = thrown_by([&] { response.emplace(function_.call(incoming.request)); });
      } else {
        const auto start = [&] { return keep(function_.start(incoming.request), &response); };
        error = co_await thrown_by_task(start);
      }
    }
    if (error == nullptr) {  // a response that cannot be encoded is a failure of who made it
      error = thrown_by([&] { reply(nursery, incoming.reply_to, std::move(*response)); });
    }
    if (error == nullptr) {
      failures_.succeeded();
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

  void reply(async::Nursery nursery, ReplyTo& to, Response response) {
    if (auto* local = std::get_if<ReplyDuty<Response>>(&to)) {
      count(local->answer(std::move(response)));
      return;
    }
    if constexpr (EncodableService<S>) {
      const RemoteClient client = std::get<RemoteClient>(to);
      std::vector<std::byte> bytes = messages::to_cdr(response);
      const auto sent = inlet_.reply(client, bytes);
      const bool no_room = !sent && sent.error() == bus::SendError::kWouldBlock;
      if (no_room && held_back_ < kMostHeldBack) {
        ++held_back_;
        nursery.start(title(), reply_later(this, client, std::move(bytes)));
      } else {
        count(sent.has_value());
      }
    }
  }

  // A client that does not take its responses holds up nobody else.
  static async::Task<void> reply_later(ServiceCore* self, RemoteClient client, std::vector<std::byte> bytes) {
    bool delivered = false;
    const auto send = [&] { return self->inlet_.reply(client, bytes); };
    const auto wait = [&]() -> async::Task<void> {
      const auto sent = co_await send_when_ready(self->inlet_.writable(), send, self->options_.reply_patience);
      delivered = sent.has_value();
    };
    const std::exception_ptr error = co_await thrown_by_task(wait);
    --self->held_back_;
    self->count(delivered);
    if (error != nullptr) {
      self->failures_.apply(error);
    }
  }

  void count(bool delivered) noexcept { ++(delivered ? counts_.responses : counts_.undelivered); }

  void stop_listening() noexcept override { inlet_.stop(); }
  void close() noexcept override { inlet_.close(); }

  static constexpr std::size_t kMostHeldBack = 64;  // further responses without a way back are dropped

  const ServiceOptions options_;
  Function function_;
  Failures failures_;
  ServiceStatistics counts_;
  ClientShares shares_{options_.max_per_client};
  bool draining_{false};
  std::size_t held_back_{0};   // responses that wait for their way back
  std::deque<Incoming> left_;  // what had come when draining began
  ServiceInlet<S> inlet_;
};

}  // namespace internal
}  // namespace takt::node
