#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "takt/bus/bus.hpp"
#include "takt/core/time.hpp"
#include "takt/teleop/replay/command.hpp"
#include "takt/teleop/replay/remote_twin.hpp"
#include "takt/teleop/replay/replay_owner.hpp"
#include "takt/teleop/replay/twin_commands.hpp"
#include "takt/trajectory/recorder/recorder.hpp"

#include "removed_unless_begun.hpp"

namespace takt::app {

/// Who plays what `takt replay` asks for, here or where the robot is served: the same commands, the same loop.
class Player {
 public:
  virtual ~Player() = default;
  [[nodiscard]] virtual teleop::replay::CommandHandler& commands() = 0;
  [[nodiscard]] virtual teleop::replay::CommandCaller caller() const = 0;
  /// Of the play that was triggered here; nothing: not known yet.
  [[nodiscard]] virtual std::optional<teleop::replay::ReplayStatus> status() = 0;
  /// Why it cannot be known any more; "": it can.
  [[nodiscard]] virtual std::string lost() const { return ""; }
  /// To be called again and again, ten times a second at least.
  virtual void renew() {}
};

/// An arm of this process.
class LocalPlayer final : public Player {
 public:
  /// Opens and starts the arm. @param output  what is sent and read back is recorded there; the file is removed at the
  /// end unless keep_recording() says otherwise. @throws ConfigError, DeviceError, SystemError
  LocalPlayer(const std::string& arm, const std::string& name, const std::optional<std::string>& output);
  ~LocalPlayer() override;

  [[nodiscard]] teleop::replay::CommandHandler& commands() override { return commands_; }
  [[nodiscard]] teleop::replay::CommandCaller caller() const override;
  [[nodiscard]] std::optional<teleop::replay::ReplayStatus> status() override { return commands_.status(); }

  [[nodiscard]] teleop::replay::DigitalTwin& twin() noexcept { return owner_.twin(); }

  void keep_recording() noexcept;
  /// Ends the recording. @return why it ended before; "": it did not
  [[nodiscard]] std::string end_recording(bool success);

 private:
  void record(const std::string& file);
  void tap(bus::Topic<messages::RobotState>& topic, trajectory::recorder::StateKind kind);

  teleop::replay::ReplayOwner owner_;
  teleop::replay::TwinCommands commands_;
  std::optional<RemovedUnlessBegun> file_;
  std::unique_ptr<trajectory::recorder::Recorder> recorder_;
  std::vector<bus::Subscription> taps_;
};

/// An arm that is served elsewhere.
class RemotePlayer final : public Player {
 public:
  RemotePlayer(std::shared_ptr<bus::Bus> network, const std::string& name, double lease_s);

  [[nodiscard]] teleop::replay::CommandHandler& commands() override { return twin_; }
  [[nodiscard]] teleop::replay::CommandCaller caller() const override { return {}; }
  [[nodiscard]] std::optional<teleop::replay::ReplayStatus> status() override;
  [[nodiscard]] std::string lost() const override;
  void renew() override;

 private:
  std::shared_ptr<bus::Bus> network_;
  teleop::replay::RemoteTwin twin_;
  core::Nanoseconds heard_ns_{0};  // when it was said last that what was triggered here is played; 0: not triggered
};

/// What a trigger of trajectories that are sent along would play, proved and printed; nothing moves. @return the
/// program's exit code
[[nodiscard]] int rehearse(teleop::replay::DigitalTwin& twin, const teleop::replay::CommandParams& params);

}  // namespace takt::app
