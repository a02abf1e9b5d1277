#pragma once

#include <array>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "takt/control/model/test/test_arms.hpp"
#include "takt/control/motion_source.hpp"

namespace takt::control {

/// A seven-joint arm like an FR3 in its lengths.
inline ModelData arm_data() {
  ModelData data = testing::random_arm(3, 7);
  const std::array<Eigen::Vector3d, 7> at{
      {{0, 0, 0.333}, {0, 0, 0}, {0, 0, 0.316}, {0.083, 0, 0}, {-0.083, 0, 0.384}, {0, 0, 0}, {0.088, 0, 0}}};
  const std::array<Eigen::Vector3d, 7> axis{
      Eigen::Vector3d::UnitZ(), Eigen::Vector3d::UnitY(),  Eigen::Vector3d::UnitZ(), -Eigen::Vector3d::UnitY(),
      Eigen::Vector3d::UnitZ(), -Eigen::Vector3d::UnitY(), -Eigen::Vector3d::UnitZ()};
  for (std::size_t i = 0; i < 7; ++i) {
    JointData& joint = data.joints[i];
    joint.X_PJ = core::Pose::Identity();
    joint.X_PJ.translation() = at[i];
    joint.axis_J = axis[i];
    joint.limits = {.position_min_rad = -2.7,
                    .position_max_rad = 2.7,
                    .velocity_rad_s = 2.0,
                    .acceleration_rad_s2 = 10.0,
                    .jerk_rad_s3 = 5000.0,
                    .torque_nm = 87.0,
                    .torque_rate_nm_s = 1000.0};
  }
  data.home_rad = {0.0, -0.78, 0.0, -2.36, 0.0, 1.57, 0.78};
  return data;
}

/// A source of motion for that arm, at rest at its home.
class MotionSourceFixture : public ::testing::Test {
 protected:
  Model model{arm_data()};
  std::vector<JointLimits> limits;
  CycleOptions options;
  std::unique_ptr<MotionSource> source;
  core::JointVector home{model.home_rad()};
  core::Nanoseconds now{0};

  void SetUp() override {
    for (const JointData& joint : model.data().joints) {
      limits.push_back(joint.limits);
    }
    begin();
  }

  /// Anew.
  void begin() {
    source = std::make_unique<MotionSource>(limits, options);
    source->reset(home);
  }

  [[nodiscard]] core::Pose pose() const { return model.tool_pose(source->setpoint().q_rad); }
};

}  // namespace takt::control
