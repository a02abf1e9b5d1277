#include "takt/trajectory/edit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/curve.hpp"
#include "takt/trajectory/internal/frames_between.hpp"

namespace takt::trajectory {
namespace internal {

FrameRange frames_between(const Trajectory& trajectory, std::optional<double> from_s, std::optional<double> to_s) {
  constexpr double kTooLong_s = 1e9;
  const double from = from_s.value_or(0.0);
  const double to = to_s.value_or(kTooLong_s);
  const std::string& name = trajectory.info().name;
  if (!(std::abs(from) <= kTooLong_s && std::abs(to) <= kTooLong_s)) {
    throw ConfigError(fmt::format("trajectory '{}': from {} s to {} s is not a span of time", name, from, to));
  }
  FrameRange range;
  for (std::size_t i = 0; i < trajectory.size() && trajectory.time_ns(i) <= core::from_seconds(to); ++i) {
    if (trajectory.time_ns(i) < core::from_seconds(from)) {
      range.first = i + 1;
    } else {
      ++range.count;
    }
  }
  if (range.count == 0) {
    throw ConfigError(fmt::format("trajectory '{}' has no frame from {} s to {} s; it lasts {} s", name, from,
                                  to_s ? to : core::to_seconds(trajectory.duration_ns()),
                                  core::to_seconds(trajectory.duration_ns())));
  }
  return range;
}

}  // namespace internal

namespace {

using internal::FrameRange;

/// Those frames, the first of them at 0.
Trajectory part_of(const Trajectory& trajectory, const FrameRange& range) {
  TrajectoryInfo info = trajectory.info();
  const core::Nanoseconds begin_ns = trajectory.time_ns(range.first);
  if (info.start_wall_ns != 0) {
    info.start_wall_ns += begin_ns;
  }
  Trajectory part(std::move(info));
  part.reserve(range.count);
  for (std::size_t i = range.first; i < range.first + range.count; ++i) {
    Frame frame = trajectory.frame(i);
    frame.t_ns -= begin_ns;
    part.append(frame);
  }
  return part;
}

void require_alike(std::span<const Trajectory> trajectories, Limits limits) {
  if (trajectories.empty()) {
    throw ConfigError("join: there is no trajectory");
  }
  const TrajectoryInfo& first = trajectories.front().info();
  if (limits.size() != first.joint_names.size()) {
    throw ConfigError(
        fmt::format("join: {} limits for the {} joints of '{}'", limits.size(), first.joint_names.size(), first.name));
  }
  for (const Trajectory& trajectory : trajectories) {
    if (trajectory.empty()) {
      throw ConfigError(fmt::format("join: '{}' has no frames", trajectory.info().name));
    }
    if (trajectory.info().joint_names != first.joint_names) {
      throw ConfigError(fmt::format("join: '{}' is of the joints {}, '{}' of {}", trajectory.info().name,
                                    fmt::join(trajectory.info().joint_names, ", "), first.name,
                                    fmt::join(first.joint_names, ", ")));
    }
  }
}

/// Puts trajectories one after the other.
class Joiner {
 public:
  Joiner(std::span<const Trajectory> trajectories, Limits limits, const BridgeOptions& options)
      : limits_(limits),
        options_(options),
        gripper_(std::ranges::all_of(trajectories, [](const Trajectory& one) { return one.has_gripper(); })),
        joined_(trajectories.front().info()) {}

  void add(const Trajectory& trajectory) {
    const Curve curve = curve_of(trajectory);
    if (!joined_.empty()) {
      add_bridge(
          {.q_rad = trajectory.q_rad(0), .dq_rad_s = velocity(curve, 0), .gripper = trajectory.frame(0).gripper});
    }
    const core::Nanoseconds begin_ns = next_ns_;
    for (std::size_t i = 0; i < trajectory.size(); ++i) {
      add_frame(trajectory.frame(i), begin_ns);
    }
    const std::size_t last = trajectory.size() - 1;
    end_ = {
        .q_rad = trajectory.q_rad(last), .dq_rad_s = velocity(curve, last), .gripper = trajectory.frame(last).gripper};
    next_ns_ = joined_.duration_ns();
    if (last > 0) {
      options_.period_ns =
          std::max<core::Nanoseconds>(1, trajectory.duration_ns() / static_cast<core::Nanoseconds>(last));
    }
    name_ = trajectory.info().name;
  }

  [[nodiscard]] Trajectory take() { return std::move(joined_); }

 private:
  static core::JointVector velocity(const Curve& curve, std::size_t knot) {
    return core::JointVector(std::span(curve.dq_rad_s).subspan(knot * curve.joints, curve.joints));
  }

  void add_bridge(const BridgeEnd& to) {
    const Trajectory way = bridge(joined_.info(), end_, to, limits_, options_);
    if (const CheckReport report = check(way, limits_); !report.passed()) {
      throw ConfigError(fmt::format("join: the bridge after '{}': {}", name_, report.text(joined_.info().joint_names)));
    }
    for (std::size_t i = 1; i + 1 < way.size(); ++i) {
      add_frame(way.frame(i), next_ns_);
    }
    next_ns_ += way.duration_ns();
  }

  void add_frame(Frame frame, core::Nanoseconds begin_ns) {
    frame.t_ns += begin_ns;
    frame.dq_rad_s = {};
    if (!gripper_) {
      frame.gripper.reset();
    }
    joined_.append(frame);
  }

