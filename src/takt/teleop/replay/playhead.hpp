#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <boost/describe.hpp>

#include "takt/control/motion/joint_generator.hpp"
#include "takt/control/motion/joint_path.hpp"
#include "takt/control/motion/limits.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/robot_state.hpp"
#include "takt/teleop/replay/speed_ramp.hpp"
#include "takt/trajectory/timeline.hpp"

namespace takt::teleop::replay {

/// What a twin does with its arm.
enum class TwinPhase : std::uint8_t {
  kEmpty,        ///< nothing is loaded
  kLoaded,       ///< it is armed; nothing moves, and somebody else may command
  kApproaching,  ///< in command; the arm is brought to its command without a step
  kPlaying,      ///< frames, at their pace
  kMoving,       ///< off the pace: to where the playhead jumped, or getting slower or faster
  kPaused,       ///< in command, at rest
  kArriving,     ///< the last frame was sent; at rest, the arm has half a second to get there
};
BOOST_DESCRIBE_ENUM(TwinPhase, kEmpty, kLoaded, kApproaching, kPlaying, kMoving, kPaused, kArriving)

/// In command of its arm.
[[nodiscard]] constexpr bool is_played(TwinPhase phase) noexcept {
  return phase >= TwinPhase::kApproaching;
}

/// What is no frame is told at this pace.
inline constexpr core::Nanoseconds kDense_ns = 10'000'000;
inline constexpr double kSlowest = 0.01;  ///< speed, either way

/// What the arm is to be told at one instant.
struct PlayedAction {
  core::JointVector q_rad;
  core::JointVector dq_rad_s;
  std::optional<double> gripper;
  double lead_s{0.0};                ///< robots::kLeadKey: somewhat longer than until the next one; 0: a hold
  std::optional<std::size_t> frame;  ///< it is this frame of the timeline, bit for bit; nothing: none
  std::int64_t lap{0};
};

/// Where on its timeline a replay is, and what follows from it for the arm at which instant: the logic of the twin
/// without its thread, its lease and its arm, so that it can be tested in virtual time. docs/design/0016-one-engine.md.
///
/// Undisturbed, playing: frame i is due at   anchor + (t_i − p_anchor) / speed,   and it is the frame itself. Disturbed
/// (a change of speed, a jump): an action every 10 ms from a generator that keeps the limits, until it is on the
/// timeline again, or at rest where the playhead is.
///
/// A change of mind is taken up by the next due_ns(). One thread at a time; real-time safe but for construction, load
/// and exchange.
class Playhead {
 public:
  /// @param limits  of the arm. @param fraction  of them, for what is not recorded: jumps and changes of speed.
  /// @param goes_along  the arm goes along with a row of actions (robots::kLeadKey), so that those that come late may
  /// come at once. @throws LogicError as JointGenerator
  Playhead(std::span<const control::JointLimits> limits, double fraction, bool goes_along = false);

  // --- what is played ------------------------------------------------------------------------------------------------

  /// Another sequence, or none; the playhead at its beginning, speed and A–B as new. @pre not in command
  void load(std::shared_ptr<const trajectory::Timeline> timeline);
  /// The same sequence with another entry (not in command) or another end (at any time): the playhead stays, and where
  /// it was beyond the last recorded frame in command, it goes there, the arm of one that is paused once it runs. The
  /// speed is lowered to what is allowed now; A and B go where they would be the same.
  void exchange(std::shared_ptr<const trajectory::Timeline> timeline, core::Nanoseconds now_ns);
  [[nodiscard]] const std::shared_ptr<const trajectory::Timeline>& timeline() const noexcept { return timeline_; }

  // --- the wishes; @pre something is loaded --------------------------------------------------------------------------

  /// In command of an arm that stands there: actions are due from now on. At first the arm is to stay, or to go to the
  /// playhead if that is within `close_rad`, until sent() says that it follows.
  void begin(const core::JointVector& standing_rad, double close_rad, core::Nanoseconds now_ns, bool pull);
  /// No more in command; the playhead is at the beginning.
  void end() noexcept;

