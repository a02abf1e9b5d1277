// Motions of others, on their threads. Who has the lease commands; a motion only takes one that nobody has, and leader
// and policy take it back.

#include <string>

#include "takt/teleop/orchestrator.hpp"
#include "takt/teleop/orchestrator_pair.hpp"

namespace takt::teleop {

Expected<control::LeaseEpoch, std::string> Orchestrator::begin_motion(std::size_t index, std::string_view holder) {
  Pair& pair = at(index);
  const std::uint64_t let_gos = pair.let_gos.load();
  if (!pair.options.motions.value_or(!pair.options.deadman)) {
    return std::unexpected(pair.follower.name() + " takes no trajectories" +
                           (pair.options.motions ? "" : ": it has a deadman, and no trajectories = true beside it"));
  }
  const std::scoped_lock lock(mode_mutex_);
  const core::Nanoseconds now_ns = clock_.now_ns();
  if (!is_well(pair, now_ns)) {
    return std::unexpected(pair.follower.fault());
  }
  control::Lease& lease = pair.follower.lease();
  if (!pair.clutch_closed.load(std::memory_order_acquire)) {  // a leader that was just about to renew it
    lease.release(pair.epoch.exchange(0, std::memory_order_acq_rel));
  }
  const auto epoch = lease.acquire(holder, now_ns, kLeaseDuration);
  if (!epoch) {
    const auto other = lease.holder(now_ns);
    return std::unexpected(pair.follower.name() + " is commanded by " +
                           (other ? std::string(other->name.view()) : "somebody else") +
                           "; open its clutch, or wait until its leader has let go");
  }
  pair.motion_epoch.store(*epoch);
  if (pair.let_gos.load() != let_gos) {
    end_motion(pair, *epoch);
    return std::unexpected(pair.follower.name() + " was let go just now");
  }
  pair.motion.restart();
  return *epoch;
}

Expected<void, MotionEnd> Orchestrator::submit_motion(std::size_t index, control::LeaseEpoch epoch,
                                                      messages::RobotState& action, const MotionPace& pace) {
  Pair& pair = at(index);
  const core::Nanoseconds now_ns = clock_.now_ns();
  messages::stamp_hop(action, messages::HopPoint::kEnter);
  if (!is_well(pair, now_ns)) {
    return std::unexpected(MotionEnd::kFault);
  }
  if (!pair.follower.lease().renew(epoch, now_ns, kLeaseDuration)) {
    return std::unexpected(MotionEnd::kTakenOver);
  }
  action.lease_epoch = epoch;
  pair.motion.set_pace(pace.shortest_s, pace.longest_s);
  if (!is_sound(pair, action) || guard(pair, pair.motion, Verdict::kPassed, action) == Verdict::kRejected) {
    return std::unexpected(MotionEnd::kGuard);
  }
  publish(pair, action);
  return {};
}

void Orchestrator::end_motion(std::size_t index, control::LeaseEpoch epoch) {
  end_motion(at(index), epoch);
}

void Orchestrator::end_motion(Pair& pair, control::LeaseEpoch epoch) noexcept {
  control::LeaseEpoch own = epoch;
  pair.motion_epoch.compare_exchange_strong(own, 0, std::memory_order_acq_rel);
  if (pair.follower.lease().release(epoch)) {
    pair.follower.release();
  }
}

}  // namespace takt::teleop
