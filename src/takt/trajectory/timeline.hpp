#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "takt/control/motion/joint_path.hpp"
#include "takt/control/motion/limits.hpp"
#include "takt/core/error.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/robot_state.hpp"
#include "takt/trajectory/check.hpp"
#include "takt/trajectory/curve.hpp"
#include "takt/trajectory/trajectory.hpp"

namespace takt::trajectory {

/// The arm that a timeline is for.
struct ArmDescription {
  std::string
      name{};  ///< as TrajectoryInfo::robot, and only where that is the same do numbers of joints mean its order
  messages::RobotType type{messages::RobotType::kUnknown};
  std::vector<std::string> joint_names{};      ///< base to tip; empty: only their number is compared
  std::vector<control::JointLimits> limits{};  ///< one per joint
};

/// Where the arm stands: at rest.
struct Standing {
  core::JointVector q_rad{};
  std::optional<double> gripper{};
};

struct SequenceOptions {
  // Behaviour.
  bool loop{false};
  double stretch{1.0};  ///< of the recorded times: 2 takes twice as long
  bool stretch_to_fit{
      false};            ///< where the recording exceeds the limits, stretch it as much as it needs instead of refusing
  double smooth_s{0.0};  ///< smooth the recordings over this much time before and after; 0: as recorded
  std::optional<double> from_s{};  ///< where in the first trajectory to begin [s of its own time]
  std::optional<double> to_s{};    ///< where in the last trajectory to end [s of its own time]

  // Limits.
  double limit_fraction{1.0};   ///< of the arm's velocity, acceleration and jerk: what the proof is for
  double bridge_fraction{0.3};  ///< of those: what bridges are made with
  bool recorded_jerk{false};    ///< prove the jerk of the recordings, too; that of bridges always is

  double rate_hz{0.0};  ///< of the bridges' frames; 0: the mean rate of the trajectory they lead to
};

/// What a frame of a timeline is.
enum class Part : std::uint8_t {
  kEntry,     ///< from where the arm stood to the first frame
  kRecorded,  ///< a trajectory's own
  kBridge,    ///< from one trajectory to the next
  kSeam,      ///< from the last frame to the first of the next lap
  kExit,      ///< from a recording that ends moving to rest
};
[[nodiscard]] const char* name_of(Part part) noexcept;  ///< "entry", …

/// One stretch of a timeline. Pieces tile it: each begins where the one before ends. Times are the timeline's.
struct Piece {
  Part part{Part::kEntry};
  std::size_t trajectory{0};      ///< whose; of a bridge or seam, to which; of an exit, from which
  core::Nanoseconds begin_ns{0};  ///< kRecorded: its first frame
  core::Nanoseconds end_ns{0};    ///< kRecorded: its last frame
  std::size_t first_frame{0};     ///< a frame where two pieces meet belongs to the recorded one
  std::size_t frames{0};
  core::Nanoseconds recorded_begin_ns{0};  ///< kRecorded: the first frame's time in the trajectory, unstretched
  std::size_t recorded_first{0};           ///< kRecorded: its index in the trajectory
};

struct TimelineFrame {
  Frame frame{};  ///< t_ns since the timeline began; velocities are the curve's
  Part part{Part::kEntry};
  std::size_t trajectory{0};  ///< as Piece says
  std::size_t index{0};       ///< in the trajectory when recorded, else in the piece
};

/// A sequence of trajectories, ready to be played by an arm: the bridge from where it stands, the trajectories, the
/// bridges between them, and the seam of a loop or the exit, all baked in as frames, and the whole proved inside the
/// arm's limits (check.hpp). The first part, the entry, is gone through once; what follows is a lap, the template of
/// all laps of a loop.
///
///     0        entry_ns()                                     end_ns() = entry_ns() + lap_ns()
///     | entry  | recorded 0 | bridge | recorded 1 | … | seam or exit |
///
/// Between frames it is the cubic Hermite spline of their positions and velocities: position, velocity and acceleration
/// are continuous everywhere, over the seam as well.
///
/// A value, constant after build(): any number of threads. It keeps one copy of the frames, 16 bytes per joint and 8 to
/// 16 per frame; 0.46 GB for an hour of seven joints at 1 kHz.
class Timeline {
 public:
  /// Nothing moves by this. @return or why not, in one line that names the trajectory, and for a limit the joint, the
  /// time, the value, the limit, and what would help: an empty sequence or trajectory, other joints than the arm's,
  /// another robot's recording, a limit exceeded, a bridge that does not stay inside, options out of range.
  [[nodiscard]] static Expected<Timeline, std::string> build(const ArmDescription& arm, const Standing& start,
                                                             std::span<const Trajectory> trajectories,
                                                             const SequenceOptions& options = {});

