#include "takt/robots/playback/playback_robot.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "takt/core/error.hpp"

// read() is a small state machine over (was_playing_, next_):
//
//   holding ── engaged ──► playing: next_ due now (row 0) or one interval from now (after a pause)
//   playing ── row due ──► returns it; due_ns_ += interval of the following row, never "now + interval": no drift
//   playing ── not engaged ──► holding
//   playing ── next_ == rows.size() ──► finished (or row 0 again, when looping)

namespace takt::robots::playback {
namespace {

constexpr double kLongestPlay_s = 3.2e9;  // what nanoseconds can count, with room

void validate(const Recording& recording, const PlaybackOptions& options) {
  if (!(options.speed > 0.0) || !std::isfinite(options.speed) ||
      recording.duration_s() / options.speed > kLongestPlay_s) {
    throw ConfigError("playback", 0, "speed",
                      std::to_string(options.speed) + " cannot be played, expected e.g. 0.1 … 10");
  }
  if (options.poll_interval_ns <= 0) {
    throw ConfigError("playback", 0, "poll_interval_ns",
                      "must be positive, is " + std::to_string(options.poll_interval_ns));
  }
}

/// The median time between two rows as played; 0 with a single row.
double usual_period_s(const Recording& recording, double speed) {
  std::vector<double> steps;
  for (std::size_t i = 1; i < recording.rows.size(); ++i) {
    steps.push_back((recording.rows[i].t_s - recording.rows[i - 1].t_s) / speed);
  }
  if (steps.empty()) {
    return 0.0;
  }
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::ranges::nth_element(steps, middle);
  return *middle;
}

RobotInfo describe(const Recording& recording, double speed) {
  const bool has_gripper = recording.rows.front().gripper.has_value();
  return {.name = "playback",
          .type = messages::RobotType::kGeneric,
          .joint_names = recording.joint_names,
          .limits = std::vector<control::JointLimits>(recording.joint_names.size()),
          .can_read = true,
          .can_write = false,
          .has_gripper = has_gripper,
          .period_s = usual_period_s(recording, speed),
          .self_paced = true};
}

Recording checked(Recording recording) {
  if (recording.rows.empty()) {
    throw LogicError("PlaybackRobot: the recording '" + recording.name + "' has no rows");
  }
  return recording;
}

}  // namespace

PlaybackRobot::PlaybackRobot(Recording recording, const PlaybackOptions& options, core::Clock& clock)
    : recording_(checked(std::move(recording))),
      options_(options),
      clock_(clock),
      info_(describe(recording_, options.speed)) {
  validate(recording_, options_);
}

void PlaybackRobot::start() {
  if (!stopped_.exchange(false)) {
    throw LogicError("PlaybackRobot: started twice");
  }
  finished_.store(false);
  rows_played_.store(0);
  shifts_.store(0);
  current_ = 0;
  next_ = 0;
  was_playing_ = false;
  hold_until_ns_ = 0;
}

void PlaybackRobot::stop() noexcept {
  stopped_.store(true);
}

void PlaybackRobot::read(messages::RobotState& state) {
  if (finished_.load(std::memory_order_relaxed)) {
    clock_.sleep_until_ns(clock_.now_ns() + options_.poll_interval_ns);
  } else if (is_playing() && wait_for_next_row() == Wake::kDue) {
    play_row();
  } else {
    hold_row();
  }
  fill(state);
}

void PlaybackRobot::write(const messages::RobotState& /*target*/) {
  throw LogicError("PlaybackRobot: a recording cannot be written (info().can_write is false)");
}

void PlaybackRobot::set_engaged(bool engaged) noexcept {
  engaged_.store(engaged, std::memory_order_release);
}

RobotHealth PlaybackRobot::health() const noexcept {
  return finished_.load(std::memory_order_acquire) ? RobotHealth::kFinished : RobotHealth::kOk;
}

bool PlaybackRobot::is_playing() const noexcept {
  return !options_.wait_for_engaged || engaged_.load(std::memory_order_acquire);
}

/// Between a row and the one before it. Before the first row of a further lap: as long as before the last row.
core::Nanoseconds PlaybackRobot::interval_before(std::size_t row) const noexcept {
  const auto& rows = recording_.rows;
  const std::size_t last = row == 0 ? rows.size() - 1 : row;
  return last == 0 ? options_.poll_interval_ns
                   : core::from_seconds((rows[last].t_s - rows[last - 1].t_s) / options_.speed);
}

PlaybackRobot::Wake PlaybackRobot::wait_for_next_row() noexcept {
  if (!was_playing_) {
    const bool is_first = rows_played() == 0;
    due_ns_ = clock_.now_ns() + (is_first ? 0 : interval_before(next_));
    was_playing_ = true;
  }
  for (core::Nanoseconds now = clock_.now_ns(); now < due_ns_; now = clock_.now_ns()) {
    clock_.sleep_until_ns(std::min(due_ns_, now + options_.poll_interval_ns));
    if (stopped_.load(std::memory_order_relaxed)) {
      return Wake::kStopped;
    }
    if (!is_playing()) {
      return Wake::kDisengaged;
    }
  }
  return Wake::kDue;
}

void PlaybackRobot::play_row() noexcept {
  if (clock_.now_ns() - due_ns_ > options_.poll_interval_ns) {
    due_ns_ = clock_.now_ns();
    shifts_.fetch_add(1, std::memory_order_relaxed);
  }
  current_ = next_++;
  stamp_now();
  rows_played_.fetch_add(1, std::memory_order_relaxed);
  if (next_ == recording_.rows.size()) {
    if (!options_.loop) {
      finished_.store(true, std::memory_order_release);
      return;
    }
    next_ = 0;
  }
  due_ns_ += interval_before(next_);
}

void PlaybackRobot::hold_row() noexcept {
  was_playing_ = false;
  if (stopped_.load(std::memory_order_relaxed)) {
    return;
  }
  clock_.sleep_until_ns(hold_until_ns_);
  stamp_now();
  hold_until_ns_ = stamp_ns_ + options_.poll_interval_ns;
}

void PlaybackRobot::stamp_now() noexcept {
  stamp_ns_ = std::max(clock_.now_ns(), stamp_ns_ + 1);
}

void PlaybackRobot::fill(messages::RobotState& state) const noexcept {
  const core::csv::RecordingRow& row = recording_.rows[current_];
  state.stamp_ns = stamp_ns_;
  state.source_t_s = row.t_s;
  state.joint_positions = row.positions_rad;
  state.gripper_position = row.gripper;
  state.robot_type = info_.type;
  state.units = messages::Units::kRadians;
}

}  // namespace takt::robots::playback
