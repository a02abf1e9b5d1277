// How long does one step of the motion's generators take?

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "takt/control/motion/joint_generator.hpp"
#include "takt/control/motion/pose_generator.hpp"
#include "takt/control/motion_source.hpp"
#include "takt/core/error.hpp"
#include "takt/robots/models/fr3.hpp"

#include "comparison.hpp"
#include "cycle_rig.hpp"
#include "questions.hpp"
#include "workload.hpp"

namespace takt::bench {
namespace {

constexpr double kPeriod_s = 1e-3;
constexpr int kCyclesPerTarget = 20;

/// Every cycle, and those alone in which a target was planned for.
struct Cycles {
  std::vector<double> all_us;
  std::vector<double> planning_us;

  template <class Work>
  void time(bool planning, const Work& work) {
    const double took_us = batch_ns(1, work) * 1e-3;
    all_us.push_back(took_us);
    if (planning) {
      planning_us.push_back(took_us);
    }
  }
};

std::vector<control::JointLimits> limits_of(const control::Model& model) {
  std::vector<control::JointLimits> limits;
  for (const control::JointData& joint : model.data().joints) {
    limits.push_back(joint.limits);
  }
  return limits;
}

void require_ok(control::Outcome outcome) {
  if (outcome != control::Outcome::kOk) {
    throw DeviceError("a generator refused a target of the bench");
  }
}

Cycles run_joints(const control::Model& model, int cycles) {
  control::JointGenerator generator(limits_of(model));
  generator.scale_budgets(rig_options().budget_fraction);
  require_ok(generator.reset(core::JointVector(model.data().home_rad)));
  Commander commander(model, generator.lowest_rad(), generator.highest_rad());
  Cycles times;
  for (int k = 0; k < cycles; ++k) {
    const bool planning = k % kCyclesPerTarget == 0;
    const core::JointVector target_rad =
        planning ? commander.next(control::CommandKind::kJoint, 0).vector : core::JointVector{};
    control::Outcome outcome = control::Outcome::kOk;
    times.time(planning, [&] {
      if (planning) {
        outcome = generator.set_target(target_rad);
      }
      generator.step(kPeriod_s);
    });
    require_ok(outcome);
  }
  return times;
}

Cycles run_poses(const control::Model& model, int cycles) {
  control::PoseGenerator generator(rig_options().pose_budget);
  const control::JointGenerator range(limits_of(model));
  Commander commander(model, range.lowest_rad(), range.highest_rad());
  Cycles times;
  for (int k = 0; k < cycles; ++k) {
    const bool planning = k % kCyclesPerTarget == 0;
    const core::Pose X_BE =
        planning ? model.tool_pose(commander.next(control::CommandKind::kPose, 0).vector) : core::Pose::Identity();
    control::Outcome outcome = control::Outcome::kOk;
    times.time(planning, [&] {
      if (planning) {
        outcome = generator.set_target(X_BE);
      }
      generator.step(kPeriod_s);
    });
    require_ok(outcome);
  }
  return times;
}

Cycles run_source(const control::Model& model, control::CommandKind kind, int cycles) {
  control::MotionSource source(limits_of(model), rig_options());
  source.reset(core::JointVector(model.data().home_rad));
  Commander commander(model, source.lowest_rad(), source.highest_rad());
  Cycles times;
  core::Nanoseconds now_ns = core::kNanosecondsPerSecond;
  for (int k = 0; k < cycles; ++k) {
    now_ns += 1'000'000;
    const bool planning = k % kCyclesPerTarget == 0;
    const control::Command command = planning ? commander.next(kind, now_ns) : control::Command{};
    bool taken = true;
    times.time(planning, [&] {
      if (planning) {
        taken = source.take(command, model, now_ns);
      }
      source.step(model, now_ns, kPeriod_s);
    });
    require_ok(taken ? control::Outcome::kOk : control::Outcome::kInvalid);
  }
  return times;
}

void add(Result& result, const std::string& name, const Cycles& times, const std::string& goal) {
  const Latency all = latency_of(times.all_us);
  const Latency planning = latency_of(times.planning_us);
  Figure figure = {.name = name + ", p99", .value = all.p99_us, .unit = "µs"};
  if (!goal.empty()) {
    figure.goal = goal;
  }
  result.figures.push_back({.name = name + ", p50", .value = all.p50_us, .unit = "µs"});
  result.figures.push_back(figure);
  result.figures.push_back({.name = name + ", cycles that plan, p50", .value = planning.p50_us, .unit = "µs"});
  result.figures.push_back({.name = name + ", cycles that plan, p99", .value = planning.p99_us, .unit = "µs"});
}

}  // namespace

void ask_generator(Result& result, const Plan& plan) {
  const control::Model model(robots::models::fr3());
  const int cycles = plan.generator_cycles;
  add(result, "online generator, 7 joints, one cycle", run_joints(model, cycles), "<= 3");
  add(result, "pose generator, one cycle", run_poses(model, cycles), "");
  add(result, "pose to joint setpoint with inverse kinematics, one cycle",
      run_source(model, control::CommandKind::kPose, cycles), "");
  add(result, "action chunks to joint setpoint, one cycle", run_source(model, control::CommandKind::kChunk, cycles),
      "");
  result.notes.emplace_back(
      "generators: a target every 20 cycles, set in the cycle that is timed; one clock read is part of each time");
}

}  // namespace takt::bench
