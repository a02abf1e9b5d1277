#include "takt/control/model/model_data.hpp"

#include <functional>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "takt/control/model/test/test_arms.hpp"
#include "takt/core/error.hpp"

namespace takt::control {
namespace {

struct Breach {
  std::string expected_text;
  std::function<void(ModelData&)> make;
};

class ModelDataBreachTest : public ::testing::TestWithParam<Breach> {};

TEST_P(ModelDataBreachTest, IsRefusedWithTheValueAndWhoseItIs) {
  ModelData data = testing::planar_arm();
  GetParam().make(data);
  try {
    require_physical(data);
    FAIL() << "accepted; expected: " << GetParam().expected_text;
  } catch (const LogicError& error) {
    EXPECT_NE(std::string(error.what()).find("planar"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find(GetParam().expected_text), std::string::npos) << error.what();
  }
}

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

const Breach kBreaches[] = {
    {"0 joints", [](ModelData& data) { data.joints.clear(); }},
    {"17 joints", [](ModelData& data) { data.joints.resize(17, data.joints[0]); }},
    {"flange_link is 3", [](ModelData& data) { data.flange_link = 3; }},
    {"home has 1 values", [](ModelData& data) { data.home_rad = {0.0}; }},
    {"joint 2 (elbow): home 2 rad lies outside",
     [](ModelData& data) {
       data.joints[1].limits.position_max_rad = 1.0;
       data.home_rad[1] = 2.0;
     }},
    {"home nan", [](ModelData& data) { data.home_rad[1] = kNan; }},
    {"gravity", [](ModelData& data) { data.gravity_B_m_s2.x() = kNan; }},
    {"X_LF is no rotation", [](ModelData& data) { data.X_LF.linear() *= 1.01; }},
    {"X_PJ is no rotation (determinant -1)", [](ModelData& data) { data.joints[0].X_PJ.linear().col(0) *= -1.0; }},
    {"joint 2 (elbow): the axis has length 2", [](ModelData& data) { data.joints[1].axis_J *= 2.0; }},
    {"joint 1 (shoulder): mass is 0 kg", [](ModelData& data) { data.joints[0].link.mass_kg = 0.0; }},
    {"mass is nan", [](ModelData& data) { data.joints[0].link.mass_kg = kNan; }},
    {"centre of mass", [](ModelData& data) { data.joints[0].link.p_LC_m.y() = kNan; }},
    {"symmetric", [](ModelData& data) { data.joints[0].link.I_C_kg_m2(0, 1) = 1e-3; }},
    {"principal moments -1, 1, 1",
     [](ModelData& data) { data.joints[0].link.I_C_kg_m2 = Eigen::Vector3d(1, 1, -1).asDiagonal(); }},
    {"principal moments 1, 1, 2.5",
     [](ModelData& data) { data.joints[0].link.I_C_kg_m2 = Eigen::Vector3d(1, 2.5, 1).asDiagonal(); }},
    {"position_min 1 is not below position_max 1 rad",
     [](ModelData& data) { data.joints[1].limits.position_min_rad = data.joints[1].limits.position_max_rad = 1.0; }},
    {"velocity_rad_s is 0", [](ModelData& data) { data.joints[1].limits.velocity_rad_s = 0.0; }},
    {"jerk_rad_s3 is nan", [](ModelData& data) { data.joints[1].limits.jerk_rad_s3 = kNan; }},
    {"velocity envelope has offset -1",
     [](ModelData& data) { data.joints[1].limits.envelope_velocity_offset_rad_s = -1; }},
    {"capsule 1: it sits on link 3", [](ModelData& data) { data.capsules = {{.link = 3, .radius_m = 0.1}}; }},
    {"capsule 1: radius is 0 m", [](ModelData& data) { data.capsules = {{.link = 1, .radius_m = 0.0}}; }},
    {"capsule 2: its ends",
     [](ModelData& data) {
       data.capsules = {{.link = 1, .radius_m = 0.1}, {.link = 1, .p_LQ_m = {0, kNan, 0}, .radius_m = 0.1}};
     }},
    {"65 capsules", [](ModelData& data) { data.capsules.resize(65, {.link = 1, .radius_m = 0.1}); }},
    {"harmless pair of links 0 and 3", [](ModelData& data) { data.harmless_pairs = {{0, 3}}; }},
    {"friction -0.1", [](ModelData& data) { data.joints[0].friction_nm = -0.1; }},
};

INSTANTIATE_TEST_SUITE_P(ModelData, ModelDataBreachTest, ::testing::ValuesIn(kBreaches));

TEST(RequirePhysicalTest, AcceptsArmsThatCanExist) {
  EXPECT_NO_THROW(require_physical(testing::planar_arm()));
  EXPECT_NO_THROW(require_physical(testing::random_arm(1, core::kMaxJoints)));
}

TEST(RequirePhysicalTest, BearsTheRoundingOfPublishedInertias) {
  // A thin plate: the moment about its normal is the sum of the others, give or take the last printed digit.
  LinkInertia link;
  link.mass_kg = 1.0;
  link.I_C_kg_m2 = Eigen::Vector3d(0.0123, 0.0456, 0.05794).asDiagonal();
  EXPECT_NO_THROW(require_physical(link, "plate"));
  link.I_C_kg_m2(2, 2) = 0.0581;
  EXPECT_THROW(require_physical(link, "plate"), LogicError);
}

TEST(DetunedTest, ScalesMassAndInertiaAndLeavesGeometry) {
  const ModelData exact = testing::random_arm(3, 4);
  const ModelData heavy = detuned(exact, 1.1);
  for (std::size_t i = 0; i < exact.dof(); ++i) {
    EXPECT_DOUBLE_EQ(heavy.joints[i].link.mass_kg, 1.1 * exact.joints[i].link.mass_kg);
    EXPECT_TRUE(heavy.joints[i].link.I_C_kg_m2.isApprox(1.1 * exact.joints[i].link.I_C_kg_m2));
    EXPECT_DOUBLE_EQ(heavy.joints[i].armature_kg_m2, 1.1 * exact.joints[i].armature_kg_m2);
    EXPECT_EQ(heavy.joints[i].link.p_LC_m, exact.joints[i].link.p_LC_m);
    EXPECT_TRUE(heavy.joints[i].X_PJ.isApprox(exact.joints[i].X_PJ, 0.0));
  }
}

TEST(DetunedTest, RefusesAFactorThatLeavesNoArm) {
  EXPECT_THROW(static_cast<void>(detuned(testing::planar_arm(), 0.0)), LogicError);
  EXPECT_THROW(static_cast<void>(detuned(testing::planar_arm(), kNan)), LogicError);
}

}  // namespace
}  // namespace takt::control
