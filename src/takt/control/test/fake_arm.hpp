#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "takt/control/arm.hpp"
#include "takt/control/laws/law.hpp"
#include "takt/core/time.hpp"

namespace takt::control {

/// The world of a FakeArm: it outlives the arm, so that a test sees what the arm was left like. One period of virtual
/// time passes with every wait(). The plant: q̈ = τ per joint (inertia 1 kg·m²), nothing moves while brakes are on.
///
/// Plain members are for the thread that runs the cycle, or for before it starts.
struct FakeWorld {
  static constexpr std::size_t kJoints = 3;
  static constexpr core::Nanoseconds kPeriod_ns = 1'000'000;

  core::ManualClock clock{core::kNanosecondsPerSecond};
  core::JointVector q_rad = core::JointVector::zero(kJoints);
  core::JointVector dq_rad_s = core::JointVector::zero(kJoints);
  core::JointVector disturbance_nm = core::JointVector::zero(kJoints);
  bool blocked{false};  ///< something holds the arm
  std::uint64_t sequence{0};
  std::uint64_t skip_states{0};  ///< lost before the next one
  Outcome wait_outcome{Outcome::kOk};
  Outcome write_outcome{Outcome::kOk};
  std::function<void(ArmState&)> falsify;  ///< the last hand on every state
  std::chrono::microseconds pace{0};       ///< real time per period, for tests with threads

  // How the brakes behave.
  int brake_periods{3};
  bool brakes_stuck{false};
  Outcome release_outcome{Outcome::kOk};
  int brakes_in{-1};  ///< periods until `brakes_wanted` is so; −1: it is

  // Seen from the test, also from its own thread.
  std::atomic<bool> brakes_on{true};
  std::atomic<bool> brakes_wanted{true};
  std::atomic<int> engage_calls{0};
  std::atomic<int> starts{0};
  std::atomic<int> stops{0};
  std::atomic<int> recoveries{0};
  std::atomic<bool> fail_now{false};  ///< wait reports an error from now on, until recover
  std::function<void()> on_start;
  std::function<void()> on_recover;
  Outcome start_outcome{Outcome::kOk};
  Outcome recover_outcome{Outcome::kOk};
  core::JointVector last_tau_nm = core::JointVector::zero(kJoints);
};

inline ModelData fake_model_data() {
  ModelData data;
  data.name = "fake";
  for (std::size_t i = 0; i < FakeWorld::kJoints; ++i) {
    JointData joint;
    joint.name = "joint" + std::to_string(i + 1);
    joint.limits = {.position_min_rad = -2.0,
                    .position_max_rad = 2.0,
                    .velocity_rad_s = 2.0,
                    .acceleration_rad_s2 = 10.0,
                    .jerk_rad_s3 = 1000.0,
                    .torque_nm = 40.0,
                    .torque_rate_nm_s = 4000.0};
    joint.armature_kg_m2 = 1.0;  // the world's inertia, as its joints feel no other
    joint.link.mass_kg = 0.001;
    joint.link.I_C_kg_m2 = 1e-6 * Eigen::Matrix3d::Identity();
    data.joints.push_back(joint);
    data.home_rad.push_back(0.0);
  }
  return data;
}

/// An arm that steps on its own, without real time and without threads.
class FakeArm final : public Arm {
 public:
  explicit FakeArm(FakeWorld& world) : world_(world), data_(fake_model_data()) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "fake"; }
  [[nodiscard]] const ModelData& model_data() const noexcept override { return data_; }
  [[nodiscard]] core::Nanoseconds period_ns() const noexcept override { return FakeWorld::kPeriod_ns; }

