#include "takt/trajectory/recorder/internal/trajectory_rows.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "takt/core/error.hpp"

namespace takt::trajectory::recorder::internal {

namespace {

constexpr double kTooLong_s = 1e9;

}  // namespace

TrajectoryRows::TrajectoryRows(TrajectoryInfo info, std::string where, const ReadOptions& options)
    : made_(std::move(info)), where_(std::move(where)), max_frames_(options.max_frames) {
  for (const auto& [time_s, bound_ns] : {std::pair(options.from_s, &from_ns_), std::pair(options.to_s, &to_ns_)}) {
    if (time_s && !(std::abs(*time_s) <= kTooLong_s)) {
      throw ConfigError(fmt::format("{}: {} s is no time of it", where_, *time_s));
    }
    *bound_ns = time_s ? core::from_seconds(*time_s) : *bound_ns;
  }
}

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
  }
  if (__builtin_sub_overflow(state.stamp_ns, first_stamp_ns_, &t_ns_)) {
    refuse(fmt::format("has a stamp, {}, out of all bounds", state.stamp_ns));
  }
  if (t_ns_ < from_ns_ || t_ns_ > to_ns_) {
    pass_over(row);
    return;
  }
  count(row);
  if (state.joint_positions.size() != made_.joints()) {
    refuse(fmt::format("has {} joints of {}", state.joint_positions.size(), made_.joints()));
  }
  if (state.units != messages::Units::kRadians) {
    refuse("is in degrees: convert it to radians");
  }
  follow({.t_ns = t_ns_ - begin_ns_,
          .q_rad = state.joint_positions,
          .dq_rad_s = state.joint_velocities,
          .gripper = state.gripper_position});
}

void TrajectoryRows::pass_over(const StateRow& row) {
  passed_ = row.sequence;
  if (kept_ == 0 && t_ns_ < from_ns_) {
    before_ = row.sequence;
  } else if (!after_) {
    after_ = row.sequence;
  }
}

void TrajectoryRows::count(const StateRow& row) {
  if (kept_ > 0 && after_) {
    refuse("comes after one that was measured outside of these times: stamps must rise");
  }
  end_ns_ = t_ns_;
  if (++kept_ == 1) {
    before_ = passed_;  // whatever its stamp is
    after_.reset();
    begin_ns_ = t_ns_;
    TrajectoryInfo info = made_.info();
    info.start_wall_ns = row.publish_time_ns;
    made_.set_info(std::move(info));
  }
  first_sequence_ = std::min(first_sequence_, row.sequence);
  last_sequence_ = std::max(last_sequence_, row.sequence);
}

void TrajectoryRows::follow(const Frame& frame) {
  if (repeats(frame)) {
    return;
  }
  if (!made_.empty() && frame.t_ns <= made_.duration_ns()) {
    refuse(fmt::format("was measured {:.6f} s before the one before it, or at the same time with other values",
                       core::to_seconds(made_.duration_ns()) - core::to_seconds(frame.t_ns)));
  }
  if (made_.size() == max_frames_) {
    refuse(fmt::format("is beyond the {} that are read at once: take a part of them (takt traj trim --from S --to S)",
                       max_frames_));
  }
  try {
    made_.append(frame);
  } catch (const ConfigError& error) {
    refuse(fmt::format("cannot follow: {}", error.what()));
  }
}

// What is written to a channel is counted there without a gap: a number that is not there was lost with a part of the
// file. Interpolated over, a robot would take the short cut through whatever it had gone round. What is lost beside the
// first and the last state lies between these times, unless such a state lies on the bound itself.
void TrajectoryRows::require_no_hole() const {
  if (kept_ == 0 && !(before_ && after_)) {
    return;
  }
  std::uint64_t first = first_sequence_;
  std::uint64_t end = std::uint64_t{last_sequence_} + 1;
  if (before_ && (kept_ == 0 || begin_ns_ > from_ns_)) {
    first = std::min(first, std::uint64_t{*before_} + 1);
  }
  if (after_ && (kept_ == 0 || end_ns_ < to_ns_)) {
    end = std::max(end, std::uint64_t{*after_});
  }
  if (end > first + kept_) {
    throw ConfigError(fmt::format("{}: {} of {} states within it are lost with a part of the file", where_,
                                  end - first - kept_, end - first));
  }
}

Trajectory TrajectoryRows::take() {
  require_no_hole();
  if (made_.empty()) {
    throw ConfigError(where_ + (rows_ == 0 ? ": no states" : ": no states between these times"));
  }
  return std::move(made_);
}

}  // namespace takt::trajectory::recorder::internal
