#include "takt/controller/internal/wire.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "takt/controller/internal/packet.hpp"
#include "takt/core/error.hpp"

namespace takt::controller::internal {
namespace {

control::ModelData two_joints() {
  control::ModelData data;
  data.name = "two";
  for (int i = 0; i < 2; ++i) {
    control::JointData joint;
    joint.name = "joint" + std::to_string(i + 1);
    joint.X_PJ.translation() = Eigen::Vector3d(0.1, 0.2 * i, 0.3);
    joint.X_PJ.linear() = Eigen::AngleAxisd(0.4, Eigen::Vector3d(1, 2, 3).normalized()).toRotationMatrix();
    joint.axis_J = Eigen::Vector3d(0, 1, 0);
    joint.limits = {.position_min_rad = -1.0,
                    .position_max_rad = 2.0,
                    .velocity_rad_s = 3.0,
                    .acceleration_rad_s2 = 4.0,
                    .jerk_rad_s3 = 5.0,
                    .torque_nm = 6.0,
                    .torque_rate_nm_s = std::numeric_limits<double>::infinity(),
                    .envelope_velocity_offset_rad_s = 0.3,
                    .envelope_deceleration_rad_s2 = 7.0};
    joint.link = {.mass_kg = 2.0,
                  .p_LC_m = {0.01, 0.02, 0.03},
                  .I_C_kg_m2 = Eigen::Vector3d(0.1, 0.11, 0.12).asDiagonal().toDenseMatrix()};
    joint.damping_nm_s_rad = 0.5;
    joint.friction_nm = 0.6;
    joint.armature_kg_m2 = 0.7;
    data.joints.push_back(joint);
  }
  data.X_LF.translation() = Eigen::Vector3d(0.0, 0.0, 0.107);
  data.flange_link = 1;
  data.gravity_B_m_s2 = Eigen::Vector3d(0.1, 0.0, -9.8);
  data.home_rad = {0.5, 0.25};
  data.capsules = {{.link = 0, .p_LP_m = {0, 0, 0}, .p_LQ_m = {0, 0, 0.1}, .radius_m = 0.05},
                   {.link = 2, .p_LP_m = {0, 0.1, 0}, .p_LQ_m = {0.2, 0, 0.1}, .radius_m = 0.04}};
  data.harmless_pairs = {{.a = 0, .b = 2}};
  return data;
}

TEST(WireTest, AModelArrivesAsItWasToolAndPayloadIncluded) {
  control::Model model(two_joints());
  core::Pose X_FE = core::Pose::Identity();
  X_FE.translation() = Eigen::Vector3d(0.0, 0.01, 0.2);
  model.set_tool(X_FE);
  const control::LinkInertia load{
      .mass_kg = 0.7, .p_LC_m = {0, 0, 0.1}, .I_C_kg_m2 = Eigen::Matrix3d::Identity() * 0.002};
  model.set_payload(load);
  const auto bytes = messages::to_cdr(to_wire(model));
  const auto wire = messages::from_cdr<WireModel>(bytes);
  ASSERT_TRUE(wire) << wire.error().text();
  const control::Model again = from_wire(*wire);
  EXPECT_EQ(messages::to_cdr(to_wire(again)), bytes);
  EXPECT_EQ(again.data().name, "two");
  EXPECT_EQ(again.data().joints[1].limits.jerk_rad_s3, 5.0);
  ASSERT_EQ(again.data().capsules.size(), 2U);
  EXPECT_EQ(again.data().capsules[1].p_LQ_m, Eigen::Vector3d(0.2, 0, 0.1));
  EXPECT_EQ(again.data().harmless_pairs, model.data().harmless_pairs);
  EXPECT_EQ(again.tool().matrix(), X_FE.matrix());
  ASSERT_TRUE(again.payload());
  EXPECT_EQ(again.payload()->I_C_kg_m2, load.I_C_kg_m2);
  const core::JointVector q{0.3, -0.2};
  EXPECT_EQ(again.flange_pose(q).matrix(), model.flange_pose(q).matrix());
  EXPECT_EQ(again.gravity_nm(q), model.gravity_nm(q));
}

TEST(WireTest, WhatIsNoModelIsRefusedByTheReader) {
  WireModel wire = to_wire(control::Model(two_joints()));
  wire.joints[0].link.mass_kg = std::nan("");
  EXPECT_THROW((void)from_wire(wire), LogicError);
}

TEST(WireTest, ARotationThatIsNoneArrivesAsItIs) {
  core::Pose X = core::Pose::Identity();
  X.linear()(0, 1) = 0.5;
  EXPECT_EQ(from_wire(to_wire(X)).matrix(), X.matrix());
}

TEST(WireTest, EveryLawArrivesWithAllOfItsSettings) {
  const core::JointVector some{1.5, 2.5, std::numeric_limits<double>::infinity()};
  const std::vector<control::LawSettings> laws{
      control::JointImpedance{some, {2.0}, 30.0, 0.5, {9.0}},
      control::JointPid{some, {1.0}, {2.0}, {3.0}, {4.0}, 41.0, 0.3},
      control::OperationalSpace{{1, 2, 3, 4, 5, 6}, 0.7, 8.0, 0.9, 0.2, 10.0, 11.0},
      control::HybridImpedance{control::ToolAxes{1, 2, 3, 4, 5, 6},
                               control::ToolAxes{6, 5, 4, 3, 2, 1},
                               some,
                               {7.0},
                               {10.0},
                               26.0,
                               0.4,
                               8.0,
                               9.0},
      control::HybridImpedance{},
      control::JointTorque{some},
      control::GravityCompensation{some, 0.25},
  };
  for (const control::LawSettings& law : laws) {
    const auto bytes = pack(3, Use{law});
    const auto packet = parse_packet(bytes);
    ASSERT_TRUE(packet);
    const auto use = unpack<Use>(*packet);
    ASSERT_TRUE(use) << use.error().text();
    EXPECT_EQ(use->law, law) << law.index();
  }
}

TEST(WireTest, ALawThatNobodyKnowsIsRefused) {
  auto body = messages::to_cdr(Use{control::JointTorque{}});
  body[messages::kCdrHeaderSize] = std::byte{6};
  const auto use = messages::from_cdr<Use>(body);
  ASSERT_FALSE(use);
  EXPECT_EQ(use.error().text(), "law: alternative 6 of 6");
}

}  // namespace
}  // namespace takt::controller::internal
