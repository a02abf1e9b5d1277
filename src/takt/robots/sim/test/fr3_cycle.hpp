#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string_view>
#include <utility>

#include "takt/control/cycle_loop.hpp"
#include "takt/control/laws/settings.hpp"
#include "takt/core/geometry.hpp"
#include "takt/robots/models/fr3.hpp"
#include "takt/robots/sim/sim_arm.hpp"
#include "takt/testing/allocation_guard.hpp"
#include "takt/testing/lock_guard.hpp"

namespace takt::robots::sim::test {

/// A law, with other gains than its defaults, and the kind of commands that it is led by.
struct LawCase {
  std::string_view name;
  control::LawSettings settings;
  control::LawSettings other_gains;
  control::CommandKind kind;

  friend std::ostream& operator<<(std::ostream& out, const LawCase& law) {
    return out << law.name << " led by kind " << static_cast<int>(law.kind);
  }
};

/// Every law once, with a command that it takes.
inline const std::array<LawCase, 6> kEveryLaw{{
    {"joint_impedance", control::JointImpedance{}, control::JointImpedance{.inertial_damping_1_s = 20.0},
     control::CommandKind::kJoint},
    {"joint_pid", control::JointPid{}, control::JointPid{.inertial_damping_1_s = 20.0}, control::CommandKind::kJoint},
    {"operational_space", control::OperationalSpace{},
     control::OperationalSpace{.stiffness_1_s2 = {200.0, 200.0, 200.0, 800.0, 800.0, 800.0}},
     control::CommandKind::kJoint},
    {"hybrid_impedance", control::HybridImpedance{}, control::HybridImpedance{.inertial_damping_1_s = 10.0},
     control::CommandKind::kJoint},
    {"joint_torque", control::JointTorque{.damping_nm_s_rad = {2.0, 2.0, 2.0, 2.0, 1.0, 1.0, 0.5}},
     control::JointTorque{}, control::CommandKind::kTorque},
    {"gravity_compensation", control::GravityCompensation{},
     control::GravityCompensation{.damping_nm_s_rad = {4.0, 4.0, 4.0, 4.0, 2.0, 2.0, 2.0}},
     control::CommandKind::kNone},
}};

inline control::Model with_payload(control::Model model, double mass_kg) {
  model.set_payload({.mass_kg = mass_kg, .p_LC_m = {0.0, 0.0, 0.05}, .I_C_kg_m2 = 1e-3 * Eigen::Matrix3d::Identity()});
  return model;
}

inline control::Model with_tool(control::Model model, double length_m) {
  core::Pose X_FE = core::Pose::Identity();
  X_FE.translation() = Eigen::Vector3d(0.05, 0.0, length_m);
  model.set_tool(X_FE);
  return model;
}

/// A cycle over the simulated FR3 in lock-step, in virtual time: two of them that are told the same do the same. What
/// its cycles and the arm in them allocate and lock is counted.
struct Fr3Cycle {
  Fr3Cycle(const control::LawSettings& settings, const control::CycleOptions& options, const control::ModelData& data,
           control::Model believed)
      : model(std::move(believed)),
        arm(data, {.pace = Pace::kLockstep}),
        law(control::make_law(settings, model)),
        loop(arm, *law, model, on_clock(options, clock)) {
    static_cast<void>(arm.start());
  }

  /// False when the loop has ended.
  bool run(int periods) {
    const testing::AllocationGuard memory;
    const testing::LockGuard mutexes;
    bool alive = true;
    for (int k = 0; k < periods && alive; ++k) {
      alive = loop.run_once();
    }
    allocations += memory.count();
    locks += mutexes.count();
    return alive;
  }

  /// A command of that kind, fresh for so long; none for kNone.
  control::Outcome command(control::CommandKind kind, double for_s) {
    const core::Nanoseconds now = loop.state().measured.stamp_ns;
    const control::TargetTerms terms{.stamp_ns = now, .valid_until_ns = now + core::from_seconds(for_s)};
    const core::JointVector goal{0.3, -0.6, 0.2, -2.1, -0.3, 1.7, 0.5};
    control::Command command;
    switch (kind) {
      case control::CommandKind::kNone:
        return control::Outcome::kOk;
      case control::CommandKind::kJoint:
        command = to_command(control::JointTarget{.q_rad = goal, .terms = terms});
        break;
      case control::CommandKind::kPose:
        command = to_command(control::PoseTarget{.X_BE = core::to_array(model.tool_pose(goal)), .terms = terms});
        break;
      case control::CommandKind::kTorque:
        command = to_command(control::TorqueTarget{.tau_nm = {1.5, 1.0, -1.5, 1.5, 0.3, 0.2, 0.0}, .terms = terms});
        break;
      case control::CommandKind::kChunk:
        command.kind = kind;
        command.terms = terms;
        for (; command.count < 3; ++command.count) {
          command.actions[command.count] = {.due_ns = now + core::from_seconds(0.3 * (command.count + 1)),
                                            .q_rad = goal};
        }
        break;
    }
    return loop.submit(command);
  }

  core::ManualClock clock{core::kNanosecondsPerSecond};
  control::Model model;
  SimArm arm;
  std::unique_ptr<control::Law> law;
  control::CycleLoop loop;
  std::uint64_t allocations{0};
  std::uint64_t locks{0};

 private:
  static control::CycleOptions on_clock(control::CycleOptions options, core::Clock& clock) {
    options.clock = &clock;
    return options;
  }
};

}  // namespace takt::robots::sim::test
