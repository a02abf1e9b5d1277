#include "takt/control/model/differential_ik.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "takt/control/model/test/test_arms.hpp"
#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

using core::JointVector;
using testing::planar_arm;
using testing::random_arm;
using testing::random_vector;

constexpr double kDtS = 1e-3;
constexpr double kVelocityRadS = 2.0;
constexpr double kAccelerationRadS2 = 20.0;

struct Reference {
  core::Pose X_BE;
  Vector6 V_BE{Vector6::Zero()};
};

/// An arm, its range ±bound, and its follower at a posture that is far from singular.
struct Rig {
  Rig(const ModelData& data, double bound, const DifferentialIkOptions& options = {})
      : model(data),
        lowest(JointVector::constant(data.dof(), -bound)),
        highest(JointVector::constant(data.dof(), bound)),
        ik(limits(data.dof()), lowest, highest, options),
        start(JointVector::zero(data.dof())) {
    for (std::size_t i = 0; i < data.dof(); ++i) {
      start[i] = i % 2 == 0 ? 0.6 : -0.8;
    }
    ik.reset(start);
    X_start = model.tool_pose(start);
  }
  static std::vector<JointLimits> limits(std::size_t dof) {
    JointLimits joint;
    joint.velocity_rad_s = kVelocityRadS;
    joint.acceleration_rad_s2 = kAccelerationRadS2;
    return std::vector<JointLimits>(dof, joint);
  }
  [[nodiscard]] double error(const core::Pose& X_BE) const {
    return pose_error(model.tool_pose(ik.q_rad()), X_BE).norm();
  }
  /// Follows `reference(t)` for a time and returns the largest pose error on the way.
  template <class F>
  double follow(F reference, double time_s) {
    double worst = 0.0;
    for (int k = 1; k * kDtS <= time_s; ++k) {
      const Reference wanted = reference(k * kDtS);
      const JointVector before = ik.dq_rad_s();
      least_singularity = std::min(least_singularity, ik.step(model, wanted.X_BE, wanted.V_BE, kDtS).singularity);
      worst = std::max(worst, error(wanted.X_BE));
      worst_change = std::max(worst_change, core::max_abs_difference(before, ik.dq_rad_s()));
    }
    return worst;
  }
  double hold(const core::Pose& X_BE, double time_s) {
    return follow([&](double) { return Reference{.X_BE = X_BE}; }, time_s);
  }
  Model model;
  JointVector lowest, highest;
  DifferentialIk ik;
  JointVector start;
  core::Pose X_start;
  double worst_change{0.0};
  double least_singularity{1.0};
};

/// From 0 to 1 in one second, at rest with acceleration 0 at both ends.
double blend(double t) {
  const double s = std::clamp(t, 0.0, 1.0);
  return s * s * s * (10.0 - 15.0 * s + 6.0 * s * s);
}
double blend_rate(double t) {
  const double s = std::clamp(t, 0.0, 1.0);
  return 30.0 * s * s * (1.0 - s) * (1.0 - s);
}

/// A straight line with a turn about a fixed axis, done in one second.
auto line_from(const core::Pose& X_start, const Eigen::Vector3d& way_m, const Eigen::Vector3d& turn_rad) {
  return [=](double t) {
    Reference reference{.X_BE = X_start};
    reference.X_BE.translation() += blend(t) * way_m;
    const double angle = turn_rad.norm();
    const Eigen::Vector3d axis = angle > 0.0 ? Eigen::Vector3d(turn_rad / angle) : Eigen::Vector3d::UnitX();
    reference.X_BE.linear() = Eigen::AngleAxisd(blend(t) * angle, axis) * X_start.linear();
    reference.V_BE << blend_rate(t) * way_m, blend_rate(t) * turn_rad;
    return reference;
  };
}

TEST(DifferentialIkTest, StaysWhereItIsAskedToBe) {
  Rig rig(random_arm(3, 7), 3.0);
  rig.hold(rig.X_start, 1.0);
  EXPECT_LT(core::max_abs_difference(rig.ik.q_rad(), rig.start), 1e-12);
  EXPECT_LT(rig.ik.dq_rad_s().eigen().norm(), 1e-12);
}

