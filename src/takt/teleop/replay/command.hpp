#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/describe.hpp>

#include "takt/core/error.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/robot_state.hpp"
#include "takt/teleop/replay/digital_twin.hpp"
#include "takt/teleop/replay/trajectory_columns.hpp"

/// What is asked of a robot's owner, and what it says to it: values. docs/formats/commands.md has their form on a bus.
namespace takt::teleop::replay {

/// What is asked. `kTriggerReplay` is "TRIGGER_REPLAY" where it travels.
enum class CommandAction : std::uint8_t {
  kTriggerReplay,        ///< load what `trajectories` says, and play it
  kStopReplay,           ///< come to rest, play no more; from anybody
  kGotoTrajectory,       ///< go to the start or end of what is loaded, and stay there
  kSnapTwinAnchor,       ///< where it stands now is what the next load begins at
  kGetTrajectoryFrames,  ///< frames of what is loaded, in one transfer
  kGetReplayAction,      ///< the next frame of what was triggered to be pulled
  kPause,                ///< come to rest and keep the place; from anybody
  kResume,
  kSeek,   ///< go on at another place
  kStep,   ///< so many frames on, or back
  kSpeed,  ///< 1: as recorded; below 0: backwards
  kLoop,
  kAb,      ///< repeat a section
  kScrub,   ///< the playhead follows a hand, the arm the playhead
  kStatus,  ///< how it stands; from anybody
  kRenew,   ///< the commander is still there
  kList,    ///< what the owner's library has; from anybody
};
BOOST_DESCRIBE_ENUM(CommandAction, kTriggerReplay, kStopReplay, kGotoTrajectory, kSnapTwinAnchor, kGetTrajectoryFrames,
                    kGetReplayAction, kPause, kResume, kSeek, kStep, kSpeed, kLoop, kAb, kScrub, kStatus, kRenew, kList)

/// "TRIGGER_REPLAY".
[[nodiscard]] std::string action_name(CommandAction action);
[[nodiscard]] std::optional<CommandAction> action_from_name(std::string_view name) noexcept;
/// Only the commander may ask it.
[[nodiscard]] bool moves(CommandAction action) noexcept;
/// May begin a motion where nothing is played: TRIGGER_REPLAY, GOTO_TRAJECTORY.
[[nodiscard]] bool sets_out(CommandAction action) noexcept;
/// Done again when it comes again, and not remembered: its answer may be large, and is another by then.
[[nodiscard]] bool only_looks(CommandAction action) noexcept;
/// What brings an arm to rest or keeps it from there: waits for nothing that is done for somebody else.
[[nodiscard]] bool goes_first(CommandAction action) noexcept;
/// Loads, bakes, waits for a write to the arm, or reads or makes much.
[[nodiscard]] bool takes_long(CommandAction action) noexcept;

/// How frames come to move the robot.
enum class ReplayWay : std::uint8_t {
  kPush,  ///< the owner emits them
  kShip,  ///< the reply has all of them; the client emits them
  kPull,  ///< the client asks for each and emits it
};
BOOST_DESCRIBE_ENUM(ReplayWay, kPush, kShip, kPull)

/// A part of a sequence: of the owner's library by name, or sent along.
struct SequencePart {
  std::string name{};
  std::optional<TrajectoryColumns> shipped{};