  void run(bool running) noexcept { running_ = running; }
  void set_speed(double speed) noexcept { speed_ = speed; }
  /// To there: the arm goes as well when it is played or `follows`. @param frame  the one that lies there, to be sent.
  void jump(core::Nanoseconds t_ns, bool follows, std::optional<std::size_t> frame = {}) noexcept;
  /// One frame on or back from where it is, as a jump. False: there is none.
  bool step(int frames) noexcept;
  /// @pre a < b
  void set_ab(std::optional<core::Nanoseconds> a_ns, std::optional<core::Nanoseconds> b_ns) noexcept;
  /// Of a pull: the next frame is due as soon as the largest speed of play allows after the one before; frames closer
  /// than 10 ms keep their recorded way. Nothing: that was the last one. @pre pull_refused() is ""
  [[nodiscard]] std::optional<std::size_t> pull() noexcept;
  /// Why none can be pulled now; "": it can.
  [[nodiscard]] const char* pull_refused() const noexcept;

  // --- what is due --------------------------------------------------------------------------------------------------

  /// Nothing: it is at its end, and has rested there for half a second, or it is not in command.
  [[nodiscard]] std::optional<core::Nanoseconds> due_ns(core::Nanoseconds now_ns) noexcept;
  /// @pre due_ns() said so
  [[nodiscard]] PlayedAction take(core::Nanoseconds due_ns) noexcept;
  /// How the last action was marked when it was published.
  void sent(messages::CommandMark mark) noexcept;

  // --- what can be seen ---------------------------------------------------------------------------------------------

  [[nodiscard]] TwinPhase phase() const noexcept {
    return phase_ == TwinPhase::kPaused && wished_ns_ ? TwinPhase::kMoving : phase_;  // it is about to
  }
  [[nodiscard]] core::Nanoseconds position_ns(core::Nanoseconds now_ns) const noexcept;
  [[nodiscard]] std::int64_t lap() const noexcept { return lap_; }
  [[nodiscard]] double speed() const noexcept { return speed_; }
  [[nodiscard]] bool in_command() const noexcept { return is_played(phase_); }
  [[nodiscard]] core::Nanoseconds began_ns() const noexcept { return began_ns_; }
  [[nodiscard]] std::optional<core::Nanoseconds> a_ns() const noexcept { return a_ns_; }
  [[nodiscard]] std::optional<core::Nanoseconds> b_ns() const noexcept { return b_ns_; }
  /// The last action, or where it would be now.
  [[nodiscard]] control::JointPath::Reference reference(core::Nanoseconds now_ns) const noexcept;
  /// How often the caller came so late that the pace was put off.
  [[nodiscard]] std::uint64_t stalls() const noexcept { return stalls_; }
  /// The time of the last recorded frame.
  [[nodiscard]] core::Nanoseconds last_recorded_ns() const noexcept;

 private:
  using Reference = control::JointPath::Reference;

  void exchange_end(std::shared_ptr<const trajectory::Timeline> timeline, core::Nanoseconds now_ns);
  void bound_speed() noexcept;
  void heed_wishes(core::Nanoseconds now_ns) noexcept;
  [[nodiscard]] double wanted_speed() const noexcept;
  void set_out(core::Nanoseconds now_ns) noexcept;
  void start_pace(core::Nanoseconds anchor_ns) noexcept;
  void arrive(core::Nanoseconds now_ns) noexcept;
  void stop_off(core::Nanoseconds due_ns) noexcept;
  void place() noexcept;
  void leave_pace(core::Nanoseconds now_ns) noexcept;
  void go_to(core::Nanoseconds t_ns, std::optional<std::size_t> frame) noexcept;
  void change_speed(double from) noexcept;
  void rest() noexcept;

