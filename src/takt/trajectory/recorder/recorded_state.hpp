#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/core/bounded_vector.hpp"
#include "takt/core/fixed_string.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/robot_state.hpp"

/// The plain structs that lie in a recording, and what their channels are called. docs/formats/recording.md.
namespace takt::trajectory::recorder {

/// Where on a command's way a state was taken. Written "leader", "mapped", "guarded", "sent", "read_back",
/// "trajectory".
enum class StateKind : std::uint8_t {
  kLeader,      ///< as the leader was read
  kMapped,      ///< after the joint map
  kGuarded,     ///< after alignment, guards and smoothing
  kSent,        ///< the action that the follower was given
  kReadBack,    ///< as the follower was read
  kTrajectory,  ///< not of a run: a trajectory that was computed, edited or imported
};
BOOST_DESCRIBE_ENUM(StateKind, kLeader, kMapped, kGuarded, kSent, kReadBack, kTrajectory)

/// messages::Hop as it is written.
struct RecordedHop {
  static constexpr std::string_view kRosName = "takt_msgs/msg/RecordedHop";

  std::int64_t stamp_ns{0};  ///< CLOCK_MONOTONIC
  std::uint32_t thread{0};
  messages::HopPoint point{messages::HopPoint::kGotState};

  friend bool operator==(const RecordedHop&, const RecordedHop&) = default;
};
BOOST_DESCRIBE_STRUCT(RecordedHop, (), (stamp_ns, thread, point))

/// messages::Extra as it is written.
struct RecordedExtra {
  static constexpr std::string_view kRosName = "takt_msgs/msg/RecordedExtra";

  core::FixedString<24> key{};
  double value{0.0};

  friend bool operator==(const RecordedExtra&, const RecordedExtra&) = default;
};
BOOST_DESCRIBE_STRUCT(RecordedExtra, (), (key, value))

/// A messages::RobotState as it is written, with when and in which episode. Units and frames are those of RobotState.
struct RecordedState {
  static constexpr std::string_view kRosName = "takt_msgs/msg/RecordedState";

  std::int64_t recorded_ns{0};  ///< CLOCK_MONOTONIC when it was handed to the recorder
  std::int64_t stamp_ns{0};     ///< CLOCK_MONOTONIC of the measurement; of a trajectory: since it began
  std::uint64_t sequence{0};
  std::uint64_t trace_id{0};
  std::uint32_t episode{0};  ///< 0: outside of all
  std::uint32_t lease_epoch{0};
  messages::RobotType robot_type{messages::RobotType::kUnknown};
  messages::Units units{messages::Units::kRadians};
  messages::CommandMark mark{messages::CommandMark::kNone};
  std::optional<double> source_t_s{};
  core::JointVector joint_positions{};
  core::JointVector joint_velocities{};
  core::JointVector joint_efforts{};
  std::optional<double> gripper_position{};
  core::BoundedVector<double, 7> end_effector_pose{};  ///< 7 numbers or none
  core::BoundedVector<RecordedHop, messages::kMaxHops> hops{};
  core::BoundedVector<RecordedExtra, messages::kMaxExtras> extras{};

  friend bool operator==(const RecordedState&, const RecordedState&) = default;
};
BOOST_DESCRIBE_STRUCT(RecordedState, (),
                      (recorded_ns, stamp_ns, sequence, trace_id, episode, lease_epoch, robot_type, units, mark,
                       source_t_s, joint_positions, joint_velocities, joint_efforts, gripper_position,
                       end_effector_pose, hops, extras))

/// `state` as it is written. Real-time safe.
[[nodiscard]] RecordedState to_recorded(const messages::RobotState& state, core::Nanoseconds recorded_ns,
                                        std::uint32_t episode) noexcept;

/// The state that was recorded; a pose that has not 7 numbers is left out. Real-time safe.
[[nodiscard]] messages::RobotState from_recorded(const RecordedState& recorded) noexcept;

/// What a state channel is of: travels as the channel's metadata.
struct StateChannelInfo {
  std::string robot{};  ///< its name in the teleoperation: "leader", "follower"; no '/', not empty
  StateKind kind{StateKind::kSent};
  std::string arm{};  ///< robots::RobotInfo::name of the arm whose joints these are: "fr3"; empty: not known
  messages::RobotType robot_type{messages::RobotType::kUnknown};
  std::vector<std::string> joint_names{};  ///< base to tip

  friend bool operator==(const StateChannelInfo&, const StateChannelInfo&) = default;
};

/// "/<robot>/<kind>": the channel's topic in the file.
[[nodiscard]] std::string state_topic(const StateChannelInfo& info);

/// The ros2msg schema of RecordedState: its fields, then those of the messages in it, as MCAP's registry has it.
[[nodiscard]] const std::string& recorded_state_schema();

}  // namespace takt::trajectory::recorder
