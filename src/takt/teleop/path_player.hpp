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
  struct Options {
    std::string holder{"path"};  ///< whom others find in command meanwhile
    /// Called on the play thread when a path was left before its end, with the reason. Must not use the player.
    std::function<void(const std::string& why)> on_left{};
  };

  /// Starts the thread. The orchestrator must outlive this.
  PathPlayer(Orchestrator& orchestrator, std::size_t pair, Options options);

  /// Halts the follower where it is on a path, and ends the thread.
  ~PathPlayer() = default;
  PathPlayer(const PathPlayer&) = delete;
  PathPlayer& operator=(const PathPlayer&) = delete;

  /// Goes along `path`, of the follower's joints, from now on; at its end the follower stays half a second in command
  /// to arrive, then it is let go, at rest. Takes the place of a path that is being played. Any thread.
  /// @return or why not, and nothing changes: somebody else commands, or a fault.
  [[nodiscard]] Expected<void, std::string> play(control::JointPath path);

  /// Where a path should begin now: on the one that is played, else at the follower's command in force, else where it
  /// was measured. Nothing: no state of it is known. Any thread.
  [[nodiscard]] std::optional<control::JointPath::Reference> standing() const;

  /// Paths that came to their end, and that were left before. Any thread.
  struct Counts {
    std::uint64_t finished{0};
    std::uint64_t left{0};
  };
  [[nodiscard]] Counts counts() const;

 private:
  struct Motion {
    std::shared_ptr<const control::JointPath> path;
    control::LeaseEpoch epoch{0};
  };

  void run(const std::stop_token& stop);
  void follow_path(const std::stop_token& stop);
  [[nodiscard]] std::optional<MotionEnd> step(const Motion& motion);

  Orchestrator& orchestrator_;
  const std::size_t pair_;
  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<Motion> motion_;
  Counts counts_;
  realtime::RealtimeThread thread_;  // last: it uses all of the above
};

}  // namespace takt::teleop
