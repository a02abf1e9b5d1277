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
  const TwinOnBus on_bus(owner.twin(), network, shelf(options));
  char nothing = 0;
  while (read(life, &nothing, 1) > 0) {
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
