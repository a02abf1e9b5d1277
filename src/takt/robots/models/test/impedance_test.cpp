#include <algorithm>
#include <cmath>
#include <random>
#include <string_view>
#include <tuple>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <gtest/gtest.h>

#include "takt/control/laws/joint_impedance.hpp"
#include "takt/control/model/model.hpp"
#include "takt/robots/models/models.hpp"

namespace takt::robots::models {
namespace {

using core::JointVector;

constexpr double kPeriodS = 1e-3;

/// The arm itself, which compensates its own gravity: M q̈ + C q̇ + b q̇ = τ − τ_f, in steps of half a millisecond.
/// Coulomb friction holds or slows each joint by at most f_i, solved as contacts are (projected Gauss–Seidel): it
/// sticks.
class Plant {
 public:
  explicit Plant(const control::ModelData& data) : model_(data) {
    state_.q_rad = JointVector(data.home_rad);
    state_.dq_rad_s = JointVector::zero(data.dof());
  }

  void advance(const JointVector& tau_nm) {
    for (int half = 0; half < 2; ++half) {
      const Eigen::MatrixXd M_inverse = Eigen::MatrixXd(model_.mass_matrix(state_.q_rad)).inverse();
      Eigen::VectorXd torque = tau_nm.eigen() - model_.coriolis_nm(state_.q_rad, state_.dq_rad_s).eigen();
      for (int i = 0; i < torque.size(); ++i) {
        torque[i] -= joint(i).damping_nm_s_rad * state_.dq_rad_s.eigen()[i];
      }
      state_.dq_rad_s.eigen() += kStepS * M_inverse * torque;
      apply_friction(M_inverse);
      state_.q_rad.eigen() += kStepS * state_.dq_rad_s.eigen();
    }
  }

  [[nodiscard]] const control::ArmState& state() const { return state_; }

 private:
  static constexpr double kStepS = kPeriodS / 2;

  [[nodiscard]] const control::JointData& joint(Eigen::Index i) const {
    return model_.data().joints[static_cast<std::size_t>(i)];
  }

  void apply_friction(const Eigen::MatrixXd& M_inverse) {
    auto dq = state_.dq_rad_s.eigen();
    Eigen::VectorXd friction = Eigen::VectorXd::Zero(dq.size());
    for (int sweep = 0; sweep < 10; ++sweep) {
      for (Eigen::Index i = 0; i < dq.size(); ++i) {
        const double bound = joint(i).friction_nm;
        const double next = std::clamp(friction[i] + dq[i] / (kStepS * M_inverse(i, i)), -bound, bound);
        dq -= kStepS * (next - friction[i]) * M_inverse.col(i);
        friction[i] = next;
      }
    }
  }