  [[nodiscard]] PlayedAction take_paced(core::Nanoseconds due_ns) noexcept;
  [[nodiscard]] PlayedAction take_gliding(core::Nanoseconds due_ns) noexcept;
  [[nodiscard]] PlayedAction take_jumping(core::Nanoseconds due_ns) noexcept;
  [[nodiscard]] PlayedAction take_pulled(core::Nanoseconds due_ns) noexcept;
  [[nodiscard]] bool has_pulled() const noexcept { return pulls_ > 0 && running_ && phase_ == TwinPhase::kPaused; }
  [[nodiscard]] std::optional<std::size_t> pull_after(std::optional<std::size_t> frame) const noexcept;
  [[nodiscard]] core::Nanoseconds pull_due_ns() const noexcept;
  [[nodiscard]] PlayedAction hold() const noexcept;
  [[nodiscard]] PlayedAction frame_action(std::size_t index, double speed) const noexcept;
  void advance(core::Nanoseconds due_ns) noexcept;
  [[nodiscard]] std::optional<std::size_t> next_of(std::size_t index) noexcept;

  [[nodiscard]] Reference at(core::Nanoseconds t_ns, double speed) const noexcept;
  [[nodiscard]] core::JointVector acceleration_at(core::Nanoseconds t_ns, double speed) const noexcept;
  [[nodiscard]] core::Nanoseconds paced_position_ns(core::Nanoseconds now_ns) const noexcept;
  [[nodiscard]] core::Nanoseconds frame_due_ns() const noexcept;
  [[nodiscard]] core::Nanoseconds next_paced_ns() const noexcept;
  [[nodiscard]] core::Nanoseconds caught_up_ns(core::Nanoseconds due_ns) const noexcept;
  [[nodiscard]] bool is_at_end() const noexcept;
  [[nodiscard]] bool passes_bound(core::Nanoseconds t_ns, core::Nanoseconds& back_ns) const noexcept;
  [[nodiscard]] core::Nanoseconds time_ns(std::size_t index) const noexcept { return timeline_->time_ns(index); }

  // What is played and wished.
  std::vector<control::JointLimits> limits_;
  double fraction_;
  bool goes_along_;
  std::shared_ptr<const trajectory::Timeline> timeline_;
  bool running_{false};
  bool pull_{false};
  double speed_{1.0};
  std::optional<core::Nanoseconds> a_ns_;
  std::optional<core::Nanoseconds> b_ns_;
  std::optional<core::Nanoseconds> wished_ns_;  // a jump that is to be taken up
  std::optional<std::size_t> wished_frame_;
  std::optional<core::Nanoseconds> placed_ns_;  // where the playhead is put once the arm rests

  // Where it is.
  TwinPhase phase_{TwinPhase::kEmpty};
  bool jumping_{false};                  // kMoving: to a place; else along the timeline
  bool away_{false};                     // at rest, but not where the playhead is
  core::Nanoseconds t_ns_{0};            // the playhead, where it does not follow from the pace
  std::optional<std::size_t> at_frame_;  // the frame that was sent last, while the playhead stays on it
  std::int64_t lap_{0};
  std::optional<std::size_t> target_frame_;  // of a jump
  control::JointGenerator generator_;        // while kMoving
  SpeedRamp ramp_;                           // while kMoving along the timeline

  // The pace.
  core::Nanoseconds anchor_ns_{0};
  core::Nanoseconds anchor_t_ns_{0};
  double paced_speed_{1.0};
  std::optional<std::size_t> next_;
  double last_lead_s_{0.0};
  bool between_{false};           // the last action was one between two frames
  core::Nanoseconds sent_ns_{0};  // when the last one was sent, not due

  // The frames that were pulled.
  std::size_t pulls_{0};                  // and are not sent yet
  std::optional<std::size_t> last_pull_;  // the last of those
  core::Nanoseconds pulled_ns_{0};        // when the last one that was sent was due

  // What was told.
  core::Nanoseconds began_ns_{0};
  core::Nanoseconds last_ns_{0};
  core::Nanoseconds next_ns_{0};  // where it does not follow from the pace
  core::Nanoseconds until_ns_{0};
  Reference told_;
  std::optional<double> told_gripper_;
  std::uint64_t stalls_{0};
};

}  // namespace takt::teleop::replay
