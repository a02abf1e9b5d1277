#include "takt/controller/server.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/every.hpp"
#include "takt/async/tasks/io.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/controller/internal/arm_host.hpp"
#include "takt/controller/internal/client_session.hpp"
#include "takt/controller/internal/server_socket.hpp"
#include "takt/core/error.hpp"
#include "takt/core/log.hpp"

namespace takt::controller {
namespace {

using async::Nursery;
using async::Task;
using namespace std::chrono_literals;

constexpr auto kStatisticsPeriod = 100ms;
constexpr auto kWithoutDescriptors = 100ms;  ///< until the next try, when the system gives none
constexpr auto kStopLimit = 10s;

std::string name_of(const control::Arm* arm, const ServerOptions& options) {
  if (arm == nullptr) {
    throw LogicError("Server: there is no arm");
  }
  return options.name.empty() ? std::string(arm->name()) : options.name;
}

/// Each client in a task of the nursery.
Task<void> accept_clients(internal::ServerSocket& socket, internal::ArmHost& host, Nursery clients) {
  while (true) {
    co_await async::readable(socket.descriptor());
    bool later = false;
    try {
      if (std::optional<internal::FileDescriptor> client = socket.accept()) {
        clients.start("client", internal::serve_client(host, std::move(*client)));
      }
    } catch (const SystemError& error) {
      core::log(core::LogLevel::kError, error.what());
      later = true;
    }
    if (later) {
      co_await async::sleep_for(kWithoutDescriptors);
    }
  }
}

}  // namespace

Server::Server(std::unique_ptr<control::Arm> arm, ServerOptions options)
    : socket_(std::make_unique<internal::ServerSocket>(name_of(arm.get(), options))),
      host_(std::make_unique<internal::ArmHost>(socket_->name(), std::move(arm), std::move(options.controller))) {}

Server::~Server() = default;

Task<void> Server::run() {
  co_await async::with_cleanup(serve(), kStopLimit, [this] { return host_->controller().stop(); });
}

Task<void> Server::serve() {
  const auto body = [this](Nursery& nursery) -> Task<async::Join> {
    nursery.start("statistics", refresh());
    nursery.start("accept", accept_clients(*socket_, *host_, nursery));
    co_await host_->shut_down.wait();
    co_return async::kCancel;
  };
  co_await async::with_nursery(body);
}

Task<void> Server::refresh() {
  async::Every tick(nullptr, kStatisticsPeriod);
  while (true) {
    static_cast<void>(co_await tick.next());
    host_->refresh();
  }
}

const std::string& Server::name() const noexcept {
  return socket_->name();
}

Controller& Server::controller() noexcept {
  return host_->controller();
}

}  // namespace takt::controller
