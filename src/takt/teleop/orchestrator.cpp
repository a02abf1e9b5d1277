#include "takt/teleop/orchestrator.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "takt/core/error.hpp"
#include "takt/messages/enum_name.hpp"

namespace takt::teleop {
namespace {

/// Long enough for a leader at 10 Hz; short enough that a robot is free a second after its commander died.
constexpr core::Nanoseconds kLeaseDuration = core::kNanosecondsPerSecond;
constexpr core::Nanoseconds kLeaseRenewal = kLeaseDuration / 5;

bool commands(ControlMode mode) noexcept {
  return mode == ControlMode::kTeleop || mode == ControlMode::kPolicy;
}

std::string holder_name(ControlMode mode) {
  return std::string(messages::enum_name(mode).view());
}

bool deadman_pressed(const messages::RobotState& state) noexcept {
  return std::ranges::any_of(
      state.extras, [](const messages::Extra& extra) { return extra.key.view() == "deadman" && extra.value > 0.5; });
}

}  // namespace

struct Orchestrator::Pair {
  Pair(RobotNode& leader_node, RobotNode& follower_node, PairOptions pair_options)
      : leader(leader_node),
        follower(follower_node),
        options(std::move(pair_options)),
        map(options.map, leader.robot().info().joint_names.size(), follower.robot().info().joint_names.size()),
        teleop(options.pipeline, follower),
        policy(options.pipeline, follower) {
    if (options.keep_rows > 0) {
      rows = std::make_unique<realtime::SpscRing<RowOutcome>>(options.keep_rows);
    }
  }

  RobotNode& leader;
  RobotNode& follower;
  PairOptions options;
  JointMap map;
  CommandPipeline teleop;
  CommandPipeline policy;
  std::unique_ptr<realtime::SpscRing<RowOutcome>> rows;

  std::atomic<control::LeaseEpoch> epoch{0};
  std::atomic<bool> clutch_closed{true};
  std::atomic<std::uint64_t> aligning{0};
  std::atomic<std::uint64_t> published{0};
  std::atomic<std::uint64_t> clamped{0};
  std::atomic<std::uint64_t> rejected{0};

  // The leader's thread alone.
  core::Nanoseconds last_stamp_ns{0};
  bool was_wanted{false};

