#include "takt/controller/internal/target_check.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "takt/control/model/inverse_kinematics.hpp"

namespace takt::controller::internal {
namespace {

using control::Reference;

constexpr double kRotationTolerance = 1e-3;
constexpr double kSlowest = 0.001;

template <class... Values>
[[noreturn]] void refuse(Refusal refusal, fmt::format_string<Values...> text, Values&&... values) {
  throw TargetError(refusal, fmt::format(text, std::forward<Values>(values)...));
}

// One number per joint, each of them finite.
void require_numbers(const core::JointVector& numbers, std::size_t dof, const char* what) {
  if (numbers.size() != dof) {
    refuse(Refusal::kSize, "{}: {} numbers for {} joints", what, numbers.size(), dof);
  }
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (!std::isfinite(numbers[i])) {
      refuse(Refusal::kNotFinite, "{}: joint {} is {}", what, i + 1, numbers[i]);
    }
  }
}

void require_finite(const Eigen::Vector3d& vector, const char* what, const char* unit) {
  if (!vector.allFinite()) {
    refuse(Refusal::kNotFinite, "{} is ({}, {}, {}) {}", what, vector.x(), vector.y(), vector.z(), unit);
  }
}

// The pose with its rotation made one to the last bit.
core::Pose proper(const core::Pose& X_BE, const char* what) {
  const Eigen::Matrix3d R = X_BE.linear();
  if (!R.allFinite() || !X_BE.translation().allFinite()) {
    refuse(Refusal::kNotFinite, "{}: a number of the pose is not finite", what);
  }
  const double off = (R.transpose() * R - Eigen::Matrix3d::Identity()).cwiseAbs().maxCoeff();
  if (off > kRotationTolerance) {
    refuse(Refusal::kRotation,
           "{}: the rotation is none, its axes are off unit length and right angles by {:.3g} (at most {})", what, off,
           kRotationTolerance);
  }
  if (R.determinant() < 0.0) {
    refuse(Refusal::kRotation, "{}: the rotation is a reflection, its axes are left-handed", what);
  }
  core::Pose made = X_BE;
  made.linear() = Eigen::Quaterniond(R).normalized().toRotationMatrix();
  return made;
}

core::Nanoseconds saturating_sum(core::Nanoseconds a, core::Nanoseconds b) noexcept {
  core::Nanoseconds sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? control::kValidForever : sum;
}

control::TargetTerms terms_of(const TargetOptions& options, const Moment& moment) {
  if (options.stamp_ns < 0 || options.stamp_ns > moment.now_ns) {
    refuse(Refusal::kTime, "stamped {} ns, which is {} (now is {} ns of CLOCK_MONOTONIC)", options.stamp_ns,
           options.stamp_ns < 0 ? "negative" : "in the future", moment.now_ns);
  }
  const Duration valid_for = options.valid_for.value_or(moment.valid_for);
  if (valid_for <= Duration::zero()) {
    refuse(Refusal::kTime, "valid for {} ns; more than 0 is needed", valid_for.count());
  }
  const core::Nanoseconds stamp_ns = options.stamp_ns != 0 ? options.stamp_ns : moment.now_ns;
  return {.stamp_ns = stamp_ns,
          .valid_until_ns = saturating_sum(stamp_ns, valid_for.count()),
          .epoch = moment.epoch,
          .speed = 1.0};
}

}  // namespace

TargetBounds bounds_of(const control::ModelData& arm, const control::CycleOptions& options,
                       const core::JointVector& lowest_rad, const core::JointVector& highest_rad) {
  TargetBounds bounds;
  bounds.lowest_rad = lowest_rad;
  bounds.highest_rad = highest_rad;
  bounds.speed_rad_s.resize(arm.dof());
  for (std::size_t i = 0; i < arm.dof(); ++i) {
    bounds.speed_rad_s[i] = options.budget_fraction * arm.joints[i].limits.velocity_rad_s;
  }
  bounds.speed_m_s = options.pose_budget.velocity_m_s;
  bounds.rotation_speed_rad_s = options.pose_budget.velocity_rad_s;
  bounds.workspace = options.workspace;
  bounds.self_collision_margin_m = options.self_collision_margin_m;
  return bounds;
}

TargetCheck::TargetCheck(control::Model model, TargetBounds bounds) : model_(std::move(model)), bounds_(bounds) {
  if (bounds_.self_collision_margin_m) {
    if (model_.data().capsules.empty()) {
      throw LogicError("TargetCheck: " + model_.data().name + " has no capsules to keep apart");
    }
    links_.emplace(model_);
  }
}

control::Command TargetCheck::target(const Target& target, const TargetOptions& options, const Moment& moment) const {
  const control::TargetTerms terms = terms_of(options, moment);
  control::Command command =
      std::visit([&](const auto& wanted) { return command_of(wanted, moment); }, target.variant());
  if (command.kind == control::CommandKind::kTorque &&
      terms.valid_until_ns - terms.stamp_ns > control::kLongestTorque_ns) {
    refuse(Refusal::kTime, "torques: valid for {:.4g} s; at most {:.4g} s are possible",
           core::to_seconds(terms.valid_until_ns - terms.stamp_ns), core::to_seconds(control::kLongestTorque_ns));
  }
  command.terms = terms;
  return command;
}

