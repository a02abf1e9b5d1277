#pragma once

#include <string>
#include <vector>

#include "takt/async/tasks/every.hpp"
#include "takt/async/tasks/task.hpp"
#include "takt/control/cycle_state.hpp"
#include "takt/control/fault.hpp"
#include "takt/control/laws/settings.hpp"
#include "takt/control/model/model.hpp"
#include "takt/controller/errors.hpp"
#include "takt/controller/frequency.hpp"
#include "takt/controller/targets.hpp"

namespace takt::controller {

/// What a program may ask of an arm, wherever its cycle runs: in this process (Controller) or in another one
/// (RemoteController). One contract suite runs over both.
///
///   co_await controller.start();
///   co_await controller.move(home);
///   co_await controller.use(OperationalSpace{.damping_ratio = 1.0});
///   while (…) { controller.set(pose, {.valid_for = 100ms}); co_await controller.pace(50_hz); }
///   co_await controller.stop();
///
/// What is a request is awaited (start, stop, recover, move, use, set_tool, set_payload); what is a store or a load is
/// not (set, play, halt, safe_stop, state, stats, fault) and never waits for anybody.
///
/// Requests belong to the event loop that the controller was made on. Stores and loads may come from any thread.
///
/// Whatever the loop does, the cycle goes on, and a target that nobody renews grows stale by stages, of which a fresh
/// one ends the first two. With T for its valid_for and the FreshnessPolicy of the cycle (by default in brackets):
///
///   until T [200 ms]                        fresh: it is followed
///   then                                    hold: a point is still gone to; what moves on comes to rest, torques end
///   from T + halt_after − hold_after [+200 ms]   halt: to rest with limited jerk, then held, powered
///   from T + stop_after − hold_after [+2.2 s]    safe stop: brakes on, Fault::kStale latched until recover()
///
/// After move(), and after halt(), nothing grows stale: the arm holds for as long as one likes.
class ArmController {
 public:
  virtual ~ArmController() = default;

  /// Starts the arm, opens its brakes and holds it where it stands; returns when the first cycle has led it.
  /// @throws FaultError when a fault is latched (it says what to do), DeviceError when the arm does not start,
  /// LogicError when it runs already. Cancellation: waits until the start has come to its end, then stops the arm
  /// again.
  [[nodiscard]] virtual async::Task<void> start() = 0;

  /// Halts, closes the brakes and ends the cycle. Idempotent. Cancellation: goes on to its end all the same.
  [[nodiscard]] virtual async::Task<void> stop() = 0;

  /// Clears the latched fault, here and in the arm, and starts again. @throws FaultError, DeviceError. Cancellation: as
  /// start().
  [[nodiscard]] virtual async::Task<void> recover() = 0;

  /// Goes there with limited jerk and lands exactly; returns when the setpoint is there and the measured joints are
  /// within the tolerance. @throws TargetError at once, FaultError when a fault comes up on the way, NotRunningError,
  /// NotCommanderError, DeviceError when another command or a halt took its place, LogicError for options out of their
  /// range. Moving targets and torques are refused. Afterwards the arm holds, however long. Cancellation: halts the
  /// arm, then Cancelled.
  [[nodiscard]] virtual async::Task<void> move(Target target, MoveOptions options) = 0;
  [[nodiscard]] async::Task<void> move(Target target) { return move(std::move(target), MoveOptions{}); }

  /// Another law, or the same with other gains, from the next cycle on and without a jump of the torque. Returns when
  /// a cycle has used it; at once when the arm does not run. A law that follows something else (positions, torques,
  /// the hand) forgets what was commanded. A law that keeps something begins anew, with other gains, too: the integral
  /// of a JointPid at zero. GravityCompensation lets the arm go until a halt, yours or a guard's, which holds it where
  /// it is; to let it go again, use it again. @throws ConfigError naming the field, and nothing changes. Cancellation:
  /// Cancelled; the law is used all the same, unless it still waited for its turn.
  [[nodiscard]] virtual async::Task<void> use(control::LawSettings law) = 0;

  /// The tool centre point E in the flange frame F, and the load at the flange (centre and inertia in F), from the next
  /// cycle on and without a jump. An arm on its way to a pose of another tool halts. Return, and are cancelled, as
  /// use(). @throws LogicError when it is no pose, or not physical, and nothing changes.
  [[nodiscard]] virtual async::Task<void> set_tool(core::Pose X_FE) = 0;
  [[nodiscard]] virtual async::Task<void> set_payload(control::LinkInertia payload_F) = 0;

  /// Where to go from the next cycle on; the latest wins. Allocates nothing, nor does play(), but to throw. @throws
  /// TargetError, FaultError, NotRunningError, NotCommanderError, ServerDiedError: then the arm goes on undisturbed.
  virtual void set(const Target& target, TargetOptions options) = 0;
  void set(const Target& target) { set(target, TargetOptions{}); }

  /// Timed actions. What is due already is dropped and counted; where a chunk overlaps the one before, the motion goes
  /// over from one to the other. After the last action the arm rests there. A chunk is played to its end, whoever hangs
  /// meanwhile: `valid_for` counts from its last action, or from the stamp if that is later. @throws as set().
  virtual void play(const ActionChunk& chunk, TargetOptions options) = 0;
  void play(const ActionChunk& chunk) { play(chunk, TargetOptions{}); }

  /// To rest with limited jerk, then hold. The next target moves it again; an arm that was let go (use) is held. In its
  /// own process it needs no lease: whoever has the controller may halt. Remotely it is the commander's, and does
  /// nothing for others.
  virtual void halt() noexcept = 0;

  /// Ramp to rest, brakes on, Fault::kRequested latched. For anybody, observers of a remote arm, too.
  virtual void safe_stop() noexcept = 0;

  /// The newest cycle. At most a period old while the arm runs; the last one, with CycleMode::kStopped, when it does
  /// not. @throws ServerDiedError
  [[nodiscard]] virtual control::CycleState state() const = 0;
  /// Counted since the cycle was made, over all its starts. @throws ServerDiedError
  [[nodiscard]] virtual control::CycleStats stats() const = 0;
  /// What is latched until recover(); Fault::kNone when nothing is. @throws ServerDiedError
  [[nodiscard]] virtual control::FaultReport fault() const = 0;

  /// The cycles around the last fault, oldest first; empty without one, and until the arm has come to its stop.
  /// @throws ServerDiedError. Cancellation: Cancelled, and nothing changes.
  [[nodiscard]] virtual async::Task<std::vector<control::CycleState>> evidence() = 0;

  /// What the cycle believes of the arm: tool and payload included. Changes with set_tool and set_payload; for the
  /// loop's thread.
  [[nodiscard]] virtual const control::Model& model() const noexcept = 0;
  [[nodiscard]] virtual const std::string& name() const noexcept = 0;

  /// A rhythm without drift: waits for the next beat and gives a Tick; another frequency begins a new one. An iteration
  /// that took longer than a period goes on with the next beat in phase, and what it missed is in Tick::missed and in
  /// overruns(). One task at a time, on the loop's thread. @throws LogicError for no frequency. Cancellation:
  /// Cancelled, at once; the beat stays the next.
  [[nodiscard]] virtual async::Every::Waiter pace(Frequency frequency) = 0;
  [[nodiscard]] virtual std::uint64_t overruns() const noexcept = 0;
};

}  // namespace takt::controller
