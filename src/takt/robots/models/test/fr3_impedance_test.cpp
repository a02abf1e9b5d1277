#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <gtest/gtest.h>

#include "takt/control/joint_impedance.hpp"
#include "takt/control/model.hpp"
#include "takt/robots/models/fr3.hpp"
#include "takt/robots/models/models.hpp"

namespace takt::robots::models {
namespace {

using core::JointVector;

constexpr double kPeriodS = 1e-3;

JointVector friction_of(const control::ModelData& data, const JointVector& dq) {
  JointVector friction = JointVector::zero(data.dof());
  for (std::size_t i = 0; i < data.dof(); ++i) {
    friction[i] = data.joints[i].damping_nm_s_rad * dq[i] + data.joints[i].friction_nm * std::tanh(dq[i] / 1e-3);
  }
  return friction;
}

/// The arm itself, which compensates its own gravity: M q̈ + C q̇ = τ − friction, in small steps.
class Plant {
 public:
  explicit Plant(const control::ModelData& data) : model_(data) {
    state_.q_rad = JointVector(data.home_rad);
    state_.dq_rad_s = JointVector::zero(data.dof());
  }

  void advance(const JointVector& tau_nm) {
    constexpr int kSteps = 20;
    for (int step = 0; step < kSteps; ++step) {
      const JointVector friction = friction_of(model_.data(), state_.dq_rad_s);
      const JointVector coriolis = model_.coriolis_nm(state_.q_rad, state_.dq_rad_s);
      const control::JointMatrix M = model_.mass_matrix(state_.q_rad);
      const Eigen::VectorXd ddq = M.llt().solve(tau_nm.eigen() - coriolis.eigen() - friction.eigen());
      state_.dq_rad_s.eigen() += kPeriodS / kSteps * ddq;
      state_.q_rad.eigen() += kPeriodS / kSteps * state_.dq_rad_s.eigen();
    }
  }

  [[nodiscard]] control::ArmState& state() { return state_; }

 private:
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

/// Swings `real`, under a law that believes in `believed` and whose torque reaches the arm `delay` periods late.
Errors track(const control::ModelData& real, const control::ModelData& believed, int delay) {
  const control::Model model(believed);
  control::JointImpedance law(default_joint_impedance_gains(model), model.dof());
  Plant plant(real);
  std::vector<JointVector> pipe(static_cast<std::size_t>(delay), JointVector::zero(model.dof()));
  Errors errors;
  constexpr double kDurationS = 3.0;
  for (int period = 0; period < 3500; ++period) {
    const control::Setpoint setpoint = swing(believed, period * kPeriodS, kDurationS);
    JointVector tau;
    law.step({.measured = plant.state(), .setpoint = setpoint, .model = model, .period_ns = 1'000'000}, tau);
    pipe.push_back(tau);
    plant.advance(pipe.front());
    pipe.erase(pipe.begin());
    errors.last_rad = core::max_abs_difference(setpoint.q_rad, plant.state().q_rad);
    errors.worst_rad = std::max(errors.worst_rad, errors.last_rad);
  }
  return errors;
}

class ImpedanceTrackingTest : public testing::TestWithParam<std::tuple<std::string_view, double, int>> {};

TEST_P(ImpedanceTrackingTest, FollowsASwingAndComesToRestThoughTheModelIsWrong) {
  const auto& [name, factor, delay] = GetParam();
  const control::ModelData believed = find_model(name).value();
  const Errors errors = track(control::detuned(believed, factor), believed, delay);
  std::printf("%s %f %d: worst %f last %f\n", name.data(), factor, delay, errors.worst_rad, errors.last_rad);
  EXPECT_LT(errors.worst_rad, 0.01);
  EXPECT_LT(errors.last_rad, 0.005);
}

INSTANTIATE_TEST_SUITE_P(Models, ImpedanceTrackingTest,
                         testing::Combine(testing::Values("fr3", "so101"), testing::Values(0.9, 1.0, 1.1),
                                          testing::Values(0, 1)));

}  // namespace
}  // namespace takt::robots::models
