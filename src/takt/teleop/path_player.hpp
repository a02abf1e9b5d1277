#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "takt/control/motion/joint_path.hpp"
#include "takt/core/error.hpp"
#include "takt/realtime/thread.hpp"
#include "takt/teleop/orchestrator.hpp"

namespace takt::teleop {

/// Moves a pair's follower along paths, on its own thread "play.<follower>": a write to a servo arm takes the bus for a
/// while, and an event loop must not wait for that. Sleeps while there is nothing to play. A resource.
///
/// What it sends passes the guards like everything else; a leader or policy that commands again ends it.
class PathPlayer {
 public:
  /// A path from where the follower stands.
  using Plan = std::function<control::JointPath(const control::JointPath::Reference& from)>;

  struct Options {
    std::string holder{"path"};  ///< whom others find in command meanwhile
    /// Called on the play thread when a path was left before its end, or at its end the follower was not there, with
    /// the reason. Must not use the player; what it throws is logged.
    std::function<void(const std::string& why)> on_left{};
  };

  /// Starts the thread. The orchestrator must outlive this.
  PathPlayer(Orchestrator& orchestrator, std::size_t pair, Options options);

  /// Halts the follower where it is on a path, and ends the thread.
  ~PathPlayer() = default;
  PathPlayer(const PathPlayer&) = delete;
  PathPlayer& operator=(const PathPlayer&) = delete;

  /// Takes command, plans from where the follower stands then (`plan` is called once, on this thread), and goes along
  /// the path, of the follower's joints; at its end the follower stays half a second in command to arrive, then it is
  /// let go, at rest. Takes the place of a path that is being played. Any thread but an event loop's: may wait for a
  /// write.
  /// @param stops  as stops() said when it was wished for: a stop() since then makes it void. None: as it says now.
  /// @return or why not, and nothing changes: somebody else commands, a fault, or it is not known where it stands. What
  /// the plan throws goes on, and nothing changes either.
  [[nodiscard]] Expected<void, std::string> play(const Plan& plan, std::optional<std::uint64_t> stops = {});

  /// The path that is played, and those that are about to be, come to their end now; the follower halts, within a
  /// period of the play thread when no write hangs. Any thread; waits for nothing.
  /// @return whether one was played
  bool stop();
  /// How often stop() was called. Any thread; waits for nothing.
  [[nodiscard]] std::uint64_t stops() const;

  /// Where a path would begin now: on the one that is played, else at the follower's command in force, else where it
  /// was measured. Nothing: no state of it is known. Any thread; waits for nothing.
  [[nodiscard]] std::optional<control::JointPath::Reference> standing() const;

  /// Paths that came to their end and their goal, and the others. Any thread.
  struct Counts {
    std::uint64_t finished{0};
    std::uint64_t left{0};
  };
  [[nodiscard]] Counts counts() const;

 private:
  struct Motion {
    std::shared_ptr<const control::JointPath> path;
    control::LeaseEpoch epoch{0};
    std::uint64_t stops{0};  ///< more of them end it
  };

  void run(const std::stop_token& stop);
  void follow_path(const std::stop_token& stop);
  [[nodiscard]] std::optional<MotionEnd> step(const Motion& motion);
  [[nodiscard]] bool end(std::optional<MotionEnd> why, bool ending);
  [[nodiscard]] bool set_out(Motion motion);
  [[nodiscard]] std::optional<Motion> motion() const;
  [[nodiscard]] std::string shortfall(const control::JointPath& path) const;

  Orchestrator& orchestrator_;
  const std::size_t pair_;
  const Options options_;
  std::mutex turns_;          // beginning and ending a motion, which may wait for a write; taken before mutex_
  mutable std::mutex mutex_;  // of what follows; nothing is waited for with it
  std::condition_variable_any changed_;
  std::optional<Motion> motion_;  // changes with turns_, too
  std::uint64_t stops_{0};
  Counts counts_;
  realtime::RealtimeThread thread_;  // last: it uses all of the above
};

}  // namespace takt::teleop
