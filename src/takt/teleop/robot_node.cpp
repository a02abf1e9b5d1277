#include "takt/teleop/robot_node.hpp"

#include <chrono>
#include <exception>
#include <string>
#include <utility>

#include "takt/core/error.hpp"
#include "takt/core/log.hpp"

// The life of a command:   action topic → receive → (queue → executer →) apply = admit → write → trace
// The owner's loop, turn(): read → publish → supervise = robot's health, tracking, freshness.

namespace takt::teleop {
namespace {

RobotNodeOptions checked(RobotNodeOptions options) {
  if (!(options.rate_hz > 0.0) || !(options.executer_period_s > 0.0)) {
    throw LogicError("RobotNode '" + options.name + "': rate_hz and executer_period_s must be positive");
  }
  return options;
}

/// The kernel keeps 15 bytes of a thread's name.
std::string thread_name(const char* role, const std::string& node) {
  return (role + node).substr(0, 15);
}

core::Nanoseconds period_ns(double rate_hz) {
  return core::from_seconds(1.0 / rate_hz);
}

}  // namespace

RobotNode::RobotNode(bus::Bus& bus, std::unique_ptr<robots::Robot> robot, RobotNodeOptions options, core::Clock& clock)
    : options_(checked(std::move(options))),
      clock_(clock),
      robot_(std::move(robot)),
      state_topic_(bus.topic<messages::RobotState>("/" + options_.name + "/state")),
      action_topic_(bus.topic<messages::RobotState>("/" + options_.name + "/action")),
      trace_(options_.keep_trace),
      rows_(options_.keep_rows),
      tracking_(options_.tracking) {
  if (robot_->info().can_write) {
    if (options_.delivery != Delivery::kInline) {
      queue_ = std::make_unique<DeliveryQueue>(options_.delivery, [this](const messages::RobotState& command) {
        guards_.count(Guard::kDeliveryDropped);
        note_fate(command, RowFate::kDropped);
      });
    }
    commands_ =
        action_topic_.subscribe(options_.name, [this](const messages::RobotState& command) { receive(command); });
  }
}

RobotNode::~RobotNode() {
  stop();
}

void RobotNode::start() {
  robot_->start();
  started_ = true;
  state_ns_.store(clock_.now_ns(), std::memory_order_release);
  turn();
  publisher_ =
      std::make_unique<realtime::RealtimeThread>(realtime::ThreadOptions{.name = thread_name("pub.", options_.name)},
                                                 [this](const std::stop_token& stop) { publish_states(stop); });
  if (queue_ != nullptr) {
    executer_ =
        std::make_unique<realtime::RealtimeThread>(realtime::ThreadOptions{.name = thread_name("exec.", options_.name)},
                                                   [this](const std::stop_token& stop) { execute_queue(stop); });
  }
}

void RobotNode::stop() noexcept {
  commands_.unsubscribe();
  stopping_.store(true, std::memory_order_release);
  if (queue_ != nullptr) {
    queue_->clear();
  }
  if (std::exchange(started_, false)) {
    robot_->stop();  // first: a thread that hangs in its device must not keep an arm powered
  }
  executer_.reset();
  publisher_.reset();
}

void RobotNode::publish_states(const std::stop_token& stop) noexcept {
  core::Beat beat(clock_.now_ns(), period_ns(options_.rate_hz));
  while (!stop.stop_requested()) {
    if (!robot_->info().self_paced) {
      clock_.sleep_until_ns(beat.next_ns(clock_.now_ns()));
    }
    turn();
  }
}

void RobotNode::turn() noexcept {
  messages::RobotState state;
  try {
    robot_->read(state);
  } catch (const std::exception& error) {
    if (!stopping_.load(std::memory_order_acquire)) {
      count_read_failure(error.what());
    }
    return;
  }
  state.sequence = ++sequence_;
  state.trace_id = messages::next_trace_id();
  state_ns_.store(clock_.now_ns(), std::memory_order_release);
  messages::stamp_hop(state, messages::HopPoint::kGotState);
  try {
    state_topic_.publish(state);
  } catch (const LogicError& error) {  // topics form a cycle: a bug of whoever wired them
    fail(error.what());
  }
  published_.fetch_add(1, std::memory_order_relaxed);
  finished_.store(robot_->health() == robots::RobotHealth::kFinished, std::memory_order_release);
  supervise(state);
}

void RobotNode::count_read_failure(const std::string& what) noexcept {
  if (commanded_ns_.load(std::memory_order_acquire) != 0) {
    judge_freshness(clock_.now_ns());  // a leader may die while the follower is silent
  }
  if (lost(clock_.now_ns()) && !faulted()) {
    guards_.count(Guard::kFollowerLost);
    fail("no state could be read for " + std::to_string(options_.lost_after_s) + " s: " + what);
  }
}

void RobotNode::supervise(const messages::RobotState& state) noexcept {
  if (robot_->health() == robots::RobotHealth::kFault && !faulted()) {
    fail(robot_->fault());
  }
  if (commanded_ns_.load(std::memory_order_acquire) == 0) {
    tracking_.pause();
    return;
  }
  const core::Nanoseconds now_ns = clock_.now_ns();
  judge_freshness(now_ns);
  const auto command = last_command_.load();
  if (command && tracking_.observe(state.joint_positions, command->positions_rad, now_ns, command->engaged) &&
      !faulted()) {
    guards_.count(Guard::kTrackingError);
    fail("tracking error above " + std::to_string(options_.tracking.error_rad) + " rad for " +
         std::to_string(options_.tracking.error_for_s) + " s");
  }
}

void RobotNode::judge_freshness(core::Nanoseconds now_ns) noexcept {
  const core::Nanoseconds age_ns = now_ns - commanded_ns_.load(std::memory_order_acquire);
  const control::Freshness judged = options_.freshness.judge(age_ns);
  if (judged == freshness_) {
    return;
  }
  if (judged == control::Freshness::kHold) {
    guards_.count(Guard::kStaleLeaderHold);  // the setpoint stays: nothing to do but say so
  } else if (judged == control::Freshness::kHalt) {
    robot_->halt();
    guards_.count(Guard::kStaleLeaderHalt);
  }
  freshness_ = judged;
}

void RobotNode::receive(const messages::RobotState& command) noexcept {
  if (queue_ == nullptr) {
    apply(command);
    return;
  }
  messages::RobotState queued = command;
  messages::stamp_hop(queued, messages::HopPoint::kQueued);
  queue_->put(queued);
}

void RobotNode::execute_queue(const std::stop_token& stop) noexcept {
  core::Beat beat(clock_.now_ns(), core::from_seconds(options_.executer_period_s));
  while (!stop.stop_requested()) {
    clock_.sleep_until_ns(beat.next_ns(clock_.now_ns()));
    if (auto command = queue_->take()) {
      messages::stamp_hop(*command, messages::HopPoint::kDequeued);
      apply(*command);
    }
  }
}

bool RobotNode::admit(const messages::RobotState& command) noexcept {
  const core::Nanoseconds now_ns = clock_.now_ns();
  if (faulted()) {
    return false;
  }
  if (!lease_.admits(command.lease_epoch, now_ns)) {
    guards_.count(Guard::kStaleLease);
    stale_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  const bool too_old = options_.freshness.judge(now_ns - command.stamp_ns) == control::Freshness::kHalt;
  if (too_old || command.stamp_ns <= released_ns_.load(std::memory_order_acquire)) {
    guards_.count(Guard::kStaleCommand);
    stale_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  return true;
}

void RobotNode::apply(const messages::RobotState& command) noexcept {
  // A command may still arrive while another commander's write is running, just after a hand-over.
  std::unique_lock lock(write_mutex_, std::try_to_lock);
  if (!lock && !lock.try_lock_for(std::chrono::duration<double>(options_.write_wait_s))) {
    guards_.count(Guard::kWriteBusy);
    note_fate(command, RowFate::kRejected);
    return;
  }
  if (!admit(command) || !write(command)) {
    note_fate(command, RowFate::kRejected);
    return;
  }
  // A row that came as part of an approach was not sent as it was; when it is played later, that fate stands.
  note_fate(command, command.mark == messages::CommandMark::kEngaged ? RowFate::kApplied : RowFate::kClamped);
  TracedCommand traced{.trace_id = command.trace_id, .hops = command.hops};
  messages::stamp_hop(traced.hops, messages::HopPoint::kApplied);
  trace_.record(traced);
  if (tap_ != nullptr) {
    messages::RobotState sent = command;
    sent.hops = traced.hops;
    tap_->sent(sent);
  }
}

bool RobotNode::write(const messages::RobotState& command) noexcept {
  try {
    robot_->write(command);
  } catch (const robots::BusyError&) {  // its own bus was taken for too long: this command is lost, the robot is fine
    guards_.count(Guard::kWriteBusy);
    return false;
  } catch (const std::exception& error) {
    guards_.count(Guard::kWriteFailed);
    fail(std::string("write failed: ") + error.what());
    return false;
  }
  const core::Nanoseconds now_ns = clock_.now_ns();
  const bool engaged = command.mark == messages::CommandMark::kEngaged;
  const bool clamped = command.mark == messages::CommandMark::kClamped;
  last_command_.store({.applied_ns = now_ns, .positions_rad = command.joint_positions, .engaged = engaged || clamped});
  commanded_ns_.store(now_ns, std::memory_order_release);
  applied_.fetch_add(1, std::memory_order_relaxed);
  engaged_.fetch_add(engaged ? 1 : 0, std::memory_order_relaxed);
  clamped_.fetch_add(clamped ? 1 : 0, std::memory_order_relaxed);
  return true;
}

std::optional<core::JointVector> RobotNode::commanded(core::Nanoseconds within_ns) const noexcept {
  const auto command = last_command_.load();
  const bool recent = command && commanded_ns_.load(std::memory_order_acquire) != 0 &&
                      clock_.now_ns() - command->applied_ns <= within_ns;
  return recent ? std::optional(command->positions_rad) : std::nullopt;
}

void RobotNode::quiesce() noexcept {
  const std::scoped_lock lock(write_mutex_);
}

void RobotNode::release() noexcept {
  released_ns_.store(clock_.now_ns(), std::memory_order_release);
  if (queue_ != nullptr) {
    queue_->clear();
  }
  quiesce();  // a write that was let in before is over, and what follows is refused
  if (commanded_ns_.exchange(0, std::memory_order_acq_rel) != 0) {
    robot_->halt();
  }
}

void RobotNode::note_fate(const messages::RobotState& command, RowFate fate) noexcept {
  if (command.mark != messages::CommandMark::kNone) {
    rows_.note(command, fate);
  }
}

void RobotNode::fail(const std::string& reason) noexcept {
  {
    const std::scoped_lock lock(fault_mutex_);
    if (faulted_.load(std::memory_order_relaxed)) {
      return;
    }
    fault_ = options_.name + ": " + reason;
    faulted_.store(true, std::memory_order_release);
  }
  core::log(core::LogLevel::kError, fault() + " - safe stop");
  robot_->safe_stop(reason);
  if (tap_ != nullptr) {
    tap_->failed(fault());
  }
}

bool RobotNode::lost(core::Nanoseconds now_ns) const noexcept {
  return now_ns - state_ns_.load(std::memory_order_acquire) > core::from_seconds(options_.lost_after_s);
}

std::string RobotNode::fault() const {
  const std::scoped_lock lock(fault_mutex_);
  return fault_;
}

RobotNodeCounters RobotNode::counters() const noexcept {
  return {.published = published_.load(std::memory_order_relaxed),
          .applied = applied_.load(std::memory_order_relaxed),
          .engaged = engaged_.load(std::memory_order_relaxed),
          .clamped = clamped_.load(std::memory_order_relaxed),
          .stale = stale_.load(std::memory_order_relaxed)};
}

}  // namespace takt::teleop
