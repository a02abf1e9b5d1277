#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "takt/node/internal/client_core.hpp"

namespace takt::node {

/// Calls a service. Made by Node::client; a handle: copies mean the same client. On a bus whose transports carry no
/// requests (udp: bus::Capability::kRequestReply) it reaches servers of its own process only; its making says so in the
/// log, and a call without such a server is kNoServer.
///
///   auto response = co_await client.call({.data = true}, {.timeout = 2s});
///   if (!response) { log(to_string(response.error())); }
template <internal::ServiceType S>
class Client {
 public:
  using Request = typename S::Request;
  using Response = typename S::Response;

  /// Sends the request and waits for its response; any number of calls at once. A server of the same bus is asked by
  /// reference; else one that a transport has matched. A response that comes when nobody waits for it any more is
  /// dropped and counted. Loop thread; the client's node must be entered. Cancellation: Cancelled; the handler may run
  /// all the same.
  /// @throws LogicError when the client is destroyed or its node not entered
  [[nodiscard]] async::Task<Expected<Response, CallError>> call(Request request, CallOptions options = {}) const {
    return internal::ClientCore<S>::call(core_, std::move(request), options);
  }

  /// A server is there now.
  [[nodiscard]] bool service_available() const { return core_->service_available(); }
  /// Waits until a server is there; event driven. False: there was none within `limit`, or the client was destroyed.
  /// Cancellation: Cancelled.
  [[nodiscard]] async::Task<bool> wait_for_service(std::optional<async::Duration> limit = {}) const {
    return internal::ClientCore<S>::wait_for_service(core_, limit);
  }

  [[nodiscard]] const std::string& name() const noexcept { return core_->name(); }
  [[nodiscard]] ClientStatistics statistics() const { return core_->statistics(); }

  /// Calls that wait get kClientClosed. Idempotent. Loop thread.
  void destroy() noexcept { core_->destroy(); }
  [[nodiscard]] bool destroyed() const noexcept { return core_->destroyed(); }

 private:
  friend class Node;
  explicit Client(std::shared_ptr<internal::ClientCore<S>> core) noexcept : core_(std::move(core)) {}
  std::shared_ptr<internal::ClientCore<S>> core_;
};

}  // namespace takt::node
