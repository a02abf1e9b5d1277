#include "takt/robots/sim/mujoco_world.hpp"

#include <array>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "takt/core/error.hpp"
#include "takt/robots/models/fr3.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::robots::sim {
namespace {

using models::fr3;

using core::JointVector;

constexpr double kPi = std::numbers::pi;
constexpr double kPrinted = 1e-6;  // the reference values are printed with six digits

/// Values of an independent program over the same published tables; the zero pose equals libfranka's test expectations.
struct Reference {
  JointVector q_rad;
  std::array<double, 3> p_BF_m;
  JointVector gravity_nm;
  JointVector mass_diagonal;
};

const std::vector<Reference>& references() {
  static const std::vector<Reference> values = {
      {{0, 0, 0, 0, 0, 0, 0},
       {0.088, 0, 0.926},
       {0, -3.523871, 0, -3.442538, 0, 1.633619, 0},
       {.132725, 2.738921, .100010, .644215, .044621, .031328, .000119}},
      {{0, -kPi / 4, 0, -3 * kPi / 4, 0, kPi / 2, kPi / 4},
       {0.306891, 0, 0.590282},
       {0, -1.709040, -.639461, 18.958219, .791900, 1.587943, 0},
       {.498508, 1.525422, .923342, .834016, .027517, .030494, .000119}},
      {{0, 0, 0, -0.75 * kPi, 0, 0.75 * kPi, 0},
       {0.500365, 0, 0.328807},
       {0, -24.472055, 0, 17.505645, .562879, 1.633619, 0},
       {1.055338, 1.626418, 1.022623, .858491, .026400, .031328, .000119}},
  };
  return values;
}

void put(MujocoWorld& world, const JointVector& q) {
  world.set_state(q, JointVector::zero(q.size()));
}

TEST(Fr3InMujoco, has_the_flange_where_the_reference_has_it) {
  MujocoWorld world(fr3());
  for (const Reference& reference : references()) {
    put(world, reference.q_rad);
    const Eigen::Vector3d p = world.flange_pose().translation();
    EXPECT_NEAR(p.x(), reference.p_BF_m[0], kPrinted);
    EXPECT_NEAR(p.y(), reference.p_BF_m[1], kPrinted);
    EXPECT_NEAR(p.z(), reference.p_BF_m[2], kPrinted);
  }
}

TEST(Fr3InMujoco, turns_the_flange_as_the_reference_does) {
  MujocoWorld world(fr3());
  const double c = std::sqrt(0.5);
  Eigen::Matrix3d straight;
  straight << 1, 0, 0, 0, -1, 0, 0, 0, -1;
  Eigen::Matrix3d ready;
  ready << c, -c, 0, -c, -c, 0, 0, 0, -1;
  put(world, references()[0].q_rad);
  EXPECT_TRUE(world.flange_pose().linear().isApprox(straight, 1e-12));
  put(world, references()[1].q_rad);
  EXPECT_TRUE(world.flange_pose().linear().isApprox(ready, 1e-12)) << world.flange_pose().linear();
}

TEST(Fr3InMujoco, needs_the_torque_against_gravity_that_the_reference_has) {
  MujocoWorld world(fr3());
  for (const Reference& reference : references()) {
    put(world, reference.q_rad);
    const JointVector g = world.gravity_torque_nm();
    for (std::size_t i = 0; i < 7; ++i) {
      EXPECT_NEAR(g[i], reference.gravity_nm[i], kPrinted) << "joint " << i + 1;
    }
  }
}

TEST(Fr3InMujoco, has_the_mass_matrix_of_the_reference) {
  MujocoWorld world(fr3());
  for (const Reference& reference : references()) {
    put(world, reference.q_rad);
    const Eigen::MatrixXd mass = world.mass_matrix();
    EXPECT_TRUE(mass.isApprox(mass.transpose(), 1e-12));
    for (Eigen::Index i = 0; i < 7; ++i) {
      EXPECT_NEAR(mass(i, i), reference.mass_diagonal[static_cast<std::size_t>(i)], kPrinted) << "joint " << i + 1;
    }
  }
}

TEST(MujocoWorld, starts_at_home_at_rest) {
  const control::ModelData data = fr3();
  const MujocoWorld world(data);
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(world.q_rad()[i], data.home_rad[i]);
    EXPECT_EQ(world.dq_rad_s()[i], 0.0);
  }
}

