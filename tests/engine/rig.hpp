#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "takt/teleop/replay/digital_twin.hpp"

namespace takt::engine_tests {

/// How far an arm was from a timeline that it followed with a constant lag.
struct Tracking {
  double lag_s{0.0};
  double rms_rad{0.0};
  double worst_rad{0.0};
  double ripple_rad_s2{0.0};  ///< of the measured velocities' changes that the timeline has not, root mean square
};

/// A simulated arm with its owner and its twin, in real time.
class ArmRig {
 public:
  explicit ArmRig(const std::string& uri);
  ~ArmRig();
  ArmRig(const ArmRig&) = delete;
  ArmRig& operator=(const ArmRig&) = delete;

  /// Joints `way` there and back, one after the other a little, in so long, from where it stands.
  [[nodiscard]] trajectory::Trajectory wave(double rate_hz, double duration_s, double way_rad);

  [[nodiscard]] messages::RobotState state();
  [[nodiscard]] double fastest_rad_s();
  /// Or until it is played no more: an arm that the machine brought down fulfils no condition ever.
  void wait_until(const std::function<bool()>& condition) const;
  void wait_for_rest();
  void play_to_end() const;

  /// What was emitted since this was made.
  [[nodiscard]] std::vector<teleop::replay::EmittedFrame> frames() const;
  /// That the machine took the CPU away from a thread of the arm's or the twin's, as it was counted there, for longer
  /// than an arm in real time goes on undisturbed; "" it did not.
  [[nodiscard]] std::string disturbance() const;

  /// Of all that was measured while frames were emitted.
  [[nodiscard]] Tracking tracking();
  /// The largest share of its velocity limit that a joint was measured to use.
  [[nodiscard]] double largest_velocity_share();

  bus::Bus bus;
  teleop::SystemState system_state{bus};
  std::unique_ptr<teleop::RobotNode> node;
  std::unique_ptr<teleop::Orchestrator> orchestrator;
  std::unique_ptr<teleop::replay::DigitalTwin> twin;

 private:
  [[nodiscard]] core::Nanoseconds latest_frame_ns() const;
  [[nodiscard]] core::Nanoseconds longest_gap_ns() const;

  mutable std::mutex mutex_;
  std::vector<teleop::replay::EmittedFrame> frames_;
  std::vector<messages::RobotState> states_;
  bus::Subscription seen_;
};

/// One group of a CSV recording as a trajectory of that arm, joints in the arm's order; gripper joints stay where they
/// are.
[[nodiscard]] trajectory::Trajectory recorded(const std::string& file, const std::string& group, int segment,
                                              const robots::RobotInfo& info);

}  // namespace takt::engine_tests
