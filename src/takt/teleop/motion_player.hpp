#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "takt/core/error.hpp"
#include "takt/core/parker.hpp"
#include "takt/core/time.hpp"
#include "takt/realtime/thread.hpp"
#include "takt/teleop/motion.hpp"
#include "takt/teleop/orchestrator.hpp"

namespace takt::teleop {

/// Moves a pair's follower by motions, on its own thread "play.<follower>": a write to a servo arm takes the bus for a
/// while, and an event loop must not wait for that. Sleeps while there is nothing to play, and from one action to the
/// next until the very instant at which that is due, so that actions are late by what the sleep is. A resource.
///
/// What it sends passes the guards like everything else; a leader or policy that commands again ends it. An action's
/// stamp is the instant it was due at: the guards judge the motion, not the thread that sends it.
class MotionPlayer {
 public:
  /// A motion from where the follower stands. @throws Error saying why there is none
  using Plan = std::function<std::shared_ptr<Motion>(const Motion::Reference& from)>;

  /// So long it may sleep without hearing of a stop or a nudge.
  static constexpr core::Nanoseconds kLook_ns = 20'000'000;

  struct Options {
    std::string holder{"path"};  ///< whom others find in command meanwhile
    /// Called on the play thread when a motion was left before its end, or at its end the follower was not there, with
    /// the reason. Must not use the player; what it throws is logged.
    std::function<void(const std::string& why)> on_left{};
    /// Called on the play thread when a motion is over, however it ended, after the follower was let go and on_left
    /// was called. Must not use the player; what it throws is logged.
    std::function<void()> on_over{};
    /// So often it looks at its motion without being nudged; above 0.
    core::Nanoseconds longest_sleep_ns{5 * kLook_ns};
    bool own_thread{true};  ///< false: nothing moves but by turn(); for tests on a manual clock
  };

  /// Starts the thread. The orchestrator must outlive this. @param clock  of the follower's stamps; outlives this.
  /// @throws LogicError for an option out of range
  MotionPlayer(Orchestrator& orchestrator, std::size_t pair, Options options,
               core::Clock& clock = core::steady_clock());

  /// Halts the follower where it is on a motion, and ends the thread.
  ~MotionPlayer();
  MotionPlayer(const MotionPlayer&) = delete;
  MotionPlayer& operator=(const MotionPlayer&) = delete;

  /// Takes command, plans from where the follower stands then (`plan` is called once, on this thread), and plays the
  /// motion, of the follower's joints; when it is over the follower is let go, at rest. Takes the place of a motion
  /// that is being played. Any thread but an event loop's: may wait for a write.
  /// @param stops  as stops() said when it was wished for: a stop() since then makes it void. None: as it says now.
  /// @return or why not, and nothing changes: somebody else commands, a fault, or it is not known where it stands. What
  /// the plan throws goes on, and nothing changes either.
  [[nodiscard]] Expected<void, std::string> play(const Plan& plan, std::optional<std::uint64_t> stops = {});

  /// The motion that is played, and those that are about to be, come to their end now; the follower halts, within
  /// kLook_ns when no write hangs. Any thread; waits for nothing.
  /// @return whether one was played
  bool stop();
  /// Something else is wanted of the motion that is played: it is asked again when its next action is due, within
  /// kLook_ns. Any thread; waits for nothing.
  void nudge();
  /// How often stop() was called. Any thread; waits for nothing.
  [[nodiscard]] std::uint64_t stops() const;

  /// Where a motion would begin now: on the one that is played, else at the follower's command in force, else where it
  /// was measured. Nothing: no state of it is known. Any thread; waits for nothing.
  [[nodiscard]] std::optional<Motion::Reference> standing() const;

  [[nodiscard]] bool playing() const;

  /// Motions that came to their end and their goal, and the others. Any thread.
  struct Counts {
    std::uint64_t finished{0};
    std::uint64_t left{0};
  };
  [[nodiscard]] Counts counts() const;

  /// One turn of the play thread: sends what is due, ends what is over. Only without an own thread.
  /// @return when to come again; nothing: nothing is played
  std::optional<core::Nanoseconds> turn();

 private:
  struct Playing {
    std::shared_ptr<Motion> motion;
    control::LeaseEpoch epoch{0};
    std::uint64_t stops{0};  ///< more of them end it
  };

  void run(const std::stop_token& stop);
  void sleep(core::Nanoseconds until_ns);
  [[nodiscard]] std::optional<core::Nanoseconds> turn(bool ending);
  [[nodiscard]] std::optional<MotionEnd> send(const Playing& now, core::Nanoseconds due_ns);
  [[nodiscard]] bool end(const Playing& last, std::optional<MotionEnd> why, bool over, bool ending);
  [[nodiscard]] std::string reason(const Playing& last, std::optional<MotionEnd> why, bool over) const;
  [[nodiscard]] std::string shortfall(const Motion& motion) const;
  [[nodiscard]] bool set_out(Playing playing);
  [[nodiscard]] std::optional<Playing> now_playing() const;

  Orchestrator& orchestrator_;
  const std::size_t pair_;
  const Options options_;
  core::Clock& clock_;
  std::mutex turns_;                // beginning and ending a motion, which may wait for a write; taken before mutex_
  mutable std::mutex mutex_;        // of what follows; nothing is waited for with it
  std::optional<Playing> playing_;  // changes with turns_, too
  std::uint64_t stops_{0};
  Counts counts_;
  core::Parker bell_;                                 // where the thread sleeps; rung without mutex_
  std::unique_ptr<realtime::RealtimeThread> thread_;  // last: it uses all of the above
};

}  // namespace takt::teleop
