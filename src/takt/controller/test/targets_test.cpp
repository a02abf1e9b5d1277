#include "takt/controller/targets.hpp"

#include <gtest/gtest.h>

namespace takt::controller {
namespace {

using namespace std::chrono_literals;

TEST(Targets, BareJointsAndBarePosesAreTargetsAtRest) {
  const Target joints = core::JointVector{0.1, 0.2};
  EXPECT_EQ(std::get<Joints>(joints.variant()).q_rad, (core::JointVector{0.1, 0.2}));
  EXPECT_TRUE(std::get<Joints>(joints.variant()).dq_rad_s.empty());
  core::Pose X_BE = core::Pose::Identity();
  X_BE.translation().x() = 0.5;
  const Target pose = X_BE;
  EXPECT_TRUE(std::get<ToolPose>(pose.variant()).X_BE.isApprox(X_BE));
  EXPECT_TRUE(std::get<ToolPose>(pose.variant()).v_m_s.isZero(0.0));
  EXPECT_TRUE(std::get<ToolPose>(pose.variant()).w_rad_s.isZero(0.0));
}

TEST(Targets, EvenlyTimedActionsAreDueOneStepApart) {
  const std::vector<core::JointVector> targets = {{0.1}, {0.2}, {0.3}};
  const ActionChunk chunk = ActionChunk::evenly(1000, 20ms, targets);
  ASSERT_EQ(chunk.actions.size(), 3U);
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_EQ(chunk.actions[k].due_ns, 1000 + static_cast<core::Nanoseconds>(k) * 20'000'000);
    EXPECT_EQ(std::get<core::JointVector>(chunk.actions[k].target), targets[k]);
  }
  EXPECT_TRUE(ActionChunk::evenly(0, 1ms, std::vector<core::Pose>{}).actions.empty());
}

}  // namespace
}  // namespace takt::controller
