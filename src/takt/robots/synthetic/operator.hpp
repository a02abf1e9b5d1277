#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "takt/control/model/model_data.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/robot_state.hpp"
#include "takt/robots/robot.hpp"

namespace takt::robots::synthetic {

struct OperatorOptions {
  std::uint64_t seed{1};
  double reach_fraction{0.5};    ///< of the room between home and a joint's limits that targets use, 0 … 1
  double reach_duration_s{1.5};  ///< the longest reach; each takes 70 … 100 % of it
  double pause_s{0.5};           ///< the shortest pause between two reaches
  double tremor_rad{0.0005};     ///< bound of the hand tremor of each joint; 0: a steady hand
  double max_speed_rad_s{1.5};   ///< bound of every joint's speed, tremor included; a joint's own limit counts as well
  bool has_gripper{true};        ///< opens and closes along with the reaches
};

/// The operator's motion at one moment. Positions, velocities and accelerations fit together: all three are exact.
struct OperatorSample {
  core::JointVector q_rad;
  core::JointVector dq_rad_s;
  core::JointVector ddq_rad_s2;
  std::optional<double> gripper;  ///< 0 closed … 1 open
};

/// A person at a leader arm, made from a seed: reaches between random targets around the home posture, pauses, a
/// trembling hand. Its motion is a pure function of seed and time, twice continuously differentiable, inside the joint
/// limits.
///
///   reach    q(t) = q_0 + (q_1 − q_0)·(10s³ − 15s⁴ + 6s⁵), s = (t − t_0)/D: minimum jerk (Flash and Hogan 1985),
///            so that the peak speed is 15/8·|q_1 − q_0|/D and the peak acceleration 10/√3·|q_1 − q_0|/D².
///   targets  uniform in home ± reach_fraction·room, less where a joint's speed or half its acceleration limit would be
///            exceeded; where a joint has no position limits, the room is π.
///   tremor   a sum of five sinusoids of 8 … 12 Hz per joint, physiological tremor's band, with tremor_rad/5 each; less
///   where
///            home is nearer to a limit than that, or the tremor would take more than a quarter of the joint's speed.
///
/// The owner paces it; `read` samples at the clock, time 0 being `start`. `sample` is any thread's, `read` one thread's
/// at a time; both are real-time safe.
class SyntheticOperator final : public Robot {
 public:
  static constexpr std::size_t kTones = 5;
  static constexpr double kTremorLow_hz = 8.0;
  static constexpr double kTremorHigh_hz = 12.0;

  /// @param model  names, limits and home of the joints to move; its dynamics are not used.
  /// @param clock  must outlive the robot.
  /// @throws ConfigError for an option out of range. LogicError for a model without joints, with too many, without one
  /// home
  ///         position per joint, or whose home is not inside its limits.
  explicit SyntheticOperator(const control::ModelData& model, const OperatorOptions& options = {},
                             core::Clock& clock = core::steady_clock());

  /// The motion t_s after the start; earlier times count as 0.
  [[nodiscard]] OperatorSample sample(double t_s) const noexcept;

  [[nodiscard]] const RobotInfo& info() const noexcept override { return info_; }
  void start() override;
  void stop() noexcept override;
  void read(messages::RobotState& state) override;
  void write(const messages::RobotState& target) override;  ///< Always a LogicError.

 private:
  struct Tone {
    double omega_rad_s{0.0};
    double phase_rad{0.0};
  };
  struct Joint {
    double home_rad{0.0};
    double down_rad{0.0};  ///< targets lie in home − down … home + up
    double up_rad{0.0};
    double tone_rad{0.0};  ///< amplitude of each tone
    std::array<Tone, kTones> tones{};
  };

  void add_joint(const control::JointData& data, double home_rad);
  [[nodiscard]] double target_rad(std::size_t joint, std::uint64_t reach) const noexcept;
  [[nodiscard]] double gripper_target(std::uint64_t reach) const noexcept;

  OperatorOptions options_;
  core::Clock& clock_;
  RobotInfo info_;
  std::vector<Joint> joints_;
  std::atomic<bool> started_{false};
  core::Nanoseconds start_ns_{0};
};

}  // namespace takt::robots::synthetic
