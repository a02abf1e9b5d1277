#include "takt/robots/synthetic/operator.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "takt/core/error.hpp"

// Time is cut into slots of reach_duration + pause. In slot k the hand reaches from target k to target k + 1 and then
// rests. Every random number is a hash of (seed, slot, what for), so that a sample needs no state and no history.

namespace takt::robots::synthetic {
namespace {

constexpr double kShortestReach = 0.7;  // of reach_duration_s
constexpr double kRoomWithoutLimits_rad = std::numbers::pi;
constexpr double kPeakSpeed = 15.0 / 8.0;           // of a minimum-jerk reach of length 1 in time 1
constexpr double kPeakAcceleration = 5.7735026919;  // 10/√3
constexpr double kAccelerationShare = 0.5;          // of a joint's limit, the rest is left to who follows
constexpr double kTremorShare = 0.25;               // of a joint's speed limit
constexpr double kLatest_s = 1e9;                   // slots stay far inside 64 bits

// What a random number is for. Joints take kJoint + index, their tones kTone + index.
constexpr std::uint64_t kDuration = 1;
constexpr std::uint64_t kGripper = 2;
constexpr std::uint64_t kJoint = 100;
constexpr std::uint64_t kTone = 1000;

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit.
std::uint64_t mix(std::uint64_t value) noexcept {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

/// Uniform in [0, 1).
double uniform(std::uint64_t seed, std::uint64_t what, std::uint64_t index) noexcept {
  constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;
  const std::uint64_t bits = mix(mix(mix(seed + kGolden) + what * kGolden) + index * kGolden);
  return static_cast<double>(bits >> 11) * 0x1.0p-53;
}

/// Progress of a minimum-jerk reach, its first and second derivative, at s in 0 … 1.
struct Progress {
  double value;
  double rate;
  double curvature;
};

Progress minimum_jerk(double s) noexcept {
  return {.value = s * s * s * (10.0 + s * (-15.0 + 6.0 * s)),
          .rate = 30.0 * s * s * (1.0 + s * (-2.0 + s)),
          .curvature = 60.0 * s * (1.0 + s * (-3.0 + 2.0 * s))};
}

void require(bool holds, const std::string& field, double value, const std::string& expected) {
  if (!holds) {
    throw ConfigError("synthetic", 0, field, std::to_string(value) + ", expected " + expected);
  }
}

OperatorOptions checked(const OperatorOptions& options) {
  const auto inside = [](double value, double low, double high) { return value >= low && value <= high; };
  require(inside(options.reach_fraction, 0.0, 1.0), "reach_fraction", options.reach_fraction, "0 … 1");
  require(inside(options.reach_duration_s, 0.01, 1e6), "reach_duration_s", options.reach_duration_s, "0.01 … 1e6");
  require(inside(options.pause_s, 0.0, 1e6), "pause_s", options.pause_s, "0 … 1e6");
  require(inside(options.tremor_rad, 0.0, 0.1), "tremor_rad", options.tremor_rad, "0 … 0.1");
  const double tremor_speed = options.tremor_rad * 2.0 * std::numbers::pi * SyntheticOperator::kTremorHigh_hz;
  require(options.max_speed_rad_s > tremor_speed, "max_speed_rad_s", options.max_speed_rad_s,
          "more than the tremor's own " + std::to_string(tremor_speed));
  return options;
}

}  // namespace

SyntheticOperator::SyntheticOperator(const control::ModelData& model, const OperatorOptions& options,
                                     core::Clock& clock)
    : options_(checked(options)), clock_(clock) {
  if (model.dof() == 0 || model.dof() > core::kMaxJoints || model.home_rad.size() != model.dof()) {
    throw LogicError("SyntheticOperator: model '" + model.name + "' has " + std::to_string(model.dof()) +
                     " joints and " + std::to_string(model.home_rad.size()) +
                     " home positions; expected as many, 1 … " + std::to_string(core::kMaxJoints));
  }
  info_.name = "synthetic";
  info_.type = messages::RobotType::kGeneric;
  info_.has_gripper = options_.has_gripper;
  for (std::size_t i = 0; i < model.dof(); ++i) {
    add_joint(model.joints[i], model.home_rad[i]);
  }
}

void SyntheticOperator::add_joint(const control::JointData& data, double home_rad) {
  const control::JointLimits& limits = data.limits;
  const double to_max = limits.position_max_rad - home_rad;
  const double to_min = home_rad - limits.position_min_rad;
  if (!(to_max >= 0.0 && to_min >= 0.0)) {
    throw LogicError("SyntheticOperator: home " + std::to_string(home_rad) + " rad of joint '" + data.name +
                     "' is not inside " + std::to_string(limits.position_min_rad) + " … " +
                     std::to_string(limits.position_max_rad) + " rad");
  }
  const double highest_rad_s = 2.0 * std::numbers::pi * kTremorHigh_hz;
  const double tremor =
      std::min({options_.tremor_rad, to_max, to_min, kTremorShare * limits.velocity_rad_s / highest_rad_s});
  const double room_up = to_max - tremor;
  const double room_down = to_min - tremor;
  // The longest reach, from one end of the targets to the other, may use the shortest time and must keep the bounds.
  const double shortest_s = kShortestReach * options_.reach_duration_s;
  const double speed = std::min(options_.max_speed_rad_s, limits.velocity_rad_s) - tremor * highest_rad_s;
  const double by_speed = speed * shortest_s / kPeakSpeed;
  const double by_acceleration =
      kAccelerationShare * limits.acceleration_rad_s2 * shortest_s * shortest_s / kPeakAcceleration;
  const double half_reach = 0.5 * std::min(by_speed, by_acceleration);

  Joint joint{.home_rad = home_rad,
              .down_rad = std::min(half_reach, options_.reach_fraction * std::min(room_down, kRoomWithoutLimits_rad)),
              .up_rad = std::min(half_reach, options_.reach_fraction * std::min(room_up, kRoomWithoutLimits_rad)),
              .tone_rad = tremor / static_cast<double>(kTones)};
  const std::uint64_t what = kTone + joints_.size();
  for (std::size_t i = 0; i < kTones; ++i) {
    // One tone in each fifth of the band, so that no two beat too slowly.
    const double place = (static_cast<double>(i) + uniform(options_.seed, what, 2 * i)) / static_cast<double>(kTones);
    joint.tones[i] = {
        .omega_rad_s = 2.0 * std::numbers::pi * (kTremorLow_hz + (kTremorHigh_hz - kTremorLow_hz) * place),
        .phase_rad = 2.0 * std::numbers::pi * uniform(options_.seed, what, 2 * i + 1)};
  }
  joints_.push_back(joint);
  info_.joint_names.push_back(data.name);
  info_.limits.push_back(limits);
}

/// Where reach number `reach` begins. The first begins at home.
double SyntheticOperator::target_rad(std::size_t joint, std::uint64_t reach) const noexcept {
  const Joint& data = joints_[joint];
  if (reach == 0) {
    return data.home_rad;
  }
  const double u = 2.0 * uniform(options_.seed, kJoint + joint, reach) - 1.0;
  return data.home_rad + u * (u > 0.0 ? data.up_rad : data.down_rad);
}

double SyntheticOperator::gripper_target(std::uint64_t reach) const noexcept {
  return reach == 0 ? 0.5 : uniform(options_.seed, kGripper, reach);
}

OperatorSample SyntheticOperator::sample(double t_s) const noexcept {
  const double time_s = std::clamp(t_s, 0.0, kLatest_s);
  const double slot_s = options_.reach_duration_s + options_.pause_s;
  const auto slot = static_cast<std::uint64_t>(time_s / slot_s);
  const double shorter = uniform(options_.seed, kDuration, slot);
  const double duration_s = options_.reach_duration_s * (1.0 - (1.0 - kShortestReach) * shorter);
  const double s = std::clamp((time_s - static_cast<double>(slot) * slot_s) / duration_s, 0.0, 1.0);
  const Progress progress = minimum_jerk(s);

  OperatorSample sample;
  sample.q_rad.resize(joints_.size());
  sample.dq_rad_s.resize(joints_.size());
  sample.ddq_rad_s2.resize(joints_.size());
  for (std::size_t i = 0; i < joints_.size(); ++i) {
    const double from = target_rad(i, slot);
    const double reach = target_rad(i, slot + 1) - from;
    double q = from + reach * progress.value;
    double dq = reach * progress.rate / duration_s;
    double ddq = reach * progress.curvature / (duration_s * duration_s);
    const double amplitude = joints_[i].tone_rad;
    for (const Tone& tone : joints_[i].tones) {
      const double angle = tone.omega_rad_s * time_s + tone.phase_rad;
      const double sine = amplitude * std::sin(angle);
      q += sine;
      dq += amplitude * tone.omega_rad_s * std::cos(angle);
      ddq -= sine * tone.omega_rad_s * tone.omega_rad_s;
    }
    sample.q_rad[i] = q;
    sample.dq_rad_s[i] = dq;
    sample.ddq_rad_s2[i] = ddq;
  }
  if (options_.has_gripper) {
    const double from = gripper_target(slot);
    sample.gripper = from + (gripper_target(slot + 1) - from) * progress.value;
  }
  return sample;
}

void SyntheticOperator::start() {
  if (started_.exchange(true)) {
    throw LogicError("SyntheticOperator: started twice");
  }
  start_ns_ = clock_.now_ns();
}

void SyntheticOperator::stop() noexcept {
  started_.store(false);
}

void SyntheticOperator::read(messages::RobotState& state) {
  state.stamp_ns = clock_.now_ns();
  const OperatorSample now = sample(core::to_seconds(state.stamp_ns - start_ns_));
  state.joint_positions = now.q_rad;
  state.joint_velocities = now.dq_rad_s;
  state.gripper_position = now.gripper;
  state.robot_type = info_.type;
  state.units = messages::Units::kRadians;
}

void SyntheticOperator::write(const messages::RobotState& /*target*/) {
  throw LogicError("SyntheticOperator: an operator cannot be written (info().can_write is false)");
}

}  // namespace takt::robots::synthetic
