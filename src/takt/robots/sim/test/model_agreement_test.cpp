// The simulator and control::Model are two independent implementations over the same ModelData; they must agree
// anywhere.

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "takt/control/model/model.hpp"
#include "takt/robots/models/models.hpp"
#include "takt/robots/sim/mujoco_world.hpp"

namespace takt::robots::sim {
namespace {

using core::JointVector;

constexpr int kPostures = 200;

class ModelAgreement : public ::testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] JointVector random_posture() {
    JointVector q;
    for (const control::JointData& joint : data_.joints) {
      std::uniform_real_distribution<double> place(joint.limits.position_min_rad, joint.limits.position_max_rad);
      q.resize(q.size() + 1, place(random_));
    }
    return q;
  }

  [[nodiscard]] JointVector random_vector(double size) {
    std::uniform_real_distribution<double> place(-size, size);
    JointVector v = JointVector::zero(data_.dof());
    for (double& value : v) {
      value = place(random_);
    }
    return v;
  }

  void put(const JointVector& q) { world_.set_state(q, JointVector::zero(q.size())); }

  static control::ModelData without_friction(control::ModelData data) {
    for (control::JointData& joint : data.joints) {
      joint.friction_nm = 0.0;
      joint.damping_nm_s_rad = 0.0;
    }
    return data;
  }

  std::mt19937 random_{20240501};
  control::ModelData data_ = without_friction(models::find_model(GetParam()).value());
  control::Model model_{data_};
  MujocoWorld world_{data_};
};

TEST_P(ModelAgreement, on_where_the_flange_is) {
  for (int k = 0; k < kPostures; ++k) {
    const JointVector q = random_posture();
    put(q);
    EXPECT_TRUE(world_.flange_pose().isApprox(model_.flange_pose(q), 1e-12));
  }
}

TEST_P(ModelAgreement, on_the_torque_against_gravity) {
  for (int k = 0; k < kPostures; ++k) {
    const JointVector q = random_posture();
    put(q);
    EXPECT_LT(core::max_abs_difference(world_.gravity_torque_nm(), model_.gravity_nm(q)), 1e-10);
  }
}

TEST_P(ModelAgreement, on_the_mass_matrix) {
  for (int k = 0; k < kPostures; ++k) {
    const JointVector q = random_posture();
    put(q);
    EXPECT_LT((world_.mass_matrix() - model_.mass_matrix(q)).cwiseAbs().maxCoeff(), 1e-10);
  }
}

// The torque that inverse dynamics asks for gives, in the simulator, the acceleration it was asked for.
TEST_P(ModelAgreement, on_the_equations_of_motion) {
  for (int k = 0; k < kPostures; ++k) {
    const JointVector q = random_posture();
    const JointVector dq = random_vector(1.0);
    const JointVector ddq = random_vector(5.0);
    world_.set_state(q, dq);
    world_.step(model_.inverse_dynamics_nm(q, dq, ddq));
    JointVector reached = world_.dq_rad_s();
    reached.eigen() = (reached.eigen() - dq.eigen()) / 1e-3;
    EXPECT_LT(core::max_abs_difference(reached, ddq), 1e-6);
  }
}

INSTANTIATE_TEST_SUITE_P(Robots, ModelAgreement, ::testing::Values("fr3", "so101"),
                         [](const auto& robot) { return robot.param; });

}  // namespace
}  // namespace takt::robots::sim
