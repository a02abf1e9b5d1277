#include "takt/teleop/alignment.hpp"

#include <string>

#include "takt/core/error.hpp"

namespace takt::teleop {
namespace {

/// An offset has no position limits and no envelope of its own.
std::vector<control::JointLimits> offset_limits(const std::vector<control::JointLimits>& limits, double fraction) {
  if (!(fraction > 0.0 && fraction <= 1.0)) {
    throw LogicError("Alignment: fraction of the limits is " + std::to_string(fraction) +
                     ", want more than 0, at most 1");
  }
  std::vector<control::JointLimits> made;
  for (const auto& joint : limits) {
    control::JointLimits offset;
    offset.velocity_rad_s = fraction * joint.velocity_rad_s;
    offset.acceleration_rad_s2 = fraction * joint.acceleration_rad_s2;
    offset.jerk_rad_s3 = fraction * joint.jerk_rad_s3;
    made.push_back(offset);
  }
  return made;
}

}  // namespace

Alignment::Alignment(const std::vector<control::JointLimits>& limits, double fraction)
    : offset_(offset_limits(limits, fraction)) {}

void Alignment::begin(const control::Setpoint& follower, const core::JointVector& leader_rad,
                      const core::JointVector& leader_rad_s, core::Nanoseconds stamp_ns) noexcept {
  core::JointVector gap = follower.q_rad;
  gap.eigen() -= leader_rad.eigen();
  core::JointVector gap_rate = follower.dq_rad_s;
  gap_rate.eigen() -= leader_rad_s.eigen();
  core::JointVector none = gap;
  none.eigen().setZero();
  const bool started =
      offset_.reset(gap, gap_rate, none) == control::Outcome::kOk && offset_.set_target(none) == control::Outcome::kOk;
  done_ = !started || offset_.at_rest();
  stamp_ns_ = stamp_ns;
}

core::JointVector Alignment::step(const core::JointVector& leader_rad, core::Nanoseconds stamp_ns) noexcept {
  core::JointVector command = leader_rad;
  if (done_) {
    return command;
  }
  if (stamp_ns > stamp_ns_) {
    offset_.step(core::to_seconds(stamp_ns - stamp_ns_));
    stamp_ns_ = stamp_ns;
  }
  done_ = offset_.at_rest();
  command.eigen() += offset_.setpoint().q_rad.eigen();
  return command;
}

}  // namespace takt::teleop
