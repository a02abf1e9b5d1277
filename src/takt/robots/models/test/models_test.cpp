#include "takt/robots/models/models.hpp"

#include <cmath>
#include <set>
#include <string>

#include <Eigen/Eigenvalues>
#include <gtest/gtest.h>

#include "takt/core/joint_vector.hpp"

namespace takt::robots::models {
namespace {

/// Every robot that takt carries must be one that nature could build.
class EveryModelTest : public testing::TestWithParam<std::string_view> {
 protected:
  const control::ModelData data_ = find_model(GetParam()).value();
};

TEST_P(EveryModelTest, IsFoundUnderTheNameItStates) {
  EXPECT_EQ(data_.name, GetParam());
}

TEST_P(EveryModelTest, HasMassesAndInertiasThatABodyCanHave) {
  for (const control::JointData& joint : data_.joints) {
    SCOPED_TRACE(joint.name);
    EXPECT_GT(joint.link.mass_kg, 0.0);
    EXPECT_TRUE(joint.link.I_C_kg_m2.isApprox(joint.link.I_C_kg_m2.transpose(), 0.0));
    const Eigen::Vector3d moments =
        Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d>(joint.link.I_C_kg_m2, Eigen::EigenvaluesOnly).eigenvalues();
    EXPECT_GT(moments[0], 0.0);
    EXPECT_GE(moments[0] + moments[1], moments[2]) << moments.transpose();
  }
}

TEST_P(EveryModelTest, HasUnitAxesAndProperRotations) {
  for (const control::JointData& joint : data_.joints) {
    SCOPED_TRACE(joint.name);
    EXPECT_NEAR(joint.axis_J.norm(), 1.0, 1e-12);
    const Eigen::Matrix3d R = joint.X_PJ.linear();
    EXPECT_TRUE((R * R.transpose()).isIdentity(1e-12));
    EXPECT_NEAR(R.determinant(), 1.0, 1e-12);
  }
}

TEST_P(EveryModelTest, HasFiniteLimitsOfMotionAndAHomeInsideThem) {
  ASSERT_EQ(data_.home_rad.size(), data_.dof());
  for (std::size_t i = 0; i < data_.dof(); ++i) {
    const control::JointLimits& limits = data_.joints[i].limits;
    SCOPED_TRACE(data_.joints[i].name);
    EXPECT_LT(limits.position_min_rad, data_.home_rad[i]);
    EXPECT_LT(data_.home_rad[i], limits.position_max_rad);
    for (const double limit :
         {limits.velocity_rad_s, limits.acceleration_rad_s2, limits.jerk_rad_s3, limits.torque_nm}) {
      EXPECT_TRUE(std::isfinite(limit) && limit > 0.0) << limit;
    }
  }
}

TEST_P(EveryModelTest, HasJointNamesThatDifferAndHaveNoBlanks) {
  std::set<std::string> names;
  for (const control::JointData& joint : data_.joints) {
    EXPECT_EQ(joint.name.find(' '), std::string::npos);
    EXPECT_TRUE(names.insert(joint.name).second) << joint.name;
  }
  EXPECT_LE(names.size(), core::kMaxJoints);
  EXPECT_LE(data_.flange_link, data_.dof());
}

INSTANTIATE_TEST_SUITE_P(Models, EveryModelTest, testing::ValuesIn(model_names().begin(), model_names().end()),
                         [](const auto& test) { return std::string(test.param); });

TEST(FindModelTest, KnowsNothingOfARobotThatIsNotListed) {
  EXPECT_FALSE(find_model("fr4").has_value());
  EXPECT_FALSE(find_model("").has_value());
}

}  // namespace
}  // namespace takt::robots::models
