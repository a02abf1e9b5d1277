#include "takt/control/motion_guard.hpp"

#include <gtest/gtest.h>

#include "takt/control/model/test/test_arms.hpp"
#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

/// Two links of a metre in the plane z = 0, both axes along z.
ModelData planar_arm() {
  ModelData data = testing::random_arm(1, 2);
  for (JointData& joint : data.joints) {
    joint.X_PJ = core::Pose::Identity();
    joint.axis_J = Eigen::Vector3d::UnitZ();
  }
  data.joints[1].X_PJ.translation() = Eigen::Vector3d::UnitX();
  data.X_LF = core::Pose::Identity();
  data.X_LF.translation() = Eigen::Vector3d::UnitX();
  return data;
}

CycleOptions boxed() {
  CycleOptions options;
  options.workspace = Workspace{.lowest_m = {-3.0, -0.5, -1.0}, .highest_m = {3.0, 0.5, 1.0}};
  return options;
}

TEST(MotionGuardTest, ObjectsToNothingUnlessAskedTo) {
  const Model model(planar_arm());
  EXPECT_EQ(MotionGuard(model, CycleOptions{}).objection(model, {0.2, 0.0}, {3.0, 3.0}), HaltCause::kNone);
}

TEST(MotionGuardTest, RefusesToEndOutsideTheWorkspace) {
  const Model model(planar_arm());
  const MotionGuard guard(model, boxed());
  EXPECT_EQ(guard.objection(model, {0.0, 0.0}, {0.2, 0.0}), HaltCause::kNone);
  EXPECT_EQ(guard.objection(model, {0.2, 0.0}, {0.3, 0.0}), HaltCause::kWorkspace);
}

TEST(MotionGuardTest, AnArmOutsideMayComeBackInside) {
  const Model model(planar_arm());
  const MotionGuard guard(model, boxed());
  EXPECT_EQ(guard.objection(model, {0.5, 0.0}, {0.4, 0.0}), HaltCause::kNone);
  EXPECT_EQ(guard.objection(model, {0.4, 0.0}, {0.5, 0.0}), HaltCause::kWorkspace);
}

TEST(MotionGuardTest, LinksKeepTheirDistance) {
  ModelData data = testing::random_arm(1, 3);
  for (JointData& joint : data.joints) {
    joint.X_PJ = core::Pose::Identity();
    joint.axis_J = Eigen::Vector3d::UnitZ();
    joint.X_PJ.translation() = Eigen::Vector3d::UnitX();
  }
  data.home_rad = {0.0, 0.0, 0.0};
  data.capsules = {{.link = 1, .p_LP_m = {0, 0, 0}, .p_LQ_m = {1, 0, 0}, .radius_m = 0.05},
                   {.link = 3, .p_LP_m = {0, 0, 0}, .p_LQ_m = {1, 0, 0}, .radius_m = 0.05}};
  const Model model(data);
  CycleOptions options;
  options.self_collision_margin_m = 0.1;
  const MotionGuard guard(model, options);
  EXPECT_EQ(guard.objection(model, {0, 0, 0}, {0, 1.0, 1.0}), HaltCause::kNone);
  EXPECT_EQ(guard.objection(model, {0, 2.0, 2.0}, {0, 2.0, 2.4}), HaltCause::kSelfCollision)
      << "the last link folds onto the first";
  const ::takt::testing::AllocationGuard allocations;
  static_cast<void>(guard.objection(model, {0, 2.0, 2.0}, {0, 2.0, 2.4}));
  EXPECT_EQ(allocations.count(), 0U);
}

TEST(MotionGuardTest, NeedsCapsulesToKeepLinksApart) {
  const Model model(planar_arm());
  CycleOptions options;
  options.self_collision_margin_m = 0.1;
  EXPECT_THROW(MotionGuard(model, options), LogicError);
}

}  // namespace
}  // namespace takt::control
