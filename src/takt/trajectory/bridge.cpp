#include "takt/trajectory/bridge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "takt/control/motion/joint_generator.hpp"
#include "takt/core/error.hpp"
#include "takt/trajectory/internal/grid_profile.hpp"

namespace takt::trajectory {
namespace {

using core::JointVector;
using internal::ScalarLimits;
using internal::ScalarMotion;

constexpr double kAnything = 1e9;  // what bounds a scalar motion that no joint takes part in
constexpr int kSlowerTries = 6;

struct Waypoint {
  JointVector q_rad;
  JointVector dq_rad_s;
};
using Way = std::vector<Waypoint>;

double known(double limit, double modest) {
  return std::isfinite(limit) ? limit : modest;
}

/// What the joints may do on a bridge; the envelope's margin comes off no range here, for nothing is steered by it.
std::vector<control::JointLimits> plannable(Limits limits) {
  std::vector<control::JointLimits> plan(limits.begin(), limits.end());
  for (control::JointLimits& limit : plan) {
    limit.velocity_rad_s = known(limit.velocity_rad_s, kModestVelocity_rad_s);
    limit.acceleration_rad_s2 = known(limit.acceleration_rad_s2, kModestAcceleration_rad_s2);
    limit.jerk_rad_s3 = known(limit.jerk_rad_s3, kModestJerk_rad_s3);
    if (!(limit.velocity_rad_s > 0.0 && limit.acceleration_rad_s2 > 0.0 && limit.jerk_rad_s3 > 0.0)) {
      throw LogicError(fmt::format("bridge: limits of velocity {}, acceleration {} and jerk {} are not all above 0",
                                   limit.velocity_rad_s, limit.acceleration_rad_s2, limit.jerk_rad_s3));
    }
    limit.acceleration_rad_s2 = control::within_envelope(limit).acceleration_rad_s2;
  }
  return plan;
}

/// Of a motion that all joints share, joint i going `share`_i of it.
ScalarLimits shared(const std::vector<control::JointLimits>& limits, const JointVector& share, double velocity,
                    double others) {
  ScalarLimits least{.velocity = kAnything, .acceleration = kAnything, .jerk = kAnything};
  for (std::size_t i = 0; i < share.size(); ++i) {
    const double part = std::abs(share[i]);
    if (part > 0.0) {
      least.velocity = std::min(least.velocity, velocity * limits[i].velocity_rad_s / part);
      least.acceleration = std::min(least.acceleration, others * limits[i].acceleration_rad_s2 / part);
      least.jerk = std::min(least.jerk, others * limits[i].jerk_rad_s3 / part);
    }
  }
  return least;
}

bool is_zero(const JointVector& values) {
  return std::ranges::all_of(values, [](double value) { return value == 0.0; });
}

/// From a motion to rest; the first waypoint is the motion. Only that when it rests.
Way stopping(const JointVector& q, const JointVector& dq, const std::vector<control::JointLimits>& limits,
             const BridgeOptions& options) {
  if (is_zero(dq)) {
    return {{.q_rad = q, .dq_rad_s = dq}};
  }
  const ScalarLimits bounds = shared(limits, dq, 1.0, options.stopping_fraction);
  Way way;
  for (const internal::ScalarState& state : internal::unit_stop(bounds, core::to_seconds(options.period_ns))) {
    Waypoint point{.q_rad = q, .dq_rad_s = dq};
    point.q_rad.eigen() += state.x * dq.eigen();
    point.dq_rad_s.eigen() *= state.v;
    way.push_back(point);
  }
  way.front() = {.q_rad = q, .dq_rad_s = dq};
  return way;
}

/// After the last waypoint of `way`, where it rests, to rest at `q` on a straight line.
void append_line(Way& way, const JointVector& q, const std::vector<control::JointLimits>& limits, double fraction,
                 core::Nanoseconds period_ns) {
  const JointVector start = way.back().q_rad;
  JointVector distance = q;
  distance.eigen() -= start.eigen();
  if (is_zero(distance)) {
    return;
  }
  const ScalarMotion motion =
      internal::unit_way(shared(limits, distance, fraction, fraction), core::to_seconds(period_ns));
  for (std::size_t k = 1; k < motion.size(); ++k) {
    Waypoint point{.q_rad = start, .dq_rad_s = distance};
    point.q_rad.eigen() += motion[k].x * distance.eigen();
    point.dq_rad_s.eigen() *= motion[k].v;
    way.push_back(point);
  }
  way.back().q_rad = q;
}

/// A stop from `to` gone backwards in time, after the last waypoint of `way`.
void append_run_up(Way& way, const Way& stop) {
  for (std::size_t k = stop.size() - 1; k-- > 0;) {
    Waypoint point = stop[k];
    point.dq_rad_s.eigen() *= -1.0;
    way.push_back(point);
  }
}

JointVector velocity_of(const BridgeEnd& end) {
  return end.dq_rad_s.empty() ? JointVector::zero(end.q_rad.size()) : end.dq_rad_s;
}

JointVector negated(JointVector values) {
  values.eigen() *= -1.0;
  return values;
}

Way whole_way(const BridgeEnd& from, const BridgeEnd& to, const std::vector<control::JointLimits>& limits,
              const BridgeOptions& options, double fraction) {
  Way way = stopping(from.q_rad, velocity_of(from), limits, options);
  const Way run_up = stopping(to.q_rad, negated(velocity_of(to)), limits, options);
  append_line(way, run_up.back().q_rad, limits, fraction, options.period_ns);
  append_run_up(way, run_up);
  if (way.size() == 1) {
    way.push_back(way.front());
  }
  way.back() = {.q_rad = to.q_rad, .dq_rad_s = velocity_of(to)};
  return way;
}

std::optional<double> gripper_at(const BridgeEnd& from, const BridgeEnd& to, double share) {
  if (from.gripper && to.gripper) {
    return *from.gripper + share * (*to.gripper - *from.gripper);
  }
  return from.gripper ? from.gripper : to.gripper;
}

Trajectory framed(const TrajectoryInfo& info, const Way& way, const BridgeEnd& from, const BridgeEnd& to,
                  core::Nanoseconds period_ns) {
  Trajectory trajectory(info);
  trajectory.reserve(way.size());
  const double last = static_cast<double>(std::max<std::size_t>(1, way.size() - 1));
  for (std::size_t k = 0; k < way.size(); ++k) {
    trajectory.append({.t_ns = static_cast<core::Nanoseconds>(k) * period_ns,
                       .q_rad = way[k].q_rad,
                       .dq_rad_s = way[k].dq_rad_s,
                       .gripper = gripper_at(from, to, static_cast<double>(k) / last)});
  }
  return trajectory;
}

void require_end(const BridgeEnd& end, std::size_t joints) {
  if (end.q_rad.size() != joints || (!end.dq_rad_s.empty() && end.dq_rad_s.size() != joints) ||
      !end.q_rad.all_finite() || !end.dq_rad_s.all_finite()) {
    throw LogicError(fmt::format("bridge: {} positions and {} velocities, not finite or not for {} joints",
                                 end.q_rad.size(), end.dq_rad_s.size(), joints));
  }
}

void require_sound(const TrajectoryInfo& info, Limits limits, const BridgeOptions& options) {
  const auto share = [](double fraction) { return fraction > 0.0 && fraction <= 1.0; };
  if (info.joint_names.size() != limits.size()) {
    throw LogicError(fmt::format("bridge: {} names for {} joints", info.joint_names.size(), limits.size()));
  }
  if (!share(options.fraction) || !share(options.stopping_fraction) || options.period_ns <= 0) {
    throw LogicError(fmt::format("bridge: fraction {}, stopping_fraction {}, period {} ns", options.fraction,
                                 options.stopping_fraction, options.period_ns));
  }
}

/// At the frames, with a little room for what is between them.
bool keeps_envelopes(const Way& way, Limits limits) {
  constexpr double kRoom = 0.98;
  return std::ranges::all_of(way, [limits](const Waypoint& point) {
    for (std::size_t i = 0; i < limits.size(); ++i) {
      const double v = point.dq_rad_s[i];
      if (limits[i].envelope_deceleration_rad_s2 > 0.0 &&
          (v > kRoom * limits[i].velocity_upper_rad_s(point.q_rad[i]) ||
           v < kRoom * limits[i].velocity_lower_rad_s(point.q_rad[i])) &&
          v != 0.0) {
        return false;
      }
    }
    return true;
  });
}

}  // namespace

std::vector<control::JointLimits> modest_limits(std::size_t joints) {
  control::JointLimits limit;
  limit.velocity_rad_s = kModestVelocity_rad_s;
  limit.acceleration_rad_s2 = kModestAcceleration_rad_s2;
  limit.jerk_rad_s3 = kModestJerk_rad_s3;
  return std::vector<control::JointLimits>(joints, limit);
}

Trajectory bridge(const TrajectoryInfo& info, const BridgeEnd& from, const BridgeEnd& to, Limits limits,
                  const BridgeOptions& options) {
  require_sound(info, limits, options);
  require_end(from, limits.size());
  require_end(to, limits.size());
  const std::vector<control::JointLimits> plan = plannable(limits);
  double fraction = options.fraction;
  Way way = whole_way(from, to, plan, options, fraction);
  for (int slower = 0; slower < kSlowerTries && !keeps_envelopes(way, limits); ++slower) {
    fraction *= 0.5;
    way = whole_way(from, to, plan, options, fraction);
  }
  return framed(info, way, from, to, options.period_ns);
}

Trajectory run_out(const TrajectoryInfo& info, const BridgeEnd& from, Limits limits, const BridgeOptions& options) {
  require_sound(info, limits, options);
  require_end(from, limits.size());
  const Way way = stopping(from.q_rad, velocity_of(from), plannable(limits), options);
  return framed(info, way, from, {.gripper = from.gripper}, options.period_ns);
}

}  // namespace takt::trajectory
