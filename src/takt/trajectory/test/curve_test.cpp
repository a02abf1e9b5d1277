#include "takt/trajectory/curve.hpp"

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/test/motions.hpp"

namespace takt::trajectory {
namespace {

/// Of the cubic between knots k and k + 1 of joint 0: the acceleration at its beginning and its end.
std::pair<double, double> accelerations(const Curve& curve, std::size_t k) {
  const double h = core::to_seconds(curve.t_ns[k + 1] - curve.t_ns[k]);
  const double way = curve.q_rad[(k + 1) * curve.joints] - curve.q_rad[k * curve.joints];
  const double v0 = curve.dq_rad_s[k * curve.joints];
  const double v1 = curve.dq_rad_s[(k + 1) * curve.joints];
  return {6.0 * way / (h * h) - (4.0 * v0 + 2.0 * v1) / h, -6.0 * way / (h * h) + (2.0 * v0 + 4.0 * v1) / h};
}

TEST(CurveTest, GoesThroughTheFramesWithContinuousAccelerationThatIsZeroAtBothEnds) {
  Random random(1);
  Trajectory trajectory(info_of(1));
  core::Nanoseconds t_ns = 0;
  for (int i = 0; i < 50; ++i) {
    trajectory.append({.t_ns = t_ns, .q_rad = {random.uniform(-1, 1)}});
    t_ns += core::from_seconds(random.uniform(0.005, 0.05));
  }
  const Curve curve = curve_of(trajectory);
  ASSERT_EQ(curve.t_ns.size(), 50U);
  EXPECT_EQ(curve.q_rad[17], trajectory.q_rad(17)[0]);
  EXPECT_NEAR(accelerations(curve, 0).first, 0.0, 1e-6);
  EXPECT_NEAR(accelerations(curve, 48).second, 0.0, 1e-6);
  for (std::size_t k = 0; k + 2 < curve.t_ns.size(); ++k) {
    EXPECT_NEAR(accelerations(curve, k).second, accelerations(curve, k + 1).first, 1e-6) << k;
  }
}

TEST(CurveTest, IsNearToTheMotionThatWasSampled) {
  const Trajectory trajectory = sampled([](double t) { return std::sin(t) - t; }, 6.0, 0.02, 2);
  const Curve curve = curve_of(trajectory);
  for (std::size_t k = 20; k + 20 < curve.t_ns.size(); ++k) {
    const double t = core::to_seconds(curve.t_ns[k]);
    EXPECT_NEAR(curve.dq_rad_s[2 * k], std::cos(t) - 1.0, 1e-7);
    EXPECT_NEAR(curve.dq_rad_s[2 * k + 1], std::cos(t) - 1.0, 1e-7);
  }
}

TEST(CurveTest, OneFrameRestsTwoAreALineNoneIsNothing) {
  EXPECT_TRUE(curve_of(Trajectory(info_of(2))).t_ns.empty());
  Trajectory trajectory(info_of(1));
  trajectory.append({.t_ns = 0, .q_rad = {0.5}});
  EXPECT_EQ(curve_of(trajectory).dq_rad_s, (std::vector<double>{0.0}));
  trajectory.append({.t_ns = 500'000'000, .q_rad = {1.5}});
  EXPECT_NEAR(curve_of(trajectory).dq_rad_s[0], 2.0, 1e-15);
  EXPECT_NEAR(curve_of(trajectory).dq_rad_s[1], 2.0, 1e-15);
}

TEST(CurveTest, SizesThatDoNotFitAreABug) {
  const std::vector<core::Nanoseconds> times{0, 1};
  std::vector<double> numbers(3);
  EXPECT_THROW(natural_velocities(times, numbers, 1, numbers), LogicError);
}

}  // namespace
}  // namespace takt::trajectory
