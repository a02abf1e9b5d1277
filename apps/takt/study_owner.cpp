#include "study_owner.hpp"

#include <exception>
#include <string>

#include <fmt/core.h>
#include <unistd.h>

#include "takt/bus/bus.hpp"
#include "takt/core/error.hpp"
#include "takt/teleop/replay/replay_owner.hpp"
#include "takt/teleop/replay/twin_on_bus.hpp"

#include "study_arm.hpp"

namespace takt::app {
namespace {

using namespace teleop::replay;  // NOLINT(google-build-using-namespace): its words are this file's

TrajectoryShelf shelf(const ReplayStudyOptions& options) {
  const auto load =
      [wave = study_play(kStudyWave, options.frames, options.rate_hz),
       away = study_wave(kStudyAway, options.frames, options.rate_hz, kStudyAway_rad)](const std::string& name) {
        if (name != kStudyWave && name != kStudyAway) {
          throw ConfigError("'" + name + "' is not in the study");
        }
        return name == kStudyWave ? wave : away;
      };
  return {.load = load, .list = {}};
}

constexpr core::Nanoseconds kLook_ns = 50'000'000;

/// What a client does, in the owner's own process. A play that is refused ends it: the bench sees that.
class OwnPlay {
 public:
  OwnPlay(TwinCommands& commands, const ReplayStudyOptions& options) : commands_(commands), options_(options) {}

  void run(ReplayWay way) {
    const CommandValue triggered = ask(study_trigger(way, kStudyWave));
    if (way != ReplayWay::kPush) {
      wait_for(TwinPhase::kPaused);
      pace(std::get<std::uint64_t>(triggered));
      static_cast<void>(ask({.action = CommandAction::kStopReplay, .params = {}}));
    }
    wait_for(TwinPhase::kLoaded);
  }

 private:
  CommandValue ask(const Command& command) {
    auto done = commands_.handle(command, {.client = "owner", .remote = false});
    if (!done) {
      throw SystemError(done.error());
    }
    return std::move(*done);
  }
  void wait_for(TwinPhase phase) {
    while (commands_.status().twin.phase != phase) {
      core::steady_clock().sleep_until_ns(core::monotonic_now_ns() + kLook_ns);
    }
  }
  void pace(std::uint64_t frames) {
    core::Beat beat(core::monotonic_now_ns(), core::from_seconds(1.0 / options_.rate_hz));
    for (std::uint64_t i = 0; i <= frames; ++i) {
      core::steady_clock().sleep_until_ns(beat.next_ns(core::monotonic_now_ns()));
      if (i < frames) {
        static_cast<void>(ask({.action = CommandAction::kGetReplayAction, .params = {}}));
      }
    }
  }

  TwinCommands& commands_;
  const ReplayStudyOptions& options_;
};

void serve(const ReplayStudyOptions& options, StudyEmissions& emissions, int life) {
  bus::Bus network;
  network.add(options.open(true));
  ReplayOwnerOptions owner_options;
  owner_options.name = kStudyRobot;
  owner_options.twin.on_frame = [&emissions](const EmittedFrame& frame) {
    emissions.add(frame.index, core::monotonic_now_ns());
  };
  ReplayOwner owner(make_study_arm(), std::move(owner_options));
  owner.start();
  TwinOnBus on_bus(owner.twin(), network, shelf(options));
  char way = 0;
  while (read(life, &way, 1) > 0) {
    OwnPlay(on_bus.commands(), options).run(static_cast<ReplayWay>(way));
    ++emissions.played_here;
  }
}

}  // namespace

Command study_trigger(ReplayWay way, const char* name) {
  Command command{.action = CommandAction::kTriggerReplay, .params = {}};
  command.params.trajectories.push_back({.name = name, .shipped = {}});
  command.params.way = way;
  return command;
}

int own_study_arm(const ReplayStudyOptions& options, StudyEmissions& emissions, int life) noexcept {
  try {
    serve(options, emissions, life);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "the study's owner: {}\n", error.what());
    return 1;
  }
}

}  // namespace takt::app
