#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "takt/control/motion/limits.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"
#include "takt/trajectory/curve.hpp"
#include "takt/trajectory/trajectory.hpp"

namespace takt::trajectory {

/// One per joint, base to tip.
using Limits = std::span<const control::JointLimits>;

/// What of a motion is held against a limit.
enum class Quantity : std::uint8_t {
  kPosition,
  kVelocity,  ///< the joint's limit, or where it has an envelope the less that it leaves at this position
  kAcceleration,
  kJerk,
};

/// "position", …; and the unit "rad", "rad/s", …
[[nodiscard]] const char* name_of(Quantity quantity) noexcept;
[[nodiscard]] const char* unit_of(Quantity quantity) noexcept;

/// Where one joint leaves one of its limits the farthest. SI units, signs as they are.
struct Violation {
  std::size_t joint{0};
  Quantity what{Quantity::kPosition};
  core::Nanoseconds first_ns{0};  ///< where it is left first, to within a segment
  core::Nanoseconds t_ns{0};      ///< where it is left the farthest
  double value{0.0};
  double limit{0.0};  ///< that holds there

  friend bool operator==(const Violation&, const Violation&) = default;
};

/// What a check found.
struct CheckReport {
  std::vector<Violation> violations{};  ///< at most one per joint and quantity, the worst ratio first
  std::uint64_t segments{0};            ///< between knots, all extremes of each looked at
  std::uint64_t samples{0};             ///< at 1 kHz

  /// How many times as fast the motion may be played until the first limit of velocity, acceleration or, where it was
  /// asked for, jerk is reached; below 1: it is too fast already. Infinity: it does not move. 0: no speed helps.
  double speed_headroom{std::numeric_limits<double>::infinity()};
  /// The same for the motion played backwards, from its end to its beginning: less where a joint comes from the end of
  /// its range faster than its envelope would let it go there.
  double backward_headroom{std::numeric_limits<double>::infinity()};
  Quantity tightest{Quantity::kVelocity};  ///< what bounds speed_headroom
  std::size_t tightest_joint{0};

  [[nodiscard]] bool passed() const noexcept { return violations.empty(); }

  /// One line: "joint 'elbow': acceleration 81.3 rad/s² at 2.417 s, limit 60 rad/s²; and 3 more"; "" when passed. A
  /// joint without a name is counted from 1.
  [[nodiscard]] std::string text(std::span<const std::string> joint_names = {}) const;

  friend bool operator==(const CheckReport&, const CheckReport&) = default;
};

struct CheckOptions {
  bool jerk{true};  ///< look at it, too; false for measured positions, whose third differences are noise
  /// Positions that are allowed beyond the limits: of an arm that stands outside its range and comes back. Empty: none.
  core::JointVector also_from_rad{};
};

/// Whether a motion stays within limits. Looks at it in two ways that must both be content, and shares no code with
/// what makes motions:
///
///  * each cubic between two knots, exactly: the extremes of position, velocity and acceleration, its jerk, and where
///  the
///    joint has a velocity envelope the extremes of what that leaves;
///  * at 1 kHz, as an arm that differentiates would see it: velocity, acceleration and jerk by backward differences of
///    positions alone, over all knots. So a jump at a knot shows.
///
/// A limit counts as kept up to a relative 1e-6 (positions: 1e-9 rad), what rounding makes of sums. A number that is
/// not finite is a violation. O(knots + duration · 1 kHz). Any thread.
/// @throws LogicError when the number of limits is not that of the joints, or the curve's sizes do not fit.
[[nodiscard]] CheckReport check(const CurveView& curve, Limits limits, const CheckOptions& options = {});

/// Of what the trajectory's frames mean between the frames, curve_of().
[[nodiscard]] CheckReport check(const Trajectory& trajectory, Limits limits, const CheckOptions& options = {});

}  // namespace takt::trajectory
