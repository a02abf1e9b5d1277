#pragma once

#include <span>

#include "takt/control/motion/limits.hpp"
#include "takt/trajectory/curve.hpp"

namespace takt::trajectory::internal {

/// Where frames lie at the end of a joint's range, as those of a gripper that is closed, the natural spline through
/// them overshoots it by some microradians, and what begins there in motion could only be run up to from beyond. So the
/// velocity at such a frame becomes 0; and where the cubic between two frames leaves the range, although they do not,
/// those at both are brought near enough to 0 for its control points to stay inside: q ± h·v/3 for a way of h to either
/// side (a Bézier curve lies within the convex hull of its control points). The
/// acceleration is not continuous at these frames. All other velocities, and all frames, stay as they are.
void keep_in_range(Curve& curve, std::span<const control::JointLimits> limits);

}  // namespace takt::trajectory::internal
