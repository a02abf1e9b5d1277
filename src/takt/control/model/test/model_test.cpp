#include "takt/control/model/model.hpp"

#include <cmath>
#include <random>

#include <Eigen/Cholesky>
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

JointVector plus(const JointVector& a, const JointVector& b, double factor) {
  JointVector sum = a;
  sum.eigen() += factor * b.eigen();
  return sum;
}

/// A random arm and a random state of it.
struct Case {
  explicit Case(unsigned seed, std::size_t dof = 5) : random(seed), model(random_arm(seed, dof)) {
    q = random_vector(random, dof, 3.0);
    dq = random_vector(random, dof, 2.0);
    ddq = random_vector(random, dof, 5.0);
  }
  std::mt19937 random;
  Model model;
  JointVector q, dq, ddq;
};

double kinetic_energy_j(const Model& model, const JointVector& q, const JointVector& dq) {
  return 0.5 * dq.eigen().dot(model.mass_matrix(q) * dq.eigen());
}

TEST(ModelTest, RefusesDataThatIsNotPhysical) {
  ModelData data = planar_arm();
  data.joints[1].link.mass_kg = -1.0;
  EXPECT_THROW(Model{data}, LogicError);
}

TEST(ModelTest, KnowsTheSafePostureOfItsArm) {
  ModelData data = planar_arm();
  data.home_rad = {0.25, -0.5};
  EXPECT_EQ(Model(data).home_rad(), (JointVector{0.25, -0.5}));
}

TEST(ModelTest, MatchesTheTextbookEquationsOfATwoLinkArm) {
  const Model model(planar_arm());
  constexpr double kL1 = 0.5, kL2 = 0.4, kM1 = 3.0, kM2 = 2.0, kG = 9.81;
  const JointVector q{0.7, -1.2};
  const JointVector dq{0.9, 1.7};
  const double c1 = std::cos(q[0]), c2 = std::cos(q[1]), s2 = std::sin(q[1]), c12 = std::cos(q[0] + q[1]);

  const JointMatrix M = model.mass_matrix(q);
  EXPECT_NEAR(M(0, 0), kL2 * kL2 * kM2 + 2 * kL1 * kL2 * kM2 * c2 + kL1 * kL1 * (kM1 + kM2), 1e-9);
  EXPECT_NEAR(M(0, 1), kL2 * kL2 * kM2 + kL1 * kL2 * kM2 * c2, 1e-9);
  EXPECT_NEAR(M(1, 1), kL2 * kL2 * kM2, 1e-9);

  const JointVector coriolis = model.coriolis_nm(q, dq);
  EXPECT_NEAR(coriolis[0], -kM2 * kL1 * kL2 * s2 * (dq[1] * dq[1] + 2 * dq[0] * dq[1]), 1e-9);
  EXPECT_NEAR(coriolis[1], kM2 * kL1 * kL2 * s2 * dq[0] * dq[0], 1e-9);

  const JointVector gravity = model.gravity_nm(q);
  EXPECT_NEAR(gravity[0], kM2 * kL2 * kG * c12 + (kM1 + kM2) * kL1 * kG * c1, 1e-9);
  EXPECT_NEAR(gravity[1], kM2 * kL2 * kG * c12, 1e-9);

  const core::Pose X_BF = model.flange_pose(q);
  EXPECT_NEAR(X_BF.translation().x(), kL1 * c1 + kL2 * c12, 1e-12);
  EXPECT_NEAR(X_BF.translation().z(), kL1 * std::sin(q[0]) + kL2 * std::sin(q[0] + q[1]), 1e-12);
}

TEST(ModelTest, TurnsAJointAboutAnAxisThatIsNotZ) {
  ModelData data = random_arm(11, 1);
  const JointVector q{0.8};
  const Model model(data);
  const core::Pose expected = data.joints[0].X_PJ * Eigen::AngleAxisd(q[0], data.joints[0].axis_J) * data.X_LF;
  EXPECT_TRUE(model.flange_pose(q).isApprox(expected, 1e-12));
}

