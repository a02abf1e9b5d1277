#include <array>
#include <cmath>
#include <numbers>
#include <string>

#include <gtest/gtest.h>

#include "takt/control/model/model.hpp"
#include "takt/robots/models/fr3.hpp"

namespace takt::robots::models {
namespace {

using core::JointVector;

constexpr double kPi = std::numbers::pi;

/// Half of the last printed digit, and a little for the last bit of the sums.
constexpr double kPrinted = 0.5e-6 + 1e-9;

/// What libfranka's own expectations and Franka's published tables give for the FR3.
struct Reference {
  std::string name;
  JointVector q_rad;
  bool loaded;
  std::array<double, 3> flange_m;
  std::array<double, 9> flange_rotation;  ///< row by row
  JointVector gravity_nm;
  JointVector mass_diagonal_kg_m2;
};

constexpr double kHalf = std::numbers::sqrt2 / 2;
constexpr std::array<double, 9> kDown = {1, 0, 0, 0, -1, 0, 0, 0, -1};
constexpr std::array<double, 9> kDownTurned = {kHalf, -kHalf, 0, -kHalf, -kHalf, 0, 0, 0, -1};

const Reference kReferences[] = {
    {"Zero",
     {0, 0, 0, 0, 0, 0, 0},
     false,
     {0.088, 0, 0.926},
     kDown,
     {0, -3.523871, 0, -3.442538, 0, 1.633619, 0},
     {.132725, 2.738921, .100010, .644215, .044621, .031328, .000119}},
    {"ZeroLoaded",
     {0, 0, 0, 0, 0, 0, 0},
     true,
     {0.088, 0, 0.926},
     kDown,
     {0, -4.225679, 0, -3.331538, 0, 2.335427, 0},
     {.141436, 2.979819, .108721, .691427, .053332, .054541, .001892}},
    {"Ready",
     {0, -kPi / 4, 0, -3 * kPi / 4, 0, kPi / 2, kPi / 4},
     false,
     {0.306891, 0, 0.590282},
     kDownTurned,
     {0, -1.709040, -.639461, 18.958219, .791900, 1.587943, 0},
     {.498508, 1.525422, .923342, .834016, .027517, .030494, .000119}},
    {"Folded",
     {0, 0, 0, -0.75 * kPi, 0, 0.75 * kPi, 0},
     false,
     {0.500365, 0, 0.328807},
     kDown,
     {0, -24.472055, 0, 17.505645, .562879, 1.633619, 0},
     {1.055338, 1.626418, 1.022623, .858491, .026400, .031328, .000119}},
};

/// The load of libfranka's tests.
control::LinkInertia load() {
  control::LinkInertia load;
  load.mass_kg = 0.73;
  load.p_LC_m = Eigen::Vector3d(0.01, 0, 0.03);
  load.I_C_kg_m2 = Eigen::Vector3d(0.001, 0.0025, 0.0017).asDiagonal();
  return load;
}

class Fr3ReferenceTest : public testing::TestWithParam<Reference> {
 protected:
  Fr3ReferenceTest() {
    if (GetParam().loaded) {
      model_.set_payload(load());
    }
  }
  control::Model model_{fr3()};
};

TEST_P(Fr3ReferenceTest, PutsTheFlangeThere) {
  const core::Pose X_BF = model_.flange_pose(GetParam().q_rad);
  const Eigen::Matrix3d R = X_BF.linear();
  for (int row = 0; row < 3; ++row) {
    EXPECT_NEAR(X_BF.translation()[row], GetParam().flange_m[static_cast<std::size_t>(row)], kPrinted);
    for (int column = 0; column < 3; ++column) {
      EXPECT_NEAR(R(row, column), GetParam().flange_rotation[static_cast<std::size_t>(3 * row + column)], 1e-12);
    }
  }
}

TEST_P(Fr3ReferenceTest, HoldsItAgainstGravity) {
  const JointVector gravity = model_.gravity_nm(GetParam().q_rad);
  const JointVector at_rest = model_.inverse_dynamics_nm(GetParam().q_rad, JointVector::zero(7), JointVector::zero(7));
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_NEAR(gravity[i], GetParam().gravity_nm[i], kPrinted) << "joint " << i + 1;
    EXPECT_NEAR(at_rest[i], gravity[i], 1e-12) << "joint " << i + 1;
  }
}

TEST_P(Fr3ReferenceTest, MovesItsInertia) {
  const control::JointMatrix M = model_.mass_matrix(GetParam().q_rad);
  for (int i = 0; i < 7; ++i) {
    EXPECT_NEAR(M(i, i), GetParam().mass_diagonal_kg_m2[static_cast<std::size_t>(i)], kPrinted) << "joint " << i + 1;
  }
}

INSTANTIATE_TEST_SUITE_P(Fr3, Fr3ReferenceTest, testing::ValuesIn(kReferences),
                         [](const auto& test) { return test.param.name; });

TEST(Fr3DynamicsTest, HasTheCoriolisTorqueOfLibfrankasTests) {
  control::Model model(fr3());
  model.set_payload(load());
  const JointVector expected{0.25211, -1.97502, 0.254311, 0.987115, 0.122285, -0.256464, -0.000634562};
  const JointVector coriolis = model.coriolis_nm(JointVector::zero(7), JointVector::constant(7, 1.0));
  EXPECT_LT(core::max_abs_difference(coriolis, expected), 1e-5);
}

}  // namespace
}  // namespace takt::robots::models
