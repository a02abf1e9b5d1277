#include "takt/teleop/replay/digital_twin_engine.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "takt/core/error.hpp"

// Two locks. `turn_` orders what takes long and must not interleave: baking a sequence, beginning to play it. `mutex_`
// guards the playhead and is held for microseconds: the play thread takes it for every action. What waits for a write
// to the arm (begin_motion, set_mode) is called without mutex_.

namespace takt::teleop::replay {
namespace {

using trajectory::Timeline;

/// What the guards must expect of a timeline: frames at up to the largest speed, and actions in between.
MotionPace pace_of(const Timeline& timeline) {
  core::Nanoseconds shortest_ns = kDense_ns;
  for (std::size_t i = 1; i < timeline.size(); ++i) {
    shortest_ns = std::min(shortest_ns, timeline.time_ns(i) - timeline.time_ns(i - 1));
  }
  return {.shortest_s = core::to_seconds(shortest_ns) / std::max(1.0, timeline.max_speed()), .longest_s = 0.1};
}

trajectory::SequenceOptions looped(trajectory::SequenceOptions options, bool loop) {
  options.loop = loop;
  return options;
}

}  // namespace

/// One play of the twin, as its player sees it.
class DigitalTwin::Engine::TwinMotion final : public Motion {
 public:
  explicit TwinMotion(Engine& engine, MotionPace pace) : engine_(engine), pace_(pace) {}

  [[nodiscard]] MotionPace pace() const noexcept override { return pace_; }
  [[nodiscard]] std::optional<core::Nanoseconds> due_ns(core::Nanoseconds now_ns) noexcept override {
    return engine_.due_ns(now_ns);
  }
  void fill(core::Nanoseconds due_ns, messages::RobotState& action) noexcept override { engine_.fill(due_ns, action); }
  void sent(const messages::RobotState& action) noexcept override { engine_.sent(action); }
  [[nodiscard]] Reference at(core::Nanoseconds now_ns) const noexcept override {
    const std::scoped_lock lock(engine_.mutex_);
    return engine_.playhead_.reference(now_ns);
  }
  [[nodiscard]] core::JointVector goal_rad() const noexcept override {
    const std::scoped_lock lock(engine_.mutex_);
    return engine_.finished_ ? engine_.playhead_.reference(0).q_rad : core::JointVector();
  }
  [[nodiscard]] std::string left() const override {
    const std::scoped_lock lock(engine_.mutex_);
    return engine_.left_;
  }