TEST(ModelTest, ChainsJointsAboutAnyAxesInAnyPlacement) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    const Case c(seed);
    core::Pose expected = core::Pose::Identity();
    for (std::size_t i = 0; i < c.model.dof(); ++i) {
      const JointData& joint = c.model.data().joints[i];
      expected = expected * joint.X_PJ * Eigen::AngleAxisd(c.q[i], joint.axis_J);
    }
    expected = expected * c.model.data().X_LF;
    EXPECT_TRUE(c.model.flange_pose(c.q).isApprox(expected, 1e-12)) << "seed " << seed;
  }
}

TEST(ModelTest, HasAJacobianThatIsTheDerivativeOfTheFlangePose) {
  constexpr double kStep = 1e-6;
  for (unsigned seed = 1; seed <= 10; ++seed) {
    const Case c(seed, 7);
    const JacobianMatrix J = c.model.flange_jacobian(c.q);
    const core::Pose ahead = c.model.flange_pose(plus(c.q, c.dq, kStep));
    const core::Pose behind = c.model.flange_pose(plus(c.q, c.dq, -kStep));
    const Eigen::Vector3d v = (ahead.translation() - behind.translation()) / (2 * kStep);
    const Eigen::AngleAxisd turn(Eigen::Matrix3d(ahead.linear() * behind.linear().transpose()));
    const Eigen::Vector3d omega = turn.axis() * turn.angle() / (2 * kStep);
    const Eigen::Matrix<double, 6, 1> twist = J * c.dq.eigen();
    EXPECT_TRUE(twist.head<3>().isApprox(v, 1e-7)) << "seed " << seed;
    EXPECT_TRUE(twist.tail<3>().isApprox(omega, 1e-7)) << "seed " << seed;
  }
}

TEST(ModelTest, DoesNotMoveAFlangeByTheJointsBehindIt) {
  ModelData data = random_arm(5, 4);
  data.flange_link = 3;
  const Model model(data);
  const JointVector q{0.1, -0.4, 1.0, 0.3};
  EXPECT_TRUE(model.flange_jacobian(q).col(3).isZero(0.0));
  EXPECT_TRUE(model.flange_pose(q).isApprox(model.flange_pose({0.1, -0.4, 1.0, -2.0}), 0.0));
}

TEST(ModelTest, AgreesBetweenCompositeBodiesAndNewtonEuler) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const Case c(seed, 1 + seed % core::kMaxJoints);
    JointVector expected = plus(c.model.coriolis_nm(c.q, c.dq), c.model.gravity_nm(c.q), 1.0);
    expected.eigen() += c.model.mass_matrix(c.q) * c.ddq.eigen();
    const JointVector tau = c.model.inverse_dynamics_nm(c.q, c.dq, c.ddq);
    EXPECT_TRUE(tau.eigen().isApprox(expected.eigen(), 1e-10)) << "seed " << seed;
  }
}

TEST(ModelTest, HasAMassMatrixThatIsSymmetricAndPositiveDefinite) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const Case c(seed, 7);
    const JointMatrix M = c.model.mass_matrix(c.q);
    EXPECT_TRUE(M.isApprox(M.transpose(), 0.0));
    EXPECT_EQ(Eigen::LLT<Eigen::MatrixXd>(M).info(), Eigen::Success) << "seed " << seed;
  }
}