TEST(DifferentialIkTest, FollowsAStraightLineWithATurnAndLandsExactly) {
  for (const std::size_t dof : {6U, 7U, 10U, 16U}) {
    Rig rig(random_arm(3, dof), 3.0);
    const auto line = line_from(rig.X_start, {0.1, -0.05, 0.08}, {0.1, 0.2, -0.2});
    EXPECT_LT(rig.follow(line, 1.0), 1e-5) << dof;
    rig.hold(line(1.0).X_BE, 1.0);
    EXPECT_LT(rig.error(line(1.0).X_BE), 1e-9) << dof;
    EXPECT_LT(rig.ik.dq_rad_s().eigen().norm(), 1e-9) << dof;
  }
}

TEST(DifferentialIkTest, FollowsACircleWithoutLag) {
  Rig rig(random_arm(3, 7), 3.0);
  constexpr double kRadius = 0.04;
  const auto circle = [&](double t) {  // comes up to 3 rad/s within a second
    const double phase = t < 1.0 ? 1.5 * t * t * t * (2.0 - t) : 3.0 * t - 1.5;
    const double rate = t < 1.0 ? 1.5 * t * t * (6.0 - 4.0 * t) : 3.0;
    Reference reference{.X_BE = rig.X_start};
    reference.X_BE.translation() += kRadius * Eigen::Vector3d(std::cos(phase) - 1.0, std::sin(phase), 0.0);
    reference.V_BE.head<3>() = kRadius * rate * Eigen::Vector3d(-std::sin(phase), std::cos(phase), 0.0);
    return reference;
  };
  EXPECT_LT(rig.follow(circle, 6.0), 1e-5);
  EXPECT_EQ(rig.least_singularity, 1.0);
  EXPECT_GT(rig.ik.dq_rad_s().eigen().norm(), 0.1);
}

TEST(DifferentialIkTest, HasAVelocityThatIsTheDerivativeOfItsPosition) {
  Rig rig(random_arm(4, 7), 3.0);
  const auto line = line_from(rig.X_start, {0.1, 0.1, 0.0}, {0.3, 0.0, 0.0});
  for (int k = 1; k <= 1500; ++k) {
    const JointVector q = rig.ik.q_rad();
    const JointVector dq = rig.ik.dq_rad_s();
    const Reference wanted = line(k * kDtS);
    const DifferentialIk::Step step = rig.ik.step(rig.model, wanted.X_BE, wanted.V_BE, kDtS);
    const Eigen::VectorXd expected = q.eigen() + 0.5 * kDtS * (dq.eigen() + step.dq_rad_s.eigen());
    ASSERT_LT((step.q_rad.eigen() - expected).norm(), 1e-14) << k;
  }
}

TEST(DifferentialIkTest, GoesOnInMotionWithoutAJump) {
  Rig rig(random_arm(3, 7), 3.0);
  const JointVector dq = JointVector::constant(7, 0.2);
  rig.ik.reset(rig.start, dq);
  const ToolMotion moving = rig.model.tool_motion(rig.start, dq);
  core::Pose next = moving.X_BE;
  next.translation() += kDtS * moving.V_BE.head<3>();
  next.linear() =
      Eigen::AngleAxisd(kDtS * moving.V_BE.tail<3>().norm(), moving.V_BE.tail<3>().normalized()) * moving.X_BE.linear();
  rig.ik.step(rig.model, next, moving.V_BE, kDtS);
  const Vector6 twist = rig.model.tool_motion(rig.ik.q_rad(), rig.ik.dq_rad_s()).V_BE;
  EXPECT_LT((twist - moving.V_BE).norm(), 0.01 * moving.V_BE.norm());
}

TEST(DifferentialIkTest, GoesToThePostureWithoutMovingTheTool) {
  Rig rig(random_arm(3, 8), 3.0);
  JointVector posture = rig.start;
  posture.eigen().array() += 0.7;
  rig.ik.set_posture(posture);
  const double before = (rig.start.eigen() - posture.eigen()).norm();
  EXPECT_LT(rig.hold(rig.X_start, 20.0), 1e-6);
  EXPECT_LT(rig.worst_change, 0.5 / 0.2 * kDtS * 1.01);  // the pull sets in gently
  EXPECT_LT((rig.ik.q_rad().eigen() - posture.eigen()).norm(), before);
  // What still pulls is what would move the tool.
  const JacobianMatrix J = rig.model.tool_jacobian(rig.ik.q_rad());
  const Eigen::VectorXd pull = posture.eigen() - rig.ik.q_rad().eigen();
  const Eigen::VectorXd free = pull - J.transpose() * (J * J.transpose()).inverse() * (J * pull);
  EXPECT_LT(free.norm(), 1e-4);
  rig.ik.set_posture({});
  rig.hold(rig.X_start, 5.0);
  EXPECT_LT(rig.ik.dq_rad_s().eigen().norm(), 1e-9);
  EXPECT_LT(rig.error(rig.X_start), 1e-9);
}

