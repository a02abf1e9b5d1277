#include "takt/control/motion/rotation_vector.hpp"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "takt/control/motion/test/campaign.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

TEST(RotationVectorTest, LogUndoesExpUpToHalfATurn) {
  Random random(47);
  for (int i = 0; i < 10'000; ++i) {
    const Eigen::Vector3d axis =
        Eigen::Vector3d(random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(0.1, 1)).normalized();
    const double angle =
        i % 2 == 0 ? random.log_uniform(1e-12, std::numbers::pi) : std::numbers::pi - random.log_uniform(1e-12, 1.0);
    const Eigen::Quaterniond q = exp_rotation(angle * axis);
    ASSERT_NEAR(q.norm(), 1.0, 1e-15);
    ASSERT_LE((log_rotation(q) - angle * axis).norm(), 1e-14 * std::max(1.0, angle));
    ASSERT_LE((log_rotation(Eigen::Quaterniond(-q.coeffs())) - angle * axis).norm(), 1e-14 * std::max(1.0, angle));
  }
}

TEST(RotationVectorTest, IsFiniteAtNothingAndAtHalfATurn) {
  EXPECT_EQ(log_rotation(Eigen::Quaterniond::Identity()), Eigen::Vector3d::Zero());
  EXPECT_EQ(exp_rotation(Eigen::Vector3d::Zero()).w(), 1.0);
  EXPECT_NEAR(log_rotation(Eigen::Quaterniond(0, 0, 1, 0)).norm(), std::numbers::pi, 1e-15);
  EXPECT_NEAR(log_rotation(Eigen::Quaterniond(-0.0, 0, 1, 0)).norm(), std::numbers::pi, 1e-15);
}

TEST(RotationVectorTest, ItsVelocityAndAccelerationAreTheDerivatives) {
  const Eigen::Vector3d dr(0.5, -1.0, 0.7);
  const Eigen::Vector3d ddr(-2.0, 0.3, 1.0);
  constexpr double kStep_s = 1e-4;
  for (const double angle : {0.0, 1e-9, 1e-3, 0.3, 0.499, 0.501, 1.0, 2.5, 3.1}) {
    const Eigen::Vector3d r0 = angle * Eigen::Vector3d(1, 2, -2).normalized();
    const auto at = [&](double t) { return Eigen::Vector3d(r0 + t * dr + 0.5 * t * t * ddr); };
    const auto velocity = [&](double t) { return turning(at(t), dr + t * ddr, ddr).w; };
    const Eigen::Vector3d seen =
        log_rotation(exp_rotation(at(kStep_s)) * exp_rotation(at(-kStep_s)).conjugate()) / (2.0 * kStep_s);
    const Turning now = turning(r0, dr, ddr);
    EXPECT_LE((now.w - seen).norm(), 1e-7) << "angle " << angle;
    EXPECT_LE((now.alpha - (velocity(kStep_s) - velocity(-kStep_s)) / (2.0 * kStep_s)).norm(), 1e-6)
        << "angle " << angle;
    EXPECT_LE(now.w.norm(), dr.norm() + 1e-12);
  }
}

TEST(RotationVectorTest, AllocatesNothing) {
  const testing::AllocationGuard guard;
  const Eigen::Vector3d r = log_rotation(exp_rotation({0.1, 0.2, 0.3}));
  EXPECT_TRUE(turning(r, r, r).w.allFinite());
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::control
