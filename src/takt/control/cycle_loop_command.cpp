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

}  // namespace

void CycleLoop::take_settings() noexcept {
  if (Law* law = laws_.take(); law != nullptr) {
    const Reference before = law_->reference();
    laws_.retire(std::exchange(owned_law_, law));
    law_ = law;
    let_go_ = law->reference() == Reference::kMeasured;
    if (charged_ != nullptr) {
      count(counters_.switches);
    }
    if (before != law->reference() && phase_ == Phase::kFollowing) {
      forget_command();  // what was wanted of the one is nothing to the other
      source_.halt();
    }
  }
  if (Model* model = models_.take(); model != nullptr) {
    models_.retire(std::exchange(owned_model_, model));
    model_ = model;
    if (charged_ != nullptr) {
      count(counters_.switches);
      blend_.begin();
    }
  }
}

void CycleLoop::follow() noexcept {
  take_command();
  const TargetTerms& terms = commands_[present_].terms;
  const Freshness before = cycle_.freshness;
  cycle_.freshness = has_command_ ? judge(terms) : Freshness::kHalt;
  const bool fresh = cycle_.freshness == Freshness::kFresh;
  following_ = fresh || let_go_;
  tau_target_nm_ = fresh && commands_[present_].kind == CommandKind::kTorque ? commands_[present_].vector : zero_;
  mind_leash();
  if (!has_command_ || fresh) {
    return;
  }
  if (cycle_.freshness == Freshness::kStop) {
    trip({.fault = Fault::kStale,
          .value = core::to_seconds(elapsed_ns(terms.stamp_ns, now_ns())),
          .limit = options_.freshness.stop_after_s});
  } else if (cycle_.freshness == Freshness::kHold) {
    if (before == Freshness::kFresh) {
      source_.hold();
    }
  } else if (!source_.at_rest()) {
    begin_halt(Phase::kHalting, options_.stop_deadline_s);
  }
}

// A command is loaded into the room that is not in use, so that one that cannot be taken changes nothing.
void CycleLoop::take_command() noexcept {
  Command& candidate = commands_[1 - present_];
  if (!told_.commands.try_load(candidate, seen_commands_)) {
    return;
  }
  if (lease_ != nullptr && !lease_->admits(candidate.terms.epoch, clock_.now_ns())) {
    count(counters_.refused_epochs);
  } else if (!is_well_formed(candidate, lowest_rad(), highest_rad()) || !suits_law(candidate)) {
    count(counters_.refused_commands);
  } else if (judge(candidate.terms) != Freshness::kFresh) {
    count(counters_.stale_targets);
  } else {
    take_up(candidate);
  }
}

void CycleLoop::take_up(const Command& command) noexcept {
  // An arm that is held back waits with what it was told until it is let go.
  if (!cycle_.leashed && command.kind != CommandKind::kTorque) {
    const ChunkPlayer::Counts before = source_.chunk_counts();
    const bool taken = source_.take(command, *model_, now_ns());
    const ChunkPlayer::Counts& after = source_.chunk_counts();
    count(counters_.late_actions, after.late_actions - before.late_actions);
    count(counters_.late_chunks, after.late_chunks - before.late_chunks);
    count(counters_.blended_chunks, after.blended_chunks - before.blended_chunks);
    if (!taken) {
      count(counters_.refused_commands);
      return;
    }
  }
  present_ = &command == &commands_[0] ? 0 : 1;
  has_command_ = true;
  ++cycle_.command;
  cycle_.epoch = command.terms.epoch;
  cycle_.command_stamp_ns = command.terms.stamp_ns;
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

Freshness CycleLoop::judge(const TargetTerms& terms) const noexcept {
  if (terms.valid_until_ns == 0) {
    return options_.freshness.judge(elapsed_ns(terms.stamp_ns, now_ns()));
  }
  // Ages as if it had been fresh until then.
  const core::Nanoseconds late_ns = elapsed_ns(terms.valid_until_ns, now_ns());
  return late_ns <= 0 ? Freshness::kFresh
                      : options_.freshness.judge(late_ns + core::from_seconds(options_.freshness.hold_after_s));
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
      static_cast<void>(source_.take(commands_[present_], *model_, now_ns()));
    }
  }
  if (cycle_.leashed) {
    count(counters_.leashed_cycles);
  }
}

}  // namespace takt::control