control::Command TargetCheck::move(const Target& target, const MoveOptions& options, const Moment& moment) const {
  if (!(options.speed >= kSlowest) || !(options.speed <= 1.0)) {
    throw LogicError(fmt::format("move: a speed of {}; {} to 1 of the budgets are possible", options.speed, kSlowest));
  }
  if (!(options.tolerance_rad > 0.0)) {
    throw LogicError(fmt::format("move: a tolerance of {} rad; more than 0 is needed", options.tolerance_rad));
  }
  const auto at_rest = [](const auto& wanted) {
    using Kind = std::remove_cvref_t<decltype(wanted)>;
    if constexpr (std::is_same_v<Kind, Joints>) {
      return std::all_of(wanted.dq_rad_s.begin(), wanted.dq_rad_s.end(), [](double v) { return v == 0.0; });
    } else if constexpr (std::is_same_v<Kind, ToolPose>) {
      return wanted.v_m_s.isZero(0.0) && wanted.w_rad_s.isZero(0.0);
    } else {
      return true;
    }
  };
  if (std::holds_alternative<Torques>(target.variant())) {
    refuse(Refusal::kLaw, "move: goes to joints or a pose; for torques use set()");
  }
  if (!std::visit(at_rest, target.variant())) {
    refuse(Refusal::kSpeed, "move: goes to joints or a pose at rest; for targets that move on use set()");
  }
  control::Command command = this->target(target, {.valid_for = Duration::max()}, moment);
  command.terms.valid_until_ns = control::kValidForever;
  command.terms.speed = options.speed;
  return command;
}

control::Command TargetCheck::command_of(const Joints& joints, const Moment& moment) const {
  constexpr const char* kWhat = "joint target";
  require_setpoint_law(moment.state, kWhat);
  require_numbers(joints.q_rad, model_.dof(), kWhat);
  require_posture(joints.q_rad, kWhat);
  if (!joints.dq_rad_s.empty()) {
    require_numbers(joints.dq_rad_s, model_.dof(), "joint target's velocity");
  }
  for (std::size_t i = 0; i < joints.dq_rad_s.size(); ++i) {
    if (std::abs(joints.dq_rad_s[i]) >= bounds_.speed_rad_s[i]) {
      refuse(Refusal::kSpeed, "{}: joint {} moves with {:.4g} rad/s, less than {:.4g} is possible", kWhat, i + 1,
             joints.dq_rad_s[i], bounds_.speed_rad_s[i]);
    }
  }
  return control::to_command(control::JointTarget{.q_rad = joints.q_rad, .dq_rad_s = joints.dq_rad_s});
}

control::Command TargetCheck::command_of(const ToolPose& pose, const Moment& moment) const {
  constexpr const char* kWhat = "pose";
  require_setpoint_law(moment.state, kWhat);
  const core::Pose X_BE = proper(pose.X_BE, kWhat);
  require_finite(pose.v_m_s, "pose: its velocity", "m/s");
  require_finite(pose.w_rad_s, "pose: its angular velocity", "rad/s");
  if (pose.v_m_s.norm() >= bounds_.speed_m_s) {
    refuse(Refusal::kSpeed, "pose: moves with {:.4g} m/s, less than {:.4g} is possible", pose.v_m_s.norm(),
           bounds_.speed_m_s);
  }
  if (pose.w_rad_s.norm() >= bounds_.rotation_speed_rad_s) {
    refuse(Refusal::kSpeed, "pose: turns with {:.4g} rad/s, less than {:.4g} is possible", pose.w_rad_s.norm(),
           bounds_.rotation_speed_rad_s);
  }
  control::PoseTarget target{.X_BE = core::to_array(X_BE),
                             .posture_rad = posture_of(X_BE, moment.state.setpoint.q_rad, kWhat)};
  for (int i = 0; i < 3; ++i) {
    target.V_BE[static_cast<std::size_t>(i)] = pose.v_m_s[i];
    target.V_BE[static_cast<std::size_t>(i) + 3] = pose.w_rad_s[i];
  }
  return control::to_command(target);
}

control::Command TargetCheck::command_of(const Torques& torques, const Moment& moment) const {
  if (moment.state.reference != Reference::kTorque) {
    refuse(Refusal::kLaw, "torques: the law in use does not take them; use(JointTorque{{}}) comes first");
  }
  require_numbers(torques.tau_nm, model_.dof(), "torques");
  return control::to_command(control::TorqueTarget{.tau_nm = torques.tau_nm});
}

