#include "takt/control/model/self_collision.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "takt/control/model/test/test_arms.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

using core::JointVector;
constexpr double kPi = std::numbers::pi;
using Eigen::Vector3d;
using testing::planar_arm;
using testing::random_arm;
using testing::random_vector;

Vector3d random_point(std::mt19937& random) {
  std::uniform_real_distribution<double> unit(-1.0, 1.0);
  return {unit(random), unit(random), unit(random)};
}

/// The least distance over a grid of both segments; at most off by half a grid step of each.
double sampled_distance(const Vector3d& a0, const Vector3d& a1, const Vector3d& b0, const Vector3d& b1, int steps) {
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i <= steps; ++i) {
    const Vector3d a = a0 + (a1 - a0) * (static_cast<double>(i) / steps);
    for (int j = 0; j <= steps; ++j) {
      const Vector3d b = b0 + (b1 - b0) * (static_cast<double>(j) / steps);
      least = std::min(least, (a - b).norm());
    }
  }
  return least;
}

TEST(SegmentDistanceTest, KnowsTheCasesThatOneCanSee) {
  const Vector3d o = Vector3d::Zero();
  const Vector3d x = Vector3d::UnitX();
  const Vector3d y = Vector3d::UnitY();
  const Vector3d z = Vector3d::UnitZ();
  EXPECT_DOUBLE_EQ(segment_distance(-x, x, z - y, z + y), 1.0);                        // crossing at a height
  EXPECT_DOUBLE_EQ(segment_distance(-x, x, -y, y), 0.0);                               // crossing
  EXPECT_DOUBLE_EQ(segment_distance(o, x, 2 * y, x + 2 * y), 2.0);                     // side by side
  EXPECT_DOUBLE_EQ(segment_distance(o, x, 3 * x, 5 * x), 2.0);                         // in line
  EXPECT_DOUBLE_EQ(segment_distance(o, 4 * x, x, 2 * x), 0.0);                         // inside each other
  EXPECT_DOUBLE_EQ(segment_distance(o, x, 2 * x + y, 2 * x + 2 * y), std::sqrt(2.0));  // end to end
  EXPECT_DOUBLE_EQ(segment_distance(o, x, 0.5 * x + y, 0.5 * x + 3 * y), 1.0);         // end to side
  EXPECT_DOUBLE_EQ(segment_distance(z, z, -x, x), 1.0);                                // a point
  EXPECT_DOUBLE_EQ(segment_distance(-x, x, z, z), 1.0);
  EXPECT_DOUBLE_EQ(segment_distance(z, z, x + z, x + z), 1.0);  // two points
}

TEST(SegmentDistanceTest, AgreesWithBruteForce) {
  std::mt19937 random(5);
  for (int i = 0; i < 500; ++i) {
    const Vector3d a0 = random_point(random);
    const Vector3d b0 = random_point(random);
    const Vector3d a1 = i % 5 == 0 ? Vector3d(a0 + 1e-3 * random_point(random)) : random_point(random);
    const Vector3d b1 = i % 3 == 0 ? Vector3d(b0 + (a1 - a0) + 1e-7 * random_point(random)) : random_point(random);
    const double sampled = sampled_distance(a0, a1, b0, b1, 100);
    const double distance = segment_distance(a0, a1, b0, b1);
    EXPECT_LE(distance, sampled + 1e-6) << i;  // segments within 1e-6 of parallel count as parallel
    EXPECT_GE(distance, sampled - 0.005 * ((a1 - a0).norm() + (b1 - b0).norm()) - 1e-6) << i;
    EXPECT_NEAR(segment_distance(b1, b0, a0, a1), distance, 1e-6) << i;
  }
}

/// The planar arm with a third link, 0.3 m long, and a capsule of 5 cm along the base's z and each link.
ModelData capsule_arm() {
  ModelData data = planar_arm();
  JointData wrist = data.joints[1];
  wrist.name = "wrist";
  wrist.X_PJ.translation() = Vector3d(0.4, 0, 0);
  data.joints.push_back(wrist);
  data.X_LF.translation() = Vector3d(0.3, 0, 0);
  data.home_rad = {0.3, 0.5, 0.0};
  data.capsules = {{.link = 0, .p_LP_m = Vector3d(0, 0, -0.5), .p_LQ_m = Vector3d::Zero(), .radius_m = 0.05},
                   {.link = 1, .p_LP_m = Vector3d::Zero(), .p_LQ_m = Vector3d(0.5, 0, 0), .radius_m = 0.05},
                   {.link = 2, .p_LP_m = Vector3d::Zero(), .p_LQ_m = Vector3d(0.4, 0, 0), .radius_m = 0.05},
                   {.link = 3, .p_LP_m = Vector3d::Zero(), .p_LQ_m = Vector3d(0.3, 0, 0), .radius_m = 0.05}};
  return data;
}