 private:
  Engine& engine_;
  MotionPace pace_;
};

DigitalTwin::Engine::Engine(Orchestrator& orchestrator, std::size_t pair, TwinOptions options, core::Clock& clock)
    : orchestrator_(orchestrator),
      pair_(pair),
      options_(std::move(options)),
      clock_(clock),
      playhead_(orchestrator.options(pair).pipeline.guard.limits, options_.jump_fraction) {
  MotionPlayer::Options player;
  player.holder = options_.holder;
  player.own_thread = options_.own_thread;
  player.on_left = [this](const std::string& why) {
    {
      const std::scoped_lock lock(mutex_);
      last_left_ = why;
    }
    if (options_.on_left) {
      options_.on_left(why);
    }
  };
  player.on_over = [this] { over(); };
  player_ = std::make_unique<MotionPlayer>(orchestrator, pair, std::move(player), clock);
}

DigitalTwin::Engine::~Engine() {
  closing_.store(true);
  player_.reset();
}

// --- what is loaded
// ----------------------------------------------------------------------------------------------------

trajectory::ArmDescription DigitalTwin::Engine::arm() const {
  const robots::RobotInfo& info = orchestrator_.follower(pair_).robot().info();
  return {.name = info.name,
          .type = info.type,
          .joint_names = info.joint_names,
          .limits = orchestrator_.options(pair_).pipeline.guard.limits};
}

DigitalTwin::Engine::Baked DigitalTwin::Engine::bake(const core::JointVector& standing_rad, const Sequence& sequence,
                                                     const trajectory::SequenceOptions& options) const {
  auto built = Timeline::build(arm(), {.q_rad = standing_rad}, sequence, options);
  if (!built) {
    return std::unexpected(built.error());
  }
  return std::make_shared<const Timeline>(std::move(*built));
}

Expected<std::size_t, std::string> DigitalTwin::Engine::load(Sequence sequence,
                                                             const trajectory::SequenceOptions& options) {
  const std::scoped_lock turn(turn_);
  if (player_->playing()) {
    return std::unexpected(follower().name() + " is playing; stop it first");
  }
  const auto standing = player_->standing();
  if (!standing) {
    return std::unexpected("where " + follower().name() + " stands is not known");
  }
  auto baked = bake(standing->q_rad, sequence, options);
  if (!baked) {
    return std::unexpected(baked.error());
  }
  sequence_ = std::make_shared<const Sequence>(std::move(sequence));
  sequence_options_ = options;
  anchor_rad_ = standing->q_rad;
  const std::size_t frames = (*baked)->size();
  const MotionPace pace = pace_of(**baked);
  const std::scoped_lock lock(mutex_);
  pace_ = pace;
  playhead_.load(std::move(*baked));
  return frames;
}

void DigitalTwin::Engine::unload() {
  static_cast<void>(stop());
  const std::scoped_lock turn(turn_);
  const std::scoped_lock lock(mutex_);
  if (!playhead_.in_command()) {
    sequence_.reset();
    playhead_.load(nullptr);
  }
}

DigitalTwin::Engine::Done DigitalTwin::Engine::snap_anchor() {
  const std::scoped_lock turn(turn_);
  if (sequence_ == nullptr) {
    return std::unexpected("nothing is loaded");
  }
  if (player_->playing()) {
    return std::unexpected(follower().name() + " is playing; stop it first");
  }
  const auto standing = player_->standing();
  if (!standing) {
    return std::unexpected("where " + follower().name() + " stands is not known");
  }
  auto baked = bake(standing->q_rad, *sequence_, sequence_options_);
  if (!baked) {
    return std::unexpected(baked.error());
  }
  anchor_rad_ = standing->q_rad;
  const std::scoped_lock lock(mutex_);
  playhead_.exchange(std::move(*baked));
  return {};
}

DigitalTwin::Engine::Done DigitalTwin::Engine::set_loop(bool loop) {
  const std::scoped_lock turn(turn_);
  if (sequence_ == nullptr) {
    return std::unexpected("nothing is loaded");
  }
  if (sequence_options_.loop == loop) {
    return {};
  }
  auto baked = bake(anchor_rad_, *sequence_, looped(sequence_options_, loop));
  if (!baked) {
    return std::unexpected(baked.error());
  }
  sequence_options_.loop = loop;
  {
    const std::scoped_lock lock(mutex_);
    playhead_.exchange(std::move(*baked));
  }
  player_->nudge();
  return {};
}

std::shared_ptr<const Timeline> DigitalTwin::Engine::timeline() const {
  const std::scoped_lock lock(mutex_);
  return playhead_.timeline();
}

// --- the gate
// ----------------------------------------------------------------------------------------------------------

DigitalTwin::Engine::Done DigitalTwin::Engine::play(const PlayOptions& options) {
  return set_out(options, std::nullopt);
}

DigitalTwin::Engine::Done DigitalTwin::Engine::go_to(Place place, control::LeaseEpoch asked_by) {
  const auto send = [this, place, asked_by](Playhead& playhead) -> std::string {
    if (asked_by != 0 && asked_by != played_by_) {
      return "it is played by somebody else";
    }
    playhead.run(false);
    playhead.jump(place == Place::kStart ? playhead.timeline()->entry_ns() : playhead.last_recorded_ns(), true);
    return "";
  };
  const Done sent = ask(true, send);
  return sent ? sent : set_out({.asked_by = asked_by}, place);
}

DigitalTwin::Engine::Done DigitalTwin::Engine::set_out(const PlayOptions& options, std::optional<Place> place) {
  const std::uint64_t stops = player_->stops();
  const std::scoped_lock turn(turn_);
  if (sequence_ == nullptr) {
    return std::unexpected("nothing is loaded");
  }
  if (player_->playing()) {
    return std::unexpected(follower().name() + " is playing already");
  }
  const ControlMode mode = orchestrator_.mode();
  if (options.take_over && (mode == ControlMode::kTeleop || mode == ControlMode::kPolicy)) {
    orchestrator_.set_mode(ControlMode::kTrajectory);
  }
  try {
    const auto plan = [&](const Motion::Reference& from) { return begin(from, options, place); };
    const Done begun = player_->play(plan, stops);
    if (!begun) {
      const std::scoped_lock lock(mutex_);
      playhead_.end();
    }
    return begun;
  } catch (const Error& error) {
    return std::unexpected(error.what());
  }
}

/// In command now, so nobody else moves the arm any more: the entry must begin where it stands.
std::shared_ptr<Motion> DigitalTwin::Engine::begin(const Motion::Reference& from, const PlayOptions& options,
                                                   std::optional<Place> place) {
  const double close_rad = orchestrator_.options(pair_).pipeline.aligned_within_rad;
  Baked baked = timeline();
  const bool moved = core::max_abs_difference(from.q_rad, anchor_rad_) > 0.5 * close_rad;
  if (moved) {
    baked = bake(from.q_rad, *sequence_, sequence_options_);
    if (!baked) {
      throw ConfigError(baked.error());
    }
    anchor_rad_ = from.q_rad;
  }
  const core::Nanoseconds now_ns = clock_.now_ns();
  const std::scoped_lock lock(mutex_);
  require_lease(options.asked_by, now_ns);
  if (moved) {
    playhead_.exchange(*baked);
  }
  playhead_.run(!place);
  playhead_.begin(from.q_rad, close_rad, now_ns, options.pull);
  if (place) {
    const auto& timeline = *playhead_.timeline();
    playhead_.jump(*place == Place::kStart ? timeline.entry_ns() : playhead_.last_recorded_ns(), true);
  }
  played_by_ = options.asked_by;
  then_ = options.then;
  mode_at_play_ = orchestrator_.mode();
  finished_ = false;
  asked_to_stop_ = false;
  left_.clear();
  last_left_.clear();
  counts_ = {};
  return std::make_shared<TwinMotion>(*this, pace_);
}

bool DigitalTwin::Engine::stop() {
  {
    const std::scoped_lock lock(mutex_);
    asked_to_stop_ = true;
  }
  return player_->stop();
}

/// On the play thread, when the arm was let go.
void DigitalTwin::Engine::over() {
  std::optional<ControlMode> then;
  {
    const std::scoped_lock lock(mutex_);
    playhead_.end();
    if (finished_ || asked_to_stop_) {
      then = then_;
    }
  }
  if (then && !closing_.load() && orchestrator_.mode() == mode_at_play_) {
    orchestrator_.set_mode(*then);
  }
}

}  // namespace takt::teleop::replay
