#pragma once
#include "takt/control/motion/outcome.hpp"
#include "takt/control/motion/pose_limits.hpp"
#include "takt/core/geometry.hpp"
namespace takt::control {
struct PoseSetpoint { core::Pose X_BE{core::Pose::Identity()}; Eigen::Vector3d v{0,0,0}, w{0,0,0}, a{0,0,0}, alpha{0,0,0}; };
class PoseGenerator {
 public:
  explicit PoseGenerator(const PoseLimits&) {}
  void reset(const PoseSetpoint& s) noexcept { s_ = s; }
  [[nodiscard]] Outcome set_target(const core::Pose& X) noexcept { s_ = {.X_BE = X}; return Outcome::kOk; }
  [[nodiscard]] Outcome set_target(const core::Pose& X, const Eigen::Vector3d&, const Eigen::Vector3d&) noexcept { return set_target(X); }
  void set_limits(const PoseLimits&) noexcept {}
  void halt() noexcept {}
  const PoseSetpoint& step(double) noexcept { return s_; }
  [[nodiscard]] bool at_rest() const noexcept { return true; }
  PoseSetpoint s_;
};
}  // namespace takt::control
