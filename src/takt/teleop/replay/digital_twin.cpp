#include "takt/teleop/replay/digital_twin.hpp"

#include <utility>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/teleop/replay/digital_twin_engine.hpp"

namespace takt::teleop::replay {
namespace {

TwinOptions checked(TwinOptions options) {
  if (!(options.jump_fraction > 0.0 && options.jump_fraction <= 1.0) || !(options.approach_limit_s > 0.0)) {
    throw LogicError(
        fmt::format("DigitalTwin: jump_fraction {} must be more than 0, at most 1; approach_limit_s {} positive",
                    options.jump_fraction, options.approach_limit_s));
  }
  return options;
}

}  // namespace

DigitalTwin::DigitalTwin(Orchestrator& orchestrator, std::size_t pair, TwinOptions options, core::Clock& clock)
    : engine_(std::make_unique<Engine>(orchestrator, pair, checked(std::move(options)), clock)) {}
DigitalTwin::~DigitalTwin() = default;

Expected<control::LeaseEpoch, std::string> DigitalTwin::take(std::string_view client, double lease_s) {
  return engine_->take(client, lease_s);
}
bool DigitalTwin::renew(control::LeaseEpoch epoch, double lease_s) {
  return engine_->renew(epoch, lease_s);
}
bool DigitalTwin::release(control::LeaseEpoch epoch) {
  return engine_->release(epoch);
}
bool DigitalTwin::admits(control::LeaseEpoch epoch) {
  return engine_->admits(epoch);
}

Expected<std::size_t, std::string> DigitalTwin::load(std::vector<trajectory::Trajectory> sequence,
                                                     const trajectory::SequenceOptions& options, double speed) {
  return engine_->load(std::move(sequence), options, speed);
}
void DigitalTwin::unload() {
  engine_->unload();
}
std::shared_ptr<const trajectory::Timeline> DigitalTwin::timeline() const {
  return engine_->timeline();
}

Expected<void, std::string> DigitalTwin::snap_anchor() {
  return engine_->snap_anchor();
}
Expected<void, std::string> DigitalTwin::play(PlayOptions options) {
  return engine_->play(options);
}
Expected<void, std::string> DigitalTwin::go_to(Place place, control::LeaseEpoch asked_by) {
  return engine_->go_to(place, asked_by);
}
bool DigitalTwin::stop() {
  return engine_->stop();
}

Expected<void, std::string> DigitalTwin::pause() {
  return engine_->ask(true, [](Playhead& playhead) -> std::string {
    playhead.run(false);
    return "";
  });
}

Expected<void, std::string> DigitalTwin::resume() {
  return engine_->ask(true, [](Playhead& playhead) -> std::string {
    playhead.run(true);
    return "";
  });
}

Expected<void, std::string> DigitalTwin::step(int frames) {
  return engine_->ask(true, [frames](Playhead& playhead) -> std::string {
    return playhead.step(frames) ? "" : "there is no frame that far";
  });
}

Expected<void, std::string> DigitalTwin::scrub(double t_s) {
  return engine_->ask(true, [t_s](Playhead& playhead) -> std::string {
    const double end_s = core::to_seconds(playhead.timeline()->end_ns());
    if (!(t_s >= 0.0 && t_s <= end_s)) {
      return fmt::format("{} s is not on the timeline, 0 … {:.3f} s", t_s, end_s);
    }
    playhead.run(false);
    playhead.jump(core::from_seconds(t_s), true);
    return "";
  });
}

Expected<void, std::string> DigitalTwin::seek(double t_s) {
  return engine_->ask(false, [t_s](Playhead& playhead) -> std::string {
    const double end_s = core::to_seconds(playhead.timeline()->end_ns());
    if (!(t_s >= 0.0 && t_s <= end_s)) {
      return fmt::format("{} s is not on the timeline, 0 … {:.3f} s", t_s, end_s);
    }
    playhead.jump(core::from_seconds(t_s), false);
    return "";
  });
}

Expected<void, std::string> DigitalTwin::set_speed(double speed) {
  return engine_->ask(false, [speed](Playhead& playhead) -> std::string {
    std::string refused = Engine::refused_speed(*playhead.timeline(), speed);
    if (refused.empty()) {
      playhead.set_speed(speed);
    }
    return refused;
  });
}

double DigitalTwin::max_speed() const {
  const auto timeline = engine_->timeline();
  return timeline == nullptr ? 1.0 : timeline->max_speed();
}

Expected<void, std::string> DigitalTwin::set_loop(bool loop) {
  return engine_->set_loop(loop);
}

Expected<void, std::string> DigitalTwin::set_ab(std::optional<double> a_s, std::optional<double> b_s) {
  return engine_->ask(false, [a_s, b_s](Playhead& playhead) -> std::string {
    const double end_s = core::to_seconds(playhead.timeline()->end_ns());
    if (a_s.has_value() != b_s.has_value()) {
      return "an A–B loop needs both, or none";
    }
    if (a_s && !(*a_s >= 0.0 && *a_s < *b_s && *b_s <= end_s)) {
      return fmt::format("A {} s and B {} s must be on the timeline, 0 … {:.3f} s, A before B", *a_s, *b_s, end_s);
    }
    playhead.set_ab(a_s.transform(core::from_seconds), b_s.transform(core::from_seconds));
    return "";
  });
}

Expected<std::optional<trajectory::Frame>, std::string> DigitalTwin::next_action() {
  return engine_->next_action();
}
TwinStatus DigitalTwin::status() const {
  return engine_->status();
}
RobotNode& DigitalTwin::follower() noexcept {
  return engine_->follower();
}
std::optional<core::Nanoseconds> DigitalTwin::turn() {
  return engine_->player().turn();
}

}  // namespace takt::teleop::replay