TEST(ModelTest, HasGravityThatIsTheGradientOfPotentialEnergy) {
  // Lifting the links' weight along q̇ costs gᵀq̇. The potential from an independent chain of poses.
  constexpr double kStep = 1e-6;
  const auto potential_j = [](const ModelData& data, const JointVector& q) {
    double energy = 0.0;
    core::Pose X_BL = core::Pose::Identity();
    for (std::size_t i = 0; i < data.dof(); ++i) {
      X_BL = X_BL * data.joints[i].X_PJ * Eigen::AngleAxisd(q[i], data.joints[i].axis_J);
      energy -= data.joints[i].link.mass_kg * data.gravity_B_m_s2.dot(X_BL * data.joints[i].link.p_LC_m);
    }
    return energy;
  };
  for (unsigned seed = 1; seed <= 10; ++seed) {
    ModelData data = random_arm(seed, 6);
    data.gravity_B_m_s2 = Eigen::Vector3d(3.0, -2.0, -9.0);
    const Case c(seed, 6);
    const double slope =
        (potential_j(data, plus(c.q, c.dq, kStep)) - potential_j(data, plus(c.q, c.dq, -kStep))) / (2 * kStep);
    EXPECT_NEAR(Model(data).gravity_nm(c.q).eigen().dot(c.dq.eigen()), slope, 1e-6) << "seed " << seed;
  }
}

TEST(ModelTest, HasCoriolisTorqueThatKeepsEnergy) {
  // With q̈ = −M⁻¹ C q̇ (no torque, no gravity) kinetic energy may not change: q̇ᵀ(½Ṁ q̇ − C q̇) = 0.
  constexpr double kStep = 1e-6;
  for (unsigned seed = 1; seed <= 10; ++seed) {
    const Case c(seed, 6);
    const double half_rate = (kinetic_energy_j(c.model, plus(c.q, c.dq, kStep), c.dq) -
                              kinetic_energy_j(c.model, plus(c.q, c.dq, -kStep), c.dq)) /
                             (2 * kStep);
    const double power = c.dq.eigen().dot(c.model.coriolis_nm(c.q, c.dq).eigen());
    EXPECT_NEAR(power, half_rate, 1e-6 * std::max(1.0, std::abs(half_rate))) << "seed " << seed;
  }
}

TEST(ModelTest, KeepsEnergyOverAFreeSwing) {
  const Model model(planar_arm());
  constexpr double kG = 9.81;
  const auto energy_j = [&](const JointVector& q, const JointVector& dq) {
    const double z1 = 0.5 * std::sin(q[0]);
    const double z2 = z1 + 0.4 * std::sin(q[0] + q[1]);
    return kinetic_energy_j(model, q, dq) + kG * (3.0 * z1 + 2.0 * z2);
  };
  const auto acceleration = [&](const JointVector& q, const JointVector& dq) {
    JointVector ddq = model.inverse_dynamics_nm(q, dq, JointVector::zero(2));
    ddq.eigen() = -model.mass_matrix(q).llt().solve(ddq.eigen()).eval();
    return ddq;
  };
  JointVector q{0.4, 0.9};
  JointVector dq{0.0, 0.0};
  const double start_j = energy_j(q, dq);
  constexpr double kStepS = 2e-4;
  for (int step = 0; step < 5000; ++step) {  // the midpoint rule over 1 s
    const JointVector dq_mid = plus(dq, acceleration(q, dq), kStepS / 2);
    const JointVector q_mid = plus(q, dq, kStepS / 2);
    q = plus(q, dq_mid, kStepS);
    dq = plus(dq, acceleration(q_mid, dq_mid), kStepS);
  }
  EXPECT_NEAR(energy_j(q, dq), start_j, 1e-4);
}

