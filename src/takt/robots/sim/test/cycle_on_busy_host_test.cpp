// The control cycle over the simulated FR3 where the host is busy: states are stamped late, each differently, and the
// cycle misses some. Near q_2 = 0 the axes of joints 1 and 3 meet, and what turns one against the other is 0.016 kg·m²
// at a spring of 600 N·m/rad, 192 rad/s: what reaches its torque late makes it swing. No clock.

#include <algorithm>
#include <cmath>
#include <random>
#include <string_view>

#include <gtest/gtest.h>

#include "takt/control/cycle_loop.hpp"
#include "takt/control/laws/joint_impedance_law.hpp"
#include "takt/robots/models/fr3.hpp"
#include "takt/robots/sim/sim_arm.hpp"

namespace takt::robots::sim {
namespace {

using control::Outcome;
using core::JointVector;

constexpr core::Nanoseconds kPeriod_ns = 1'000'000;

/// How often a thread loses its CPU, on average, and for how long at most.
struct Stalls {
  double every_s{1e9};
  int longest_periods{1};
};

/// A host between the cycle and its arm.
struct Host {
  double late_s{0.0};  ///< of a stamp, on average
  Stalls cycle{};      ///< the arm goes on meanwhile, with its last torque
  Stalls arm{};        ///< simulated time stands still meanwhile
};

/// The arm as a cycle on that host sees it.
class HostedArm final : public control::Arm {
 public:
  HostedArm(SimArm& arm, const Host& host) : arm_(arm), host_(host) {}

  [[nodiscard]] std::string_view name() const noexcept override { return arm_.name(); }
  [[nodiscard]] const control::ModelData& model_data() const noexcept override { return arm_.model_data(); }
  [[nodiscard]] core::Nanoseconds period_ns() const noexcept override { return arm_.period_ns(); }
  [[nodiscard]] unsigned bears_missed() const noexcept override { return arm_.bears_missed(); }
  [[nodiscard]] Outcome start() noexcept override { return arm_.start(); }
  void stop() noexcept override { arm_.stop(); }
  [[nodiscard]] Outcome release_brakes() noexcept override { return arm_.release_brakes(); }
  [[nodiscard]] Outcome engage_brakes() noexcept override { return arm_.engage_brakes(); }
  [[nodiscard]] Outcome recover() noexcept override { return arm_.recover(); }
  [[nodiscard]] Outcome write(const control::ArmCommand& command) noexcept override { return arm_.write(command); }

  [[nodiscard]] Outcome wait(control::ArmState& state) noexcept override {
    arm_.inject_dropped_states(stalled(host_.cycle));
    stood_still_ns_ += stalled(host_.arm) * kPeriod_ns;
    const Outcome outcome = arm_.wait(state);
    const double late_s = std::min(-host_.late_s * std::log(1.0 - share_(random_)), 0.9 * core::to_seconds(kPeriod_ns));
    state.stamp_ns += core::from_seconds(late_s) + stood_still_ns_;
    return outcome;
  }

 private:
  /// For so many periods, now.
  unsigned stalled(const Stalls& stalls) {
    const bool now = share_(random_) < core::to_seconds(kPeriod_ns) / stalls.every_s;
    return now ? 1 + static_cast<unsigned>(share_(random_) * stalls.longest_periods) : 0;
  }

  SimArm& arm_;
  Host host_;
  core::Nanoseconds stood_still_ns_{0};
  std::mt19937 random_{1};
  std::uniform_real_distribution<double> share_;
};

struct Rig {
  explicit Rig(const Host& host)
      : model(models::fr3()),
        arm(models::fr3(), {.pace = Pace::kLockstep, .start_rad = {0.0, 0.0, 0.0, -2.36, 0.0, 1.57, 0.79}}),
        hosted(arm, host),
        law({}, model),
        loop(hosted, law, model, {.budget_fraction = 1.0}) {
    EXPECT_EQ(hosted.start(), Outcome::kOk);
    run(20);
  }

  void run(int periods) {
    for (int k = 0; k < periods && loop.run_once(); ++k) {
      const control::CycleState state = loop.state();
      for (const std::size_t joint : {0U, 2U}) {
        fastest_error_rad_s =
            std::max(fastest_error_rad_s, std::abs(state.measured.dq_rad_s[joint] - state.setpoint.dq_rad_s[joint]));
      }
    }
  }

  /// All joints to and fro with up to 0.5 rad/s, in targets with their velocity that are due 30 ms later.
  void swing(double duration_s) {
    const JointVector start_rad = loop.state().measured.q_rad;
    const core::Nanoseconds begin_ns = loop.state().measured.stamp_ns;
    for (double time_s = 0.0; time_s < duration_s;) {
      const core::Nanoseconds now_ns = loop.state().measured.stamp_ns;
      time_s = core::to_seconds(now_ns - begin_ns);
      control::JointTarget target{.q_rad = start_rad,
                                  .dq_rad_s = JointVector::zero(start_rad.size()),
                                  .due_ns = now_ns + 30 * kPeriod_ns,
                                  .terms = {.stamp_ns = now_ns}};
      const double phase = kRate_rad_s * (time_s + 0.03);
      for (std::size_t i = 0; i < start_rad.size(); ++i) {
        const double sign = i % 2 == 0 ? 1.0 : -0.3;
        target.q_rad[i] += sign * kWay_rad * (1.0 - std::cos(phase));
        target.dq_rad_s[i] = sign * kWay_rad * kRate_rad_s * std::sin(phase);
      }
      ASSERT_EQ(loop.set(target), Outcome::kOk) << describe(loop.fault());
      run(4);
    }
  }

  static constexpr double kWay_rad = 0.25;
  static constexpr double kRate_rad_s = 2.0;
  control::Model model;
  SimArm arm;
  HostedArm hosted;
  control::JointImpedanceLaw law;
  control::CycleLoop loop;
  double fastest_error_rad_s{0.0};
};

// With 5 µs it was three cycles in four that met the rate limit, with 50 µs a safe stop, before time was counted
// evenly.
TEST(CycleOnBusyHost, a_stamp_that_comes_late_is_no_torque) {
  for (const double late_s : {5e-6, 50e-6, 200e-6}) {
    Rig rig({.late_s = late_s});
    rig.swing(6.0);
    EXPECT_LT(rig.fastest_error_rad_s, 0.01) << late_s;
    EXPECT_LT(rig.loop.stats().rate_limited_torques, 10U) << late_s;
  }
}

TEST(CycleOnBusyHost, joints_that_turn_against_each_other_do_not_swing_up_where_states_are_missed) {
  for (const int periods : {3, 8, 19}) {
    Rig rig({.late_s = 50e-6, .cycle = {.every_s = 0.02, .longest_periods = periods}});
    rig.swing(6.0);
    EXPECT_GT(rig.loop.stats().missed_states, 300U);
    EXPECT_LT(rig.fastest_error_rad_s, 0.1) << periods;
  }
}

// Its target is ahead of it then, and the feed-forward of the chase needs all that the torque rate gives.
TEST(CycleOnBusyHost, joints_do_not_swing_up_where_the_torque_rate_is_used_up) {
  for (const int periods : {3, 8, 19}) {
    Rig rig({.late_s = 50e-6, .arm = {.every_s = 0.02, .longest_periods = periods}});
    rig.swing(6.0);
    EXPECT_GT(rig.loop.stats().rate_limited_torques, 100U) << periods;
    EXPECT_LT(rig.fastest_error_rad_s, 0.15) << periods;
  }
}

}  // namespace
}  // namespace takt::robots::sim
