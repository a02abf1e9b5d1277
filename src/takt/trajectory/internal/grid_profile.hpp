#pragma once

#include <cstddef>
#include <vector>

namespace takt::trajectory::internal {

/// What bounds a scalar motion whose way, or change of velocity, is 1.
struct ScalarLimits {
  double velocity;
  double acceleration;
  double jerk;
};

/// Where a scalar motion is.
struct ScalarState {
  double x{0.0};
  double v{0.0};
};

/// A scalar motion in pieces of constant jerk that each last a whole number of periods, with acceleration 0 at both
/// ends: its states at multiples of the period, the first and the last included.
using ScalarMotion = std::vector<ScalarState>;

/// From rest at 0 to rest at 1:   jerk J for T_j, 0 for T_a, −J for T_j, 0 for T_v, and back the same way. The shortest
/// times under the limits (T_j, then T_a, then T_v), each rounded up to whole periods; then
///   J = 1 / (T_j (T_j + T_a) (2 T_j + T_a + T_v)),
/// which leaves velocity J T_j (T_j + T_a), acceleration J T_j and jerk J within them, for longer times make each
/// smaller.
/// @throws ConfigError when it takes longer than an hour.
[[nodiscard]] ScalarMotion unit_way(const ScalarLimits& limits, double period_s);

/// From velocity 1 at 0 to rest, wherever that is: jerk −J for T_j, 0 for T_a, J for T_j;   J = 1 / (T_j (T_j + T_a)).
/// It goes (2 T_j + T_a) / 2. The velocity limit plays no part. @throws ConfigError as above.
[[nodiscard]] ScalarMotion unit_stop(const ScalarLimits& limits, double period_s);

}  // namespace takt::trajectory::internal
