#include "takt/teleop/orchestrator.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "takt/core/error.hpp"
#include "takt/messages/enum_name.hpp"
#include "takt/teleop/orchestrator_pair.hpp"

namespace takt::teleop {
namespace {

constexpr core::Nanoseconds kLeaseRenewal = kLeaseDuration / 5;

std::string holder_name(ControlMode mode) {
  return std::string(messages::enum_name(mode).view());
}

}  // namespace

Orchestrator::Orchestrator(SystemState& system_state, core::Clock& clock)
    : system_state_(system_state), clock_(clock) {}

Orchestrator::~Orchestrator() {
  system_state_.stop();
}

std::size_t Orchestrator::add_pair(RobotNode& leader, RobotNode& follower, PairOptions options) {
  const bool leader_is_new = std::ranges::none_of(pairs_, [&](const auto& pair) { return pair->leader == &leader; });
  const std::size_t index = add(&leader, follower, std::move(options));
  if (leader_is_new) {
    system_state_.track(leader.name(),
                        [this, &leader](messages::RobotState& state) { on_leader_state(leader, state); });
  }
  return index;
}

std::size_t Orchestrator::add_follower(RobotNode& follower, PairOptions options) {
  return add(nullptr, follower, std::move(options));
}

std::size_t Orchestrator::add(RobotNode* leader, RobotNode& follower, PairOptions options) {
  for (const auto& pair : pairs_) {
    if (&pair->follower == &follower) {
      throw LogicError("Orchestrator: follower '" + follower.name() +
                       (pair->leader != nullptr ? "' has a leader already" : "' is in a pair already"));
    }
  }
  pairs_.push_back(std::make_unique<Pair>(leader, follower, std::move(options)));
  return pairs_.size() - 1;
}

// --- modes ---------------------------------------------------------------------------------------------------------

void Orchestrator::set_mode(ControlMode mode) {
  for (const auto& pair : pairs_) {
    pair->let_gos.fetch_add(1);  // before the lock: a motion that waits for it begins no more
  }
  const std::scoped_lock lock(mode_mutex_);
  if (mode == mode_.load(std::memory_order_acquire)) {
    for (const auto& pair : pairs_) {
      end_motion(*pair, pair->motion_epoch.load(std::memory_order_acquire));
    }
    return;
  }
  mode_.store(ControlMode::kIdle, std::memory_order_release);  // nobody starts a command while the lease changes hands
  for (const auto& pair : pairs_) {
    hand_over(*pair, mode);
  }
  mode_.store(mode, std::memory_order_release);
}

/// Whether somebody has the lease of this pair in that mode: a leader that there is, or a policy.
bool Orchestrator::commands(const Pair& pair, ControlMode mode) noexcept {
  return mode == ControlMode::kPolicy || (mode == ControlMode::kTeleop && pair.leader != nullptr);
}

void Orchestrator::hand_over(Pair& pair, ControlMode mode) noexcept {
  control::Lease& lease = pair.follower.lease();
  const core::Nanoseconds now_ns = clock_.now_ns();
  lease.release(pair.motion_epoch.exchange(0, std::memory_order_acq_rel));
  const control::LeaseEpoch former = pair.epoch.exchange(0, std::memory_order_acq_rel);
  if (commands(pair, mode)) {
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
  if (CommandTap* const tap = pair.follower.tap()) {
    tap->mode_changed(mode);
  }
  note_phase(pair, Phase::kWaiting);
  if (!commands(pair, mode)) {
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

// It ran out while nothing was commanded, or was given back. Taking it anew means approaching anew. A motion gives way.
std::optional<control::LeaseEpoch> Orchestrator::renew_lost_authority(Pair& pair, ControlMode as,
                                                                      core::Nanoseconds now_ns) noexcept {
  const std::unique_lock lock(mode_mutex_, std::try_to_lock);
  if (!lock || mode() != as) {
    return std::nullopt;
  }
  control::Lease& lease = pair.follower.lease();
  const control::LeaseEpoch motion = pair.motion_epoch.exchange(0, std::memory_order_acq_rel);
  auto again = lease.hand_over(motion, holder_name(as), now_ns, kLeaseDuration);
  if (!again) {
    again = lease.acquire(holder_name(as), now_ns, kLeaseDuration);
  }
  if (!again) {
    return std::nullopt;
  }
  pair.epoch.store(*again, std::memory_order_release);
  pair.teleop.restart();
  pair.policy.restart();
  return *again;
}

void Orchestrator::set_clutch(std::size_t index, bool closed) {
  Pair& pair = at(index);
  pair.clutch_closed.store(closed, std::memory_order_release);
  if (!closed) {
    let_go(pair);
  }
}

void Orchestrator::disengage(std::size_t index) {
  at(index).clutch_closed.store(false, std::memory_order_release);
}

/// The operator, or the policy's supervisor, lets go: the follower halts, and the next command is an approach. Nobody
/// has the lease.
void Orchestrator::let_go(Pair& pair) noexcept {
  control::Lease& lease = pair.follower.lease();
  pair.let_gos.fetch_add(1);  // before: a motion that begins just now sees this, or is seen here
  lease.release(pair.motion_epoch.exchange(0));
  lease.release(pair.epoch.exchange(0, std::memory_order_acq_rel));
  pair.renewed_ns.store(0, std::memory_order_relaxed);
  pair.teleop.restart();
  pair.policy.restart();
  pair.follower.release();
  note_phase(pair, Phase::kWaiting);
}

/// What every commander must find: a closed clutch, and a follower that is there and well.
bool Orchestrator::may_command(Pair& pair, core::Nanoseconds now_ns) noexcept {
  if (!pair.clutch_closed.load(std::memory_order_acquire)) {
    pair.follower.guards().count(Guard::kDeadman);
    return false;
  }
  return is_well(pair, now_ns);
}

bool Orchestrator::is_well(Pair& pair, core::Nanoseconds now_ns) noexcept {
  if (!pair.follower.faulted() && pair.follower.lost(now_ns)) {
    pair.follower.guards().count(Guard::kFollowerLost);
    pair.follower.fail("no state any more");
  }
  return !pair.follower.faulted();
}

void Orchestrator::note_phase(Pair& pair, Phase phase) noexcept {
  if (pair.noted.load(std::memory_order_relaxed) == phase ||
      pair.noted.exchange(phase, std::memory_order_relaxed) == phase) {
    return;
  }
  if (CommandTap* const tap = pair.follower.tap()) {
    tap->phase_changed(phase);
  }
  if (pair.leader == nullptr) {
    return;
  }
  const bool all_engaged = std::ranges::all_of(pairs_, [&](const auto& other) {
    return other->leader != pair.leader || other->noted.load(std::memory_order_relaxed) == Phase::kEngaged;
  });
  pair.leader->robot().set_engaged(all_engaged);
}

Orchestrator::Pair& Orchestrator::at(std::size_t index) const {
  if (index >= pairs_.size()) {
    throw LogicError("Orchestrator: there is no pair " + std::to_string(index) + ", only " +
                     std::to_string(pairs_.size()));
  }
  return *pairs_[index];
}

Phase Orchestrator::phase(std::size_t pair) const {
  const Pair& one = at(pair);
  return mode() == ControlMode::kPolicy ? one.policy.phase() : one.teleop.phase();
}

PairCounters Orchestrator::counters(std::size_t pair) const {
  const Pair& one = at(pair);
  return {.aligning = one.aligning.load(std::memory_order_relaxed),
          .published = one.published.load(std::memory_order_relaxed),
          .rejected = one.rejected.load(std::memory_order_relaxed),
          .aligning_rejected = one.aligning_rejected.load(std::memory_order_relaxed)};
}

const PairOptions& Orchestrator::options(std::size_t pair) const {
  return at(pair).options;
}
bool Orchestrator::has_leader(std::size_t pair) const {
  return at(pair).leader != nullptr;
}
RobotNode& Orchestrator::leader(std::size_t pair) {
  const Pair& one = at(pair);
  if (one.leader == nullptr) {
    throw LogicError("Orchestrator: nobody leads " + one.follower.name());
  }
  return *one.leader;
}
RobotNode& Orchestrator::follower(std::size_t pair) {
  return at(pair).follower;
}

}  // namespace takt::teleop
