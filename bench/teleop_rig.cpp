#include "teleop_rig.hpp"

#include <utility>

#include "takt/core/error.hpp"

namespace takt::bench {
namespace {

using core::JointVector;

constexpr std::size_t kJoints = 7;
constexpr core::Nanoseconds kClosest = 2000;  ///< between two leader stamps; the guards see velocities from them
constexpr double kSpeedRadS = 0.1;
constexpr std::uint64_t kQuietTurns = 1000;  ///< without any guard: the start is over
constexpr std::uint64_t kMostTurnsToStart = 2'000'000;
constexpr std::uint64_t kTurnsPerFollowerTurn = 128;

/// About what an FR3 may do.
robots::RobotInfo arm_info(std::string name, bool can_write) {
  robots::RobotInfo info;
  info.name = std::move(name);
  info.type = messages::RobotType::kGeneric;
  info.can_write = can_write;
  info.has_gripper = true;
  for (std::size_t i = 0; i < kJoints; ++i) {
    info.joint_names.push_back("joint" + std::to_string(i + 1));
    control::JointLimits limits;
    limits.position_min_rad = -2.8;
    limits.position_max_rad = 2.8;
    limits.velocity_rad_s = 2.5;
    limits.acceleration_rad_s2 = 10.0;
    limits.jerk_rad_s3 = 5000.0;
    limits.envelope_velocity_offset_rad_s = 0.2;
    limits.envelope_deceleration_rad_s2 = 6.0;
    info.limits.push_back(limits);
  }
  return info;
}

teleop::JointMapOptions map_options() {
  return {.reindex = {1, 0, 2, 3, 4, 6, 5},
          .scale = {-1.0, 1.0, 0.5, 1.0, 1.0, 1.0, 1.0},
          .offset_rad = {0.1, 0.0, 0.0, -0.2, 0.0, 0.3, 0.0}};
}

/// Moves at a steady speed: whatever pauses the host makes between two stamps, no guard has anything to say.
class SteadyLeader final : public robots::Robot {
 public:
  [[nodiscard]] const robots::RobotInfo& info() const noexcept override { return info_; }
  void start() override {}
  void stop() noexcept override {}
  void read(messages::RobotState& state) override {
    do {
      state.stamp_ns = core::monotonic_now_ns();
    } while (state.stamp_ns < last_ns_ + kClosest);
    last_ns_ = state.stamp_ns;
    fill(state, core::to_seconds(state.stamp_ns - start_ns_));
  }
  void write(const messages::RobotState&) override { throw DeviceError("a leader is not written to"); }

 private:
  static void fill(messages::RobotState& state, double t_s) {
    state.robot_type = messages::RobotType::kGeneric;
    state.joint_positions.resize(kJoints);
    state.joint_velocities.resize(kJoints);
    state.joint_efforts.resize(kJoints);
    for (std::size_t i = 0; i < kJoints; ++i) {
      state.joint_positions[i] = kSpeedRadS * t_s;
      state.joint_velocities[i] = kSpeedRadS;
      state.joint_efforts[i] = 0.1 * static_cast<double>(i);
    }
    state.gripper_position = 0.5;
    state.end_effector_pose = {0.4, 0.1 * t_s, 0.5, 0.0, 0.0, 0.0, 1.0};
  }

  robots::RobotInfo info_{arm_info("leader", false)};
  core::Nanoseconds start_ns_{core::monotonic_now_ns()};
  core::Nanoseconds last_ns_{0};
};

/// Is at once where it is told to be, and as fast. Starts where the leader starts, mapped: a short alignment.
class NoHardware final : public robots::Robot {
 public:
  NoHardware() { velocities_.eigen() *= kSpeedRadS; }
  [[nodiscard]] const robots::RobotInfo& info() const noexcept override { return info_; }
  void start() override {}
  void stop() noexcept override {}
  void read(messages::RobotState& state) override {
    state.stamp_ns = core::monotonic_now_ns();
    state.joint_positions = positions_;
    state.joint_velocities = velocities_;
  }
  void write(const messages::RobotState& target) override {
    positions_ = target.joint_positions;
    velocities_ = target.joint_velocities;
  }

 private:
  robots::RobotInfo info_{arm_info("follower", true)};
  JointVector positions_{std::vector(map_options().offset_rad)};
  JointVector velocities_{std::vector(map_options().scale)};
};

teleop::PairOptions pair_options(const robots::RobotInfo& follower) {
  teleop::PairOptions options;
  options.map = map_options();
  options.pipeline.guard.limits = follower.limits;
  options.pipeline.smoothing_tau_s = 0.02;
  options.pipeline.realign_after_s = 2.0;  // the host may take the CPU away for a while
  return options;
}

teleop::RobotNodeOptions node_options(const char* name) {
  teleop::RobotNodeOptions options;
  options.name = name;
  options.freshness = {.hold_after_s = 2.0, .halt_after_s = 3.0};
  options.lost_after_s = 3.0;
  return options;
}

}  // namespace

TeleopRig::TeleopRig()
    : leader_(std::make_unique<teleop::RobotNode>(bus_, std::make_unique<SteadyLeader>(), node_options("leader"))),
      follower_(std::make_unique<teleop::RobotNode>(bus_, std::make_unique<NoHardware>(), node_options("follower"))) {
  orchestrator_.add_pair(*leader_, *follower_, pair_options(follower_->robot().info()));
  follower_->turn();
  orchestrator_.set_mode(teleop::ControlMode::kTeleop);
  settle();
}

void TeleopRig::settle() {
  std::uint64_t quiet = 0;
  for (std::uint64_t count = 0; quiet < kQuietTurns; ++count) {
    if (count == kMostTurnsToStart) {
      throw SystemError("bench: the follower does not align");
    }
    const std::uint64_t before = guards_hit();
    turn(0, count);
    quiet = guards_hit() == before && orchestrator_.phase(0) == teleop::Phase::kEngaged ? quiet + 1 : 0;
  }
}

void TeleopRig::turn(core::Nanoseconds due_ns, std::uint64_t count) noexcept {
  if (due_ns != 0) {
    core::steady_clock().sleep_until_ns(due_ns);
  }
  leader_->turn();
  if (count % kTurnsPerFollowerTurn == 0) {
    follower_->turn();
  }
}

void TeleopRig::run(std::uint64_t commands, core::Nanoseconds pause_ns) {
  const std::uint64_t applied = follower_->counters().applied + commands;
  const std::uint64_t guards = guards_hit();
  follower_->trace().clear();
  const core::Nanoseconds start_ns = core::monotonic_now_ns();
  for (std::uint64_t count = 1; count <= commands; ++count) {
    turn(pause_ns == 0 ? 0 : start_ns + static_cast<core::Nanoseconds>(count) * pause_ns, count);
  }
  expect_untouched(applied, guards);
}

void TeleopRig::expect_untouched(std::uint64_t applied, std::uint64_t guards) {
  if (follower_->counters().applied != applied || guards_hit() != guards) {
    std::string hit;
    for (const auto& [name, times] : follower_->guards().by_name()) {
      hit += times == 0 ? "" : " " + name + " " + std::to_string(times);
    }
    throw SystemError("bench: " + std::to_string(follower_->counters().applied) + " of " + std::to_string(applied) +
                      " commands applied, guards hit:" + hit + " " + follower_->fault());
  }
}

}  // namespace takt::bench
