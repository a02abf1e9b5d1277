#include "takt/teleop/replay/replay_owner.hpp"

#include <utility>
#include <vector>

#include "takt/core/error.hpp"

namespace takt::teleop::replay {
namespace {

std::vector<control::JointLimits> guard_limits(const robots::RobotInfo& robot, double fraction) {
  std::vector<control::JointLimits> limits = robot.limits;
  for (auto& joint : limits) {
    joint.velocity_rad_s *= fraction;
    joint.acceleration_rad_s2 *= fraction;
    joint.jerk_rad_s3 *= fraction;
  }
  return limits;
}

RobotNodeOptions node_options(const ReplayOwnerOptions& options) {
  RobotNodeOptions made;
  made.name = options.name;
  made.rate_hz = options.rate_hz;
  made.freshness = options.guards.freshness;
  made.tracking = options.guards.tracking;
  made.lost_after_s = options.guards.lost_after_s;
  return made;
}

PairOptions pair_options(const ReplayOwnerOptions& options, const robots::RobotInfo& robot) {
  PairOptions made;
  made.pipeline.guard = {.limits = guard_limits(robot, options.guards.limit_fraction),
                         .position = options.guards.position,
                         .velocity = options.guards.velocity,
                         .acceleration = options.guards.acceleration,
                         .min_step_s = 0.5 * kMotionPeriod_s,
                         .max_step_s = 3.0 * kMotionPeriod_s};
  made.pipeline.alignment_fraction = options.alignment_fraction;
  made.pipeline.aligned_within_rad = options.aligned_within_rad;
  made.pipeline.realign_after_s = options.guards.freshness.hold_after_s;
  made.motions = true;
  return made;
}

std::unique_ptr<robots::Robot> movable(std::unique_ptr<robots::Robot> robot) {
  if (!robot->info().can_write) {
    throw ConfigError(robot->info().name + " cannot be moved: it takes no commands");
  }
  return robot;
}

}  // namespace

ReplayOwner::ReplayOwner(std::unique_ptr<robots::Robot> robot, ReplayOwnerOptions options)
    : node_(std::make_unique<RobotNode>(bus_, movable(std::move(robot)), node_options(options))) {
  const std::size_t pair = orchestrator_.add_follower(*node_, pair_options(options, node_->robot().info()));
  twin_ = std::make_unique<DigitalTwin>(orchestrator_, pair, std::move(options.twin));
}

ReplayOwner::~ReplayOwner() {
  stop();
}

void ReplayOwner::start() {
  node_->start();
  orchestrator_.set_mode(ControlMode::kTrajectory);
}

void ReplayOwner::stop() noexcept {
  if (twin_ != nullptr) {
    static_cast<void>(twin_->stop());
  }
  node_->stop();
}

}  // namespace takt::teleop::replay
