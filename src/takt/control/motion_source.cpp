#include "takt/control/motion_source.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "takt/control/motion/profile.hpp"
#include "takt/core/geometry.hpp"

namespace takt::control {
namespace {

/// A target that came so late that less than this, or than half its lead, is left is met that much later, where it will
/// have moved on to: nothing is caught up with by force.
constexpr core::Nanoseconds kSoonest_ns = 2'000'000;
constexpr double kArrived_m_rad = 1e-6;  // of the tool; the null space may still drift to its posture

bool is_zero(const auto& numbers) noexcept {
  return std::all_of(numbers.begin(), numbers.end(), [](double number) { return number == 0.0; });
}

/// @pre finite, and the quaternion's norm is 1 within 1e-3.
core::Pose pose_of(const std::array<double, 7>& values) noexcept {
  core::Pose pose = core::Pose::Identity();
  pose.translation() = Eigen::Vector3d(values[0], values[1], values[2]);
  pose.linear() = Eigen::Quaterniond(values[6], values[3], values[4], values[5]).normalized().toRotationMatrix();
  return pose;
}

}  // namespace

MotionSource::MotionSource(std::span<const JointLimits> limits, const CycleOptions& options)
    : joints_(limits),
      poses_(options.pose_budget),
      ik_(limits, joints_.lowest_rad(), joints_.highest_rad()),
      pose_budget_(options.pose_budget),
      budget_fraction_(options.budget_fraction) {
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const JointLimits narrowed = within_envelope(limits[i]);
    stopping_[i] = {.velocity_min_rad_s = -narrowed.velocity_rad_s,
                    .velocity_max_rad_s = narrowed.velocity_rad_s,
                    .acceleration_rad_s2 = narrowed.acceleration_rad_s2,
                    .jerk_rad_s3 = narrowed.jerk_rad_s3};
  }
  joints_.scale_budgets(budget_fraction_);
}

void MotionSource::reset(const core::JointVector& q_rad) noexcept {
  static_cast<void>(joints_.reset(q_rad));
  following_ = CommandKind::kNone;
}

void MotionSource::reset(const core::JointVector& q_rad, const core::JointVector& dq_rad_s) noexcept {
  static_cast<void>(joints_.reset(q_rad, dq_rad_s, core::JointVector::zero(dof())));
  following_ = CommandKind::kNone;
}

bool MotionSource::take(const Command& command, const Model& model, core::Nanoseconds now_ns) noexcept {
  switch (command.kind) {
    case CommandKind::kJoint:
      return take_joints(command, now_ns);
    case CommandKind::kPose:
      return take_pose(command, model);
    case CommandKind::kChunk:
      return take_chunk(command, now_ns);
    default:
      return false;
  }
}

bool MotionSource::take_joints(const Command& command, core::Nanoseconds now_ns) noexcept {
  if (command.due_ns > 0) {
    use_speed(command.terms.speed);
    glide_to(command, now_ns);
    return true;
  }
  const double before = speed_;
  const bool moves = !command.velocity.empty() && !is_zero(command.velocity);
  use_speed(command.terms.speed);
  const Outcome taken =
      moves ? joints_.set_target(command.vector, command.velocity) : joints_.set_target(command.vector);
  if (taken != Outcome::kOk) {
    use_speed(before);
    return false;
  }
  moving_target_ = moves;
  gliding_ = false;
  following_ = CommandKind::kJoint;
  return true;
}

void MotionSource::glide_to(const Command& command, core::Nanoseconds now_ns) noexcept {
  const bool moves = !command.velocity.empty() && !is_zero(command.velocity);
  const core::Nanoseconds lead_ns = std::max<core::Nanoseconds>(0, command.due_ns - command.terms.stamp_ns);
  const core::Nanoseconds due_ns = std::max(command.due_ns, now_ns + std::max(kSoonest_ns, lead_ns / 2));
  const double late_s = core::to_seconds(due_ns - command.due_ns);
  Glide::Reference to{.q_rad = command.vector, .dq_rad_s = moves ? command.velocity : core::JointVector::zero(dof())};
  for (std::size_t i = 0; i < dof(); ++i) {
    to.q_rad[i] = std::clamp(to.q_rad[i] + late_s * to.dq_rad_s[i], lowest_rad()[i], highest_rad()[i]);
  }
  // From the instant of the setpoint: begun a period later it would stand still for that period. In a row the next one
  // goes on from the last one, not from the setpoint: what of it the joints could not follow is the generator's to
  // mend.
  const core::Nanoseconds from_ns = std::clamp(stepped_ns_, now_ns - kSoonest_ns, now_ns);
  const bool in_row = gliding_ && following_ == CommandKind::kJoint;
  const Glide::Reference from =
      in_row ? glide_.at(from_ns) : Glide::Reference{.q_rad = setpoint().q_rad, .dq_rad_s = setpoint().dq_rad_s};
  glide_ = Glide(from_ns, from, due_ns, to);
  moving_target_ = moves;
  gliding_ = true;
  following_ = CommandKind::kJoint;
}

