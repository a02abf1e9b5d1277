#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <stop_token>

#include "takt/core/time.hpp"
#include "takt/realtime/thread.hpp"
#include "takt/teleop/orchestrator.hpp"

namespace takt::teleop {

/// A policy on its own thread "policy.<follower>" at its own rate: looks at the follower's newest state, says where it
/// should go, and its action is guarded and applied inline on that thread. Idle unless the orchestrator's mode is
/// kPolicy. It keeps no promises: one that is late or throws lets the follower's freshness run out, and nothing else. A
/// resource.
class PolicyWorker {
 public:
  /// Fills `action` (joint_positions in the follower's joints, gripper_position) from `observation`; false: no action
  /// this time. May block and may throw, which is counted and logged once per second.
  using Policy = std::move_only_function<bool(const messages::RobotState& observation, messages::RobotState& action)>;

  /// Starts the thread. The orchestrator must outlive this. @throws LogicError when rate_hz is not positive.
  PolicyWorker(Orchestrator& orchestrator, std::size_t pair, double rate_hz, Policy policy);

  [[nodiscard]] std::uint64_t actions() const noexcept { return actions_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t failures() const noexcept { return failures_.load(std::memory_order_relaxed); }

 private:
  void run(const std::stop_token& stop);
  void act();

  Orchestrator& orchestrator_;
  std::size_t pair_;
  core::Nanoseconds period_ns_;
  Policy policy_;
  std::atomic<std::uint64_t> actions_{0};
  std::atomic<std::uint64_t> failures_{0};
  realtime::RealtimeThread thread_;  // last: it uses all of the above
};

}  // namespace takt::teleop
