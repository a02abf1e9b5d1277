#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <type_traits>

#include <boost/describe.hpp>

#include "takt/core/bounded_vector.hpp"
#include "takt/core/fixed_string.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"

namespace takt::messages {

/// Which robot a state comes from or is meant for.
enum class RobotType : std::uint8_t { kUnknown, kGeneric, kFr3, kFer, kSo101, kPiper };
BOOST_DESCRIBE_ENUM(RobotType, kUnknown, kGeneric, kFr3, kFer, kSo101, kPiper)

/// Units of the joint fields. SI in memory, always; kDegrees appears only in foreign data before it is converted.
enum class Units : std::uint8_t { kRadians, kDegrees };
BOOST_DESCRIBE_ENUM(Units, kRadians, kDegrees)

/// A named point on the way of a command. In the order in which a local command passes them.
enum class HopPoint : std::uint8_t {
  kGotState,      ///< the leader's read returned
  kStateUpdated,  ///< SystemState has it
  kEnter,         ///< the orchestrator's callback began
  kConverted,     ///< joint map done
  kGuarded,       ///< guards and smoother done
  kPublished,     ///< about to be published as an action
  kQueued,        ///< put into a delivery queue (only with a queued delivery)
  kDequeued,      ///< taken out of it
  kApplied,       ///< the follower's write returned
};
BOOST_DESCRIBE_ENUM(HopPoint, kGotState, kStateUpdated, kEnter, kConverted, kGuarded, kPublished, kQueued, kDequeued,
                    kApplied)

/// On actions: how the command came about, for those who count where it ends.
enum class CommandMark : std::uint8_t {
  kNone,      ///< no command, or of somebody who does not say
  kAligning,  ///< part of an approach
  kEngaged,   ///< what the commander wanted, unaltered
  kClamped,   ///< altered by a guard
};
BOOST_DESCRIBE_ENUM(CommandMark, kNone, kAligning, kEngaged, kClamped)

/// When (CLOCK_MONOTONIC of this host) and on which thread (Linux thread id) a command passed a point.
struct Hop {
  core::Nanoseconds stamp_ns{0};
  std::uint32_t thread{0};
  HopPoint point{HopPoint::kGotState};

  friend bool operator==(const Hop&, const Hop&) = default;
};
BOOST_DESCRIBE_STRUCT(Hop, (), (stamp_ns, thread, point))

/// A number that a robot has and this message does not foresee.
struct Extra {
  core::FixedString<24> key;
  double value{0.0};

  friend bool operator==(const Extra&, const Extra&) = default;
};
BOOST_DESCRIBE_STRUCT(Extra, (), (key, value))

inline constexpr std::size_t kMaxHops = 16;
using Hops = core::BoundedVector<Hop, kMaxHops>;
inline constexpr std::size_t kMaxExtras = 8;

/// The state of a robot, and, on an action topic, the state it is asked to take. Absent joint fields are empty.
/// Trivially copyable: it travels by reference in a process and fits mailboxes and shared memory.
struct RobotState {
  core::Nanoseconds stamp_ns{0};                           ///< CLOCK_MONOTONIC when `read` returned; never rewritten
  std::uint64_t sequence{0};                               ///< counts the publisher's states, from 1
  std::optional<double> source_t_s;                        ///< a recording's own time of this row [s]
  core::JointVector joint_positions;                       ///< rad
  core::JointVector joint_velocities;                      ///< rad/s
  core::JointVector joint_efforts;                         ///< N·m
  std::optional<double> gripper_position;                  ///< 0 closed … 1 open
  std::optional<std::array<double, 7>> end_effector_pose;  ///< X_BE as [x y z qx qy qz qw], m
  RobotType robot_type{RobotType::kUnknown};
  Units units{Units::kRadians};
  CommandMark mark{CommandMark::kNone};  ///< on actions
  std::uint32_t lease_epoch{0};          ///< on actions: the commander's lease; 0 on states
  std::uint64_t trace_id{0};             ///< the same from a leader's read to the follower's write
  Hops hops;
  core::BoundedVector<Extra, kMaxExtras> extras;

  friend bool operator==(const RobotState&, const RobotState&) = default;
};
BOOST_DESCRIBE_STRUCT(RobotState, (),
                      (stamp_ns, sequence, source_t_s, joint_positions, joint_velocities, joint_efforts,
                       gripper_position, end_effector_pose, robot_type, units, mark, lease_epoch, trace_id, hops,
                       extras))

static_assert(std::is_trivially_copyable_v<RobotState>);

/// Adds `point`, now, on this thread; silently does nothing when kMaxHops are used up. Real-time safe.
void stamp_hop(Hops& hops, HopPoint point) noexcept;
inline void stamp_hop(RobotState& state, HopPoint point) noexcept {
  stamp_hop(state.hops, point);
}

/// A trace id that no other command of this host's boot carries, most likely. Never 0. Real-time safe, any thread.
[[nodiscard]] std::uint64_t next_trace_id() noexcept;

/// The Linux thread id of the calling thread; one system call on a thread's first use. Real-time safe after it.
[[nodiscard]] std::uint32_t current_thread_id() noexcept;

}  // namespace takt::messages