  Limits limits_;
  BridgeOptions options_;
  bool gripper_;
  Trajectory joined_;
  BridgeEnd end_{};
  std::string name_{};
  core::Nanoseconds next_ns_{0};
};

Trajectory stretched(const Trajectory& trajectory, double stretch) {
  Trajectory made(trajectory.info());
  made.reserve(trajectory.size());
  for (std::size_t i = 0; i < trajectory.size(); ++i) {
    Frame frame = trajectory.frame(i);
    frame.t_ns = std::llround(static_cast<double>(frame.t_ns) * stretch);
    frame.dq_rad_s.eigen() /= stretch;
    made.append(frame);
  }
  return made;
}

/// Position and velocity of the cubic after knot `k`, `t_s` into it.
Frame frame_of(const Curve& curve, std::size_t k, double t_s) {
  Frame frame{.q_rad = core::JointVector::zero(curve.joints), .dq_rad_s = core::JointVector::zero(curve.joints)};
  const double h = k + 1 < curve.t_ns.size() ? core::to_seconds(curve.t_ns[k + 1] - curve.t_ns[k]) : 0.0;
  for (std::size_t i = 0; i < curve.joints; ++i) {
    const std::size_t at = k * curve.joints + i;
    frame.q_rad[i] = curve.q_rad[at];
    frame.dq_rad_s[i] = curve.dq_rad_s[at];
    if (t_s > 0.0) {
      const double slope = (curve.q_rad[at + curve.joints] - curve.q_rad[at]) / h;
      const double v0 = curve.dq_rad_s[at];
      const double v1 = curve.dq_rad_s[at + curve.joints];
      const double b = (3.0 * slope - 2.0 * v0 - v1) / h;
      const double c = (v0 + v1 - 2.0 * slope) / (h * h);
      frame.q_rad[i] += t_s * (v0 + t_s * (b + t_s * c));
      frame.dq_rad_s[i] += t_s * (2.0 * b + 3.0 * t_s * c);
    }
  }
  return frame;
}

std::optional<double> gripper_between(const Trajectory& trajectory, std::size_t k, core::Nanoseconds t_ns) {
  if (!trajectory.has_gripper() || k + 1 == trajectory.size()) {
    return trajectory.frame(k).gripper;
  }
  const double share = static_cast<double>(t_ns - trajectory.time_ns(k)) /
                       static_cast<double>(trajectory.time_ns(k + 1) - trajectory.time_ns(k));
  return *trajectory.frame(k).gripper + share * (*trajectory.frame(k + 1).gripper - *trajectory.frame(k).gripper);
}

Trajectory resampled(const Trajectory& trajectory, double rate_hz) {
  const Curve curve = curve_of(trajectory);
  Trajectory made(trajectory.info());
  std::size_t k = 0;
  for (std::size_t n = 0;; ++n) {
    const core::Nanoseconds t_ns = std::llround(static_cast<double>(n) * 1e9 / rate_hz);
    if (t_ns > trajectory.duration_ns()) {
      return made;
    }
    while (k + 1 < curve.t_ns.size() && curve.t_ns[k + 1] <= t_ns) {
      ++k;
    }
    Frame frame = frame_of(curve, k, core::to_seconds(t_ns - curve.t_ns[k]));
    frame.t_ns = t_ns;
    frame.gripper = gripper_between(trajectory, k, t_ns);
    made.append(frame);
  }
}

}  // namespace

Trajectory trim(const Trajectory& trajectory, std::optional<double> from_s, std::optional<double> to_s) {
  return part_of(trajectory, internal::frames_between(trajectory, from_s, to_s));
}

std::vector<Trajectory> cut(const Trajectory& trajectory, double from_s, double to_s) {
  const FrameRange out = internal::frames_between(trajectory, from_s, to_s);
  const std::size_t after = out.first + out.count;
  std::vector<Trajectory> left;
  if (out.first > 0) {
    left.push_back(part_of(trajectory, {.first = 0, .count = out.first}));
  }
  if (after < trajectory.size()) {
    left.push_back(part_of(trajectory, {.first = after, .count = trajectory.size() - after}));
  }
  if (left.empty()) {
    throw ConfigError(
        fmt::format("trajectory '{}': from {} s to {} s is all of it", trajectory.info().name, from_s, to_s));
  }
  return left;
}

Trajectory join(std::span<const Trajectory> trajectories, Limits limits, const BridgeOptions& options) {
  require_alike(trajectories, limits);
  Joiner joiner(trajectories, limits, options);
  for (const Trajectory& trajectory : trajectories) {
    joiner.add(trajectory);
  }
  return joiner.take();
}

Trajectory retime(const Trajectory& trajectory, const RetimeOptions& options) {
  const std::string& name = trajectory.info().name;
  if (!(options.stretch >= 0.01 && options.stretch <= 100.0)) {
    throw ConfigError(fmt::format("trajectory '{}': a stretch of {} is not in 0.01 … 100", name, options.stretch));
  }
  if (options.rate_hz && !(*options.rate_hz >= 1.0 && *options.rate_hz <= 1e4)) {
    throw ConfigError(fmt::format("trajectory '{}': a rate of {} Hz is not in 1 … 10000", name, *options.rate_hz));
  }
  if (trajectory.empty()) {
    throw ConfigError(fmt::format("trajectory '{}' has no frames", name));
  }
  Trajectory made = stretched(trajectory, options.stretch);
  return options.rate_hz ? resampled(made, *options.rate_hz) : made;
}

std::optional<double> stretch_to_fit(const Trajectory& trajectory, Limits limits, bool jerk) {
  constexpr int kTries = 8;  // at an envelope the first answer is near, elsewhere it is right
  double stretch = 1.0;
  for (int i = 0; i < kTries; ++i) {
    const CheckReport report = check(stretched(trajectory, stretch), limits, {.jerk = jerk});
    if (report.passed()) {
      return stretch;
    }
    if (report.speed_headroom <= 0.0) {
      return std::nullopt;
    }
    stretch *= (1.0 + 1e-9) / report.speed_headroom;
  }
  return std::nullopt;
}

}  // namespace takt::trajectory
