#include "takt/teleop/replay/twin_commands.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace takt::teleop::replay {
namespace {

constexpr int kMostSteps = 1'000'000;

/// Of a lease that began when this came, which may have lain since. 0 or less: nothing.
double left_s(double lease_s, const CommandCaller& caller) {
  return lease_s - core::to_seconds(core::monotonic_now_ns() - caller.received_ns);
}

CommandResult done(const Expected<void, std::string>& result) {
  return result ? CommandResult(CommandValue{}) : CommandResult(Unexpected(result.error()));
}

/// How a client without a name is called: all of those are one.
std::string name_of(const CommandCaller& caller) {
  return caller.client.empty() ? "a client" : caller.client;
}

}  // namespace

TwinCommands::TwinCommands(DigitalTwin& twin, TrajectoryShelf shelf) : twin_(twin), shelf_(std::move(shelf)) {}

CommandResult TwinCommands::handle(const Command& command, const CommandCaller& caller) {
  CommandCaller who = caller;
  who.received_ns = caller.received_ns != 0 ? caller.received_ns : core::monotonic_now_ns();
  if (command.action == CommandAction::kStopReplay || command.action == CommandAction::kPause) {
    const std::scoped_lock lock(mutex_);
    halted_ns_ = std::max(halted_ns_, who.received_ns);
  }
  if (moves(command.action)) {
    if (std::string why = late(command, who); !why.empty()) {
      return Unexpected(std::move(why));
    }
    if (command.params.asked_ns != 0) {
      who.received_ns = std::min(who.received_ns, command.params.asked_ns);
    }
    if (was_halted(who)) {
      return Unexpected(kHalted);
    }
  }
  heard(who);
  if (!moves(command.action)) {
    return do_it(command, who);
  }
  const control::LeaseEpoch before = epoch_of(who);
  const auto asked_by = let_command(who, command.params.lease_s);
  if (!asked_by) {
    return Unexpected(asked_by.error());
  }
  CommandResult result = do_unless_halted(command, who);
  if (!result && *asked_by != before) {
    give_back(who);  // what is not done keeps nobody out
  }
  return result;
}

/// What was halted while it was done is halted again.
CommandResult TwinCommands::do_unless_halted(const Command& command, const CommandCaller& caller) {
  CommandResult result = do_it(command, caller);
  if (!result || !was_halted(caller)) {
    return result;
  }
  if (sets_out(command.action)) {
    static_cast<void>(twin_.stop());
  } else {
    std::ignore = twin_.pause();
  }
  return Unexpected(kHalted);
}

CommandResult TwinCommands::do_it(const Command& command, const CommandCaller& caller) {
  switch (command.action) {
    case CommandAction::kTriggerReplay:
      return trigger(command.params, caller);
    case CommandAction::kStopReplay:
      return stop(command.params, caller);
    case CommandAction::kGetTrajectoryFrames:
      return frames(command.params);
    case CommandAction::kGetReplayAction:
      return next_action();
    case CommandAction::kStatus:
      return CommandValue{status()};
    case CommandAction::kList:
      return list();
    case CommandAction::kRenew:
      return CommandValue{};  // it was heard
    default:
      return move(command, caller);
  }
}

CommandResult TwinCommands::move(const Command& command, const CommandCaller& caller) {
  const CommandParams& params = command.params;
  switch (command.action) {
    case CommandAction::kGotoTrajectory: {
      const auto by = let_command(caller, params.lease_s);
      return by ? done(twin_.go_to(params.to, *by)) : CommandResult(Unexpected(by.error()));
    }
    case CommandAction::kSnapTwinAnchor:
      return done(twin_.snap_anchor());
    case CommandAction::kPause:
      return done(twin_.pause());
    case CommandAction::kResume:
      return done(twin_.resume());
    case CommandAction::kSeek:
      return done(twin_.seek(params.t_s));
    case CommandAction::kStep:
      return done(twin_.step(static_cast<int>(std::clamp<std::int64_t>(params.frames, -kMostSteps, kMostSteps))));
    case CommandAction::kSpeed:
      return done(twin_.set_speed(params.speed));
    case CommandAction::kLoop:
      return done(twin_.set_loop(params.loop));
    case CommandAction::kAb:
      return done(twin_.set_ab(params.from_s, params.to_s));
    case CommandAction::kScrub:
      return done(twin_.scrub(params.t_s));
    default:
      return Unexpected(action_name(command.action) + " is not done here");
  }
}

// --- who may ask ----------------------------------------------------------------------------------------------------

bool TwinCommands::is_commander(const CommandCaller& caller) const {
  return caller.remote && commander_ && commander_->client == name_of(caller);
}

/// Of the lease under which he commands; 0: he does not, or needs none.
control::LeaseEpoch TwinCommands::epoch_of(const CommandCaller& caller) const {
  const std::scoped_lock lock(mutex_);
  return is_commander(caller) ? commander_->epoch : 0;
}

bool TwinCommands::was_halted(const CommandCaller& caller) const {
  const std::scoped_lock lock(mutex_);
  return caller.received_ns < halted_ns_;
}

/// Why what lay too long on its way is not done any more; "" it may be done. What is asked for before a sequence that
/// takes long to load is waited for, so of a trigger it is the way to here that counts.
std::string TwinCommands::late(const Command& command, const CommandCaller& caller) {
  const core::Nanoseconds until_ns = command.params.until_ns;
  const core::Nanoseconds came_ns =
      command.action == CommandAction::kTriggerReplay ? caller.received_ns : core::monotonic_now_ns();
  return until_ns == 0 || came_ns <= until_ns ? ""
                                              : fmt::format("it came {:.3f} s after its time, and was not done",
                                                            core::to_seconds(came_ns) - core::to_seconds(until_ns));
}

/// What lay in a queue says that he was there when it came, not that he still is. False: his lease has run out.
/// @pre he is the commander; mutex_ is held
bool TwinCommands::renew(const CommandCaller& caller) {
  const double renewed_s = left_s(commander_->lease_s, caller);
  return (renewed_s > 0.0 && twin_.renew(commander_->epoch, renewed_s)) || twin_.admits(commander_->epoch);
}

void TwinCommands::heard(const CommandCaller& caller) {
  const std::scoped_lock lock(mutex_);
  if (is_commander(caller) && !renew(caller)) {
    commander_.reset();  // somebody else may have it
  }
}

Expected<control::LeaseEpoch, std::string> TwinCommands::let_command(const CommandCaller& caller, double lease_s) {
  const std::scoped_lock lock(mutex_);
  if (!caller.remote) {
    const std::string other = twin_.status().commander;
    return other.empty() ? Expected<control::LeaseEpoch, std::string>(0)
                         : Unexpected(fmt::format("'{}' commands it from afar", other));
  }
  if (is_commander(caller)) {
    commander_->lease_s = lease_s;
    if (renew(caller)) {
      return commander_->epoch;
    }
  }
  const auto epoch = twin_.take(name_of(caller), lease_s);
  if (!epoch) {
    return Unexpected(epoch.error());
  }
  commander_ = Commander{.client = name_of(caller), .epoch = *epoch, .lease_s = lease_s};
  return *epoch;
}

void TwinCommands::give_back(const CommandCaller& caller) {
  const std::scoped_lock lock(mutex_);
  if (is_commander(caller)) {
    static_cast<void>(twin_.release(commander_->epoch));
    commander_.reset();
  }
}

}  // namespace takt::teleop::replay
