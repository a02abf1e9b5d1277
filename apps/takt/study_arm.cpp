#include "study_arm.hpp"

#include <cmath>
#include <mutex>
#include <numbers>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/core/time.hpp"
#include "takt/trajectory/timeline.hpp"

namespace takt::app {
namespace {

constexpr std::size_t kJoints = 7;
constexpr double kWay_rad = 0.1;

class StudyArm final : public robots::Robot {
 public:
  StudyArm() {
    info_.name = "study";
    info_.type = messages::RobotType::kGeneric;
    info_.can_write = true;
    for (std::size_t i = 0; i < kJoints; ++i) {
      info_.joint_names.push_back("joint" + std::to_string(i + 1));
    }
    control::JointLimits limits;
    limits.position_min_rad = -2.5;
    limits.position_max_rad = 2.5;
    limits.velocity_rad_s = 2.6;
    limits.acceleration_rad_s2 = 10.0;
    limits.jerk_rad_s3 = 5000.0;
    info_.limits.assign(kJoints, limits);
  }
  [[nodiscard]] const robots::RobotInfo& info() const noexcept override { return info_; }
  void start() override {}
  void stop() noexcept override {}
  void read(messages::RobotState& state) override {
    const std::scoped_lock lock(mutex_);
    state.stamp_ns = core::monotonic_now_ns();
    state.joint_positions = q_rad_;
  }
  void write(const messages::RobotState& target) override {
    const std::scoped_lock lock(mutex_);
    q_rad_ = target.joint_positions;
  }

 private:
  robots::RobotInfo info_;
  std::mutex mutex_;
  core::JointVector q_rad_{core::JointVector::zero(kJoints)};
};

}  // namespace

std::unique_ptr<robots::Robot> make_study_arm() {
  return std::make_unique<StudyArm>();
}

trajectory::Trajectory study_wave(std::string name, std::size_t frames, double rate_hz, double from_rad) {
  trajectory::Trajectory wave(
      {.name = std::move(name), .robot = "study", .joint_names = StudyArm().info().joint_names});
  for (std::size_t k = 0; k < frames; ++k) {
    const double s = static_cast<double>(k) / static_cast<double>(frames - 1);
    const double ease = s * s * s * (10.0 - 15.0 * s + 6.0 * s * s);
    const double swing = 0.5 * (1.0 - std::cos(2.0 * std::numbers::pi * ease));
    core::JointVector q_rad = core::JointVector::zero(kJoints);
    for (std::size_t i = 0; i < kJoints; ++i) {
      q_rad[i] = from_rad + (i % 2 == 0 ? kWay_rad : -kWay_rad) * swing;
    }
    wave.append(
        {.t_ns = core::from_seconds(static_cast<double>(k) / rate_hz), .q_rad = q_rad, .dq_rad_s = {}, .gripper = {}});
  }
  return wave;
}

trajectory::Trajectory study_play(const std::string& name, std::size_t frames, double rate_hz) {
  const robots::RobotInfo info = StudyArm().info();
  const trajectory::ArmDescription arm{.name = info.name, .joint_names = info.joint_names, .limits = info.limits};
  for (std::size_t around = 0, made = frames; around <= frames && made >= 2; ++around) {
    const std::vector<trajectory::Trajectory> wave{study_wave(name, made, rate_hz)};
    const auto timeline = trajectory::Timeline::build(arm, {.q_rad = core::JointVector::zero(kJoints)}, wave);
    if (!timeline) {
      throw LogicError("the study's recording: " + timeline.error());
    }
    if (timeline->size() == frames) {
      return wave.front();
    }
    made -= timeline->size() > frames ? 1 : 0;
    made += timeline->size() < frames ? 1 : 0;
  }
  throw LogicError(fmt::format("the study has no recording of {} frames at {} Hz", frames, rate_hz));
}

}  // namespace takt::app
