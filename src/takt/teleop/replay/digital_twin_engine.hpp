#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "takt/teleop/motion_player.hpp"
#include "takt/teleop/replay/digital_twin.hpp"
#include "takt/teleop/replay/playhead.hpp"

/// Private to the twin's sources.
namespace takt::teleop::replay {

/// The playhead, behind a mutex that is only ever held to look or to change a number; the player that plays it; and who
/// may ask.
class DigitalTwin::Engine {
 public:
  Engine(Orchestrator& orchestrator, std::size_t pair, TwinOptions options, core::Clock& clock);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  using Sequence = std::vector<trajectory::Trajectory>;
  using Baked = Expected<std::shared_ptr<const trajectory::Timeline>, std::string>;
  using Done = Expected<void, std::string>;

  // Loading, on the caller's thread. `turn` is held: one that changes what is loaded, or begins to play, at a time.
  [[nodiscard]] Expected<std::size_t, std::string> load(Sequence sequence, const trajectory::SequenceOptions& options,
                                                        double speed);
  void unload();
  [[nodiscard]] Done snap_anchor();
  [[nodiscard]] Done set_loop(bool loop);

  // The gate.
  [[nodiscard]] Done play(const PlayOptions& options);
  [[nodiscard]] Done go_to(Place place, control::LeaseEpoch asked_by);
  bool stop();

  [[nodiscard]] TwinStatus status() const;
  [[nodiscard]] Expected<std::optional<trajectory::Frame>, std::string> next_action();

  /// Why it cannot be played so fast; "": it can.
  [[nodiscard]] static std::string refused_speed(const trajectory::Timeline& timeline, double speed);

  /// Does `change(playhead)` under the mutex, when something is loaded and, if `commanding`, the twin is in command.
  template <class Change>
  [[nodiscard]] Done ask(bool commanding, Change change);

  [[nodiscard]] std::shared_ptr<const trajectory::Timeline> timeline() const;
  [[nodiscard]] core::Clock& clock() noexcept { return clock_; }
  [[nodiscard]] RobotNode& follower() { return orchestrator_.follower(pair_); }
  [[nodiscard]] MotionPlayer& player() noexcept { return *player_; }

  // Who may ask.
  [[nodiscard]] Expected<control::LeaseEpoch, std::string> take(std::string_view client, double lease_s);
  bool renew(control::LeaseEpoch epoch, double lease_s);
  bool release(control::LeaseEpoch epoch);
  [[nodiscard]] bool admits(control::LeaseEpoch epoch);

 private:
  class TwinMotion;
  friend class TwinMotion;

  [[nodiscard]] trajectory::ArmDescription arm() const;
  [[nodiscard]] trajectory::Standing standing_at(const core::JointVector& q_rad, const Sequence& sequence);
  [[nodiscard]] Baked bake(const trajectory::Standing& standing, const Sequence& sequence,
                           const trajectory::SequenceOptions& options) const;
  [[nodiscard]] std::shared_ptr<const Sequence> sequence() const;
  [[nodiscard]] bool is_played() const;
  void forget();
  [[nodiscard]] static MotionPace pace_of(const trajectory::Timeline& timeline);
  void exchange(std::shared_ptr<const trajectory::Timeline> timeline, const MotionPace& pace);
  [[nodiscard]] Done set_out(const PlayOptions& options, std::optional<Place> place);
  [[nodiscard]] Done try_play(const PlayOptions& options, std::optional<Place> place, std::uint64_t stops);
  [[nodiscard]] std::shared_ptr<Motion> begin(const Motion::Reference& from, const PlayOptions& options,
                                              std::optional<Place> place);
  void over();
  void require_lease(control::LeaseEpoch asked_by, core::Nanoseconds now_ns) const;

  // The play thread's, by TwinMotion.
  [[nodiscard]] std::optional<core::Nanoseconds> due_ns(core::Nanoseconds now_ns) noexcept;
  void fill(core::Nanoseconds due_ns, messages::RobotState& action) noexcept;
  void sent(const messages::RobotState& action) noexcept;
  [[nodiscard]] bool commander_is_lost(core::Nanoseconds now_ns) const noexcept;

  Orchestrator& orchestrator_;
  const std::size_t pair_;
  const TwinOptions options_;
  core::Clock& clock_;

  std::mutex turn_;  // taken before mutex_; held over baking and the beginning of a play
  trajectory::SequenceOptions sequence_options_;
  trajectory::Standing anchor_;  // where the entry begins

  mutable std::mutex mutex_;  // of what follows
  Playhead playhead_;
  std::shared_ptr<const Sequence> sequence_;  // changes with turn_, too, but for what over() forgets
  bool forget_{false};                        // what is loaded, when it is no more in command
  control::Lease commander_;
  control::LeaseEpoch played_by_{0};  // the commander's epoch; 0: the owner's own program
  MotionPace pace_;
  std::optional<ControlMode> then_;
  ControlMode mode_at_play_{ControlMode::kIdle};
  bool finished_{false};  // it came to its end
  bool asked_to_stop_{false};
  std::string left_;
  std::string last_left_;
  TwinStatus counts_;  // emitted, altered, between

  // The play thread alone: the action on its way.
  PlayedAction on_its_way_;
  core::Nanoseconds due_ns_{0};
  core::Nanoseconds late_ns_{0};

  std::atomic<bool> closing_{false};
  std::unique_ptr<MotionPlayer> player_;  // last: its thread uses all of the above
};

template <class Change>
DigitalTwin::Engine::Done DigitalTwin::Engine::ask(bool commanding, Change change) {
  std::string refused;
  {
    const std::scoped_lock lock(mutex_);
    if (playhead_.timeline() == nullptr) {
      return std::unexpected("nothing is loaded");
    }
    if (commanding && !playhead_.in_command()) {
      return std::unexpected("nothing is played, and nothing moves without play");
    }
    refused = change(playhead_);
  }
  if (!refused.empty()) {
    return std::unexpected(refused);
  }
  player_->nudge();
  return {};
}

}  // namespace takt::teleop::replay
