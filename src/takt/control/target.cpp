#include "takt/control/target.hpp"

#include <algorithm>
#include <cmath>

namespace takt::control {
namespace {

constexpr double kNormTolerance = 1e-3;

bool all_finite(const auto& numbers) noexcept {
  return std::all_of(numbers.begin(), numbers.end(), [](double number) { return std::isfinite(number); });
}

bool is_inside(const core::JointVector& q_rad, const core::JointVector& lowest_rad,
               const core::JointVector& highest_rad) noexcept {
  if (q_rad.size() != lowest_rad.size()) {
    return false;
  }
  for (std::size_t i = 0; i < q_rad.size(); ++i) {
    if (!std::isfinite(q_rad[i]) || q_rad[i] < lowest_rad[i] || q_rad[i] > highest_rad[i]) {
      return false;
    }
  }
  return true;
}

bool is_rotation(const std::array<double, 7>& pose) noexcept {
  const double norm = std::hypot(std::hypot(pose[3], pose[4]), std::hypot(pose[5], pose[6]));
  return std::abs(norm - 1.0) <= kNormTolerance;
}

bool are_actions_well_formed(const Command& command, const core::JointVector& lowest_rad,
                             const core::JointVector& highest_rad) noexcept {
  if (command.count == 0 || command.count > kMaxActions) {
    return false;
  }
  for (std::size_t k = 0; k < command.count; ++k) {
    const Action& action = command.actions[k];
    const bool rises = k == 0 ? action.due_ns >= 0 : action.due_ns > command.actions[k - 1].due_ns;
    if (!rises || !is_inside(action.q_rad, lowest_rad, highest_rad)) {
      return false;
    }
  }
  return true;
}

/// A size that a hostile writer may have made up must not be used as one.
bool is_vector(const core::JointVector& vector) noexcept {
  return vector.size() <= core::kMaxJoints && all_finite(vector);
}

bool is_empty_or_of(std::size_t dof, const core::JointVector& vector) noexcept {
  return vector.empty() || (vector.size() == dof && all_finite(vector));
}

}  // namespace

std::size_t Command::used_bytes() const noexcept {
  return offsetof(Command, actions) +
         (kind == CommandKind::kChunk ? std::min<std::size_t>(count, kMaxActions) * sizeof(Action) : 0);
}

Command to_command(const JointTarget& target) noexcept {
  Command command;
  command.kind = CommandKind::kJoint;
  command.terms = target.terms;
  command.vector = target.q_rad;
  command.velocity = target.dq_rad_s;
  command.due_ns = target.due_ns;
  return command;
}

Command to_command(const PoseTarget& target) noexcept {
  Command command;
  command.kind = CommandKind::kPose;
  command.terms = target.terms;
  command.vector = target.posture_rad;
  command.X_BE = target.X_BE;
  command.V_BE = target.V_BE;
  return command;
}

Command to_command(const TorqueTarget& target) noexcept {
  Command command;
  command.kind = CommandKind::kTorque;
  command.terms = target.terms;
  command.vector = target.tau_nm;
  return command;
}

bool is_well_formed(const Command& command, const core::JointVector& lowest_rad,
                    const core::JointVector& highest_rad) noexcept {
  const std::size_t dof = lowest_rad.size();
  const TargetTerms& terms = command.terms;
  if (terms.stamp_ns < 0 || terms.valid_until_ns < 0 || !(terms.speed > 0.0) || !(terms.speed <= 1.0) ||
      !is_vector(command.vector) || !is_vector(command.velocity)) {
    return false;
  }
  switch (command.kind) {
    case CommandKind::kNone:
      return false;
    case CommandKind::kJoint:
      return is_inside(command.vector, lowest_rad, highest_rad) && is_empty_or_of(dof, command.velocity) &&
             command.due_ns >= 0 && command.due_ns - terms.stamp_ns <= kLongestLead_ns;  // both ≥ 0
    case CommandKind::kPose:
      return all_finite(command.X_BE) && all_finite(command.V_BE) && is_rotation(command.X_BE) &&
             is_empty_or_of(dof, command.vector);
    case CommandKind::kTorque:
      return command.vector.size() == dof && terms.valid_until_ns - terms.stamp_ns <= kLongestTorque_ns;  // both ≥ 0
    case CommandKind::kChunk:
      return are_actions_well_formed(command, lowest_rad, highest_rad);
  }
  return false;
}

}  // namespace takt::control
