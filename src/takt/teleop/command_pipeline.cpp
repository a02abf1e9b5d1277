#include "takt/teleop/command_pipeline.hpp"

#include <algorithm>
#include <utility>

namespace takt::teleop {
namespace {

/// Velocities where there are some, zeros where there are none.
core::JointVector velocities_or_rest(const core::JointVector& velocities, std::size_t joints) noexcept {
  core::JointVector rates = velocities;
  if (rates.size() != joints || !rates.all_finite()) {
    rates = {};
    rates.resize(joints);
  }
  return rates;
}

}  // namespace

CommandPipeline::CommandPipeline(CommandPipelineOptions options, RobotNode& follower)
    : options_(std::move(options)),
      first_step_s_(2.0 * options_.guard.min_step_s),
      gap_s_(options_.realign_after_s),
      follower_(follower),
      alignment_(options_.guard.limits, options_.alignment_fraction),
      guard_(options_.guard),
      smoother_(options_.smoothing_tau_s) {}

void CommandPipeline::set_pace(double shortest_s, double longest_s) noexcept {
  first_step_s_ = shortest_s;
  gap_s_ = std::max(options_.realign_after_s, 3.0 * longest_s);
  guard_.set_steps(0.5 * shortest_s, 3.0 * longest_s);
}

Verdict CommandPipeline::process(messages::RobotState& command) noexcept {
  const bool gap = command.stamp_ns - stamp_ns_ > core::from_seconds(gap_s_);
  if (restart_.exchange(false, std::memory_order_acq_rel) || gap) {
    if (!begin(command)) {
      follower_.guards().count(Guard::kFollowerLost);
      restart();
      return Verdict::kRejected;
    }
  }
  core::JointVector wanted = alignment_.step(command.joint_positions, command.stamp_ns);
  const Verdict verdict = guard_.check(wanted, command.stamp_ns, follower_.guards());
  if (verdict == Verdict::kRejected) {
    return verdict;  // and when they go on, the gap since the last command ends the engagement
  }
  stamp_ns_ = command.stamp_ns;
  command.joint_positions = wanted;
  command.mark = phase_.load(std::memory_order_relaxed) == Phase::kAligning ? messages::CommandMark::kAligning
                 : verdict == Verdict::kClamped                             ? messages::CommandMark::kClamped
                                                                            : messages::CommandMark::kEngaged;
  smoother_.apply(command);
  if (phase_.load(std::memory_order_relaxed) == Phase::kAligning) {
    follower_.guards().count(Guard::kStartAlignment);
    if (alignment_.done() && follower_is_close(wanted)) {
      phase_.store(Phase::kEngaged, std::memory_order_release);
    }
  }
  return verdict;
}

bool CommandPipeline::begin(const messages::RobotState& target) noexcept {
  const auto measured = follower_.state_topic().latest();
  const std::size_t joints = target.joint_positions.size();
  if (!measured || measured->joint_positions.size() != joints || !measured->joint_positions.all_finite()) {
    return false;
  }
  const auto commanded = follower_.commanded(core::from_seconds(options_.realign_after_s));
  const bool moving = commanded && commanded->size() == joints;
  const control::Setpoint from{.q_rad = moving ? *commanded : measured->joint_positions,
                               .dq_rad_s = velocities_or_rest(measured->joint_velocities, joints),
                               .ddq_rad_s2 = {}};
  // The follower was there one leader period ago: the first command is a step of that length, not of none.
  const core::Nanoseconds then_ns = target.stamp_ns - core::from_seconds(first_step_s_);
  alignment_.begin(from, target.joint_positions, velocities_or_rest(target.joint_velocities, joints), then_ns);
  guard_.reset(from.q_rad, from.dq_rad_s, then_ns);
  smoother_.reset();
  stamp_ns_ = target.stamp_ns;
  phase_.store(Phase::kAligning, std::memory_order_release);
  return true;
}

bool CommandPipeline::follower_is_close(const core::JointVector& command_rad) noexcept {
  const auto measured = follower_.state_topic().latest();
  return measured && measured->joint_positions.size() == command_rad.size() &&
         core::max_abs_difference(measured->joint_positions, command_rad) <= options_.aligned_within_rad;
}

}  // namespace takt::teleop
