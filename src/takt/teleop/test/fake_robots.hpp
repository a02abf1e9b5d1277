#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "takt/core/error.hpp"
#include "takt/robots/robot.hpp"

namespace takt::teleop::test {

inline control::JointLimits arm_limits() {
  control::JointLimits limits;
  limits.position_min_rad = -2.0;
  limits.position_max_rad = 2.0;
  limits.velocity_rad_s = 2.0;
  limits.acceleration_rad_s2 = 10.0;
  limits.jerk_rad_s3 = 1000.0;
  return limits;
}

inline robots::RobotInfo arm_info(std::string name, std::size_t joints, bool can_write) {
  robots::RobotInfo info;
  info.name = std::move(name);
  info.type = messages::RobotType::kGeneric;
  for (std::size_t i = 0; i < joints; ++i) {
    info.joint_names.push_back("joint" + std::to_string(i));
  }
  info.limits.assign(joints, arm_limits());
  info.can_write = can_write;
  return info;
}

/// A leader whose pose the test sets. `clock` stamps its states.
class FakeLeader final : public robots::Robot {
 public:
  FakeLeader(std::size_t joints, core::Clock& clock)
      : info_(arm_info("fake_leader", joints, false)), clock_(clock), positions_(core::JointVector::zero(joints)) {}

  [[nodiscard]] const robots::RobotInfo& info() const noexcept override { return info_; }
  void start() override {}
  void stop() noexcept override { frozen_ = false; }
  void read(messages::RobotState& state) override {
    while (frozen_) {
      in_read_ = true;
      std::this_thread::yield();
    }
    in_read_ = false;
    if (failing_) {
      throw DeviceError("the cable is out");
    }
    const std::scoped_lock lock(mutex_);
    state.joint_positions = positions_;
    state.extras = extras_;
    state.stamp_ns = stamp_ns_.value_or(clock_.now_ns());
  }
  void write(const messages::RobotState& /*target*/) override { throw LogicError("a leader takes no commands"); }
  void set_engaged(bool engaged) noexcept override { engaged_ = engaged; }

  void set_positions(const core::JointVector& positions) {
    const std::scoped_lock lock(mutex_);
    positions_ = positions;
  }
  void set_extra(const char* key, double value) {
    const std::scoped_lock lock(mutex_);
    extras_.clear();
    extras_.push_back({.key = key, .value = value});
  }
  /// From now on every state has this stamp.
  void set_stamp(std::optional<core::Nanoseconds> stamp_ns) {
    const std::scoped_lock lock(mutex_);
    stamp_ns_ = stamp_ns;
  }
  void freeze(bool frozen) { frozen_ = frozen; }
  void fail(bool failing) { failing_ = failing; }
  [[nodiscard]] bool in_read() const { return in_read_; }
  [[nodiscard]] bool engaged() const { return engaged_; }

 private:
  robots::RobotInfo info_;
  core::Clock& clock_;
  std::mutex mutex_;
  core::JointVector positions_;
  core::BoundedVector<messages::Extra, messages::kMaxExtras> extras_;
  std::optional<core::Nanoseconds> stamp_ns_;
  std::atomic<bool> frozen_{false};
  std::atomic<bool> in_read_{false};
  std::atomic<bool> failing_{false};
  std::atomic<bool> engaged_{false};
};

/// A follower that is at once where it is told to be, unless the test says otherwise, and remembers what happened to
/// it.
class FakeFollower final : public robots::Robot {
 public:
  FakeFollower(std::size_t joints, core::Clock& clock)
      : info_(arm_info("fake_follower", joints, true)), clock_(clock), positions_(core::JointVector::zero(joints)) {}

  [[nodiscard]] const robots::RobotInfo& info() const noexcept override {
    if (on_info) {
      on_info();
    }
    return info_;
  }
  void start() override {}
  void stop() noexcept override { stopped_ = true; }
  void read(messages::RobotState& state) override {
    if (silent_) {
      throw DeviceError("no answer");
    }
    const std::scoped_lock lock(mutex_);
    state.joint_positions = positions_;
    state.stamp_ns = clock_.now_ns();
  }
  void write(const messages::RobotState& target) override {
    if (on_write) {
      on_write();
    }
    if (failing_) {
      throw DeviceError("overheated");
    }
    if (busy_) {
      throw robots::BusyError("the bus is taken");
    }
    const std::scoped_lock lock(mutex_);
    writer_ = std::this_thread::get_id();
    writes_.push_back(target.joint_positions);
    if (!stuck_) {
      positions_ = target.joint_positions;
    }
  }
  void halt() noexcept override {
    ++halts_;
    if (on_halt) {
      on_halt();
    }
  }
  void safe_stop(const std::string& reason) noexcept override {
    const std::scoped_lock lock(mutex_);
    safe_stop_reason_ = reason;
  }
  [[nodiscard]] robots::RobotHealth health() const noexcept override {
    return sick_ ? robots::RobotHealth::kFault : robots::RobotHealth::kOk;
  }
  [[nodiscard]] std::string fault() const override { return sick_ ? "joint 2 overheated" : ""; }

  void set_positions(const core::JointVector& positions) {
    const std::scoped_lock lock(mutex_);
    positions_ = positions;
  }
  void fail_writes(bool failing) { failing_ = failing; }
  void occupy(bool busy) { busy_ = busy; }
  void stick(bool stuck) { stuck_ = stuck; }
  void silence(bool silent) { silent_ = silent; }
  void make_sick() { sick_ = true; }
  /// So many more writes cost no allocation.
  void reserve(std::size_t writes) {
    const std::scoped_lock lock(mutex_);
    writes_.reserve(writes_.size() + writes);
  }

  [[nodiscard]] std::vector<core::JointVector> writes() const {
    const std::scoped_lock lock(mutex_);
    return writes_;
  }
  [[nodiscard]] std::size_t write_count() const { return writes().size(); }
  [[nodiscard]] std::thread::id writer() const {
    const std::scoped_lock lock(mutex_);
    return writer_;
  }
  [[nodiscard]] std::string safe_stop_reason() const {
    const std::scoped_lock lock(mutex_);
    return safe_stop_reason_;
  }
  [[nodiscard]] int halts() const { return halts_; }
  [[nodiscard]] bool stopped() const { return stopped_; }

  std::function<void()> on_write;  ///< set before the start
  std::function<void()> on_halt;   ///< likewise
  std::function<void()> on_info;   ///< set while nobody else asks

 private:
  robots::RobotInfo info_;
  core::Clock& clock_;
  mutable std::mutex mutex_;
  core::JointVector positions_;
  std::vector<core::JointVector> writes_;
  std::thread::id writer_;
  std::string safe_stop_reason_;
  std::atomic<int> halts_{0};
  std::atomic<bool> failing_{false};
  std::atomic<bool> busy_{false};
  std::atomic<bool> stuck_{false};
  std::atomic<bool> silent_{false};
  std::atomic<bool> sick_{false};
  std::atomic<bool> stopped_{false};
};

}  // namespace takt::teleop::test
