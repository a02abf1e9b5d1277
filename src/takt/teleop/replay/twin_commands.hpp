#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "takt/control/lease.hpp"
#include "takt/core/error.hpp"
#include "takt/core/time.hpp"
#include "takt/teleop/replay/command.hpp"
#include "takt/teleop/replay/digital_twin.hpp"
#include "takt/trajectory/trajectory.hpp"

namespace takt::teleop::replay {

/// What trajectories of the owner's are named from: its library. Functions may throw Error; any thread.
struct TrajectoryShelf {
  std::function<trajectory::Trajectory(const std::string& name)> load{};  ///< none: there is no library
  std::function<std::vector<TrajectoryItem>()> list{};
};

/// Does with a twin what commands ask for: the same for who calls it in the owner's process and for who asks over a bus
/// (CommandService). Who asks from afar for something that moves becomes the twin's commander, and has to be heard
/// again within its lease (docs/formats/commands.md). What was asked for before a stop or pause, and is done only
/// after it, is refused. A resource; thread safe.
class TwinCommands final : public CommandHandler {
 public:
  /// The twin outlives this.
  explicit TwinCommands(DigitalTwin& twin, TrajectoryShelf shelf = {});

  [[nodiscard]] CommandResult handle(const Command& command, const CommandCaller& caller) override;
  void heard(const CommandCaller& caller) override;

  /// As STATUS gives it. Any thread; waits for nothing.
  [[nodiscard]] ReplayStatus status() const;

 private:
  static constexpr const char* kHalted = "it was stopped or paused meanwhile";

  struct Commander {
    std::string client;
    control::LeaseEpoch epoch{0};
    double lease_s{1.0};
  };

  [[nodiscard]] bool was_halted(const CommandCaller& caller) const;
  [[nodiscard]] static std::string late(const Command& command, const CommandCaller& caller);
  [[nodiscard]] bool renew(const CommandCaller& caller);
  [[nodiscard]] bool is_commander(const CommandCaller& caller) const;
  [[nodiscard]] control::LeaseEpoch epoch_of(const CommandCaller& caller) const;
  /// Who is not the commander takes the lease, for all of it however long he waited: his answer only comes now.
  /// @return the epoch of the lease under which he asks; 0: as the owner's own program
  [[nodiscard]] Expected<control::LeaseEpoch, std::string> let_command(const CommandCaller& caller, double lease_s);
  void give_back(const CommandCaller& caller);
  [[nodiscard]] Expected<std::vector<trajectory::Trajectory>, std::string> sequence(const CommandParams& params) const;
  [[nodiscard]] CommandResult trigger(const CommandParams& params, const CommandCaller& caller);
  [[nodiscard]] CommandResult stop(const CommandParams& params, const CommandCaller& caller);
  [[nodiscard]] CommandResult frames(const CommandParams& params) const;
  [[nodiscard]] CommandResult next_action();
  [[nodiscard]] CommandResult list() const;
  [[nodiscard]] CommandResult move(const Command& command, const CommandCaller& caller);
  [[nodiscard]] CommandResult do_it(const Command& command, const CommandCaller& caller);
  [[nodiscard]] CommandResult do_unless_halted(const Command& command, const CommandCaller& caller);

  DigitalTwin& twin_;
  const TrajectoryShelf shelf_;
  std::mutex triggering_;     // what a trigger loads is what it plays; taken before mutex_, and not by what halts
  mutable std::mutex mutex_;  // of what follows; no write is waited for with it
  std::optional<Commander> commander_;
  std::string played_by_;
  core::Nanoseconds halted_ns_{0};  // when the last stop or pause was received
};

}  // namespace takt::teleop::replay
