#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "takt/core/error.hpp"
#include "takt/teleop/orchestrator.hpp"
#include "takt/teleop/orchestrator_pair.hpp"

// What becomes of a leader's state and of a policy's action: asked for authority, mapped, guarded, published. Who has
// authority is orchestrator.cpp.
namespace takt::teleop {
namespace {

bool deadman_pressed(const messages::RobotState& state) noexcept {
  return std::ranges::any_of(
      state.extras, [](const messages::Extra& extra) { return extra.key.view() == "deadman" && extra.value > 0.5; });
}

}  // namespace

// --- teleoperation, on the leader's thread -------------------------------------------------------------------------

void Orchestrator::on_leader_state(RobotNode& leader, messages::RobotState& state) noexcept {
  if (mode() != ControlMode::kTeleop) {
    return;
  }
  messages::stamp_hop(state, messages::HopPoint::kEnter);
  for (const auto& pair : pairs_) {
    if (pair->leader == &leader) {
      follow(*pair, state);
    }
  }
}

void Orchestrator::follow(Pair& pair, const messages::RobotState& state) noexcept {
  const core::Nanoseconds now_ns = clock_.now_ns();
  if (!is_news(pair, state, now_ns) || !is_wanted(pair, state) || !may_command(pair, now_ns)) {
    return;
  }
  const auto epoch = authority(pair, ControlMode::kTeleop, now_ns);
  if (!epoch) {
    return;
  }
  messages::RobotState command;
  const Verdict mapped = convert(pair, state, command);
  Verdict verdict = mapped;
  if (mapped != Verdict::kRejected) {
    command.lease_epoch = *epoch;
    verdict = guard(pair, pair.teleop, mapped, command);
  }
  if (verdict == Verdict::kRejected) {
    refuse(pair, pair.teleop, state);
  } else {
    send(pair, pair.teleop, command);
  }
}

/// A leader that repeats itself is ignored; one whose stamps run backwards, or ahead of time, is not believed.
bool Orchestrator::is_news(Pair& pair, const messages::RobotState& state, core::Nanoseconds now_ns) noexcept {
  if (state.stamp_ns == pair.last_stamp_ns) {
    pair.follower.guards().count(Guard::kDuplicateStamp);
    return false;
  }
  if (state.stamp_ns < pair.last_stamp_ns || state.stamp_ns > now_ns + core::kNanosecondsPerSecond) {
    pair.follower.guards().count(Guard::kOutOfOrderStamp);
    return false;
  }
  pair.last_stamp_ns = state.stamp_ns;
  return true;
}

bool Orchestrator::is_wanted(Pair& pair, const messages::RobotState& state) noexcept {
  const bool wanted = !pair.options.deadman || deadman_pressed(state);
  if (!wanted) {
    pair.follower.guards().count(Guard::kDeadman);
    if (std::exchange(pair.was_wanted, false)) {
      let_go(pair);
    }
  }
  pair.was_wanted = wanted;
  return wanted;
}

Verdict Orchestrator::convert(Pair& pair, const messages::RobotState& state, messages::RobotState& command) noexcept {
  const MapResult mapped = pair.map.apply(state, command);
  GuardCounters& guards = pair.follower.guards();
  switch (mapped.outcome) {
    case MapOutcome::kOk:
      break;
    case MapOutcome::kClamped:
    case MapOutcome::kLimit:
      guards.count(Guard::kMapLimit);
      break;
    case MapOutcome::kWrongJointCount:
      guards.count(Guard::kWrongJointCount);
      break;
    case MapOutcome::kNotFinite:
      guards.count(Guard::kNotFinite);
      break;
  }
  if (!mapped.passed()) {
    return Verdict::kRejected;
  }
  if (pair.options.gripper_joint && command.gripper_position) {
    const control::JointLimits& jaw = pair.options.pipeline.guard.limits[*pair.options.gripper_joint];
    command.joint_positions[*pair.options.gripper_joint] =
        std::lerp(jaw.position_min_rad, jaw.position_max_rad, *command.gripper_position);
  }
  messages::stamp_hop(command, messages::HopPoint::kConverted);
  return mapped.outcome == MapOutcome::kClamped ? Verdict::kClamped : Verdict::kPassed;
}

// --- policies, on the policy's thread ------------------------------------------------------------------------------

void Orchestrator::submit_policy_action(std::size_t index, messages::RobotState& action) {
  Pair& pair = at(index);
  const core::Nanoseconds now_ns = clock_.now_ns();
  messages::stamp_hop(action, messages::HopPoint::kEnter);
  const auto epoch = authority(pair, ControlMode::kPolicy, now_ns);
  if (!epoch || !may_command(pair, now_ns)) {
    return;
  }
  action.lease_epoch = *epoch;
  if (!is_sound(pair, action) || guard(pair, pair.policy, Verdict::kPassed, action) == Verdict::kRejected) {
    refuse(pair, pair.policy, action);
    return;
  }
  send(pair, pair.policy, action);
}

/// What the joint map sees to for a leader: sizes, finite numbers, a gripper within its range.
bool Orchestrator::is_sound(Pair& pair, messages::RobotState& action) noexcept {
  const std::size_t joints = pair.map.destination_joints();
  const bool sized = action.joint_positions.size() == joints &&
                     (action.joint_velocities.empty() || action.joint_velocities.size() == joints);
  if (!sized) {
    pair.follower.guards().count(Guard::kWrongJointCount);
    return false;
  }
  if (!action.joint_positions.all_finite() || !action.joint_velocities.all_finite() ||
      !std::isfinite(action.gripper_position.value_or(0.0))) {
    pair.follower.guards().count(Guard::kNotFinite);
    return false;
  }
  if (action.gripper_position) {
    action.gripper_position = std::clamp(*action.gripper_position, 0.0, 1.0);
  }
  return true;
}

// --- both ----------------------------------------------------------------------------------------------------------

/// @param mapped  what the joint map did to it: altered is altered
Verdict Orchestrator::guard(Pair& pair, CommandPipeline& pipeline, Verdict mapped,
                            messages::RobotState& command) noexcept {
  CommandTap* const tap = pair.follower.tap();
  if (tap != nullptr) {
    tap->mapped(command);
  }
  const Verdict verdict = pipeline.process(command);
  if (verdict == Verdict::kRejected) {
    return verdict;
  }
  if (mapped == Verdict::kClamped && command.mark == messages::CommandMark::kEngaged) {
    command.mark = messages::CommandMark::kClamped;
  }
  if (&pipeline == &pair.motion && command.mark != messages::CommandMark::kEngaged) {
    command.joint_velocities = {};  // of what was wanted, not of what is sent
  }
  messages::stamp_hop(command, messages::HopPoint::kGuarded);
  if (tap != nullptr) {
    tap->guarded(command);
  }
  return verdict;
}

void Orchestrator::refuse(Pair& pair, const CommandPipeline& pipeline, const messages::RobotState& wanted) noexcept {
  const Phase phase = pipeline.phase();
  if (phase == Phase::kEngaged) {
    pair.rejected.fetch_add(1, std::memory_order_relaxed);
    pair.follower.rows().note(wanted, RowFate::kRejected);
  } else {
    pair.aligning_rejected.fetch_add(1, std::memory_order_relaxed);
  }
  note_phase(pair, phase);
}

void Orchestrator::send(Pair& pair, const CommandPipeline& pipeline, messages::RobotState& command) noexcept {
  publish(pair, command);
  note_phase(pair, pipeline.phase());
}

void Orchestrator::publish(Pair& pair, messages::RobotState& command) noexcept {
  const bool aligning = command.mark == messages::CommandMark::kAligning;
  (aligning ? pair.aligning : pair.published).fetch_add(1, std::memory_order_relaxed);
  messages::stamp_hop(command, messages::HopPoint::kPublished);
  try {
    pair.follower.action_topic().publish(command);
  } catch (const LogicError& error) {
    pair.follower.fail(error.what());
  }
}

}  // namespace takt::teleop