  [[nodiscard]] Outcome start() noexcept override {
    ++world_.starts;
    if (world_.on_start) {
      world_.on_start();
    }
    return world_.start_outcome;
  }
  void stop() noexcept override {
    ++world_.stops;
    world_.brakes_wanted = true;
    world_.brakes_on = true;
  }
  [[nodiscard]] Outcome release_brakes() noexcept override {
    if (world_.release_outcome == Outcome::kOk) {
      want_brakes(false);
    }
    return world_.release_outcome;
  }
  [[nodiscard]] Outcome engage_brakes() noexcept override {
    ++world_.engage_calls;
    if (!world_.brakes_wanted) {
      want_brakes(true);
    }
    return Outcome::kOk;
  }
  [[nodiscard]] Outcome recover() noexcept override {
    ++world_.recoveries;
    if (world_.on_recover) {
      world_.on_recover();
    }
    world_.fail_now = false;
    return world_.recover_outcome;
  }

  [[nodiscard]] Outcome wait(ArmState& state) noexcept override {
    if (world_.pace.count() > 0) {
      std::this_thread::sleep_for(world_.pace);
    }
    for (std::uint64_t i = 0; i <= world_.skip_states; ++i) {
      step();
    }
    world_.skip_states = 0;
    if (world_.fail_now) {
      return Outcome::kFault;
    }
    if (world_.wait_outcome != Outcome::kOk) {
      return world_.wait_outcome;
    }
    state.stamp_ns = world_.clock.now_ns();
    state.sequence = world_.sequence;
    state.q_rad = world_.q_rad;
    state.dq_rad_s = world_.dq_rad_s;
    state.tau_nm = world_.last_tau_nm;
    state.brakes_engaged = world_.brakes_on;
    if (world_.falsify) {
      world_.falsify(state);
    }
    return Outcome::kOk;
  }
  [[nodiscard]] Outcome write(const ArmCommand& command) noexcept override {
    if (command.tau_nm.size() != FakeWorld::kJoints || !command.tau_nm.all_finite()) {
      return Outcome::kInvalid;
    }
    if (world_.brakes_on) {
      return Outcome::kNotReady;
    }
    world_.last_tau_nm = command.tau_nm;
    return world_.write_outcome;
  }

 private:
  void want_brakes(bool on) noexcept {
    world_.brakes_wanted = on;
    world_.brakes_in = world_.brake_periods;
  }

  void step() noexcept {
    world_.clock.advance_ns(FakeWorld::kPeriod_ns);
    ++world_.sequence;
    const bool brakes_move = !world_.brakes_stuck && world_.brakes_in >= 0;
    if (brakes_move && world_.brakes_in-- == 0) {
      world_.brakes_on = world_.brakes_wanted.load();
    }
    const double dt_s = core::to_seconds(FakeWorld::kPeriod_ns);
    for (std::size_t i = 0; i < FakeWorld::kJoints; ++i) {
      if (world_.brakes_on || world_.blocked) {
        world_.dq_rad_s[i] = 0.0;
        continue;
      }
      const double ddq = world_.last_tau_nm[i] + world_.disturbance_nm[i];
      world_.q_rad[i] += dt_s * (world_.dq_rad_s[i] + 0.5 * dt_s * ddq);
      world_.dq_rad_s[i] += dt_s * ddq;
    }
    if (world_.brakes_on) {
      std::fill(world_.last_tau_nm.begin(), world_.last_tau_nm.end(), 0.0);
    }
  }

  FakeWorld& world_;
  ModelData data_;
};

/// τ = K e + D ė + q̈_d for an inertia of 1: critically damped at 30 rad/s.
class FakeLaw final : public Law {
 public:
  explicit FakeLaw(FakeWorld& world) : world_(world) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "fake"; }
  void step(const LawInput& input, core::JointVector& tau_nm) noexcept override {
    world_.clock.advance_ns(compute_ns);
    tau_nm = input.setpoint.ddq_rad_s2;
    tau_nm.eigen() += 900.0 * (input.setpoint.q_rad.eigen() - input.measured.q_rad.eigen()) +
                      60.0 * (input.setpoint.dq_rad_s.eigen() - input.measured.dq_rad_s.eigen());
    if (falsify) {
      falsify(tau_nm);
    }
  }

  core::Nanoseconds compute_ns{5'000};
  std::function<void(core::JointVector&)> falsify;

 private:
  FakeWorld& world_;
};

}  // namespace takt::control
