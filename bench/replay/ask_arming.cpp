// How long does it take until a recording of 300 frames is loaded, its bridge made, all proved, and played?

#include <tuple>
#include <vector>

#include <fmt/core.h>

#include "takt/core/error.hpp"
#include "takt/teleop/replay/replay_owner.hpp"
#include "takt/teleop/replay/twin_commands.hpp"

#include "measure.hpp"
#include "questions.hpp"
#include "study_arm.hpp"

namespace takt::bench {
namespace {

using namespace teleop::replay;  // NOLINT(google-build-using-namespace): its words are this file's

constexpr double kAway_rad = 0.2;

/// The same commands, in the owner's process.
class Here {
 public:
  explicit Here(double rate_hz)
      : owner_(app::make_study_arm(), {}),
        commands_(owner_.twin(), {.load = [away = app::study_wave("away", kFrames, rate_hz, kAway_rad)](
                                              const std::string& /*name*/) { return away; },
                                  .list = {}}) {
    owner_.start();
  }

  double arm_ms() {
    Command trigger{.action = CommandAction::kTriggerReplay, .params = {}};
    trigger.params.trajectories.push_back({.name = "away", .shipped = {}});
    const core::Nanoseconds start_ns = core::monotonic_now_ns();
    const auto triggered = commands_.handle(trigger, here_);
    const core::Nanoseconds answered_ns = core::monotonic_now_ns();
    if (!triggered) {
      throw SystemError("bench: " + triggered.error());
    }
    std::ignore = commands_.handle({.action = CommandAction::kStopReplay, .params = {}}, here_);
    while (owner_.twin().status().phase != TwinPhase::kLoaded) {
      core::steady_clock().sleep_until_ns(core::monotonic_now_ns() + 1'000'000);
    }
    return static_cast<double>(answered_ns - start_ns) * 1e-6;
  }

 private:
  const CommandCaller here_{.client = "bench", .remote = false};
  ReplayOwner owner_;
  TwinCommands commands_;
};

void add(Result& result, const std::string& where, const std::vector<double>& took_ms, const std::string& goal) {
  const std::string name = "arming 300 frames and their bridge, " + where;
  result.figures.push_back({.name = name + ", p50",
                            .value = quantile(took_ms, 0.5),
                            .unit = "ms",
                            .goal = goal,
                            .best = quantile(took_ms, 0.0)});
  result.figures.push_back({.name = name + ", p99", .value = quantile(took_ms, 0.99), .unit = "ms"});
}

}  // namespace

void ask_arming(Result& result, const Plan& plan, app::ReplayStudy& study) {
  std::vector<double> by_name_ms;
  std::vector<double> shipped_ms;
  std::vector<double> here_ms;
  Here here(plan.rate_hz);
  for (int i = 0; i < plan.arming_times; ++i) {
    here_ms.push_back(here.arm_ms());
    by_name_ms.push_back(study.arm_ms(false));
    shipped_ms.push_back(study.arm_ms(true));
  }
  add(result, "in the owner's process", here_ms, "<= 2");
  add(result, "over zmq+ipc, by name", by_name_ms, "<= 5");
  add(result, "over zmq+ipc, sent along", shipped_ms, "<= 5");
  result.notes.push_back(fmt::format(
      "arming: {} times each in turn, from the request until it is answered and the owner's thread plays; the "
      "arm stands 0.2 rad away from the first frame; seven joints at {:g} Hz, the bridge at the same rate, all "
      "of it proved at 1 kHz",
      plan.arming_times, plan.rate_hz));
}

}  // namespace takt::bench
