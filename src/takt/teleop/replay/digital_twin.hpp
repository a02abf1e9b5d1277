#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/control/lease.hpp"
#include "takt/core/error.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/robot_state.hpp"
#include "takt/teleop/motion_player.hpp"
#include "takt/teleop/orchestrator.hpp"
#include "takt/teleop/replay/playhead.hpp"
#include "takt/trajectory/timeline.hpp"
#include "takt/trajectory/trajectory.hpp"

namespace takt::teleop::replay {

/// Of an action that is a frame: its index in the timeline, and the lap.
inline constexpr const char* kFrameKey = "frame";
inline constexpr const char* kLapKey = "lap";

/// Which part of a timeline: see trajectory::Timeline.
enum class Place : std::uint8_t {
  kStart,  ///< the first frame that was recorded
  kEnd,    ///< the last one
};
BOOST_DESCRIBE_ENUM(Place, kStart, kEnd)

/// A frame of the timeline, as it was sent. Others in between (approach, jump, pause, slow motion) are not told of.
struct EmittedFrame {
  std::uint64_t index{0};              ///< in Timeline::frames()
  std::int64_t lap{0};                 ///< how often the loop came round before; backwards it counts down
  core::Nanoseconds due_ns{0};         ///< CLOCK_MONOTONIC
  core::Nanoseconds late_ns{0};        ///< by which its emission began later than that
  const messages::RobotState* action;  ///< as published; for the time of the call
};

struct PlayOptions {
  bool pull{false};       ///< frames go out by next_action() alone, at the caller's pace
  bool take_over{false};  ///< a leader or policy in command gives way: the orchestrator's mode becomes kTrajectory
  std::optional<ControlMode> then{};  ///< the orchestrator's mode when it is over, whose commander takes up with an
                                      ///< approach; none: stays as it is
  control::LeaseEpoch asked_by{0};    ///< as take() said, of the commander who asks; 0: the owner's own program
};

struct TwinOptions {
  std::string holder{"replay"};                           ///< whom others find in command of the arm
  std::function<void(const EmittedFrame&)> on_frame{};    ///< on the play thread, once per frame; must not block
  std::function<void(const std::string& why)> on_left{};  ///< MotionPlayer::Options::on_left
  double jump_fraction{0.3};    ///< of the limits, for jumps of the playhead and for getting slower and faster
  double approach_limit_s{10};  ///< an arm that is not aligned by then is let go
  bool own_thread{true};        ///< MotionPlayer::Options::own_thread
};

/// What can be seen of a twin.
struct TwinStatus {
  TwinPhase phase{TwinPhase::kEmpty};
  std::string commander{};  ///< who has the twin; "" nobody
  double playhead_s{0.0};   ///< since the entry bridge began
  double entry_s{0.0};      ///< length of the entry bridge: there the recording begins
  double length_s{0.0};     ///< of the entry and one lap
  std::uint64_t frame{0};   ///< the last one at or before the playhead
  std::uint64_t frames{0};  ///< in the timeline
  std::int64_t lap{0};
  double speed{1.0};
  bool loop{false};
  std::optional<double> a_s{};  ///< A–B loop
  std::optional<double> b_s{};
  std::uint64_t emitted{0};  ///< frames since play()
  std::uint64_t altered{0};  ///< of them: clamped by a guard
  std::uint64_t between{0};  ///< actions that are no frames, since play()
  std::uint64_t stalls{0};   ///< the play thread came so late that the pace was put off
  std::string left{};        ///< why the last play ended before its end; "" it did not

  friend bool operator==(const TwinStatus&, const TwinStatus&) = default;
};
BOOST_DESCRIBE_STRUCT(TwinStatus, (),
                      (phase, commander, playhead_s, entry_s, length_s, frame, frames, lap, speed, loop, a_s, b_s,
                       emitted, altered, between, stalls, left))

/// The twin of a follower, living with the follower's owner: it has the trajectories that the arm is to repeat, and
/// plays them. The one replay engine: a program in this process and a client across a network (CommandService) ask
/// the same twin. docs/design/0016-one-engine.md has the reasons.
///
/// Nothing moves before play() or go_to(). Then the thread "play.<follower>" pushes the timeline's frames to
/// /<follower>/action, through the orchestrator's guards, each once, in order, at its recorded time divided by the
/// speed; at speed 1 and undisturbed they are the timeline's frames bit for bit. An action that is a frame carries the
/// extra "frame", its index, and "lap". Whatever makes the playhead jump (seek, step, scrub, the end of an A–B loop)
/// or change its speed (pause, resume, set_speed) never becomes a step of the arm: it goes there jerk-limited, by
/// actions that are no frames, and then continues.
///
/// Any thread, but see those that may wait for a write. An Expected says in one line why it cannot be, and then
/// nothing has changed. A resource.
class DigitalTwin {
 public:
  /// The orchestrator and the clock (of the follower's stamps) must outlive this. @throws LogicError for impossible
  /// options
  DigitalTwin(Orchestrator& orchestrator, std::size_t pair, TwinOptions options,
              core::Clock& clock = core::steady_clock());
  /// Brings the arm to rest where it is moved.
  ~DigitalTwin();
  DigitalTwin(const DigitalTwin&) = delete;
  DigitalTwin& operator=(const DigitalTwin&) = delete;

  // --- who may ask ---------------------------------------------------------------------------------------------------

