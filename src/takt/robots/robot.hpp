#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "takt/control/motion/limits.hpp"
#include "takt/core/error.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/messages/robot_state.hpp"

namespace takt::robots {

/// What a robot is, asked once at set-up.
struct RobotInfo {
  std::string name;  ///< "fr3", "so101", "playback"; no blanks
  messages::RobotType type{messages::RobotType::kUnknown};
  std::vector<std::string> joint_names;      ///< one per joint, base to tip
  std::vector<control::JointLimits> limits;  ///< one per joint; infinite where unknown
  bool can_read{true};
  bool can_write{false};
  bool has_gripper{false};  ///< RobotState::gripper_position is used, beside the joints
  double period_s{0.0};     ///< of a self-paced robot: usual time between two states; 0: unknown
  bool self_paced{false};   ///< read() waits for the device's own next state; the owner does not pace it
};

/// How a Robot stands. Read by the follower's owner and by guards.
enum class RobotHealth : std::uint8_t {
  kOk,
  kFinished,  ///< a leader that has nothing more to say (end of a recording); its last state stays valid
  kFault,     ///< it has stopped itself and must be recovered; `fault()` says why
};

/// An extra of an action that is one of a row, of which the next one comes soon. A robot that interpolates goes along
/// so as to be at joint_positions, moving at joint_velocities, so many seconds after its stamp, which is later than the
/// next one comes; others may do without it.
inline constexpr const char* kLeadKey = "lead_s";

/// The device is in use by another thread of this process; trying again is right, and the robot is fine.
class BusyError : public DeviceError {
 public:
  using DeviceError::DeviceError;
};

/// A robot as teleoperation sees it: something one can read, write, or both. Servo arms, playback and the synthetic
/// operator are Robots directly; a 1 kHz arm is one through its control cycle.
///
/// `read` and `write` may be called from different threads at the same time (a follower is read by its owner and
/// written by the leader's thread); each by one thread at a time. Both may block for a device's own transfer time and
/// throw DeviceError.
class Robot {
 public:
  virtual ~Robot() = default;

  /// Constant after construction.
  [[nodiscard]] virtual const RobotInfo& info() const noexcept = 0;

  /// Makes the robot ready: opens, powers, releases brakes. Returns when the first state can be read.
  /// @throws DeviceError. Calling it twice is a LogicError.
  virtual void start() = 0;

  /// Brings the robot to rest and puts it away (halt, brakes on). Returns when that is done. Never throws; idempotent.
  virtual void stop() noexcept = 0;

  /// The current state: fills every field that the robot has, sets stamp_ns when the values are there. Does not touch
  /// sequence, trace_id and hops. A leader that has nothing new returns its last state again, with the same stamp.
  /// @throws DeviceError, BusyError
  virtual void read(messages::RobotState& state) = 0;

  /// Sets joint_positions (and gripper_position) as target. Does not wait for the motion. @pre info().can_write.
  /// @throws DeviceError when the device did not take it; a faulted robot refuses by throwing. BusyError when it could
  /// not try.
  virtual void write(const messages::RobotState& target) = 0;

  /// Jerk-limited to rest, then hold; powered. The next write moves it again. Any thread.
  virtual void halt() noexcept {}

  /// Bounded ramp to rest, brakes on, fault latched. The robot refuses writes until it is started anew. Any thread.
  virtual void safe_stop(const std::string& reason) noexcept { static_cast<void>(reason); }

  /// Tells a leader whether a follower has aligned to it and follows (true), or not (false). A recording waits at its
  /// first frame until true; a haptic leader may release its brakes. Any thread.
  virtual void set_engaged(bool engaged) noexcept { static_cast<void>(engaged); }

  [[nodiscard]] virtual RobotHealth health() const noexcept { return RobotHealth::kOk; }

  /// Why health() is kFault; empty otherwise.
  [[nodiscard]] virtual std::string fault() const { return {}; }
};

}  // namespace takt::robots
