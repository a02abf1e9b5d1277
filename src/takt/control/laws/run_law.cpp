#include "takt/control/laws/run_law.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <random>

#include <fmt/format.h>

#include "takt/control/laws/offline_arm.hpp"
#include "takt/control/model/inverse_kinematics.hpp"
#include "takt/core/error.hpp"
#include "takt/core/time.hpp"

namespace takt::control {
namespace {

using core::JointVector;

constexpr double kMaxDuration_s = 600.0;
constexpr int kMaxDelayPeriods = 10;
constexpr double kSettled = 0.02;
constexpr double kNever = std::numeric_limits<double>::quiet_NaN();

void require(bool holds, const std::string& what) {
  if (!holds) {
    throw LogicError("run_law: " + what);
  }
}

JointVector sized(const JointVector& given, const JointVector& otherwise, const char* name) {
  require(given.empty() || given.size() == otherwise.size(),
          fmt::format("{} has {} elements for {} joints", name, given.size(), otherwise.size()));
  require(given.all_finite(), fmt::format("{} is not finite", name));
  return given.empty() ? otherwise : given;
}

bool at_least_zero(double value) {
  return std::isfinite(value) && value >= 0.0;
}

/// Empty vectors replaced by what they mean.
RunLawOptions completed(RunLawOptions options, const Model& believed, const Model& plant) {
  require(believed.dof() == plant.dof(), fmt::format("{} joints believed, {} real", believed.dof(), plant.dof()));
  require(options.duration_s > 0.0 && options.duration_s <= kMaxDuration_s,
          fmt::format("duration_s is {}, must be more than 0, at most {}", options.duration_s, kMaxDuration_s));
  require(options.period_s >= 1e-5 && options.period_s <= 0.1,
          fmt::format("period_s is {}, must be from 1e-5 to 0.1", options.period_s));
  require(options.delay_periods >= 0 && options.delay_periods <= kMaxDelayPeriods,
          fmt::format("delay_periods is {}, must be from 0 to {}", options.delay_periods, kMaxDelayPeriods));
  require(at_least_zero(options.event_s), "event_s must be finite and >= 0");
  require(at_least_zero(options.position_noise_rad) && at_least_zero(options.velocity_noise_rad_s),
          "noise must be finite and >= 0");
  require(options.push.allFinite(), "push is not finite");
  options.start_rad = sized(options.start_rad, JointVector(believed.data().home_rad), "start_rad");
  options.goal_rad = sized(options.goal_rad, options.start_rad, "goal_rad");
  options.tau_target_nm = sized(options.tau_target_nm, JointVector::zero(believed.dof()), "tau_target_nm");
  return options;
}

class Run {
 public:
  Run(Law& law, const Model& believed, const Model& plant, const RunLawOptions& options)
      : law_(law),
        believed_(believed),
        options_(completed(options, believed, plant)),
        arm_(plant),
        random_(options_.seed),
        zero_(JointVector::zero(believed.dof())),
        tau_target_(zero_),
        setpoint_{options_.start_rad, zero_, zero_},
        on_the_way_(static_cast<std::size_t>(options_.delay_periods), zero_) {
    arm_.place(options_.start_rad, zero_);
  }

  [[nodiscard]] LawRun all() {
    const auto periods = static_cast<std::size_t>(std::ceil(options_.duration_s / options_.period_s * (1.0 - 1e-9)));
    run_.rows.reserve(periods);
    while (run_.rows.size() < periods && period(static_cast<double>(run_.rows.size()) * options_.period_s)) {
    }
    run_.summary.completed = run_.rows.size() == periods;
    summarise();
    return std::move(run_);
  }

 private:
  /// False when the law gave no torque.
  bool period(double time_s) {
    if (time_s >= options_.event_s * (1.0 - 1e-9)) {
      setpoint_.q_rad = options_.goal_rad;
      tau_target_ = options_.tau_target_nm;
      arm_.push(options_.push);
    }
    const ArmState measured = measure();
    if (law_.reference() != Reference::kSetpoint) {
      setpoint_.q_rad = measured.q_rad;
    }
    const LawInput input{.measured = measured,
                         .setpoint = setpoint_,
                         .model = believed_,
                         .tau_target_nm = tau_target_,
                         .period_ns = core::from_seconds(options_.period_s)};
    if (run_.rows.empty()) {
      law_.reset(input);
    }
    JointVector tau;
    law_.step(input, tau);
    if (tau.size() != believed_.dof() || !tau.all_finite()) {
      return false;
    }
    limit(tau);
    run_.rows.push_back({.time_s = time_s,
                         .q_rad = measured.q_rad,
                         .dq_rad_s = measured.dq_rad_s,
                         .setpoint_rad = setpoint_.q_rad,
                         .tau_nm = tau});
    on_the_way_.push_back(tau);
    arm_.advance(on_the_way_.front(), options_.period_s);
    on_the_way_.pop_front();
    return true;
  }