control::Command TargetCheck::chunk(const ActionChunk& chunk, const TargetOptions& options,
                                    const Moment& moment) const {
  control::Command command;
  command.kind = control::CommandKind::kChunk;
  command.terms = terms_of(options, moment);
  const std::size_t count = chunk.actions.size();
  if (count == 0 || count > control::kMaxActions) {
    refuse(Refusal::kEmpty, "chunk: {} actions; 1 to {} are possible", count, control::kMaxActions);
  }
  require_setpoint_law(moment.state, "chunk");
  core::JointVector seed_rad = moment.state.setpoint.q_rad;
  for (std::size_t k = 0; k < count; ++k) {
    const TimedAction& action = chunk.actions[k];
    const std::string what = fmt::format("action {}", k + 1);
    if (action.due_ns < 0 || (k > 0 && action.due_ns <= chunk.actions[k - 1].due_ns)) {
      refuse(Refusal::kTime, "{}: due at {} ns, which is not after the one before", what, action.due_ns);
    }
    if (const auto* q_rad = std::get_if<core::JointVector>(&action.target)) {
      require_numbers(*q_rad, model_.dof(), what.c_str());
      require_posture(*q_rad, what.c_str());
      seed_rad = *q_rad;
    } else {
      seed_rad = posture_of(proper(std::get<core::Pose>(action.target), what.c_str()), seed_rad, what.c_str());
    }
    command.actions[k] = {.due_ns = action.due_ns, .q_rad = seed_rad};
  }
  command.count = static_cast<std::uint32_t>(count);
  // Good until its end, and then for as long as a target is.
  const auto beyond_ns = std::max(core::Nanoseconds{0}, chunk.actions.back().due_ns - command.terms.stamp_ns);
  command.terms.valid_until_ns = saturating_sum(command.terms.valid_until_ns, beyond_ns);
  return command;
}

void TargetCheck::require_setpoint_law(const control::CycleState& state, const char* what) {
  switch (state.reference) {
    case Reference::kSetpoint:
      return;
    case Reference::kTorque:
      refuse(Refusal::kLaw, "{}: the law in use takes torques and follows no positions", what);
    case Reference::kMeasured:
      refuse(Refusal::kLaw, "{}: the law in use lets the arm go where it is led and follows no positions", what);
  }
}

void TargetCheck::require_posture(const core::JointVector& q_rad, const char* what) const {
  for (std::size_t i = 0; i < q_rad.size(); ++i) {
    if (q_rad[i] < bounds_.lowest_rad[i] || q_rad[i] > bounds_.highest_rad[i]) {
      refuse(Refusal::kRange, "{}: joint {} at {:.6g} rad is outside {:.6g} … {:.6g}", what, i + 1, q_rad[i],
             bounds_.lowest_rad[i], bounds_.highest_rad[i]);
    }
  }
  if (bounds_.workspace) {
    require_inside_workspace(model_.tool_pose(q_rad).translation(), what);
  }
  require_apart(q_rad, what);
}

void TargetCheck::require_inside_workspace(const Eigen::Vector3d& p_BE_m, const char* what) const {
  if (!bounds_.workspace) {
    return;
  }
  for (int axis = 0; axis < 3; ++axis) {
    const double lowest = bounds_.workspace->lowest_m[static_cast<std::size_t>(axis)];
    const double highest = bounds_.workspace->highest_m[static_cast<std::size_t>(axis)];
    if (p_BE_m[axis] < lowest || p_BE_m[axis] > highest) {
      refuse(Refusal::kWorkspace,
             "{}: the tool at ({:.4g}, {:.4g}, {:.4g}) m is outside the workspace, whose {} is {:.4g} … {:.4g} m", what,
             p_BE_m.x(), p_BE_m.y(), p_BE_m.z(), "xyz"[axis], lowest, highest);
    }
  }
}

void TargetCheck::require_apart(const core::JointVector& q_rad, const char* what) const {
  if (!links_) {
    return;
  }
  const auto nearest = links_->nearest(model_, q_rad);
  if (nearest.distance_m < *bounds_.self_collision_margin_m) {
    refuse(Refusal::kCollision, "{}: links {} and {} would be {:.4g} m apart, the margin is {:.4g}", what,
           nearest.link_a, nearest.link_b, nearest.distance_m, *bounds_.self_collision_margin_m);
  }
}

core::JointVector TargetCheck::posture_of(const core::Pose& X_BE, const core::JointVector& seed_rad,
                                          const char* what) const {
  require_inside_workspace(X_BE.translation(), what);
  const auto found = control::solve_pose(model_, X_BE, seed_rad, bounds_.lowest_rad, bounds_.highest_rad);
  if (!found) {
    const Eigen::Vector3d p = X_BE.translation();
    refuse(Refusal::kUnreachable,
           "{}: no posture inside the joints' range brings the tool to ({:.4g}, {:.4g}, {:.4g}) m with this rotation; "
           "that is {:.4g} m from joint 1, and the arm reaches {:.4g} m",
           what, p.x(), p.y(), p.z(), (p - model_.data().joints[0].X_PJ.translation()).norm(), model_.reach_m());
  }
  require_apart(*found, what);
  return *found;
}

}  // namespace takt::controller::internal
