#include "takt/teleop/replay/digital_twin_engine.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/robots/cycle_robot.hpp"

// Two locks. `turn_` orders what takes long and must not interleave: baking a sequence, beginning to play it. `mutex_`
// guards the playhead and is held for microseconds: the play thread takes it for every action. What waits for a write
// to the arm (begin_motion, set_mode) is called without mutex_.

namespace takt::teleop::replay {
namespace {

constexpr double kGripperMoved = 0.02;  // of its way

}  // namespace

/// One play of the twin, as its player sees it.
class DigitalTwin::Engine::TwinMotion final : public Motion {
 public:
  explicit TwinMotion(Engine& engine) : engine_(engine) {}

  [[nodiscard]] MotionPace pace() const noexcept override {
    const std::scoped_lock lock(engine_.mutex_);
    return engine_.pace_;
  }
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
};

DigitalTwin::Engine::Engine(Orchestrator& orchestrator, std::size_t pair, TwinOptions options, core::Clock& clock)
    : orchestrator_(orchestrator),
      pair_(pair),
      options_(std::move(options)),
      clock_(clock),
      playhead_(orchestrator.options(pair).pipeline.guard.limits, options_.jump_fraction,
                dynamic_cast<const robots::CycleRobot*>(&orchestrator.follower(pair).robot()) != nullptr) {
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

// --- the gate -------------------------------------------------------------------------------------------------------

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
  if (is_played()) {
    return std::unexpected(follower().name() + " is playing already");
  }
  if (sequence() == nullptr) {  // asked last: only an end forgets without a turn, and there is none to come
    return std::unexpected("nothing is loaded");
  }
  const ControlMode mode = orchestrator_.mode();
  const bool gives_way = options.take_over && (mode == ControlMode::kTeleop || mode == ControlMode::kPolicy);
  if (gives_way) {
    orchestrator_.set_mode(ControlMode::kTrajectory);
  }
  Done begun = try_play(options, place, stops);
  if (!begun && gives_way && orchestrator_.mode() == ControlMode::kTrajectory) {
    orchestrator_.set_mode(mode);
  }
  return begun;
}

DigitalTwin::Engine::Done DigitalTwin::Engine::try_play(const PlayOptions& options, std::optional<Place> place,
                                                        std::uint64_t stops) {
  try {
    const auto plan = [&](const Motion::Reference& from) { return begin(from, options, place); };
    Done begun = player_->play(plan, stops);
    const std::scoped_lock lock(mutex_);
    if (!begun && playhead_.in_command()) {  // it was stopped meanwhile
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
  const auto sequence = this->sequence();
  const trajectory::Standing standing = standing_at(from.q_rad, *sequence);
  const bool moved = core::max_abs_difference(from.q_rad, anchor_.q_rad) > 0.5 * close_rad ||
                     std::abs(standing.gripper.value_or(0.0) - anchor_.gripper.value_or(0.0)) > kGripperMoved;
  if (moved) {
    baked = bake(standing, *sequence, sequence_options_);
    if (!baked) {
      throw ConfigError(baked.error());
    }
  }
  const MotionPace pace = moved ? pace_of(**baked) : MotionPace();
  const core::Nanoseconds now_ns = clock_.now_ns();
  const std::scoped_lock lock(mutex_);
  require_lease(options.asked_by, now_ns);
  if (moved) {
    anchor_ = standing;
    exchange(*baked, pace);
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
  return std::make_shared<TwinMotion>(*this);
}

bool DigitalTwin::Engine::stop() {
  {
    const std::scoped_lock lock(mutex_);
    asked_to_stop_ = true;
  }
  return player_->stop();
}

/// On the play thread, when the arm was let go. Until all is done the playhead counts as in command: what would begin
/// meanwhile would be taken for what has just ended.
void DigitalTwin::Engine::over() {
  std::optional<ControlMode> then;
  {
    const std::scoped_lock lock(mutex_);
    if (finished_ || asked_to_stop_) {
      then = then_;
    }
  }
  if (then && !closing_.load() && orchestrator_.mode() == mode_at_play_) {
    orchestrator_.set_mode(*then);
  }
  const std::scoped_lock lock(mutex_);
  playhead_.end();
  std::ignore = commander_.release(played_by_);  // whoever looks on keeps nobody out
  forget();
}

}  // namespace takt::teleop::replay
