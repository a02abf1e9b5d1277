#include "takt/bridge/joint_trajectory.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace takt::bridge {
namespace {

using control::JointPath;
using control::PathPoint;
using trajectory_msgs::JointTrajectory;
using trajectory_msgs::JointTrajectoryPoint;

constexpr std::size_t kMostPoints = 10'000;
constexpr core::Nanoseconds kFarthestStart_ns = 60 * core::kNanosecondsPerSecond;
constexpr core::Nanoseconds kLongest_ns = 3600 * core::kNanosecondsPerSecond;
constexpr double kAtRest_rad_s = 1e-6;
constexpr double kRounding = 1e-6;  ///< of what a planner computed up to a limit

template <class... Args>
[[noreturn]] void refuse(fmt::format_string<Args...> text, Args&&... args) {
  throw TrajectoryError(fmt::format(text, std::forward<Args>(args)...));
}

core::Nanoseconds to_ns(std::int64_t seconds, std::uint32_t nanoseconds) noexcept {
  return seconds * core::kNanosecondsPerSecond + nanoseconds;
}

/// Where in the message each joint of the robot stands.
std::vector<std::size_t> order_of(const std::vector<std::string>& named, const std::vector<std::string>& joints) {
  for (const std::string& name : named) {
    if (std::ranges::count(joints, name) == 0) {
      refuse("there is no joint '{:.60}'; the robot has {}", name, fmt::join(joints, ", "));
    }
    if (std::ranges::count(named, name) > 1) {
      refuse("joint '{}' stands twice", name);
    }
  }
  std::vector<std::size_t> order;
  for (const std::string& joint : joints) {
    const auto found = std::ranges::find(named, joint);
    if (found == named.end()) {
      refuse("joint '{}' is missing: a trajectory moves all joints", joint);
    }
    order.push_back(static_cast<std::size_t>(found - named.begin()));
  }
  return order;
}

/// The numbers of one point, in the robot's order.
core::JointVector in_order(const std::vector<double>& values, const std::vector<std::size_t>& order) {
  core::JointVector ordered = core::JointVector::zero(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    ordered[i] = values[order[i]];
  }
  return ordered;
}

void require_numbers(const JointTrajectoryPoint& point, std::size_t index, std::size_t joints) {
  const auto wrong = [joints](const std::vector<double>& values) { return !values.empty() && values.size() != joints; };
  if (point.positions.size() != joints) {
    refuse("point {} has {} positions for {} joints", index, point.positions.size(), joints);
  }
  if (wrong(point.velocities) || wrong(point.accelerations) || wrong(point.effort)) {
    refuse("point {} has velocities, accelerations or efforts, but not one for each of {} joints", index, joints);
  }
  const auto finite = [](double value) { return std::isfinite(value); };
  if (!std::ranges::all_of(point.positions, finite) || !std::ranges::all_of(point.velocities, finite)) {
    refuse("point {} has a position or velocity that is not finite", index);
  }
}

/// The points as they stand in the message, their times counted from its start.
std::vector<PathPoint> points_of(const JointTrajectory& message, const Joints& joints) {
  if (message.points.empty()) {
    refuse("it has no points");
  }
  if (message.points.size() > kMostPoints) {
    refuse("it has {} points; the most is {}", message.points.size(), kMostPoints);
  }
  const std::vector<std::size_t> order = order_of(message.joint_names, joints.names);
  std::vector<PathPoint> points;
  points.reserve(message.points.size() + 1);
  for (const JointTrajectoryPoint& point : message.points) {
    const std::size_t index = points.size();
    require_numbers(point, index, order.size());
    const core::Nanoseconds due_ns = to_ns(point.time_from_start.sec, point.time_from_start.nanosec);
    if (due_ns < 0 || (index > 0 && due_ns <= points.back().due_ns)) {
      refuse("point {} is due {} s from the start, which is not after {}", index, core::to_seconds(due_ns),
             index > 0 ? "the point before" : "it");
    }
    points.push_back({.due_ns = due_ns, .q_rad = in_order(point.positions, order)});
    if (!point.velocities.empty()) {
      points.back().dq_rad_s = in_order(point.velocities, order);
    }
  }
  if (points.back().due_ns > kLongest_ns) {
    refuse("it takes {:.0f} s; the most is {:.0f} s", core::to_seconds(points.back().due_ns),
           core::to_seconds(kLongest_ns));
  }
  for (std::size_t i = 0; i < points.back().dq_rad_s.size(); ++i) {
    if (std::abs(points.back().dq_rad_s[i]) > kAtRest_rad_s) {
      refuse("it ends moving: joint '{}' at {} rad/s", joints.names[i], points.back().dq_rad_s[i]);
    }
  }
  return points;
}

/// When it begins, on the monotonic clock.
core::Nanoseconds start_of(const JointTrajectory& message, const Instant& now) {
  const core::Nanoseconds stamp_ns = to_ns(message.header.stamp.sec, message.header.stamp.nanosec);
  if (stamp_ns == 0) {
    return now.monotonic_ns;
  }
  const core::Nanoseconds ahead_ns = stamp_ns - now.wall_ns;
  if (ahead_ns > kFarthestStart_ns) {
    refuse("it begins {:.3f} s from now; the most is {:.0f} s", core::to_seconds(ahead_ns),
           core::to_seconds(kFarthestStart_ns));
  }
  return now.monotonic_ns + ahead_ns;
}

// Both refuse what is no number, too.

void require_range(double lowest_rad, double highest_rad, const Joints& joints, std::size_t i, double from_rad) {
  const control::JointLimits& limits = joints.limits[i];
  const double lowest = std::min(limits.position_min_rad, from_rad) - kRounding;
  const double highest = std::max(limits.position_max_rad, from_rad) + kRounding;
  if (!(lowest_rad >= lowest && highest_rad <= highest)) {
    refuse("joint '{}' would go to {:#.6g} rad; its range is {:.4f} to {:.4f}", joints.names[i],
           lowest_rad >= lowest ? highest_rad : lowest_rad, limits.position_min_rad, limits.position_max_rad);
  }
}

void require_speed(double speed_rad_s, const Joints& joints, std::size_t i) {
  const double limit = joints.limits[i].velocity_rad_s;
  if (!(speed_rad_s <= limit * (1.0 + kRounding))) {
    refuse("joint '{}' would move at {:#.4g} rad/s, counted from where it stands; its limit is {:.3f}", joints.names[i],
           speed_rad_s, limit);
  }
}

/// Of the points alone, before anything is computed with them.
void require_points(const std::vector<PathPoint>& points, const Joints& joints, const core::JointVector& from_rad) {
  for (const PathPoint& point : points) {
    for (std::size_t i = 0; i < point.q_rad.size(); ++i) {
      require_range(point.q_rad[i], point.q_rad[i], joints, i, from_rad[i]);
    }
    for (std::size_t i = 0; i < point.dq_rad_s.size(); ++i) {
      require_speed(std::abs(point.dq_rad_s[i]), joints, i);
    }
  }
}

void require_limits(const JointPath& path, const Joints& joints, const core::JointVector& from_rad) {
  for (std::size_t i = 0; i < path.joints(); ++i) {
    const JointPath::Extent extent = path.extent(i);
    require_range(extent.lowest_rad, extent.highest_rad, joints, i, from_rad[i]);
    require_speed(extent.speed_rad_s, joints, i);
  }
}

/// From where the joints are, to what is not due yet.
JointPath path_from(const JointPath::Reference& from, std::vector<PathPoint> points, const Joints& joints,
                    core::Nanoseconds start_ns, core::Nanoseconds now_ns) {
  for (PathPoint& point : points) {
    point.due_ns += start_ns;
  }
  if (points.back().due_ns <= now_ns) {
    refuse("its last point was due {:.3f} s ago", core::to_seconds(now_ns - points.back().due_ns));
  }
  std::erase_if(points, [now_ns](const PathPoint& point) { return point.due_ns <= now_ns; });
  require_points(points, joints, from.q_rad);
  points.insert(points.begin(), {.due_ns = now_ns, .q_rad = from.q_rad, .dq_rad_s = from.dq_rad_s});
  return JointPath(std::move(points));
}

}  // namespace

Instant now(core::Clock& clock) noexcept {
  return {.monotonic_ns = clock.now_ns(), .wall_ns = core::wall_now_ns()};
}

JointPath read_trajectory(const JointTrajectory& message, const Joints& joints, const JointPath::Reference& from,
                          const Instant& now) {
  std::vector<PathPoint> points = points_of(message, joints);
  const core::Nanoseconds start_ns = start_of(message, now);
  JointPath path = path_from(from, std::move(points), joints, start_ns, now.monotonic_ns);
  require_limits(path, joints, from.q_rad);
  return path;
}

}  // namespace takt::bridge
