#include "workload.hpp"

#include <algorithm>
#include <cstddef>

#include "takt/core/geometry.hpp"

namespace takt::bench {
namespace {

constexpr double kAway_rad = 0.3;
constexpr std::uint32_t kActions = 16;
constexpr core::Nanoseconds kActionPeriod_ns = 20'000'000;

}  // namespace

std::vector<Workload> workloads() {
  using enum control::CommandKind;
  return {
      {.name = "joint impedance, joint targets", .law = control::JointImpedance{}},
      {.name = "operational space, joint targets", .law = control::OperationalSpace{}},
      {.name = "operational space, pose targets (inverse kinematics)",
       .law = control::OperationalSpace{},
       .kind = kPose},
      {.name = "hybrid impedance, joint targets", .law = control::HybridImpedance{}},
      {.name = "joint impedance, action chunks", .law = control::JointImpedance{}, .kind = kChunk, .period_ms = 160}};
}

Commander::Commander(const control::Model& model, const core::JointVector& lowest_rad,
                     const core::JointVector& highest_rad)
    : model_(model),
      home_rad_(model.data().home_rad),
      lowest_rad_(lowest_rad),
      highest_rad_(highest_rad),
      last_rad_(home_rad_) {}

control::Command Commander::next(control::CommandKind kind, core::Nanoseconds now_ns) {
  const control::TargetTerms terms = {.stamp_ns = now_ns, .valid_until_ns = control::kValidForever};
  switch (kind) {
    case control::CommandKind::kPose: {
      const core::JointVector q_rad = posture();
      return control::to_command(
          control::PoseTarget{.X_BE = core::to_array(model_.tool_pose(q_rad)), .posture_rad = q_rad, .terms = terms});
    }
    case control::CommandKind::kChunk: {
      control::Command command = chunk(now_ns);
      command.terms = terms;
      return command;
    }
    default:
      return control::to_command(control::JointTarget{.q_rad = posture(), .terms = terms});
  }
}

core::JointVector Commander::posture() {
  std::uniform_real_distribution<double> away(-kAway_rad, kAway_rad);
  core::JointVector q_rad = home_rad_;
  for (std::size_t i = 0; i < q_rad.size(); ++i) {
    q_rad[i] = std::clamp(q_rad[i] + away(random_), lowest_rad_[i], highest_rad_[i]);
  }
  return q_rad;
}

control::Command Commander::chunk(core::Nanoseconds now_ns) {
  const core::JointVector from_rad = last_rad_;
  last_rad_ = posture();
  control::Command command;
  command.kind = control::CommandKind::kChunk;
  command.count = kActions;
  for (std::uint32_t k = 0; k < kActions; ++k) {
    const double part = static_cast<double>(k + 1) / kActions;
    core::JointVector q_rad = from_rad;
    q_rad.eigen() += part * (last_rad_.eigen() - from_rad.eigen());
    command.actions[k] = {.due_ns = now_ns + (k + 1) * kActionPeriod_ns, .q_rad = q_rad};
  }
  return command;
}

}  // namespace takt::bench