  /// Who wants to command from afar takes the twin first, and renews it: once that has run out the arm comes to rest
  /// and is let go; and when what he played has ended, he has it no more. Without a commander, the owner's own program
  /// needs none. Refused while somebody else has it, or the owner's own program plays.
  /// @param lease_s  until it has to be renewed. @return what renew, release and admits want
  [[nodiscard]] Expected<control::LeaseEpoch, std::string> take(std::string_view client, double lease_s);
  /// @param lease_s  from now. False: it has run out, or was given to somebody else; nothing is renewed.
  bool renew(control::LeaseEpoch epoch, double lease_s);
  /// Gives it back: what is played under it comes to rest. False: it was not this one's any more.
  bool release(control::LeaseEpoch epoch);
  /// Whether this epoch's client may ask now.
  [[nodiscard]] bool admits(control::LeaseEpoch epoch);

  // --- what is played ------------------------------------------------------------------------------------------------

  /// Bakes the sequence: the entry bridge from where the arm stands now, the trajectories, the bridges between them
  /// and, for a loop, to the first one; and proves it inside the limits that the pair's guards hold. Nothing moves.
  /// Refused while something is played. What was loaded before goes. Costs milliseconds. @param speed  as set_speed()
  /// @return frames in it, or the reason: another robot's, other joints, a limit and where it is passed, …
  [[nodiscard]] Expected<std::size_t, std::string> load(std::vector<trajectory::Trajectory> sequence,
                                                        const trajectory::SequenceOptions& options = {},
                                                        double speed = 1.0);
  /// Nothing is loaded any more; what is played comes to rest first, which is not waited for. Waits for another's
  /// loading, and for the beginning of a play.
  void unload();

  /// What is loaded, none: nothing is.
  [[nodiscard]] std::shared_ptr<const trajectory::Timeline> timeline() const;

  /// The entry bridge begins where the arm stands now. play() does it by itself when the arm stands elsewhere than
  /// at load(). Not while it is played.
  [[nodiscard]] Expected<void, std::string> snap_anchor();

  // --- the gate ------------------------------------------------------------------------------------------------------

  /// From the playhead on, which is at the beginning after load() and after an end; takes command of the arm. May wait
  /// for a write. Refused: nothing loaded, a fault, somebody else commands (a leader, another player, a client when the
  /// owner's own program asks), played already, or the lease of the client who asks has run out by the time it begins.
  [[nodiscard]] Expected<void, std::string> play(PlayOptions options = {});

  /// The arm goes to the first or last recorded frame and rests there, paused; takes command like play() when it is
  /// not played. May wait for a write. @param asked_by  PlayOptions::asked_by
  [[nodiscard]] Expected<void, std::string> go_to(Place place, control::LeaseEpoch asked_by = 0);

  /// The arm comes to rest, as fast as its owner stops it, and is let go; the playhead goes back to the beginning.
  /// Also when nothing is played. Waits for nothing. @return whether something was played
  bool stop();

  // --- while it is played --------------------------------------------------------------------------------------------

  /// Slows down along the path to rest, and stays in command.
  [[nodiscard]] Expected<void, std::string> pause();
  [[nodiscard]] Expected<void, std::string> resume();
  /// One frame on (or back), then pause. Paused or not. @param frames  how many; negative: back
  [[nodiscard]] Expected<void, std::string> step(int frames = 1);
  /// The arm follows the playhead to `t_s`, and pauses there. Again and again, as a hand draws a scrub bar.
  [[nodiscard]] Expected<void, std::string> scrub(double t_s);

  // --- at any time while something is loaded -------------------------------------------------------------------------

  /// Puts the playhead to `t_s` of the timeline (entry bridge included). Played: the arm goes there, and it continues.
  /// Paused or not played: the arm stays until resume(), scrub() or play().
  [[nodiscard]] Expected<void, std::string> seek(double t_s);
  /// Of the recorded pace; negative: backwards, to the first recorded frame. 0.01 … as fast as the limits allow
  /// (max_speed(); backwards Timeline::max_backward_speed(), which may be less). What is baked anew later, with a loop
  /// or from where the arm stands then, may allow less; the speed is lowered to that.
  [[nodiscard]] Expected<void, std::string> set_speed(double speed);
  [[nodiscard]] double max_speed() const;
  /// At the end of the lap it begins anew. Bakes the bridge from the last frame to the first if there is none.
  [[nodiscard]] Expected<void, std::string> set_loop(bool loop);
  /// Between A and B over and over; from B it goes back to A jerk-limited. Nothing: no more.
  [[nodiscard]] Expected<void, std::string> set_ab(std::optional<double> a_s, std::optional<double> b_s);

  /// Of a play with PlayOptions::pull: the next frame goes to the arm, now or as soon as max_speed() allows after the
  /// one before (frames closer than 10 ms: as recorded), and is returned. Nothing: it is at its end, and rests there in
  /// command until stop(). Refused: not pulled, paused, the arm is still on its way to the playhead, or more than 16
  /// frames behind.
  [[nodiscard]] Expected<std::optional<trajectory::Frame>, std::string> next_action();

  [[nodiscard]] TwinStatus status() const;
  [[nodiscard]] RobotNode& follower() noexcept;

  /// One turn of the play thread, for tests on a manual clock: MotionPlayer::turn.
  std::optional<core::Nanoseconds> turn();

 private:
  class Engine;

  std::unique_ptr<Engine> engine_;
};

}  // namespace takt::teleop::replay