TEST(DifferentialIkTest, SlowsAllJointsTogetherForAVelocityLimit) {
  Rig rig(random_arm(3, 7), 3.0);
  rig.ik.reset(rig.start);
  Vector6 V = Vector6::Zero();
  V.head<3>() = Eigen::Vector3d(2.0, -1.0, 2.0);
  core::Pose X = rig.X_start;
  double slowest = 1.0;
  for (int k = 0; k < 150; ++k) {
    X.translation() += kDtS * V.head<3>();
    slowest = std::min(slowest, rig.ik.step(rig.model, X, V, kDtS).speed_factor);
    ASSERT_LE(rig.ik.dq_rad_s().eigen().cwiseAbs().maxCoeff(), kVelocityRadS + 1e-12);
  }
  EXPECT_LT(slowest, 0.9);
  rig.hold(X, 3.0);
  EXPECT_LT(rig.error(X), 1e-9);
}

TEST(DifferentialIkTest, ReachesAPointWithAnyOrientationWhenAskedTo) {
  DifferentialIkOptions options;
  options.position_only = true;
  Rig rig(random_arm(3, 4), 3.0, options);
  core::Pose X_BE = rig.X_start;
  X_BE.translation() += Eigen::Vector3d(0.05, -0.03, 0.04);
  rig.hold(X_BE, 3.0);
  EXPECT_LT((rig.model.tool_pose(rig.ik.q_rad()).translation() - X_BE.translation()).norm(), 1e-9);
}

TEST(DifferentialIkTest, WorksForAnArmThatIsSingularByItsNature) {
  DifferentialIkOptions options;
  options.position_only = true;
  Rig rig(planar_arm(), 3.0, options);  // moves in a plane: three equations, rank two
  const core::Pose X_BE = rig.model.tool_pose({0.2, 1.0});
  rig.hold(X_BE, 3.0);
  EXPECT_LT((rig.model.tool_pose(rig.ik.q_rad()).translation() - X_BE.translation()).norm(), 1e-9);
}

TEST(DifferentialIkTest, KeepsRangeVelocityAndAccelerationWhateverItIsAsked) {
  for (unsigned seed = 1; seed <= 15; ++seed) {
    Rig rig(random_arm(seed, 1 + seed), 1.0);
    std::mt19937 random(seed);
    rig.ik.set_posture(random_vector(random, rig.model.dof(), 1.0));
    Reference wanted{.X_BE = rig.X_start};
    for (int k = 0; k < 5000; ++k) {
      if (k % 250 == 0) {  // jumps: some poses can be reached, some cannot
        wanted.X_BE = rig.model.tool_pose(random_vector(random, rig.model.dof(), 2.5));
        wanted.V_BE.setZero();
        if (k % 750 == 0) {
          wanted.X_BE.translation() *= 2.0;
          wanted.V_BE.setConstant(0.3);
        }
      }
      const JointVector before = rig.ik.dq_rad_s();
      rig.ik.step(rig.model, wanted.X_BE, wanted.V_BE, kDtS);
      ASSERT_TRUE(rig.ik.dq_rad_s().all_finite());
      for (std::size_t i = 0; i < rig.model.dof(); ++i) {
        ASSERT_GE(rig.ik.q_rad()[i], -1.0);
        ASSERT_LE(rig.ik.q_rad()[i], 1.0);
        ASSERT_LE(std::abs(rig.ik.dq_rad_s()[i]), kVelocityRadS * (1.0 + 1e-12));
      }
      ASSERT_LE(core::max_abs_difference(before, rig.ik.dq_rad_s()), 1.05 * kAccelerationRadS2 * kDtS)
          << "seed " << seed << " step " << k;
    }
  }
}