TEST(ModelTest, FeedsForwardWhatThePassivityProofNeeds) {
  constexpr double kStep = 1e-6;
  for (unsigned seed = 1; seed <= 10; ++seed) {
    Case c(seed, 6);
    const JointVector zero = JointVector::zero(6);
    // C(q, q̇) q̇ is its diagonal, …
    const JointVector diagonal = c.model.tracking_nm(c.q, c.dq, c.dq, zero);
    EXPECT_TRUE(diagonal.eigen().isApprox(c.model.coriolis_nm(c.q, c.dq).eigen(), 1e-10));
    // … M q̈_d its part at rest, …
    const Eigen::VectorXd inertial = c.model.mass_matrix(c.q) * c.ddq.eigen();
    EXPECT_TRUE(c.model.tracking_nm(c.q, zero, zero, c.ddq).eigen().isApprox(inertial, 1e-10));
    // … and wᵀ(½Ṁ(q̇) − C(q, q̇)) w = 0 for every w, not only for q̇.
    const JointVector w = random_vector(c.random, 6, 2.0);
    const double half_rate =
        (kinetic_energy_j(c.model, plus(c.q, c.dq, kStep), w) - kinetic_energy_j(c.model, plus(c.q, c.dq, -kStep), w)) /
        (2 * kStep);
    const double power = w.eigen().dot(c.model.tracking_nm(c.q, c.dq, w, zero).eigen());
    EXPECT_NEAR(power, half_rate, 1e-6 * std::max(1.0, std::abs(half_rate))) << "seed " << seed;
  }
}

LinkInertia some_payload() {
  LinkInertia payload;
  payload.mass_kg = 0.73;
  payload.p_LC_m = Eigen::Vector3d(0.01, 0.02, 0.03);
  payload.I_C_kg_m2 = Eigen::Vector3d(0.001, 0.0025, 0.0017).asDiagonal();
  return payload;
}

TEST(ModelPayloadTest, AddsItsKineticEnergyWhereTheFlangeCarriesIt) {
  Case c(7, 6);
  const double empty_j = kinetic_energy_j(c.model, c.q, c.dq);
  c.model.set_payload(some_payload());
  const Eigen::Matrix<double, 6, 1> twist = c.model.flange_jacobian(c.q) * c.dq.eigen();
  const Eigen::Matrix3d R_BF = c.model.flange_pose(c.q).linear();
  const Eigen::Vector3d omega = twist.tail<3>();
  const Eigen::Vector3d v_C = twist.head<3>() + omega.cross(R_BF * some_payload().p_LC_m);
  const Eigen::Vector3d omega_F = R_BF.transpose() * omega;
  const double payload_j = 0.5 * 0.73 * v_C.squaredNorm() + 0.5 * omega_F.dot(some_payload().I_C_kg_m2 * omega_F);
  EXPECT_NEAR(kinetic_energy_j(c.model, c.q, c.dq), empty_j + payload_j, 1e-10);
}

TEST(ModelPayloadTest, ReplacesTheOneBeforeAndIsTakenOffWithoutATrace) {
  Case c(8, 4);
  const JointVector empty = c.model.gravity_nm(c.q);
  c.model.set_payload(some_payload());
  const JointVector loaded = c.model.gravity_nm(c.q);
  c.model.set_payload(some_payload());
  EXPECT_EQ(c.model.gravity_nm(c.q), loaded);
  EXPECT_GT(core::max_abs_difference(loaded, empty), 0.01);
  c.model.clear_payload();
  EXPECT_EQ(c.model.gravity_nm(c.q), empty);
}

TEST(ModelPayloadTest, RefusesALoadThatCannotExist) {
  Model model(planar_arm());
  LinkInertia payload = some_payload();
  payload.mass_kg = 0.0;
  EXPECT_THROW(model.set_payload(payload), LogicError);
}

TEST(ModelTest, AllocatesNothingInAnyQuery) {
  const Case c(9, core::kMaxJoints);
  double sink = 0.0;
  const takt::testing::AllocationGuard guard;
  sink += c.model.flange_pose(c.q).translation().x();
  sink += c.model.flange_jacobian(c.q)(0, 0);
  sink += c.model.mass_matrix(c.q)(0, 0);
  sink += c.model.gravity_nm(c.q)[0];
  sink += c.model.coriolis_nm(c.q, c.dq)[0];
  sink += c.model.inverse_dynamics_nm(c.q, c.dq, c.ddq)[0];
  sink += c.model.tracking_nm(c.q, c.dq, c.dq, c.ddq)[0];
  EXPECT_EQ(guard.count(), 0U);
  EXPECT_TRUE(std::isfinite(sink));
}

}  // namespace
}  // namespace takt::control
