#include "takt/core/geometry.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"

namespace takt::core {
namespace {

TEST(PoseArrayTest, RoundTripsAPose) {
  Pose X = Pose::Identity();
  X.linear() = Eigen::AngleAxisd(0.7, Eigen::Vector3d(1, -2, 3).normalized()).toRotationMatrix();
  X.translation() << 0.1, -0.2, 0.3;
  EXPECT_TRUE(pose_from_array(to_array(X)).isApprox(X, 1e-12));
}

TEST(PoseArrayTest, PutsTheScalarOfTheQuaternionLast) {
  EXPECT_EQ(to_array(Pose::Identity()), (std::array<double, 7>{0, 0, 0, 0, 0, 0, 1}));
}

TEST(PoseArrayTest, RefusesWhatIsNoRotation) {
  EXPECT_THROW(static_cast<void>(pose_from_array({0, 0, 0, 0, 0, 0, 0.99})), LogicError);
  EXPECT_THROW(static_cast<void>(pose_from_array({std::numeric_limits<double>::quiet_NaN(), 0, 0, 0, 0, 0, 1})),
               LogicError);
}

TEST(SkewTest, MultipliesLikeACrossProduct) {
  const Eigen::Vector3d a(1, 2, 3);
  const Eigen::Vector3d b(-4, 5, 0.5);
  EXPECT_TRUE((skew(a) * b).isApprox(a.cross(b)));
}

}  // namespace
}  // namespace takt::core
