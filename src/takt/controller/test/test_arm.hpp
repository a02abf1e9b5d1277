#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <Eigen/Cholesky>

#include "takt/control/arm.hpp"
#include "takt/control/model/model.hpp"
#include "takt/core/time.hpp"

namespace takt::controller::testing {

/// Seven joints like an arm's (z y z y z y z), so that poses can be reached in many postures.
inline control::ModelData test_model_data() {
  control::ModelData data;
  data.name = "test";
  const std::array<double, 7> lengths_m{0.3, 0.0, 0.3, 0.0, 0.3, 0.0, 0.1};
  for (std::size_t i = 0; i < lengths_m.size(); ++i) {
    control::JointData joint;
    joint.name = "joint" + std::to_string(i + 1);
    joint.X_PJ.translation() = Eigen::Vector3d(0.0, 0.0, lengths_m[i]);
    joint.axis_J = i % 2 == 0 ? Eigen::Vector3d::UnitZ() : Eigen::Vector3d::UnitY();
    joint.link.mass_kg = 1.5;
    joint.link.p_LC_m = Eigen::Vector3d(0.0, 0.0, 0.05);
    joint.link.I_C_kg_m2 = 0.02 * Eigen::Matrix3d::Identity();
    joint.armature_kg_m2 = 0.05;
    joint.limits = {.position_min_rad = -2.5,
                    .position_max_rad = 2.5,
                    .velocity_rad_s = 2.0,
                    .acceleration_rad_s2 = 10.0,
                    .jerk_rad_s3 = 1000.0,
                    .torque_nm = 80.0,
                    .torque_rate_nm_s = 1e5};
    data.joints.push_back(joint);
  }
  data.X_LF.translation() = Eigen::Vector3d(0.0, 0.0, 0.1);
  data.home_rad = {0.0, 0.4, 0.0, 0.8, 0.0, 0.6, 0.0};
  return data;
}

/// The world of a TestArm, which it outlives. One period of virtual time passes with every wait(), and about `pace` of
/// real time: what a host does to the test's threads changes nothing in it.
struct TestWorld {
  static constexpr core::Nanoseconds kPeriod_ns = 1'000'000;

  core::ManualClock clock{core::kNanosecondsPerSecond};
  std::chrono::microseconds pace{10};
  std::function<void()> on_start;  ///< on the thread that starts the arm
  std::function<void()> on_stop;   ///< and that stops it
  control::Outcome start_outcome{control::Outcome::kOk};

  // For any thread.
  std::atomic<bool> brakes_on{true};
  std::atomic<int> starts{0};
  std::atomic<int> stops{0};
  std::atomic<int> recoveries{0};
  std::atomic<bool> fails{false};    ///< reports an error from now on, until recover
  std::atomic<bool> silent{false};   ///< answers nothing
  std::atomic<bool> blocked{false};  ///< something holds the arm
  std::atomic<bool> nan_state{false};
  std::atomic<bool> paused{false};  ///< no time passes, and no cycle comes
};

/// A torque-driven arm that is what its model says: q̈ = M⁻¹ (τ − C q̇), gravity compensated by itself.
class TestArm final : public control::Arm {
 public:
  explicit TestArm(TestWorld& world) : world_(world), data_(test_model_data()), model_(data_) {
    q_rad_ = core::JointVector(std::span<const double>(data_.home_rad));
    dq_rad_s_ = core::JointVector::zero(data_.dof());
    tau_nm_ = core::JointVector::zero(data_.dof());
  }

  [[nodiscard]] std::string_view name() const noexcept override { return data_.name; }
  [[nodiscard]] const control::ModelData& model_data() const noexcept override { return data_; }
  [[nodiscard]] core::Nanoseconds period_ns() const noexcept override { return TestWorld::kPeriod_ns; }

  [[nodiscard]] control::Outcome start() noexcept override {
    ++world_.starts;
    if (world_.on_start) {
      world_.on_start();
    }
    return world_.start_outcome;
  }
  void stop() noexcept override {
    ++world_.stops;
    world_.brakes_on = true;
    if (world_.on_stop) {
      world_.on_stop();
    }
  }
  [[nodiscard]] control::Outcome release_brakes() noexcept override {
    world_.brakes_on = false;
    return control::Outcome::kOk;
  }
  [[nodiscard]] control::Outcome engage_brakes() noexcept override {
    world_.brakes_on = true;
    return control::Outcome::kOk;
  }
  [[nodiscard]] control::Outcome recover() noexcept override {
    ++world_.recoveries;
    world_.fails = false;
    return control::Outcome::kOk;
  }

  [[nodiscard]] control::Outcome wait(control::ArmState& state) noexcept override {
    do {
      std::this_thread::sleep_for(world_.pace);
    } while (world_.paused);
    if (world_.silent) {
      return control::Outcome::kTimeout;
    }
    step();
    if (world_.fails) {
      return control::Outcome::kFault;
    }
    state.stamp_ns = world_.clock.now_ns();
    state.sequence = ++sequence_;
    state.q_rad = q_rad_;
    state.dq_rad_s = dq_rad_s_;
    state.tau_nm = tau_nm_;
    state.command_success_rate = 1.0;
    state.brakes_engaged = world_.brakes_on;
    if (world_.nan_state) {
      state.q_rad[0] = std::numeric_limits<double>::quiet_NaN();
    }
    return control::Outcome::kOk;
  }
  [[nodiscard]] control::Outcome write(const control::ArmCommand& command) noexcept override {
    if (command.tau_nm.size() != data_.dof() || !command.tau_nm.all_finite()) {
      return control::Outcome::kInvalid;
    }
    if (world_.brakes_on) {
      return control::Outcome::kNotReady;
    }
    tau_nm_ = command.tau_nm;
    return control::Outcome::kOk;
  }

 private:
  void step() noexcept {
    world_.clock.advance_ns(TestWorld::kPeriod_ns);
    if (world_.brakes_on || world_.blocked) {
      std::fill(dq_rad_s_.begin(), dq_rad_s_.end(), 0.0);
      std::fill(tau_nm_.begin(), tau_nm_.end(), 0.0);
      return;
    }
    const double dt_s = core::to_seconds(TestWorld::kPeriod_ns);
    core::JointVector driven = tau_nm_;
    driven.eigen() -= model_.coriolis_nm(q_rad_, dq_rad_s_).eigen();
    const control::JointMatrix mass = model_.mass_matrix(q_rad_);
    core::JointVector ddq = core::JointVector::zero(data_.dof());
    ddq.eigen() = mass.llt().solve(driven.eigen());
    q_rad_.eigen() += dt_s * dq_rad_s_.eigen() + 0.5 * dt_s * dt_s * ddq.eigen();
    dq_rad_s_.eigen() += dt_s * ddq.eigen();
  }

  TestWorld& world_;
  control::ModelData data_;
  control::Model model_;
  core::JointVector q_rad_;
  core::JointVector dq_rad_s_;
  core::JointVector tau_nm_;
  std::uint64_t sequence_{0};
};

}  // namespace takt::controller::testing