TEST(DifferentialIkTest, GoesAlongTheEndOfAJointsRangeWithTheOtherJoints) {
  Rig rig(random_arm(3, 7), 3.0);
  // The end is put right before where joint 2 would go.
  const auto line = line_from(rig.X_start, {0.1, -0.05, 0.08}, {0.1, 0.2, -0.2});
  rig.follow(line, 2.0);
  const double wants = rig.ik.q_rad()[1] - rig.start[1];
  ASSERT_GT(std::abs(wants), 0.02);
  (wants > 0.0 ? rig.highest : rig.lowest)[1] = rig.start[1] + 0.3 * wants;
  rig.ik = DifferentialIk(Rig::limits(7), rig.lowest, rig.highest);
  rig.ik.reset(rig.start);
  rig.worst_change = 0.0;
  rig.follow(line, 3.0);
  EXPECT_LT(rig.error(line(1.0).X_BE), 1e-9);
  EXPECT_NEAR(rig.ik.q_rad()[1], rig.start[1] + 0.3 * wants, 1e-3);
  EXPECT_LE(rig.worst_change, kAccelerationRadS2 * kDtS * (1.0 + 1e-9));
}

TEST(DifferentialIkTest, ComesBackFromOutsideItsRangeAndGoesNoFarther) {
  Rig rig(random_arm(3, 7), 0.7);  // joints 2, 4 and 6 start at −0.8
  JointVector before = rig.ik.q_rad();
  JointVector inside = rig.start;
  inside.eigen() *= 0.5;
  rig.ik.set_posture(inside);
  for (int k = 0; k < 3000; ++k) {
    const core::Pose X_BE = rig.model.tool_pose(k < 500 ? JointVector::constant(7, -1.5) : inside);
    rig.ik.step(rig.model, X_BE, Vector6::Zero(), kDtS);
    for (const std::size_t i : {1U, 3U, 5U}) {
      if (before[i] < -0.7) {
        ASSERT_GE(rig.ik.q_rad()[i], before[i]) << k;
      } else {
        ASSERT_GE(rig.ik.q_rad()[i], -0.7) << k;
      }
    }
    before = rig.ik.q_rad();
  }
  EXPECT_GT(rig.ik.q_rad()[3], -0.7);
}

TEST(DifferentialIkTest, RefusesLimitsAndOptionsThatMakeNoSense) {
  const std::vector<JointLimits> limits = Rig::limits(2);
  EXPECT_THROW(DifferentialIk(limits, {-1.0}, {1.0, 1.0}), LogicError);
  EXPECT_THROW(DifferentialIk({}, {}, {}), LogicError);
  EXPECT_THROW(DifferentialIk(limits, {-1.0, 1.0}, {1.0, 1.0}), LogicError);
  EXPECT_THROW(DifferentialIk(limits, {-1.0, std::nan("")}, {1.0, 1.0}), LogicError);
  DifferentialIkOptions options;
  options.feedback_1_s = 0.0;
  EXPECT_THROW(DifferentialIk(limits, {-1.0, -1.0}, {1.0, 1.0}, options), LogicError);
  options = {};
  options.posture_speed_rad_s = -1.0;
  EXPECT_THROW(DifferentialIk(limits, {-1.0, -1.0}, {1.0, 1.0}, options), LogicError);
}

TEST(DifferentialIkTest, WorksWithoutAnyLimit) {
  const Model model(random_arm(3, 7));
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  DifferentialIk ik(std::vector<JointLimits>(7), JointVector::constant(7, -kInfinity),
                    JointVector::constant(7, kInfinity));
  JointVector q{0.6, -0.8, 0.6, -0.8, 0.6, -0.8, 0.6};
  ik.reset(q);
  q.eigen().array() += 0.05;
  for (int k = 0; k < 2000; ++k) {
    ik.step(model, model.tool_pose(q), Vector6::Zero(), kDtS);
  }
  EXPECT_LT(pose_error(model.tool_pose(ik.q_rad()), model.tool_pose(q)).norm(), 1e-9);
}

TEST(DifferentialIkTest, AllocatesNothingInItsCycle) {
  Rig rig(random_arm(3, core::kMaxJoints), 0.9);
  const JointVector posture = JointVector::constant(core::kMaxJoints, 0.2);
  const core::Pose X_BE = rig.model.tool_pose(JointVector::constant(core::kMaxJoints, 1.5));
  const takt::testing::AllocationGuard guard;
  rig.ik.set_posture(posture);
  for (int k = 0; k < 1000; ++k) {
    rig.ik.step(rig.model, X_BE, Vector6::Ones(), kDtS);
  }
  rig.ik.reset(posture);
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::control
