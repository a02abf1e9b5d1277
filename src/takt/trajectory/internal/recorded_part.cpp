#include "takt/trajectory/internal/recorded_part.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "takt/core/error.hpp"
#include "takt/messages/enum_name.hpp"
#include "takt/trajectory/edit.hpp"
#include "takt/trajectory/gripper_joint.hpp"
#include "takt/trajectory/internal/in_range.hpp"

namespace takt::trajectory::internal {
namespace {

bool says_something(messages::RobotType type) {
  return type != messages::RobotType::kUnknown && type != messages::RobotType::kGeneric;
}

void require_robot(const TrajectoryInfo& info, const ArmDescription& arm) {
  if (says_something(info.robot_type) && says_something(arm.type) && info.robot_type != arm.type) {
    throw ConfigError(fmt::format("trajectory '{}' is of a robot '{}', the arm '{}' is a '{}'", info.name,
                                  messages::enum_name(info.robot_type).view(), arm.name,
                                  messages::enum_name(arm.type).view()));
  }
}

/// "1", "2", … in place of names, as in many a table of a Franka; a gripper among the arm's joints has its name.
bool are_numbers(const std::vector<std::string>& names, const std::vector<std::string>& arm_names) {
  std::size_t number = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] != (arm_names[i] == kGripperJoint ? kGripperJoint : std::to_string(++number))) {
      return false;
    }
  }
  return names != arm_names;
}

std::vector<std::size_t> order_of(const TrajectoryInfo& info, const ArmDescription& arm) {
  const std::size_t joints = arm.limits.size();
  if (info.joint_names.size() != joints) {
    throw ConfigError(fmt::format("trajectory '{}' has {} joints ({}), the arm '{}' {}", info.name,
                                  info.joint_names.size(), fmt::join(info.joint_names, ", "), arm.name, joints));
  }
  const bool numbers = !arm.joint_names.empty() && are_numbers(info.joint_names, arm.joint_names);
  if (numbers && info.robot != arm.name) {
    throw ConfigError(fmt::format(
        "trajectory '{}' has joints with numbers for names, and {}: only of robot '{}' they are its own in order",
        info.name, info.robot.empty() ? "does not say of which robot" : "is of robot '" + info.robot + "'", arm.name));
  }
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < joints; ++i) {
    const auto at = numbers || arm.joint_names.empty() ? info.joint_names.begin() + static_cast<std::ptrdiff_t>(i)
                                                       : std::ranges::find(info.joint_names, arm.joint_names[i]);
    if (at == info.joint_names.end()) {
      throw ConfigError(fmt::format("trajectory '{}' has no joint '{}' of the arm '{}'; it has {}", info.name,
                                    arm.joint_names[i], arm.name, fmt::join(info.joint_names, ", ")));
    }
    order.push_back(static_cast<std::size_t>(at - info.joint_names.begin()));
  }
  return order;
}

/// What the user can do about it.
std::string help_for(const Violation& worst, double stretch, double headroom) {
  if (worst.what == Quantity::kPosition) {
    return "Trim that part off: no speed and no smoothing brings it back into the range";
  }
  std::string help = headroom > 0.0 ? fmt::format("Stretch it to {:.3g} times its time, or let it be stretched to fit",
                                                  std::ceil(stretch / headroom * 1000.0) / 1000.0)
                                    : "Trim that part off: the joint's envelope allows no motion there";
  if (worst.what != Quantity::kVelocity) {
    help += "; smooth it first where it is the noise of measured positions";
  }
  return help;
}

}  // namespace

RecordedPart::RecordedPart(const Trajectory& trajectory, const ArmDescription& arm, double smooth_s,
                           std::optional<double> from_s, std::optional<double> to_s)
    : source_(trajectory) {
  if (trajectory.empty()) {
    throw ConfigError(fmt::format("trajectory '{}' has no frames", trajectory.info().name));
  }
  require_robot(trajectory.info(), arm);
  if (lacks_gripper_joint(trajectory, arm)) {
    altered_ = with_gripper_joint(trajectory, arm);
  }
  order_ = order_of(info(), arm);
  range_ = frames_between(trajectory, from_s, to_s);
  if (smooth_s > 0.0 && trajectory.size() > 1) {
    altered_ = smooth(frames(), smooth_s);
  }
}

Curve RecordedPart::bake(double stretch, Limits limits) const {
  Curve curve{.joints = order_.size()};
  curve.t_ns.reserve(range_.count);
  curve.q_rad.reserve(range_.count * curve.joints);
  for (std::size_t i = range_.first; i < range_.first + range_.count; ++i) {
    const core::JointVector q_rad = frames().q_rad(i);
    const double since_ns = static_cast<double>(frames().time_ns(i) - begin_ns());
    curve.t_ns.push_back(std::llround(since_ns * stretch));
    if (curve.t_ns.size() > 1 && curve.t_ns.back() <= curve.t_ns[curve.t_ns.size() - 2]) {
      throw ConfigError(
          fmt::format("trajectory '{}': stretched by {} two frames fall on one instant", info().name, stretch));
    }
    for (const std::size_t joint : order_) {
      curve.q_rad.push_back(q_rad[joint]);
    }
  }
  curve.dq_rad_s.resize(curve.q_rad.size());
  natural_velocities(curve.t_ns, curve.q_rad, curve.joints, curve.dq_rad_s);
  keep_in_range(curve, limits);
  return curve;
}

std::vector<double> RecordedPart::grippers() const {
  std::vector<double> grippers;
  for (std::size_t i = range_.first; i < range_.first + range_.count && frames().has_gripper(); ++i) {
    grippers.push_back(*frames().frame(i).gripper);
  }
  return grippers;
}

double RecordedPart::mean_period_s() const {
  if (range_.count < 2) {
    return 0.01;
  }
  const core::Nanoseconds span_ns = frames().time_ns(range_.first + range_.count - 1) - begin_ns();
  return std::clamp(core::to_seconds(span_ns) / static_cast<double>(range_.count - 1), 0.001, 0.1);
}

std::string RecordedPart::objection(CheckReport report, const ArmDescription& arm, double stretch) const {
  if (report.passed()) {
    return "";
  }
  for (Violation& violation : report.violations) {
    violation.t_ns = begin_ns() + std::llround(static_cast<double>(violation.t_ns) / stretch);
  }
  const std::vector<std::string>& names = arm.joint_names.empty() ? info().joint_names : arm.joint_names;
  return fmt::format("trajectory '{}': {}. {}", info().name, report.text(names),
                     help_for(report.violations.front(), stretch, report.speed_headroom));
}

}  // namespace takt::trajectory::internal