TEST(MujocoWorld, stands_still_under_gravity_torque_and_falls_without) {
  control::ModelData data = fr3();
  for (auto& joint : data.joints) {
    joint.friction_nm = 0.0;
  }
  MujocoWorld held(data);
  MujocoWorld loose(data);
  for (int k = 0; k < 200; ++k) {
    held.step(held.gravity_torque_nm());
    loose.step(JointVector::zero(7));
  }
  EXPECT_NEAR(held.time_s(), 0.2, 1e-9);
  EXPECT_LT(core::max_abs_difference(held.q_rad(), JointVector(data.home_rad)), 1e-9);
  EXPECT_GT(core::max_abs_difference(loose.q_rad(), JointVector(data.home_rad)), 0.1);
}

// With no other torque, M·q̈ equals what is applied: one step from rest shows M in motion.
TEST(MujocoWorld, accelerates_as_its_mass_matrix_says) {
  control::ModelData data = fr3();
  for (auto& joint : data.joints) {
    joint.friction_nm = 0.0;
    joint.damping_nm_s_rad = 0.0;
  }
  MujocoWorld world(data);
  const Eigen::MatrixXd mass = world.mass_matrix();
  const JointVector extra{1.0, -2.0, 0.5, 1.0, 0.2, -0.1, 0.01};
  JointVector torque = world.gravity_torque_nm();
  torque.eigen() += extra.eigen();
  world.step(torque);
  const Eigen::VectorXd expected = mass.ldlt().solve(extra.eigen()) * 1e-3;
  EXPECT_TRUE(expected.isApprox(world.dq_rad_s().eigen(), 1e-9)) << expected.transpose();
}

TEST(MujocoWorld, locked_joints_stop_at_once_and_stay) {
  MujocoWorld world(fr3());
  const JointVector q = world.q_rad();
  world.set_state(q, JointVector::constant(7, 1.0));
  for (int k = 0; k < 1000; ++k) {
    world.step_locked();
  }
  EXPECT_EQ(world.q_rad(), q);
  EXPECT_EQ(world.dq_rad_s(), JointVector::zero(7));
  EXPECT_NEAR(world.time_s(), 1.0, 1e-9);
}

TEST(MujocoWorld, a_joint_does_not_pass_its_stop) {
  const control::ModelData data = fr3();
  MujocoWorld world(data);
  for (int k = 0; k < 2000; ++k) {
    JointVector torque = world.gravity_torque_nm();
    torque[0] += 5.0;
    world.step(torque);
  }
  EXPECT_NEAR(world.q_rad()[0], data.joints[0].limits.position_max_rad, 0.05);
  EXPECT_NEAR(world.dq_rad_s()[0], 0.0, 0.05);
}

TEST(MujocoWorld, says_so_when_the_simulation_diverges) {
  MujocoWorld world(fr3());
  EXPECT_FALSE(world.diverged());
  world.step(JointVector::constant(7, 9e9));
  world.step(JointVector::constant(7, 9e9));
  EXPECT_TRUE(world.diverged());
}

TEST(MujocoWorld, ignores_a_state_of_the_wrong_size) {
  MujocoWorld world(fr3());
  const JointVector q = world.q_rad();
  world.set_state(JointVector::zero(6), JointVector::zero(6));
  EXPECT_EQ(world.q_rad(), q);
}

TEST(MujocoWorld, steps_without_allocating) {
  MujocoWorld world(fr3());
  world.step(world.gravity_torque_nm());
  const testing::AllocationGuard guard;
  for (int k = 0; k < 1000; ++k) {
    world.step(world.gravity_torque_nm());
    world.step_locked();
    static_cast<void>(world.mass_times(world.dq_rad_s()));
    static_cast<void>(world.flange_pose());
  }
  EXPECT_EQ(guard.count(), 0U);
}

/// Makes a world while every write to a file fails, as on a full disk, and exits with how that ended.
[[noreturn]] void make_a_world_without_disk() {
  const rlimit nothing{.rlim_cur = 0, .rlim_max = 0};
  if (std::signal(SIGXFSZ, SIG_IGN) == SIG_ERR || setrlimit(RLIMIT_FSIZE, &nothing) != 0) {
    std::_Exit(1);
  }
  try {
    const MujocoWorld world(fr3());
  } catch (const SystemError&) {
    std::_Exit(0);
  } catch (...) {
    std::_Exit(2);
  }
  std::_Exit(3);
}

TEST(MujocoWorldDeathTest, a_temporary_file_that_cannot_be_written_is_the_systems_fault_not_the_models) {
  EXPECT_EXIT(make_a_world_without_disk(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace takt::robots::sim
