#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "takt/control/lease.hpp"
#include "takt/controller/arm_controller.hpp"
#include "takt/core/time.hpp"

namespace takt::controller {

namespace internal {
struct RemoteArm;
}

struct RemoteOptions {
  bool observe{false};    ///< look on only; nothing that moves the arm is permitted
  bool take_over{false};  ///< command even if somebody else does; the arm halts first
  std::string holder{};   ///< who commands, for the others' messages; empty: this program's name and process
  Duration patience{std::chrono::seconds(5)};  ///< for a server that does not answer while connecting
  /// For what starts, stops or changes the arm. Without an answer by then the connection is given up: DeviceError, then
  /// ServerDiedError; the server halts the arm, or stops it again where that was asked to start.
  Duration request_limit{std::chrono::seconds(30)};
  core::Clock* clock{nullptr};  ///< of the arm's stamps; none: steady. Outlives the controller
};

/// Who commands an arm.
struct Commander {
  std::string name;
  control::LeaseEpoch epoch{0};
};

/// What a server says of itself.
struct ServerStatus {
  std::uint32_t process{0};
  std::uint32_t clients{0};           ///< this one included
  std::uint64_t refused_commands{0};  ///< of commanders that were none any more
  std::uint64_t refused_clients{0};   ///< sent away for what they sent, or did not read
};

/// An arm whose cycle runs in another process of this user, `takt serve`.
///
///   auto controller = co_await RemoteController::connect("fr3");
///   co_await controller->move(home);
///
/// As Controller, but that:
///  * Requests go to the server over a socket. `set`, `play` and `halt` are stores into memory that the cycle takes
///    them from, `state`, `stats` and `fault` loads: no system call but a look at the socket once in 10 ms.
///  * It commands as long as it lives, unless it only observes, release() was called, or somebody took over: then
///    NotCommanderError, naming who. When it goes, the arm halts and is held. An arm that runs already needs no
///    start().
///  * When the server's process is gone, everything that throws at all throws ServerDiedError: what is awaited at
///    once, the rest within 10 ms.
///  * stats() are at most 0.1 s old. An observer's model() is that of when it connected.
///  * halt() of somebody who does not command does nothing.
///  * set_tool and set_payload, cancelled, go on to their end: both sides plan with the same tool.
///
/// There is no task behind it (internal/server_link.hpp). A resource, made and destroyed on its loop's thread.
class RemoteController final : public ArmController {
 public:
  /// @throws DeviceError when no such server runs or it does not answer, ConfigError for a bad name or another user's
  /// server, NotCommanderError when somebody commands, ProtocolError when it is of another version. Cancellation:
  /// Cancelled, at once.
  [[nodiscard]] static async::Task<std::unique_ptr<RemoteController>> connect(std::string name,
                                                                              RemoteOptions options = {});
  ~RemoteController() override;
  RemoteController(const RemoteController&) = delete;
  RemoteController& operator=(const RemoteController&) = delete;

  [[nodiscard]] async::Task<void> start() override;
  [[nodiscard]] async::Task<void> stop() override;
  [[nodiscard]] async::Task<void> recover() override;
  using ArmController::move;
  [[nodiscard]] async::Task<void> move(Target target, MoveOptions options) override;
  [[nodiscard]] async::Task<void> use(control::LawSettings law) override;
  [[nodiscard]] async::Task<void> set_tool(core::Pose X_FE) override;
  [[nodiscard]] async::Task<void> set_payload(control::LinkInertia payload_F) override;

  using ArmController::set;
  void set(const Target& target, TargetOptions options) override;
  using ArmController::play;
  void play(const ActionChunk& chunk, TargetOptions options) override;
  void halt() noexcept override;
  void safe_stop() noexcept override;

  [[nodiscard]] control::CycleState state() const override;
  [[nodiscard]] control::CycleStats stats() const override;
  [[nodiscard]] control::FaultReport fault() const override;
  [[nodiscard]] async::Task<std::vector<control::CycleState>> evidence() override;
  [[nodiscard]] const control::Model& model() const noexcept override;
  [[nodiscard]] const std::string& name() const noexcept override;
  [[nodiscard]] async::Every::Waiter pace(Frequency frequency) override;
  [[nodiscard]] std::uint64_t overruns() const noexcept override;

  /// To command from now on. @throws NotCommanderError when somebody does and `take_over` is false. Cancellation: once
  /// asked, goes on to its end.
  [[nodiscard]] async::Task<void> acquire(bool take_over);
  /// To command no longer; the arm halts and is held. @throws NotCommanderError. Cancellation: Cancelled, at once; it
  /// is released all the same.
  [[nodiscard]] async::Task<void> release();

  /// Who commands now; nullopt: nobody. Any thread. @throws ServerDiedError
  [[nodiscard]] std::optional<Commander> commander() const;
  /// What the server says of itself, asked for now; stats() are of now, too. @throws ServerDiedError
  [[nodiscard]] async::Task<ServerStatus> status();

  /// Halts the arm, closes the brakes and ends the server; observers may do so, too. Returns when the brakes are on.
  /// Cancellation: goes on to its end all the same.
  [[nodiscard]] async::Task<void> shut_down();

 private:
  explicit RemoteController(std::unique_ptr<internal::RemoteArm> arm);

  std::unique_ptr<internal::RemoteArm> arm_;
};

/// The names of all servers of this user that run now, sorted. Any thread; looks into the file system.
[[nodiscard]] std::vector<std::string> running_servers();

}  // namespace takt::controller
