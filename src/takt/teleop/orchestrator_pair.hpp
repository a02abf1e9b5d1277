#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "takt/teleop/orchestrator.hpp"

/// Private to the orchestrator's sources.
namespace takt::teleop {

/// Long enough for a leader at 10 Hz; short enough that a robot is free a second after its commander died.
inline constexpr core::Nanoseconds kLeaseDuration = core::kNanosecondsPerSecond;

struct Orchestrator::Pair {
  Pair(RobotNode* leader_node, RobotNode& follower_node, PairOptions pair_options)
      : leader(leader_node),
        follower(follower_node),
        options(std::move(pair_options)),
        map(options.map, (leader != nullptr ? *leader : follower).robot().info().joint_names.size(),
            follower.robot().info().joint_names.size()),
        teleop(options.pipeline, follower),
        policy(options.pipeline, follower),
        motion(paced(options.pipeline), follower) {}

  /// As for a source that has its own pace (CommandPipeline::set_pace) and moves smoothly already.
  static CommandPipelineOptions paced(CommandPipelineOptions pipeline) {
    pipeline.smoothing_tau_s = 0.0;
    return pipeline;
  }

  RobotNode* leader;  // none: nobody leads it
  RobotNode& follower;
  PairOptions options;
  JointMap map;
  CommandPipeline teleop;
  CommandPipeline policy;
  CommandPipeline motion;

  std::atomic<control::LeaseEpoch> epoch{0};         // of leader or policy
  std::atomic<control::LeaseEpoch> motion_epoch{0};  // of the motion that may run while they do not command
  std::atomic<std::uint64_t> let_gos{0};             // how often it was let go
  std::atomic<bool> clutch_closed{true};
  std::atomic<std::uint64_t> aligning{0};
  std::atomic<std::uint64_t> published{0};
  std::atomic<std::uint64_t> rejected{0};
  std::atomic<std::uint64_t> aligning_rejected{0};

  // The leader's thread alone.
  core::Nanoseconds last_stamp_ns{0};
  bool was_wanted{false};

  // Whoever commands now.
  std::atomic<core::Nanoseconds> renewed_ns{0};
  std::atomic<Phase> noted{Phase::kWaiting};
};

}  // namespace takt::teleop