  // Whoever commands now.
  std::atomic<core::Nanoseconds> renewed_ns{0};
  std::atomic<Phase> noted{Phase::kWaiting};
};

Orchestrator::Orchestrator(SystemState& system_state, core::Clock& clock)
    : system_state_(system_state), clock_(clock) {}

Orchestrator::~Orchestrator() {
  system_state_.stop();
}

std::size_t Orchestrator::add_pair(RobotNode& leader, RobotNode& follower, PairOptions options) {
  bool leader_is_new = true;
  for (const auto& pair : pairs_) {
    if (&pair->follower == &follower) {
      throw LogicError("Orchestrator: follower '" + follower.name() + "' has a leader already");
    }
    leader_is_new = leader_is_new && &pair->leader != &leader;
  }
  pairs_.push_back(std::make_unique<Pair>(leader, follower, std::move(options)));
  if (leader_is_new) {
    system_state_.track(leader.name(),
                        [this, &leader](messages::RobotState& state) { on_leader_state(leader, state); });
  }
  return pairs_.size() - 1;
}

// --- modes ---------------------------------------------------------------------------------------------------------

void Orchestrator::set_mode(ControlMode mode) {
  const std::scoped_lock lock(mode_mutex_);
  if (mode == mode_.load(std::memory_order_acquire)) {
    return;
  }
  mode_.store(ControlMode::kIdle, std::memory_order_release);  // nobody starts a command while the lease changes hands
  for (const auto& pair : pairs_) {
    hand_over(*pair, mode);
  }
  mode_.store(mode, std::memory_order_release);
}

void Orchestrator::hand_over(Pair& pair, ControlMode mode) noexcept {
  control::Lease& lease = pair.follower.lease();
  const core::Nanoseconds now_ns = clock_.now_ns();
  const control::LeaseEpoch former = pair.epoch.exchange(0, std::memory_order_acq_rel);
  if (commands(mode)) {
    const std::string holder = holder_name(mode);
    auto epoch = lease.hand_over(former, holder, now_ns, kLeaseDuration);
    if (!epoch) {
      epoch = lease.acquire(holder, now_ns, kLeaseDuration);
    }
    pair.renewed_ns.store(now_ns, std::memory_order_relaxed);
    pair.epoch.store(epoch.value_or(0), std::memory_order_release);
  } else {
    lease.release(former);
  }
  pair.follower.quiesce();
  pair.teleop.restart();
  pair.policy.restart();
  note_phase(pair, Phase::kWaiting, 0);
  if (!commands(mode)) {
    pair.follower.release();
  }
}

// The epoch is read before the mode: an epoch read under the old mode is refused by the follower after the hand-over,
// while one read late could lend the new commander's authority to a command of the old one.
std::optional<control::LeaseEpoch> Orchestrator::authority(Pair& pair, ControlMode as,
                                                           core::Nanoseconds now_ns) noexcept {
  const control::LeaseEpoch epoch = pair.epoch.load(std::memory_order_acquire);
  if (mode() != as) {
    return std::nullopt;
  }
  if (now_ns - pair.renewed_ns.load(std::memory_order_relaxed) < kLeaseRenewal) {
    return epoch;
  }
  pair.renewed_ns.store(now_ns, std::memory_order_relaxed);
  if (pair.follower.lease().renew(epoch, now_ns, kLeaseDuration)) {
    return epoch;
  }
  return renew_lost_authority(pair, as, now_ns);
}

// It ran out while nothing was commanded. Taking it anew means approaching anew.
std::optional<control::LeaseEpoch> Orchestrator::renew_lost_authority(Pair& pair, ControlMode as,
                                                                      core::Nanoseconds now_ns) noexcept {
  const std::unique_lock lock(mode_mutex_, std::try_to_lock);
  if (!lock || mode() != as) {
    return std::nullopt;
  }
  const auto again = pair.follower.lease().acquire(holder_name(as), now_ns, kLeaseDuration);
  if (!again) {
    return std::nullopt;
  }
  pair.epoch.store(*again, std::memory_order_release);
  pair.teleop.restart();
  pair.policy.restart();
  return *again;
}

void Orchestrator::set_clutch(std::size_t pair, bool closed) noexcept {
  pairs_.at(pair)->clutch_closed.store(closed, std::memory_order_release);
}

// --- teleoperation, on the leader's thread -------------------------------------------------------------------------

void Orchestrator::on_leader_state(RobotNode& leader, messages::RobotState& state) noexcept {
  if (mode() != ControlMode::kTeleop) {
    return;
  }
  messages::stamp_hop(state, messages::HopPoint::kEnter);
  for (const auto& pair : pairs_) {
    if (&pair->leader == &leader) {
      follow(*pair, state);
    }
  }
}

void Orchestrator::follow(Pair& pair, const messages::RobotState& state) noexcept {
  if (!wants(pair, state)) {
    return;
  }
  const auto epoch = authority(pair, ControlMode::kTeleop, state.stamp_ns);
  if (!epoch) {
    return;
  }
  messages::RobotState command;
  Verdict verdict = convert(pair, state, command);
  if (verdict != Verdict::kRejected) {
    command.lease_epoch = *epoch;
    const Verdict guarded = pair.teleop.process(command);
    verdict = guarded == Verdict::kPassed ? verdict : guarded;
    messages::stamp_hop(command, messages::HopPoint::kGuarded);
  }
  if (pair.rows != nullptr && state.source_t_s && pair.noted.load(std::memory_order_relaxed) == Phase::kEngaged) {
    static_cast<void>(pair.rows->try_push({.source_t_s = *state.source_t_s, .verdict = verdict}));
  }
  send(pair, pair.teleop, verdict, command);
}

bool Orchestrator::wants(Pair& pair, const messages::RobotState& state) noexcept {
  GuardCounters& guards = pair.follower.guards();
  const core::Nanoseconds last_ns = std::exchange(pair.last_stamp_ns, std::max(pair.last_stamp_ns, state.stamp_ns));
  if (state.stamp_ns <= last_ns) {
    guards.count(state.stamp_ns == last_ns ? Guard::kDuplicateStamp : Guard::kOutOfOrderStamp);
    return false;
  }
  const bool wanted =
      pair.clutch_closed.load(std::memory_order_acquire) && (!pair.options.deadman || deadman_pressed(state));
  if (!wanted) {
    guards.count(Guard::kDeadman);
    if (std::exchange(pair.was_wanted, false)) {
      pair.teleop.restart();
      pair.follower.release();
      note_phase(pair, Phase::kWaiting, 0);
    }
    return false;
  }
  pair.was_wanted = true;
  if (!pair.follower.faulted() && pair.follower.lost(state.stamp_ns)) {
    guards.count(Guard::kFollowerLost);
    pair.follower.fail("no state any more");
  }
  return !pair.follower.faulted();
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
  messages::stamp_hop(command, messages::HopPoint::kConverted);
  return mapped.outcome == MapOutcome::kClamped ? Verdict::kClamped : Verdict::kPassed;
}

// --- policies, on the policy's thread ------------------------------------------------------------------------------

void Orchestrator::submit_policy_action(std::size_t index, messages::RobotState& action) noexcept {
  Pair& pair = *pairs_.at(index);
  messages::stamp_hop(action, messages::HopPoint::kEnter);
  const auto epoch = authority(pair, ControlMode::kPolicy, action.stamp_ns);
  if (!epoch || pair.follower.faulted()) {
    return;
  }
  action.lease_epoch = *epoch;
  Verdict verdict = Verdict::kRejected;
  if (action.joint_positions.size() != pair.map.destination_joints()) {
    pair.follower.guards().count(Guard::kWrongJointCount);
  } else if (!action.joint_positions.all_finite()) {
    pair.follower.guards().count(Guard::kNotFinite);
  } else {
    verdict = pair.policy.process(action);
    messages::stamp_hop(action, messages::HopPoint::kGuarded);
  }
  send(pair, pair.policy, verdict, action);
}

// --- both ----------------------------------------------------------------------------------------------------------

void Orchestrator::send(Pair& pair, CommandPipeline& pipeline, Verdict verdict,
                        messages::RobotState& command) noexcept {
  const bool engaged = pair.noted.load(std::memory_order_relaxed) == Phase::kEngaged;
  if (verdict == Verdict::kRejected) {
    pair.rejected.fetch_add(engaged ? 1 : 0, std::memory_order_relaxed);
    note_phase(pair, pipeline.phase(), command.stamp_ns);
    return;
  }
  (engaged ? pair.published : pair.aligning).fetch_add(1, std::memory_order_relaxed);
  pair.clamped.fetch_add(engaged && verdict == Verdict::kClamped ? 1 : 0, std::memory_order_relaxed);
  messages::stamp_hop(command, messages::HopPoint::kPublished);
  try {
    pair.follower.action_topic().publish(command);
  } catch (const LogicError& error) {
    pair.follower.fail(error.what());
  }
  note_phase(pair, pipeline.phase(), command.stamp_ns);
}

void Orchestrator::note_phase(Pair& pair, Phase phase, core::Nanoseconds stamp_ns) noexcept {
  if (pair.noted.load(std::memory_order_relaxed) == phase ||
      pair.noted.exchange(phase, std::memory_order_relaxed) == phase) {
    return;
  }
  if (phase == Phase::kEngaged) {
    pair.follower.score_after(stamp_ns);
  } else {
    pair.follower.stop_scoring();
  }
  const bool all_engaged = std::ranges::all_of(pairs_, [&](const auto& other) {
    return &other->leader != &pair.leader || other->noted.load(std::memory_order_relaxed) == Phase::kEngaged;
  });
  pair.leader.robot().set_engaged(all_engaged);
}

Phase Orchestrator::phase(std::size_t pair) const noexcept {
  const Pair& one = *pairs_.at(pair);
  return mode() == ControlMode::kPolicy ? one.policy.phase() : one.teleop.phase();
}

PairCounters Orchestrator::counters(std::size_t pair) const noexcept {
  const Pair& one = *pairs_.at(pair);
  return {.aligning = one.aligning.load(std::memory_order_relaxed),
          .published = one.published.load(std::memory_order_relaxed),
          .clamped = one.clamped.load(std::memory_order_relaxed),
          .rejected = one.rejected.load(std::memory_order_relaxed)};
}

RobotNode& Orchestrator::leader(std::size_t pair) noexcept {
  return pairs_.at(pair)->leader;
}
RobotNode& Orchestrator::follower(std::size_t pair) noexcept {
  return pairs_.at(pair)->follower;
}

std::vector<RowOutcome> Orchestrator::drain_rows(std::size_t pair) {
  std::vector<RowOutcome> rows;
  RowOutcome row;
  while (pairs_.at(pair)->rows != nullptr && pairs_[pair]->rows->try_pop(row)) {
    rows.push_back(row);
  }
  return rows;
}

}  // namespace takt::teleop
