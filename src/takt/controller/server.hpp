#pragma once

#include <memory>
#include <string>

#include "takt/async/tasks/task.hpp"
#include "takt/control/arm.hpp"
#include "takt/controller/controller.hpp"

namespace takt::controller {

namespace internal {
class ArmHost;
class ServerSocket;
}  // namespace internal

struct ServerOptions {
  std::string name{};              ///< clients find it by this; empty: the arm's
  ControllerOptions controller{};  ///< but for its ports, which are the server's
};

/// An arm and its controller, for other processes of the same user: what `takt serve` runs. RemoteController is the
/// other side, docs/formats/controller-protocol.md what is between.
///
///   Server server(co_await connect("sim:fr3"));
///   co_await server.run();
///
/// One client commands at a time, by lease; any number look on. When the commander leaves or dies, the arm halts and is
/// held until another client takes up. A client can neither block the server nor, with whatever it sends, harm another.
///
/// A resource, made and destroyed on its loop's thread. It has no thread of its own beside the cycle's.
class Server {
 public:
  /// From here on clients can connect; they are answered while run() runs.
  /// @throws ConfigError for a bad name, and naming the process of a server that has it already; SystemError; what
  /// Controller's constructor throws.
  explicit Server(std::unique_ptr<control::Arm> arm, ServerOptions options = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Serves until a client asks it to shut down. The arm is not started by itself. At the end the arm has halted, its
  /// brakes are on, and all clients are disconnected. Once. Cancellation: the same, then Cancelled.
  [[nodiscard]] async::Task<void> run();

  [[nodiscard]] const std::string& name() const noexcept;

  /// Of the arm that is served; loop thread only. Its commands need the lease like everybody's.
  [[nodiscard]] Controller& controller() noexcept;

 private:
  [[nodiscard]] async::Task<void> serve();
  [[nodiscard]] async::Task<void> refresh();

  std::unique_ptr<internal::ServerSocket> socket_;  // before the arm: a name that is taken costs nothing
  std::unique_ptr<internal::ArmHost> host_;
};

}  // namespace takt::controller
