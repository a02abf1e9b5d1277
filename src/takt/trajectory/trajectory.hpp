#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/robot_state.hpp"

namespace takt::trajectory {

/// What a trajectory is of, and where it came from.
struct TrajectoryInfo {
  std::string name{};   ///< in a library, messages and reports
  std::string robot{};  ///< robots::RobotInfo::name of the arm it was made for: "fr3", "so101"; empty: not known
  messages::RobotType robot_type{messages::RobotType::kUnknown};
  std::vector<std::string> joint_names{};  ///< base to tip, one per joint
  std::string task{};                      ///< what the operator said it is; may be empty
  std::optional<bool> success{};           ///< what the operator said of it; nothing: did not
  std::int64_t start_wall_ns{0};           ///< UTC, ns since 1970, of the first frame; 0: not known
  std::string source{};                    ///< file and topic or columns it was read from, for people

  friend bool operator==(const TrajectoryInfo&, const TrajectoryInfo&) = default;
};

/// One moment of a trajectory.
struct Frame {
  core::Nanoseconds t_ns{0};        ///< since the trajectory began: the first frame's is 0
  core::JointVector q_rad{};        ///< [rad], one per joint
  core::JointVector dq_rad_s{};     ///< [rad/s], one per joint; empty: not recorded
  std::optional<double> gripper{};  ///< 0 closed … 1 open

  friend bool operator==(const Frame&, const Frame&) = default;
};

/// No motion lasts longer, as recorded or stretched: who proves or shows one looks at every millisecond of it.
inline constexpr core::Nanoseconds kLongest_ns = 24 * 3600 * core::kNanosecondsPerSecond;

/// A recorded or computed motion: frames by rising time. What is kept is compact, 8 bytes per number, so that an hour
/// at 1 kHz fits into memory. A value; not thread safe; what is const may be read by any number of threads.
class Trajectory {
 public:
  Trajectory() = default;

  /// Without frames. @throws ConfigError for no or more than core::kMaxJoints joints, or a joint named twice.
  explicit Trajectory(TrajectoryInfo info);

  /// @throws ConfigError naming the trajectory and the frame: another number of joints, a NaN or infinite number, a
  /// time that does not rise or is after kLongest_ns, a first frame not at 0; velocities or a gripper that some frames
  /// have and others have not. Nothing is added then.
  void append(const Frame& frame);
  void reserve(std::size_t frames);

  [[nodiscard]] const TrajectoryInfo& info() const noexcept { return info_; }
  /// The joint names must stay as many as they are. @throws LogicError otherwise.
  void set_info(TrajectoryInfo info);

  [[nodiscard]] bool empty() const noexcept { return times_ns_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return times_ns_.size(); }
  [[nodiscard]] std::size_t joints() const noexcept { return info_.joint_names.size(); }
  [[nodiscard]] bool has_velocities() const noexcept { return !velocities_.empty(); }
  [[nodiscard]] bool has_gripper() const noexcept { return !grippers_.empty(); }

  /// @pre index < size(). Real-time safe.
  [[nodiscard]] Frame frame(std::size_t index) const noexcept;
  [[nodiscard]] core::Nanoseconds time_ns(std::size_t index) const noexcept { return times_ns_[index]; }
  [[nodiscard]] core::JointVector q_rad(std::size_t index) const noexcept;

  /// Of the last frame; 0 when there is none.
  [[nodiscard]] core::Nanoseconds duration_ns() const noexcept { return empty() ? 0 : times_ns_.back(); }

  /// The last frame at or before `t_ns`; 0 when that is before the first. @pre not empty. Real-time safe: O(log size).
  [[nodiscard]] std::size_t index_at(core::Nanoseconds t_ns) const noexcept;

  friend bool operator==(const Trajectory&, const Trajectory&) = default;

 private:
  TrajectoryInfo info_;
  std::vector<core::Nanoseconds> times_ns_;
  std::vector<double> positions_;   // joints() per frame
  std::vector<double> velocities_;  // joints() per frame, or none at all
  std::vector<double> grippers_;    // one per frame, or none at all
};

}  // namespace takt::trajectory
