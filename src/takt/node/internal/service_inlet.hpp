#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "takt/bus/bus.hpp"
#include "takt/messages/cdr.hpp"
#include "takt/node/internal/bells.hpp"
#include "takt/node/internal/endpoints.hpp"
#include "takt/node/internal/local_services.hpp"
#include "takt/node/internal/service_options.hpp"

/// Internal to node.
namespace takt::node::internal {

/// A client beyond this process, as the way back to it.
struct RemoteClient {
  std::size_t server{0};  // of which transport
  bus::RequestId id;
};

/// One server of a service, for this process and on all transports: keeps what is asked, rings, and is taken from.
template <class S>
class ServiceInlet {
 public:
  using Request = typename S::Request;
  using Response = typename S::Response;
  /// Where the response goes.
  using ReplyTo = std::variant<ReplyDuty<Response>, RemoteClient>;
  struct Incoming {
    Request request;
    ReplyTo reply_to;
  };

  ServiceInlet(NodeCore& node, const std::string& name, const ServiceOptions& options)
      : node_(node), name_(name), services_(node.bus().template shared<LocalServices>()) {
    const auto transports = transports_for(node, bus::Capability::kRequestReply, name, service_name<S>(),
                                           EncodableService<S>, options.in_process_only);
    for (const auto& transport : transports) {
      bus::EndpointEvents events = graph_events(node);
      events.on_data = [this] { arrived_.ring(); };
      events.on_writable = [this] { writable_.ring(); };
      remote_.push_back(transport->serve({.name = name,
                                          .request = request_id<S>(),
                                          .reply = response_id<S>(),
                                          .qos = options.qos,
                                          .node = node.name()},
                                         std::move(events)));
    }
    services_.template add<S>(name, local_);
    listed_.emplace(node.graph(), bus::EndpointInfo{.kind = bus::EndpointInfo::Kind::kServer,
                                                    .node = node.name(),
                                                    .name = name,
                                                    .type = {.name = service_name<S>(), .hash = {}},
                                                    .qos = options.qos,
                                                    .id = {}});
  }
  ServiceInlet(const ServiceInlet&) = delete;
  ServiceInlet& operator=(const ServiceInlet&) = delete;
  ~ServiceInlet() {
    services_.remove(name_, local_.get());
    local_->close();
  }

  /// The oldest request of the next source that has one. Its place in the turn is kept, so that none starves another.
  [[nodiscard]] std::optional<Incoming> take() {
    const std::size_t sources = remote_.size() + 1;
    for (std::size_t tried = 0; tried < sources; ++tried) {
      const std::size_t source = turn_ % sources;  // there are fewer once it is closed
      turn_ = source + 1;
      auto incoming = source == 0 ? take_local() : take_remote(source - 1);
      if (incoming) {
        return incoming;
      }
    }
    return std::nullopt;
  }

  /// Rung when take() may give something.
  [[nodiscard]] Bells& arrived() noexcept { return arrived_; }
  /// Rung when reply() that had no room may have some.
  [[nodiscard]] Bells& writable() noexcept { return writable_; }

  [[nodiscard]] Expected<void, bus::SendError> reply(const RemoteClient& client, bus::Bytes bytes) {
    return remote_[client.server]->reply(client.id, bytes);
  }

  /// Nobody of this process finds it any more.
  void hide() noexcept {
    listed_.reset();
    services_.remove(name_, local_.get());
    node_.graph().changed().ring();
  }
  /// Nor hears from it: who waits learns that the server vanished.
  void stop() noexcept {
    hide();
    local_->close();
    arrived_.ring();
  }
  /// Nothing is taken from a transport any more.
  void close() noexcept { remote_.clear(); }

  [[nodiscard]] std::uint64_t malformed() const noexcept { return malformed_.count(); }

 private:
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
          malformed_.count(name_, request.error());
        }
      };
      for (int malformed = 0; !incoming && remote_[server]->take(visit); ++malformed) {
        if (!incoming && malformed == kMostMalformed) {
          arrived_.ring();  // there may be more
          break;
        }
      }
    }
    return incoming;
  }

  NodeCore& node_;
  const std::string name_;
  LocalServices& services_;
  Malformed malformed_;
  Bells arrived_;
  Bells writable_;
  std::shared_ptr<RequestBox<S>> local_{std::make_shared<RequestBox<S>>(arrived_)};
  std::optional<Listed> listed_;
  std::size_t turn_{0};
  std::vector<std::unique_ptr<bus::TransportServer>> remote_;
};

}  // namespace takt::node::internal