  ArmState measure() {
    ArmState measured = arm_.state();
    for (std::size_t i = 0; i < measured.q_rad.size(); ++i) {
      measured.q_rad[i] += options_.position_noise_rad * normal_(random_);
      measured.dq_rad_s[i] += options_.velocity_noise_rad_s * normal_(random_);
    }
    return measured;
  }

  void limit(JointVector& tau) {
    bool limited = false;
    for (std::size_t i = 0; i < tau.size(); ++i) {
      const double bound = believed_.data().joints[i].limits.torque_nm;
      limited = limited || std::abs(tau[i]) > bound;
      tau[i] = std::clamp(tau[i], -bound, bound);
      run_.summary.peak_torque_nm = std::max(run_.summary.peak_torque_nm, std::abs(tau[i]));
    }
    saturated_ += limited ? 1.0 : 0.0;
  }

  void summarise() {
    LawRunSummary& summary = run_.summary;
    summary.rise_s = summary.settling_s = summary.overshoot = kNever;
    summary.steady_error_rad = summary.steady_error_m = kNever;
    if (!run_.rows.empty()) {
      summary.saturated_share = saturated_ / static_cast<double>(run_.rows.size());
    }
    if (!summary.completed) {
      return;
    }
    summary.steady_error_rad = core::max_abs_difference(arm_.state().q_rad, setpoint_.q_rad);
    summary.steady_error_m =
        (believed_.tool_pose(arm_.state().q_rad).translation() - believed_.tool_pose(setpoint_.q_rad).translation())
            .norm();
    summarise_jump();
  }

  void summarise_jump() {
    const Eigen::VectorXd jump = options_.goal_rad.eigen() - options_.start_rad.eigen();
    if (jump.isZero(0.0)) {
      return;
    }
    LawRunSummary& summary = run_.summary;
    double left_s = kNever;
    double unsettled_s = 0.0;
    summary.overshoot = 0.0;
    for (const LawRunRow& row : run_.rows) {
      const double done = (row.q_rad.eigen() - options_.start_rad.eigen()).dot(jump) / jump.squaredNorm();
      if (std::isnan(left_s) && done >= 0.1) {
        left_s = row.time_s;
      }
      if (std::isnan(summary.rise_s) && done >= 0.9) {
        summary.rise_s = row.time_s - left_s;
      }
      summary.overshoot = std::max(summary.overshoot, done - 1.0);
      if (std::abs(done - 1.0) > kSettled) {
        unsettled_s = row.time_s + options_.period_s - options_.event_s;
      }
    }
    if (unsettled_s < options_.duration_s - options_.event_s - 0.5 * options_.period_s) {
      summary.settling_s = unsettled_s;
    }
  }

  Law& law_;
  const Model& believed_;
  RunLawOptions options_;
  OfflineArm arm_;
  std::mt19937 random_;
  std::normal_distribution<double> normal_;
  JointVector zero_;
  JointVector tau_target_;
  Setpoint setpoint_;
  std::deque<JointVector> on_the_way_;  ///< torques that have not reached the arm
  double saturated_{0.0};
  LawRun run_;
};

}  // namespace

LawRun run_law(Law& law, const Model& believed, const Model& plant, const RunLawOptions& options) {
  return Run(law, believed, plant, options).all();
}

core::JointVector goal_of_tool_step(const Model& model, const core::JointVector& start_rad, const Vector6& step) {
  core::Pose X_BD = model.tool_pose(start_rad);
  X_BD.translation() += step.head<3>();
  const double angle = step.tail<3>().norm();
  if (angle > 0.0) {
    X_BD.linear() = Eigen::AngleAxisd(angle, step.tail<3>() / angle) * X_BD.linear();
  }
  JointVector lowest = start_rad;
  JointVector highest = start_rad;
  for (std::size_t i = 0; i < model.dof(); ++i) {
    lowest[i] = model.data().joints[i].limits.position_min_rad;
    highest[i] = model.data().joints[i].limits.position_max_rad;
  }
  const auto found = solve_pose(model, X_BD, start_rad, lowest, highest);
  if (!found) {
    throw ConfigError("run-law", 0, "tool step", "the arm does not reach the pose that it leads to; make it smaller");
  }
  return *found;
}

}  // namespace takt::control