  [[nodiscard]] std::size_t size() const noexcept { return frames_; }
  [[nodiscard]] std::size_t joints() const noexcept { return parts_.front().curve.joints; }
  [[nodiscard]] bool loops() const noexcept { return loops_; }

  /// @pre index < size(). Real-time safe.
  [[nodiscard]] TimelineFrame frame(std::size_t index) const noexcept;
  [[nodiscard]] core::Nanoseconds time_ns(std::size_t index) const noexcept;

  /// Frames of the entry: the index of the first recorded frame, at which each lap begins.
  [[nodiscard]] std::size_t entry_frames() const noexcept { return entry_frames_; }
  [[nodiscard]] core::Nanoseconds entry_ns() const noexcept { return entry_ns_; }
  /// From a lap's beginning to the next one's; to the end when it does not loop.
  [[nodiscard]] core::Nanoseconds lap_ns() const noexcept { return end_ns() - entry_ns(); }
  [[nodiscard]] core::Nanoseconds end_ns() const noexcept { return pieces_.back().end_ns; }

  /// The playhead put where there is a timeline: of a loop into the entry or the first lap (also from before 0, where a
  /// lap came before), else to 0 … end_ns(). Real-time safe.
  [[nodiscard]] core::Nanoseconds wrapped(core::Nanoseconds playhead_ns) const noexcept;

  /// The last frame at or before the playhead, which is wrapped first. Real-time safe: O(log size).
  [[nodiscard]] std::size_t index_at(core::Nanoseconds playhead_ns) const noexcept;

  /// Position and velocity at the playhead, which is wrapped first; velocity is 0 beyond an end. Real-time safe:
  /// O(log size).
  [[nodiscard]] control::JointPath::Reference at(core::Nanoseconds playhead_ns) const noexcept;
  /// The gripper there, linear between frames; nothing where the trajectory has none. Real-time safe.
  [[nodiscard]] std::optional<double> gripper_at(core::Nanoseconds playhead_ns) const noexcept;

  [[nodiscard]] std::span<const Piece> pieces() const noexcept { return pieces_; }

  /// By how much the recorded times were stretched in the end.
  [[nodiscard]] double stretch() const noexcept { return stretch_; }
  /// The largest speed of play at which the limits still hold; 1 … 100.
  [[nodiscard]] double max_speed() const noexcept { return max_speed_; }
  /// The same for playing backwards; at most 100. Below 1 where a joint with a velocity envelope comes from the end of
  /// its range faster than it may go there.
  [[nodiscard]] double max_backward_speed() const noexcept { return max_backward_speed_; }

 private:
  friend class TimelineBuilder;

  /// The motion of a piece, its times since the piece began, both ends included.
  struct Baked {
    Curve curve;
    std::vector<double> grippers;  ///< one per knot, or none at all
    std::size_t hidden{0};         ///< knots at its beginning that are frames of the piece before: 0 or 1
  };
  struct Place {
    std::size_t piece;
    std::size_t knot;
    core::Nanoseconds local_ns;
  };

  Timeline() = default;
  [[nodiscard]] std::size_t piece_of(std::size_t frame) const noexcept;
  [[nodiscard]] Place place_of(core::Nanoseconds playhead_ns) const noexcept;

  std::vector<Piece> pieces_;
  std::vector<Baked> parts_;  // one per piece
  std::size_t frames_{0};
  std::size_t entry_frames_{0};
  core::Nanoseconds entry_ns_{0};
  bool loops_{false};
  double stretch_{1.0};
  double max_speed_{1.0};
  double max_backward_speed_{1.0};
};

}  // namespace takt::trajectory
