#include "takt/teleop/joint_map.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "takt/core/error.hpp"

namespace takt::teleop {
namespace {

using Problem = std::optional<JointMapProblem>;

std::string element(const std::string& list, std::size_t i) {
  return list + "[" + std::to_string(i) + "]";
}

Problem size_problem(const std::string& field, std::size_t size, std::size_t expected) {
  if (size == expected) {
    return std::nullopt;
  }
  return JointMapProblem{field,
                         std::to_string(size) + " entries, the follower has " + std::to_string(expected) + " joints"};
}

Problem list_problem(const std::string& field, std::span<const double> values, std::size_t expected) {
  if (Problem problem = size_problem(field, values.size(), expected)) {
    return problem;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      return JointMapProblem{element(field, i), std::to_string(values[i]) + " is not finite"};
    }
  }
  return std::nullopt;
}

Problem optional_list_problem(const std::string& field, std::span<const double> values, std::size_t expected) {
  return values.empty() ? std::nullopt : list_problem(field, values, expected);
}

Problem reindex_problem(const std::vector<int>& reindex, std::size_t source, std::size_t destination) {
  if (reindex.empty()) {
    if (source == destination) {
      return std::nullopt;
    }
    return JointMapProblem{"reindex", "missing, but the leader has " + std::to_string(source) +
                                          " joints and the follower " + std::to_string(destination) +
                                          "; say which goes where"};
  }
  if (Problem problem = size_problem("reindex", reindex.size(), destination)) {
    return problem;
  }
  for (std::size_t i = 0; i < reindex.size(); ++i) {
    if (reindex[i] < -1 || reindex[i] >= static_cast<int>(source)) {
      return JointMapProblem{element("reindex", i), std::to_string(reindex[i]) +
                                                        " names no joint; the leader has 0 … " +
                                                        std::to_string(source - 1) + ", and -1 is none"};
    }
  }
  if (std::ranges::all_of(reindex, [](int index) { return index < 0; })) {
    return JointMapProblem{"reindex", "names no joint: every entry is -1"};
  }
  return std::nullopt;
}

Problem matrix_problem(const JointMapOptions& options, std::size_t destination) {
  if (options.matrix.empty()) {
    return std::nullopt;
  }
  if (!options.scale.empty()) {
    return JointMapProblem{"matrix", "given beside scale; only one of them can be used"};
  }
  if (Problem problem = size_problem("matrix", options.matrix.size(), destination)) {
    return problem;
  }
  for (std::size_t row = 0; row < destination; ++row) {
    if (Problem problem = list_problem(element("matrix", row), options.matrix[row], destination)) {
      return problem;
    }
  }
  return std::nullopt;
}

Problem limits_problem(const std::vector<PositionRange>& limits, std::size_t destination) {
  if (limits.empty()) {
    return std::nullopt;
  }
  if (Problem problem = size_problem("limits", limits.size(), destination)) {
    return problem;
  }
  for (std::size_t i = 0; i < limits.size(); ++i) {
    if (!(limits[i].min_rad <= limits[i].max_rad)) {
      return JointMapProblem{element("limits", i), "min " + std::to_string(limits[i].min_rad) + " is not below max " +
                                                       std::to_string(limits[i].max_rad)};
    }
  }
  return std::nullopt;
}

Problem count_problem(std::size_t source, std::size_t destination) {
  for (const auto& [field, count] : {std::pair{"leader", source}, std::pair{"follower", destination}}) {
    if (count == 0 || count > core::kMaxJoints) {
      return JointMapProblem{field,
                             std::to_string(count) + " joints, a map takes 1 … " + std::to_string(core::kMaxJoints)};
    }
  }
  return std::nullopt;
}

Problem gripper_problem(const GripperMap& gripper) {
  if (std::isfinite(gripper.scale) && std::isfinite(gripper.offset)) {
    return std::nullopt;
  }
  return JointMapProblem{"gripper", "scale " + std::to_string(gripper.scale) + " and offset " +
                                        std::to_string(gripper.offset) + " must be finite"};
}

bool has_only_finite(const messages::RobotState& state) noexcept {
  return state.joint_positions.all_finite() && state.joint_velocities.all_finite() &&
         std::isfinite(state.gripper_position.value_or(0.0));
}

}  // namespace

std::optional<JointMapProblem> JointMap::find_problem(const JointMapOptions& options, std::size_t source_joints,
                                                      std::size_t destination_joints) {
  if (Problem problem = count_problem(source_joints, destination_joints)) {
    return problem;
  }
  if (Problem problem = reindex_problem(options.reindex, source_joints, destination_joints)) {
    return problem;
  }
  if (Problem problem = matrix_problem(options, destination_joints)) {
    return problem;
  }
  if (Problem problem = optional_list_problem("scale", options.scale, destination_joints)) {
    return problem;
  }
  if (Problem problem = optional_list_problem("offset_rad", options.offset_rad, destination_joints)) {
    return problem;
  }
  if (Problem problem = gripper_problem(options.gripper)) {
    return problem;
  }
  return limits_problem(options.limits, destination_joints);
}