bool MotionSource::take_pose(const Command& command, const Model& model) noexcept {
  const double before = speed_;
  use_speed(command.terms.speed);
  const Setpoint& now = joints_.setpoint();
  if (following_ != CommandKind::kPose) {
    const ToolMotion tool = model.tool_motion(now.q_rad, now.dq_rad_s);
    const Vector6 acceleration = tool.J * now.ddq_rad_s2.eigen() + tool.bias;
    static_cast<void>(poses_.reset({.X_BE = tool.X_BE,
                                    .v = tool.V_BE.head<3>(),
                                    .w = tool.V_BE.tail<3>(),
                                    .a = acceleration.head<3>(),
                                    .alpha = acceleration.tail<3>()}));
    ik_.reset(now.q_rad, now.dq_rad_s);
  }
  const Eigen::Map<const Vector6> V_BE(command.V_BE.data());
  const bool moves = !is_zero(command.V_BE);
  const core::Pose X_BE = pose_of(command.X_BE);
  const Outcome taken = moves ? poses_.set_target(X_BE, V_BE.head<3>(), V_BE.tail<3>()) : poses_.set_target(X_BE);
  if (taken != Outcome::kOk) {
    use_speed(before);
    return false;
  }
  moving_target_ = moves;
  ik_.set_posture(command.vector.empty() ? now.q_rad : command.vector);
  tool_error_ = std::numeric_limits<double>::infinity();
  following_ = CommandKind::kPose;
  return true;
}

bool MotionSource::take_chunk(const Command& command, core::Nanoseconds now_ns) noexcept {
  const ChunkPlayer::Reference here = {.q_rad = setpoint().q_rad, .dq_rad_s = setpoint().dq_rad_s};
  if (following_ != CommandKind::kChunk) {
    chunk_.clear();
  }
  if (!chunk_.load(command, now_ns, here)) {
    return false;
  }
  use_speed(command.terms.speed);
  moving_target_ = false;
  chunk_has_ended_ = false;
  following_ = CommandKind::kChunk;
  return true;
}

void MotionSource::use_speed(double speed) noexcept {
  if (speed != speed_) {
    speed_ = speed;
    joints_.scale_budgets(budget_fraction_ * speed);
    static_cast<void>(poses_.set_limits(pose_budget_.scaled(speed)));  // positive, as the speed is
  }
}

void MotionSource::halt() noexcept {
  joints_.halt();
  following_ = CommandKind::kNone;
}

void MotionSource::hold() noexcept {
  if (!moving_target_) {
    return;
  }
  moving_target_ = false;
  if (following_ == CommandKind::kPose) {
    poses_.halt();
  } else {
    joints_.halt();
    gliding_ = false;
  }
}

const Setpoint& MotionSource::step(const Model& model, core::Nanoseconds now_ns, double dt_s) noexcept {
  stepped_ns_ = now_ns;
  switch (following_) {
    case CommandKind::kPose: {
      const PoseSetpoint& pose = poses_.step(dt_s);
      Vector6 V_BE;
      V_BE << pose.v, pose.w;
      const DifferentialIk::Step virtual_arm = ik_.step(model, pose.X_BE, V_BE, dt_s);
      tool_error_ = virtual_arm.error.norm();
      return joints_.track(virtual_arm.q_rad, virtual_arm.dq_rad_s, dt_s);
    }
    case CommandKind::kChunk: {
      const ChunkPlayer::Reference reference = chunk_.at(now_ns);
      chunk_has_ended_ = now_ns >= chunk_.end_ns();
      return joints_.track(reference.q_rad, reference.dq_rad_s, dt_s);
    }
    case CommandKind::kJoint:
      if (gliding_) {
        const Glide::Reference reference = glide_.at(now_ns);
        return joints_.track(reference.q_rad, reference.dq_rad_s, dt_s);
      }
      return joints_.step(dt_s);
    default:
      return joints_.step(dt_s);
  }
}

bool MotionSource::at_rest() const noexcept {
  switch (following_) {
    case CommandKind::kPose:
      return poses_.at_rest() && joints_.on_reference() && tool_error_ < kArrived_m_rad;
    case CommandKind::kChunk:
      return chunk_has_ended_ && is_still();
    case CommandKind::kJoint:
      return gliding_ ? is_still() : joints_.at_rest();
    default:
      return joints_.at_rest();
  }
}

// One that meets a chunk's end while it still slows down is there with no speed, and goes on beyond it.
bool MotionSource::is_still() const noexcept {
  return joints_.on_reference() && is_zero(setpoint().dq_rad_s) && is_zero(setpoint().ddq_rad_s2);
}

core::JointVector MotionSource::braking_posture_rad() const noexcept {
  core::JointVector ends = setpoint().q_rad;
  for (std::size_t i = 0; i < dof(); ++i) {
    const AxisState state = {
        .q_rad = setpoint().q_rad[i], .dq_rad_s = setpoint().dq_rad_s[i], .ddq_rad_s2 = setpoint().ddq_rad_s2[i]};
    if (state.dq_rad_s != 0.0 || state.ddq_rad_s2 != 0.0) {
      ends[i] = Profile::fastest_stop(state, stopping_[i]).end_rad();
    }
  }
  return ends;
}

}  // namespace takt::control
