#pragma once

#include <atomic>
#include <cstdint>

#include <boost/describe.hpp>

#include "takt/messages/robot_state.hpp"
#include "takt/teleop/alignment.hpp"
#include "takt/teleop/command_guard.hpp"
#include "takt/teleop/robot_node.hpp"
#include "takt/teleop/smoother.hpp"

namespace takt::teleop {

/// How a source of targets stands to its follower.
enum class Phase : std::uint8_t {
  kWaiting,   ///< no target has come since the last restart
  kAligning,  ///< the follower approaches the source, jerk-limited
  kEngaged,   ///< the follower follows
};
BOOST_DESCRIBE_ENUM(Phase, kWaiting, kAligning, kEngaged)

struct CommandPipelineOptions {
  CommandGuardOptions guard{};
  double alignment_fraction{0.3};  ///< of the follower's limits, for the approach
  double aligned_within_rad{0.1};  ///< engaged only when the follower itself is this close to its command
  double realign_after_s{0.1};     ///< a gap in the targets as long as this ends the engagement
  double smoothing_tau_s{0.0};     ///< time constant of the EMA after the guards; 0: none
};

/// From targets in the follower's joints to commands it may have: alignment → guards → smoother. One per source
/// (teleoperation, policy) and follower, run on the source's thread. Real-time safe but for construction.
class CommandPipeline {
 public:
  /// `follower` must outlive this. @throws LogicError for impossible options.
  CommandPipeline(CommandPipelineOptions options, RobotNode& follower);

  /// Turns the target in `command` (joint_positions, stamp_ns) into the command to send, and marks it. kRejected: send
  /// nothing.
  [[nodiscard]] Verdict process(messages::RobotState& command) noexcept;

  /// Of a source that says itself how close together and how far apart its targets are due: the guards take steps as
  /// at least half the shortest and at most three times the longest, which is no gap yet, either. The source's thread.
  void set_pace(double shortest_s, double longest_s) noexcept;

  /// The next target starts a new approach. Any thread.
  void restart() noexcept { restart_.store(true, std::memory_order_release); }

  /// Any thread.
  [[nodiscard]] Phase phase() const noexcept {
    return restart_.load(std::memory_order_acquire) ? Phase::kWaiting : phase_.load(std::memory_order_acquire);
  }

 private:
  [[nodiscard]] bool begin(const messages::RobotState& target) noexcept;
  [[nodiscard]] bool follower_is_close(const core::JointVector& command_rad) noexcept;

  CommandPipelineOptions options_;
  double first_step_s_;  // from where the follower stands to its first target
  double gap_s_;
  RobotNode& follower_;
  Alignment alignment_;
  CommandGuard guard_;
  EmaSmoother smoother_;
  core::Nanoseconds stamp_ns_{0};
  std::atomic<bool> restart_{true};
  std::atomic<Phase> phase_{Phase::kWaiting};
};

}  // namespace takt::teleop