  control::Model model_;
  control::ArmState state_;
};

/// Every joint swings about home with 0.3 rad, each at its own pace, and rests in the end.
control::Setpoint swing(const control::ModelData& data, double time_s, double duration_s) {
  control::Setpoint setpoint;
  const double s = std::clamp(time_s / duration_s, 0.0, 1.0);
  // a window that opens and closes with zero velocity and acceleration: w = 64 s³(1 − s)³
  const double w = 64 * std::pow(s * (1 - s), 3);
  const double dw = 192 * std::pow(s * (1 - s), 2) * (1 - 2 * s) / duration_s;
  const double ddw = 384 * s * (1 - s) * (5 * s * s - 5 * s + 1) / (duration_s * duration_s);
  for (std::size_t i = 0; i < data.dof(); ++i) {
    const double rate = 2.0 + 0.4 * static_cast<double>(i);
    const double sine = 0.3 * std::sin(rate * time_s), cosine = 0.3 * std::cos(rate * time_s);
    setpoint.q_rad.resize(i + 1, data.home_rad[i] + w * sine);
    setpoint.dq_rad_s.resize(i + 1, dw * sine + w * rate * cosine);
    setpoint.ddq_rad_s2.resize(i + 1, ddw * sine + 2 * dw * rate * cosine - w * rate * rate * sine);
  }
  return setpoint;
}

struct Errors {
  double worst_rad{0.0};  ///< of any joint at any time
  double last_rad{0.0};   ///< after the motion, at rest
};

/// Swings `real` under a law that believes in `believed` and whose torque reaches the arm one period late.
Errors track(const control::ModelData& real, const control::ModelData& believed) {
  const control::Model model(believed);
  control::JointImpedance law(default_joint_impedance_gains(model), model.dof());
  Plant plant(real);
  JointVector tau = JointVector::zero(model.dof());
  Errors errors;
  constexpr double kDurationS = 1.0;
  for (int period = 0; period < 1200; ++period) {
    const control::Setpoint setpoint = swing(believed, period * kPeriodS, kDurationS);
    const JointVector late = tau;
    law.step({.measured = plant.state(), .setpoint = setpoint, .model = model, .period_ns = 1'000'000}, tau);
    plant.advance(late);
    errors.last_rad = core::max_abs_difference(setpoint.q_rad, plant.state().q_rad);
    errors.worst_rad = std::max(errors.worst_rad, errors.last_rad);
  }
  return errors;
}

class ImpedanceTrackingTest : public testing::TestWithParam<std::tuple<std::string_view, double>> {};

TEST_P(ImpedanceTrackingTest, FollowsASwingAndComesToRestThoughTheModelIsWrong) {
  const auto& [name, factor] = GetParam();
  const control::ModelData believed = find_model(name).value();
  const Errors errors = track(control::detuned(believed, factor), believed);
  EXPECT_LT(errors.worst_rad, 0.005);
  EXPECT_LT(errors.last_rad, 0.003);
  RecordProperty("worst_urad", static_cast<int>(errors.worst_rad * 1e6));
  RecordProperty("last_urad", static_cast<int>(errors.last_rad * 1e6));
}

/// The closed loop around rest, sampled: v⁺ = v − T M⁻¹ u, q⁺ = q + T v, u⁺ = K q + D(q) v, one period late. Its
/// eigenvalues must lie inside the unit circle, with neither friction nor the arm's own damping to help.
double spectral_radius(const control::JointMatrix& M, const control::JointMatrix& believed_M,
                       const control::JointImpedanceGains& gains) {
  const Eigen::Index n = M.rows();
  const Eigen::MatrixXd I = Eigen::MatrixXd::Identity(n, n);
  const Eigen::MatrixXd B = kPeriodS * Eigen::MatrixXd(M).inverse();
  const Eigen::MatrixXd K = gains.stiffness_nm_rad.eigen().asDiagonal();
  Eigen::MatrixXd D = gains.damping_nm_s_rad.eigen().asDiagonal();
  D += gains.inertial_damping_1_s * believed_M;
  Eigen::MatrixXd A = Eigen::MatrixXd::Zero(3 * n, 3 * n);  // of (q, v, u)
  A.block(0, 0, n, n) = I;
  A.block(0, n, n, n) = kPeriodS * I;
  A.block(0, 2 * n, n, n) = -kPeriodS * B;
  A.block(n, n, n, n) = I;
  A.block(n, 2 * n, n, n) = -B;
  A.block(2 * n, 0, n, n) = K;
  A.block(2 * n, n, n, n) = D;
  return A.eigenvalues().cwiseAbs().maxCoeff();
}

TEST_P(ImpedanceTrackingTest, IsStableAsASampledLoopInEveryPosture) {
  const auto& [name, factor] = GetParam();
  const control::ModelData believed = find_model(name).value();
  const control::Model model(believed);
  const control::JointImpedanceGains gains = default_joint_impedance_gains(model);
  const control::Model real(control::detuned(believed, factor));
  std::mt19937 random(1);
  double worst = 0.0;
  for (int posture = 0; posture < 40; ++posture) {
    JointVector q = JointVector::zero(real.dof());
    for (std::size_t i = 0; i < real.dof(); ++i) {
      const control::JointLimits& limits = believed.joints[i].limits;
      q[i] = std::uniform_real_distribution<double>(limits.position_min_rad, limits.position_max_rad)(random);
    }
    worst = std::max(worst, spectral_radius(real.mass_matrix(q), model.mass_matrix(q), gains));
  }
  EXPECT_LT(worst, 0.999);
  RecordProperty("spectral_radius_ppm", static_cast<int>(worst * 1e6));
}

INSTANTIATE_TEST_SUITE_P(Models, ImpedanceTrackingTest,
                         testing::Combine(testing::Values("fr3", "so101"), testing::Values(0.9, 1.1)));

}  // namespace
}  // namespace takt::robots::models
