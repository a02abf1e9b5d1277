#include "rig.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "takt/core/csv/recording.hpp"
#include "takt/registry/robots.hpp"
#include "takt/robots/cycle_robot.hpp"
#include "takt/robots/sim/sim_servo_arm.hpp"

namespace takt::engine_tests {

using trajectory::Trajectory;

namespace {

constexpr std::uint64_t kMissed = 30;  // of 1 ms
constexpr core::Nanoseconds kLate_ns = 10'000'000;
constexpr core::Nanoseconds kGap_ns = 30'000'000;

bool is_played(const teleop::replay::DigitalTwin& twin) {
  return is_played(twin.status().phase);
}

void sleep() {
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

}  // namespace

ArmRig::ArmRig(const std::string& uri) {
  auto robot = registry::open_robot(uri);
  const robots::RobotInfo& info = robot->info();
  teleop::PairOptions pair;
  pair.pipeline.guard.limits = info.limits;
  teleop::RobotNodeOptions options;
  options.name = "follower";
  options.rate_hz = info.limits.size() == 7 ? 500.0 : 100.0;
  options.tracking.error_rad = 0.5;
  node = std::make_unique<teleop::RobotNode>(bus, std::move(robot), options);
  orchestrator = std::make_unique<teleop::Orchestrator>(system_state);
  orchestrator->add_follower(*node, pair);
  seen_ = node->state_topic().subscribe("rig", [this](const messages::RobotState& state) {
    const std::scoped_lock lock(mutex_);
    states_.push_back(state);
  });
  teleop::replay::TwinOptions twin_options;
  twin_options.on_frame = [this](const teleop::replay::EmittedFrame& frame) {
    const std::scoped_lock lock(mutex_);
    frames_.push_back(frame);
  };
  twin = std::make_unique<teleop::replay::DigitalTwin>(*orchestrator, 0, std::move(twin_options));
  node->start();
}

ArmRig::~ArmRig() {
  twin.reset();
  node->stop();
}

messages::RobotState ArmRig::state() {
  return *node->state_topic().latest();
}

Trajectory ArmRig::wave(double rate_hz, double duration_s, double way_rad) {
  const robots::RobotInfo& info = node->robot().info();
  const core::JointVector from = state().joint_positions;
  Trajectory made({.name = "wave", .robot = info.name, .robot_type = info.type, .joint_names = info.joint_names});
  const auto count = static_cast<std::int64_t>(std::llround(rate_hz * duration_s));
  for (std::int64_t k = 0; k <= count; ++k) {
    const double s = static_cast<double>(k) / static_cast<double>(count);
    trajectory::Frame frame{.t_ns = core::from_seconds(static_cast<double>(k) / rate_hz), .q_rad = from};
    for (std::size_t i = 0; i < from.size(); ++i) {
      const double middle =
          0.5 * (std::max(info.limits[i].position_min_rad, -3.0) + std::min(info.limits[i].position_max_rad, 3.0));
      const double ease = s * s * s * (10.0 - 15.0 * s + 6.0 * s * s);
      const double turns = 1.0 + static_cast<double>(i % 2);
      frame.q_rad[i] += std::copysign(0.5 * way_rad, middle - from[i]) * (1.0 - std::cos(2.0 * M_PI * turns * ease));
    }
    made.append(frame);
  }
  return made;
}

double ArmRig::fastest_rad_s() {
  const core::JointVector rates = state().joint_velocities;
  double fastest = 0.0;
  for (const double rate : rates) {
    fastest = std::max(fastest, std::abs(rate));
  }
  return fastest;
}

void ArmRig::wait_until(const std::function<bool()>& condition) const {
  while (is_played(*twin) && !condition()) {
    sleep();
  }
}

void ArmRig::wait_for_rest() {
  for (int rests = 0; rests <= 50; rests = fastest_rad_s() < 0.02 ? rests + 1 : 0) {
    sleep();
  }
}

void ArmRig::play_to_end() const {
  while (is_played(*twin)) {
    sleep();
  }
}

std::vector<teleop::replay::EmittedFrame> ArmRig::frames() const {
  const std::scoped_lock lock(mutex_);
  return frames_;
}

core::Nanoseconds ArmRig::latest_frame_ns() const {
  core::Nanoseconds latest_ns = 0;
  for (const auto& frame : frames()) {
    latest_ns = std::max(latest_ns, frame.late_ns);
  }
  return latest_ns;
}

core::Nanoseconds ArmRig::longest_gap_ns() const {
  const std::scoped_lock lock(mutex_);
  core::Nanoseconds longest_ns = 0;
  for (std::size_t i = 1; i < states_.size(); ++i) {
    longest_ns = std::max(longest_ns, states_[i].stamp_ns - states_[i - 1].stamp_ns);
  }
  return longest_ns;
}

std::string ArmRig::disturbance() const {
  if (const auto* arm = dynamic_cast<const robots::CycleRobot*>(&node->robot())) {
    if (const std::uint64_t silent = arm->cycle().stats().timeouts; silent > 0) {
      return fmt::format("it sent no state for its cycle's longest wait, {} times", silent);
    }
  }
  if (const auto* arm = dynamic_cast<const robots::sim::SimServoArm*>(&node->robot())) {
    if (arm->missed_periods() > kMissed) {
      return fmt::format("its simulation missed {} periods", arm->missed_periods());
    }
  }
  if (latest_frame_ns() > kLate_ns) {
    return fmt::format("a frame was sent {} ms late", latest_frame_ns() / 1'000'000);
  }
  if (longest_gap_ns() > kGap_ns) {
    return fmt::format("it was not read for {} ms", longest_gap_ns() / 1'000'000);
  }
  return "";
}

Tracking ArmRig::tracking() {
  const std::scoped_lock lock(mutex_);
  if (frames_.empty()) {
    return {};
  }
  const auto timeline = twin->timeline();
  const core::Nanoseconds begin_ns = frames_.front().due_ns - timeline->time_ns(frames_.front().index);
  Tracking best{.rms_rad = 1e9};
  for (core::Nanoseconds lag_ns = 0; lag_ns <= 400'000'000; lag_ns += 1'000'000) {
    double sum = 0.0;
    double worst = 0.0;
    double ripple = 0.0;
    std::size_t count = 0;
    core::JointVector before;
    double before_s = 0.0;
    for (const messages::RobotState& state : states_) {
      const core::Nanoseconds t_ns = state.stamp_ns - begin_ns - lag_ns;
      if (t_ns < 0 || t_ns > timeline->end_ns()) {
        continue;
      }
      const auto wanted = timeline->at(t_ns);
      core::JointVector off = state.joint_velocities;
      for (std::size_t i = 0; i < wanted.q_rad.size(); ++i) {
        const double error = state.joint_positions[i] - wanted.q_rad[i];
        sum += error * error;
        worst = std::max(worst, std::abs(error));
        off[i] -= wanted.dq_rad_s[i];
        if (!before.empty()) {
          const double change = (off[i] - before[i]) / std::max(1e-3, core::to_seconds(state.stamp_ns) - before_s);
          ripple += change * change;
        }
        ++count;
      }
      before = off;
      before_s = core::to_seconds(state.stamp_ns);
    }
    const double rms = std::sqrt(sum / static_cast<double>(std::max<std::size_t>(1, count)));
    if (count > 0 && rms < best.rms_rad) {
      best = {.lag_s = core::to_seconds(lag_ns),
              .rms_rad = rms,
              .worst_rad = worst,
              .ripple_rad_s2 = std::sqrt(ripple / static_cast<double>(count))};
    }
  }
  return best;
}

double ArmRig::largest_velocity_share() {
  const std::scoped_lock lock(mutex_);
  double largest = 0.0;
  for (const messages::RobotState& state : states_) {
    for (std::size_t i = 0; i < state.joint_velocities.size(); ++i) {
      largest = std::max(largest, std::abs(state.joint_velocities[i]) / node->robot().info().limits[i].velocity_rad_s);
    }
  }
  return largest;
}

Trajectory recorded(const std::string& file, const std::string& group, int segment, const robots::RobotInfo& info) {
  core::csv::RecordingOptions options{.group = group};
  if (segment >= 0) {
    options.segment = segment;
  }
  const auto read = core::csv::load_recording(file, options);
  Trajectory made({.name = file.substr(file.rfind('/') + 1), .robot_type = info.type, .joint_names = info.joint_names});
  core::Nanoseconds last_ns = -1;
  for (const auto& row : read.rows) {
    trajectory::Frame frame{.t_ns = core::from_seconds(row.t_s - read.rows.front().t_s),
                            .q_rad = core::JointVector::zero(info.joint_names.size())};
    for (std::size_t i = 0; i < std::min(frame.q_rad.size(), row.positions_rad.size()); ++i) {
      frame.q_rad[i] =
          std::clamp(row.positions_rad[i], info.limits[i].position_min_rad, info.limits[i].position_max_rad);
    }
    if (frame.t_ns > last_ns) {
      made.append(frame);
      last_ns = frame.t_ns;
    }
  }
  return made;
}

}  // namespace takt::engine_tests