JointMap::JointMap(const JointMapOptions& options, std::size_t source_joints, std::size_t destination_joints)
    : source_joints_(source_joints),
      destination_joints_(destination_joints),
      gripper_(options.gripper),
      limit_policy_(options.limit_policy) {
  if (const auto problem = find_problem(options, source_joints, destination_joints)) {
    throw LogicError("JointMap: " + problem->field + ": " + problem->what);
  }
  const auto given_or = [&](const std::vector<double>& values, double otherwise) {
    return values.empty() ? core::JointVector::constant(destination_joints, otherwise) : core::JointVector(values);
  };
  for (std::size_t i = 0; i < destination_joints; ++i) {
    reindex_[i] = options.reindex.empty() ? static_cast<int>(i) : options.reindex[i];
  }
  scale_ = given_or(options.scale, 1.0);
  offset_rad_ = given_or(options.offset_rad, 0.0);
  mixes_ = !options.matrix.empty();
  for (std::size_t row = 0; row < options.matrix.size(); ++row) {
    matrix_[row] = core::JointVector(options.matrix[row]);
  }
  min_rad_ = core::JointVector::constant(destination_joints, -std::numeric_limits<double>::infinity());
  max_rad_ = core::JointVector::constant(destination_joints, std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < options.limits.size() && limit_policy_ != LimitPolicy::kOff; ++i) {
    min_rad_[i] = options.limits[i].min_rad;
    max_rad_[i] = options.limits[i].max_rad;
  }
}

MapResult JointMap::apply(const messages::RobotState& in, messages::RobotState& out) const noexcept {
  const bool has_velocities = !in.joint_velocities.empty();
  if (in.joint_positions.size() != source_joints_ || (has_velocities && in.joint_velocities.size() != source_joints_)) {
    return {.outcome = MapOutcome::kWrongJointCount};
  }
  if (!has_only_finite(in)) {
    return {.outcome = MapOutcome::kNotFinite};
  }
  core::JointVector positions = linear(in.joint_positions);
  for (std::size_t i = 0; i < destination_joints_; ++i) {
    positions[i] += offset_rad_[i];
  }
  core::JointVector velocities = has_velocities ? linear(in.joint_velocities) : core::JointVector();
  std::optional<double> gripper = in.gripper_position;
  if (gripper) {
    gripper = std::clamp(gripper_.scale * *gripper + gripper_.offset, 0.0, 1.0);
  }
  // Finite numbers can overflow; clamp passes NaN through, so this looks at the gripper again as well.
  if (!positions.all_finite() || !velocities.all_finite() || !std::isfinite(gripper.value_or(0.0))) {
    return {.outcome = MapOutcome::kNotFinite};
  }
  const MapResult result = limit(positions, velocities);
  if (!result.passed()) {
    return result;
  }
  if (&out != &in) {
    out = in;
  }
  out.joint_positions = positions;
  out.joint_velocities = velocities;
  out.gripper_position = gripper;
  out.joint_efforts = {};
  out.end_effector_pose.reset();
  return result;
}

core::JointVector JointMap::linear(const core::JointVector& source) const noexcept {
  core::JointVector picked;
  picked.resize(destination_joints_);
  for (std::size_t i = 0; i < destination_joints_; ++i) {
    picked[i] = reindex_[i] < 0 ? 0.0 : source[static_cast<std::size_t>(reindex_[i])];
  }
  core::JointVector mapped;
  mapped.resize(destination_joints_);
  for (std::size_t i = 0; i < destination_joints_; ++i) {
    mapped[i] = mixes_ ? matrix_[i].eigen().dot(picked.eigen()) : scale_[i] * picked[i];
  }
  return mapped;
}

MapResult JointMap::limit(core::JointVector& positions, core::JointVector& velocities) const noexcept {
  MapResult result;
  for (std::size_t i = 0; i < destination_joints_; ++i) {
    if (positions[i] >= min_rad_[i] && positions[i] <= max_rad_[i]) {
      continue;
    }
    if (result.outcome == MapOutcome::kOk) {
      result = {.outcome = limit_policy_ == LimitPolicy::kReject ? MapOutcome::kLimit : MapOutcome::kClamped,
                .joint = i};
    }
    positions[i] = std::clamp(positions[i], min_rad_[i], max_rad_[i]);
    if (!velocities.empty()) {
      velocities[i] = 0.0;
    }
  }
  return result;
}

}  // namespace takt::teleop
