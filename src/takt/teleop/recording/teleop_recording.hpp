#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "takt/bus/subscription.hpp"
#include "takt/core/time.hpp"
#include "takt/teleop/orchestrator.hpp"
#include "takt/trajectory/recorder/recorder.hpp"

namespace takt::teleop::recording {

/// Records what a teleoperation is: of each leader its states, of each follower what was mapped, guarded and sent to it
/// and what was read back, each with the stamps of its own way and the trace id that joins them; modes, phases and
/// faults when they happen; statistics once per second (docs/formats/teleop-recording.md).
///
/// What is recorded is copied into the recorder's ring on the thread that has it: after the followers were commanded,
/// for states; between two steps of a command's way, for commands. Nobody waits, and nothing of the recording's is a
/// fault of a robot's.
///
/// A resource. It may end before the robots' nodes or after them; what they hold keeps the recorder alive.
class TeleopRecording {
 public:
  /// Set-up: before a robot of these pairs starts, since it becomes their CommandTap. The orchestrator must outlive it.
  /// @throws ConfigError for a robot without joints.
  TeleopRecording(Orchestrator& orchestrator, std::unique_ptr<trajectory::recorder::Recorder> recorder,
                  core::Clock& clock = core::steady_clock());
  /// close().
  ~TeleopRecording();
  TeleopRecording(const TeleopRecording&) = delete;
  TeleopRecording& operator=(const TeleopRecording&) = delete;

  /// To be called about ten times a second: writes statistics when a second has passed. One thread at a time.
  void poll();

  /// For episodes, and how the recording stands. Any thread.
  [[nodiscard]] trajectory::recorder::Recorder& recorder() noexcept { return *recorder_; }

  /// Frames that were offered so far: recorded or dropped, of all channels. Any thread.
  [[nodiscard]] std::uint64_t frames() const noexcept;

  /// Detaches from the states, writes the last statistics and closes the file. Idempotent; one thread at a time.
  void close() noexcept;

 private:
  class Tap;

  void attach_follower(RobotNode& node);
  void attach_leader(RobotNode& node);
  void subscribe(RobotNode& node, trajectory::recorder::StateKind kind);
  [[nodiscard]] trajectory::recorder::StateChannel& channel(RobotNode& node, trajectory::recorder::StateKind kind);
  void write_statistics();

  Orchestrator& orchestrator_;
  core::Clock& clock_;
  std::shared_ptr<trajectory::recorder::Recorder> recorder_;  // shared with the nodes' taps
  std::shared_ptr<std::atomic<std::uint64_t>> frames_;        // likewise
  std::vector<bus::Subscription> subscriptions_;              // after what their callbacks use
  core::Nanoseconds next_statistics_ns_{0};
  bool closed_{false};
};

}  // namespace takt::teleop::recording
