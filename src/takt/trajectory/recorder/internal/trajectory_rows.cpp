#include "takt/trajectory/recorder/internal/trajectory_rows.hpp"

#include <utility>

#include <fmt/format.h>

#include "takt/core/error.hpp"

namespace takt::trajectory::recorder::internal {

void TrajectoryRows::refuse(const std::string& what) const {
  throw ConfigError(fmt::format("{}: state {} at {:.6f} s {}", where_, rows_, core::to_seconds(t_ns_), what));
}

// A robot that has nothing new gives its last state again, with the same stamp.
bool TrajectoryRows::repeats(const Frame& frame) const {
  return !made_.empty() && frame == made_.frame(made_.size() - 1);
}

void TrajectoryRows::add(const StateRow& row) {
  const RecordedState& state = row.state;
  if (++rows_ == 1) {
    first_stamp_ns_ = state.stamp_ns;
    TrajectoryInfo info = made_.info();
    info.start_wall_ns = row.publish_time_ns;
    made_.set_info(std::move(info));
  }
  if (__builtin_sub_overflow(state.stamp_ns, first_stamp_ns_, &t_ns_)) {
    refuse(fmt::format("has a stamp, {}, out of all bounds", state.stamp_ns));
  }
  if (state.joint_positions.size() != made_.joints()) {
    refuse(fmt::format("has {} joints of {}", state.joint_positions.size(), made_.joints()));
  }
  if (state.units != messages::Units::kRadians) {
    refuse("is in degrees: convert it to radians");
  }
  const Frame frame{.t_ns = t_ns_,
                    .q_rad = state.joint_positions,
                    .dq_rad_s = state.joint_velocities,
                    .gripper = state.gripper_position};
  if (repeats(frame)) {
    return;
  }
  if (!made_.empty() && t_ns_ <= made_.duration_ns()) {
    refuse(fmt::format("was measured {:.6f} s before the one before it, or at the same time with other values",
                       core::to_seconds(made_.duration_ns() - t_ns_)));
  }
  if (made_.size() == max_frames_) {
    refuse(fmt::format("is beyond the {} that are read of an episode", max_frames_));
  }
  try {
    made_.append(frame);
  } catch (const ConfigError& error) {
    refuse(fmt::format("cannot follow: {}", error.what()));
  }
}

Trajectory TrajectoryRows::take() {
  if (made_.empty()) {
    throw ConfigError(where_ + ": no states");
  }
  return std::move(made_);
}

}  // namespace takt::trajectory::recorder::internal