  friend bool operator==(const SequencePart&, const SequencePart&) = default;
};

/// All that an action may want; each uses those that name it.
struct CommandParams {
  std::vector<SequencePart> trajectories{};  ///< TRIGGER_REPLAY: at least one
  bool loop{false};                          ///< TRIGGER_REPLAY, LOOP
  double speed{1.0};                         ///< TRIGGER_REPLAY, SPEED; not 0
  std::optional<double> from_s{};            ///< TRIGGER_REPLAY: leave out what is before; AB: the section begins
  std::optional<double> to_s{};              ///< TRIGGER_REPLAY: and after; AB: ends. AB without both: no section
  bool stretch{false};              ///< TRIGGER_REPLAY: slower where the limits ask for it, instead of refusing
  ReplayWay way{ReplayWay::kPush};  ///< TRIGGER_REPLAY
  double lease_s{1.0};  ///< of every action that moves: without a sign of the client for so long it comes to rest
  core::Nanoseconds until_ns{0};  ///< of every action that moves: later than that, by the owner's CLOCK_MONOTONIC, it
                                  ///< is not done; 0: whenever it comes
  core::Nanoseconds asked_ns{0};  ///< the same: it was asked then or before, and is not done after a stop or pause
                                  ///< that came later; 0: it was asked when it came
  double t_s{0.0};                ///< SEEK, SCRUB: of the timeline, which begins with the entry bridge
  std::int64_t frames{1};         ///< STEP
  Place to{Place::kStart};        ///< GOTO_TRAJECTORY
  std::uint64_t from{0};          ///< GET_TRAJECTORY_FRAMES: index of the first
  std::optional<std::uint64_t> count{};  ///< GET_TRAJECTORY_FRAMES: none: all
  bool clear{false};                     ///< STOP_REPLAY: forget what is loaded, too

  friend bool operator==(const CommandParams&, const CommandParams&) = default;
};
BOOST_DESCRIBE_STRUCT(CommandParams, (),
                      (trajectories, loop, speed, from_s, to_s, stretch, way, lease_s, until_ns, asked_ns, t_s, frames,
                       to, from, count, clear))

struct Command {
  CommandAction action{CommandAction::kStatus};
  CommandParams params{};

  friend bool operator==(const Command&, const Command&) = default;
};

/// The answer to STATUS.
struct ReplayStatus {
  TwinStatus twin{};
  std::string played_by{};        ///< the client of the last TRIGGER_REPLAY that was done; empty: none, or did not say
  std::string fault{};            ///< of the robot; empty: none
  core::JointVector q_rad{};      ///< where it was measured last; empty: not known
  core::Nanoseconds stamp_ns{0};  ///< when that was so, CLOCK_MONOTONIC of the owner

  friend bool operator==(const ReplayStatus&, const ReplayStatus&) = default;
};
BOOST_DESCRIBE_STRUCT(ReplayStatus, (), (twin, played_by, fault, q_rad, stamp_ns))

/// One of the answer to LIST.
struct TrajectoryItem {
  std::string name{};
  std::string robot{};
  std::string task{};
  std::uint64_t frames{0};
  double duration_s{0.0};

  friend bool operator==(const TrajectoryItem&, const TrajectoryItem&) = default;
};
BOOST_DESCRIBE_STRUCT(TrajectoryItem, (), (name, robot, task, frames, duration_s))

/// What a command gives; docs/formats/commands.md says which of these. None: it is done, and there is no more to say.
using CommandValue = std::variant<std::monostate, std::uint64_t, messages::RobotState, TrajectoryColumns, ReplayStatus,
                                  std::vector<TrajectoryItem>>;

/// A value, or why the owner does not do it, in one line for people.
using CommandResult = Expected<CommandValue, std::string>;

/// Who asks.
struct CommandCaller {
  std::string client{};              ///< never another's; empty: did not say
  bool remote{false};                ///< over a transport: may die unseen, and so must be renewed
  core::Nanoseconds received_ns{0};  ///< CLOCK_MONOTONIC of when it was asked; 0: now

  friend bool operator==(const CommandCaller&, const CommandCaller&) = default;
};

/// Who does what is asked: a robot's owner, or somebody who asks it for others.
class CommandHandler {
 public:
  virtual ~CommandHandler() = default;

  /// Any thread, several at once too. May wait for a write to the robot, and compute for a while (TRIGGER_REPLAY).
  /// What it throws is a bug.
  [[nodiscard]] virtual CommandResult handle(const Command& command, const CommandCaller& caller) = 0;

  /// He is there: something of his has come and will be done later. Any thread; waits for nothing.
  virtual void heard(const CommandCaller& /*caller*/) {}
};

}  // namespace takt::teleop::replay
