#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "takt/control/cycle_loop.hpp"
#include "takt/control/internal/count.hpp"

// What the cycle is told: laws, models and commands, how long they are good, and what they come to.

namespace takt::control {
namespace {

/// Saturates: neither the stamps of an arm nor those of a commander are to be trusted.
core::Nanoseconds elapsed_ns(core::Nanoseconds from_ns, core::Nanoseconds to_ns) noexcept {
  core::Nanoseconds elapsed = 0;
  if (__builtin_sub_overflow(to_ns, from_ns, &elapsed)) {
    return to_ns < from_ns ? std::numeric_limits<core::Nanoseconds>::min()
                           : std::numeric_limits<core::Nanoseconds>::max();
  }
  return elapsed;
}

constexpr double kOldest_s = 1e9;

}  // namespace

void CycleLoop::take_requests() noexcept {
  CommandPort& port = *told_.load(std::memory_order_relaxed);
  // A safe stop asked for while this run ends, or after its fault, is meant for the next one, too: start forgets it.
  const std::uint32_t kept = ending_ || phase_ == Phase::kFaulted ? kSafeStopRequest : 0U;
  const std::uint32_t own = own_requests_.fetch_and(kept, std::memory_order_acq_rel);
  const std::uint32_t commanders =
      port.requests.fetch_and(kept, std::memory_order_acq_rel) & (kHaltRequest | kSafeStopRequest);
  const std::uint32_t requests = own | commanders;
  if ((requests & kStopRequest) != 0) {
    ending_ = true;
  }
  if ((requests & kSafeStopRequest) != 0) {
    trip({.fault = Fault::kRequested});
  }
  if ((requests & (kHaltRequest | kStopRequest)) == 0) {
    return;
  }
  // What was wanted before the halt is not wanted after it.
  const std::uint64_t halted =
      std::max(own_halted_.load(std::memory_order_acquire), port.halted.load(std::memory_order_acquire));
  seen_commands_ = std::max(seen_commands_, std::min(halted, port.commands.version()));
  forget_command();
  let_go_ = false;
  if (phase_ == Phase::kFollowing || (phase_ == Phase::kHalting && ending_)) {
    begin_halt(Phase::kHalting, HaltCause::kAsked, options_.stop_deadline_s);
  } else if (phase_ == Phase::kStarting && ending_) {
    begin_braking(Phase::kBraking);
  }
}

void CycleLoop::take_settings() noexcept {
  if (CommandPort* port = next_told_.load(std::memory_order_acquire); port != nullptr) {
    told_.store(port, std::memory_order_release);
    seen_commands_ = 0;
    own_halted_.store(0, std::memory_order_relaxed);  // counted in the other's versions
    next_told_.compare_exchange_strong(port, nullptr, std::memory_order_acq_rel);
  }
  if (phase_ == Phase::kSafeStopping || phase_ == Phase::kBraking || phase_ == Phase::kFaulted) {
    return;  // nothing new while the arm is being stopped
  }
  if (Law* law = laws_.take(); law != nullptr) {
    take_law(*law);
  }
  if (Model* model = models_.take(); model != nullptr) {
    take_model(*model);
  }
}

void CycleLoop::take_law(Law& law) noexcept {
  const Reference before = law_->reference();
  replaced_law_ = std::exchange(owned_law_, &law);
  law_ = &law;
  let_go_ = law.reference() == Reference::kMeasured && phase_ == Phase::kFollowing;
  if (charged_ != nullptr) {
    count(counters_.switches);
  }
  if (before != law.reference() && phase_ == Phase::kFollowing) {
    forget_command();  // what was wanted of the one is nothing to the other
    source_.halt();
    cycle_.halt_cause = HaltCause::kAsked;
  }
}

void CycleLoop::take_model(Model& model) noexcept {
  const bool other_tool = model.tool().matrix() != model_->tool().matrix();
  replaced_model_ = std::exchange(owned_model_, &model);
  model_ = &model;
  if (charged_ != nullptr) {
    count(counters_.switches);
  }
  if (other_tool && source_.following() == CommandKind::kPose) {
    forget_command();  // that pose was meant for the other tool
    source_.halt();
    cycle_.halt_cause = HaltCause::kTool;
  }
}

void CycleLoop::follow() noexcept {
  take_command();
  const Command& command = commands_[present_];
  const Freshness before = cycle_.freshness;
  const double age = has_command_ ? age_s(command) : 0.0;
  const bool fresh = has_command_ && age <= 0.0;
  cycle_.freshness = Freshness::kHalt;
  if (has_command_) {
    cycle_.freshness =
        fresh ? Freshness::kFresh : std::max(options_.freshness.judge(core::from_seconds(age)), Freshness::kHold);
  }
  following_ = fresh || let_go_;
  tau_target_nm_ = fresh && command.kind == CommandKind::kTorque ? command.vector : zero_;
  mind_leash();
  if (!has_command_ || fresh) {
    return;
  }
  if (cycle_.freshness == Freshness::kStop) {
    trip({.fault = Fault::kStale, .value = age, .limit = options_.freshness.stop_after_s});
  } else if (cycle_.freshness == Freshness::kHold) {
    if (before == Freshness::kFresh) {
      source_.hold();
    }
  } else if (source_.following() != CommandKind::kNone || !source_.at_rest()) {
    begin_halt(Phase::kHalting, HaltCause::kStale, options_.stop_deadline_s);
  }
}

// A command is loaded into the room that is not in use, so that one that cannot be taken changes nothing.
void CycleLoop::take_command() noexcept {
  Command& candidate = commands_[1 - present_];
  if (!told_.load(std::memory_order_relaxed)->commands.try_load(candidate, seen_commands_)) {
    return;
  }
  const core::Nanoseconds latest_ns = now_ns() + core::kNanosecondsPerSecond;
  if (lease_ != nullptr && !lease_->admits(candidate.terms.epoch, clock_.now_ns())) {
    count(counters_.refused_epochs);
  } else if (candidate.terms.stamp_ns > latest_ns || !is_well_formed(candidate, lowest_rad(), highest_rad()) ||
             !suits_law(candidate)) {
    count(counters_.refused_commands);
  } else if (age_s(candidate) > 0.0) {
    count(counters_.stale_targets);
  } else {
    take_up(candidate);
  }
}

void CycleLoop::take_up(const Command& command) noexcept {
  // An arm that is held back waits with what it was told until it is let go.
  if (!cycle_.leashed && command.kind != CommandKind::kTorque) {
    const ChunkPlayer::Counts before = source_.chunk_counts();
    const bool taken = source_.take(command, *model_, even_time_.now_ns());
    const ChunkPlayer::Counts& after = source_.chunk_counts();
    count(counters_.late_actions, after.late_actions - before.late_actions);
    count(counters_.late_chunks, after.late_chunks - before.late_chunks);
    count(counters_.blended_chunks, after.blended_chunks - before.blended_chunks);
    if (!taken) {
      count(counters_.refused_commands, after.late_chunks == before.late_chunks ? 1 : 0);
      return;
    }
  }
  present_ = &command == &commands_[0] ? 0 : 1;
  has_command_ = true;
  ++cycle_.command;
  cycle_.epoch = command.terms.epoch;
  cycle_.command_stamp_ns = command.terms.stamp_ns;
  cycle_.halt_cause = HaltCause::kNone;
}

bool CycleLoop::suits_law(const Command& command) const noexcept {
  switch (law_->reference()) {
    case Reference::kSetpoint:
      return command.kind != CommandKind::kTorque;
    case Reference::kTorque:
      return command.kind == CommandKind::kTorque;
    case Reference::kMeasured:
      break;
  }
  return false;
}

// On the scale of the policy, 0 or less while it is fresh. One that says itself how long it is good ages as if it had
// reached the end of the first stage then.
double CycleLoop::age_s(const Command& command) const noexcept {
  const FreshnessPolicy& policy = options_.freshness;
  const double since_stamp_s = core::to_seconds(elapsed_ns(command.terms.stamp_ns, now_ns()));
  const double policy_hold_s = std::isfinite(policy.hold_after_s) ? policy.hold_after_s : 0.0;
  double late_s = command.terms.valid_until_ns == 0
                      ? since_stamp_s - policy.hold_after_s
                      : core::to_seconds(elapsed_ns(command.terms.valid_until_ns, now_ns()));
  if (command.kind == CommandKind::kTorque) {
    late_s = std::max(late_s, since_stamp_s - core::to_seconds(kLongestTorque_ns));
  }
  return late_s <= 0.0 ? 0.0 : std::min(late_s, kOldest_s) + policy_hold_s;
}

void CycleLoop::forget_command() noexcept {
  has_command_ = false;
  cycle_.leashed = false;
}

// The setpoint does not run away from an arm that something holds: it halts, and goes on when the arm comes after it.
void CycleLoop::mind_leash() noexcept {
  if (!std::isfinite(options_.leash_rad) || law_->reference() != Reference::kSetpoint) {
    return;
  }
  const double lead = max_abs_difference(source_.setpoint().q_rad, cycle_.measured.q_rad);
  if (!cycle_.leashed && lead > options_.leash_rad) {
    cycle_.leashed = true;
    source_.halt();
  } else if (cycle_.leashed && lead < 0.5 * options_.leash_rad) {
    cycle_.leashed = false;
    if (has_command_ && cycle_.freshness == Freshness::kFresh) {
      static_cast<void>(source_.take(commands_[present_], *model_, even_time_.now_ns()));
    }
  }
  if (cycle_.leashed) {
    count(counters_.leashed_cycles);
  }
}

}  // namespace takt::control