TEST(SelfCollisionTest, LooksAtLinksThatAreNotAdjacent) {
  const Model model(capsule_arm());
  EXPECT_EQ(SelfCollision(model).pairs(), (std::vector<LinkPair>{{0, 2}, {0, 3}, {1, 3}}));
}

TEST(SelfCollisionTest, LeavesOutWhatTheModelCallsHarmlessOrTouchesAtHome) {
  ModelData data = capsule_arm();
  data.harmless_pairs = {{3, 0}};
  EXPECT_EQ(SelfCollision(Model(data)).pairs(), (std::vector<LinkPair>{{0, 2}, {1, 3}}));
  data = capsule_arm();
  data.capsules[3].radius_m = 0.4;  // reaches back to link 1
  data.capsules.push_back({.link = 3, .p_LP_m = Vector3d(0.3, 0, 0), .p_LQ_m = Vector3d(0.3, 0, 0), .radius_m = 0.01});
  EXPECT_EQ(SelfCollision(Model(data)).pairs(), (std::vector<LinkPair>{{0, 2}, {0, 3}}));
}

TEST(SelfCollisionTest, MeasuresBetweenSurfaces) {
  const Model model(capsule_arm());
  const SelfCollision collision(model);
  // A square corner each: link 3 runs back above link 1, 0.4 m from it; link 2 stands 0.5 m from the base.
  const SelfCollision::Nearest nearest = collision.nearest(model, {0.0, kPi / 2, kPi / 2});
  EXPECT_NEAR(nearest.distance_m, 0.4 - 0.1, 1e-12);
  EXPECT_EQ(nearest.link_a, 1U);
  EXPECT_EQ(nearest.link_b, 3U);
}

TEST(SelfCollisionTest, FindsAnArmThatIsFoldedIntoItsBase) {
  const Model model(capsule_arm());
  const SelfCollision::Nearest nearest = SelfCollision(model).nearest(model, {0.0, -2.8, 0.0});
  EXPECT_LT(nearest.distance_m, 0.0);
  EXPECT_EQ(nearest.link_a, 0U);
}

TEST(SelfCollisionTest, AgreesWithBruteForceInAnyPostureOfAnyArm) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    std::mt19937 random(seed);
    ModelData data = random_arm(seed, 6);
    for (std::size_t link = 0; link <= 6; ++link) {
      data.capsules.push_back(
          {.link = link, .p_LP_m = 0.1 * random_point(random), .p_LQ_m = 0.1 * random_point(random), .radius_m = 0.01});
    }
    const Model model(data);
    const SelfCollision collision(model);
    const JointVector q = random_vector(random, 6, 3.0);
    double expected = std::numeric_limits<double>::infinity();
    for (const LinkPair& pair : collision.pairs()) {
      Vector3d ends[4];
      for (int end = 0; end < 4; ++end) {
        const Capsule& capsule = data.capsules[end < 2 ? pair.a : pair.b];
        core::Pose X_BL = core::Pose::Identity();
        for (std::size_t i = 0; i < capsule.link; ++i) {
          X_BL = X_BL * data.joints[i].X_PJ * Eigen::AngleAxisd(q[i], data.joints[i].axis_J);
        }
        ends[end] = X_BL * (end % 2 == 0 ? capsule.p_LP_m : capsule.p_LQ_m);
      }
      expected = std::min(expected, sampled_distance(ends[0], ends[1], ends[2], ends[3], 60) - 0.02);
    }
    const double distance = collision.nearest(model, q).distance_m;
    EXPECT_LE(distance, expected + 1e-12) << "seed " << seed;
    EXPECT_GE(distance, expected - 0.006) << "seed " << seed;
    EXPECT_EQ(collision.nearest(model.link_frames(q)).distance_m, distance);
  }
}

TEST(SelfCollisionTest, SeesNothingWhereThereAreNoCapsules) {
  const Model model(planar_arm());
  const SelfCollision::Nearest nearest = SelfCollision(model).nearest(model, {0.0, 3.0});
  EXPECT_EQ(nearest.distance_m, std::numeric_limits<double>::infinity());
}

TEST(SelfCollisionTest, AllocatesNothingInItsQueries) {
  const Model model(capsule_arm());
  const SelfCollision collision(model);
  const JointVector q{0.1, 0.2, 0.3};
  double sink = 0.0;
  const takt::testing::AllocationGuard guard;
  sink += collision.nearest(model, q).distance_m;
  EXPECT_EQ(guard.count(), 0U);
  EXPECT_TRUE(std::isfinite(sink));
}

}  // namespace
}  // namespace takt::control
