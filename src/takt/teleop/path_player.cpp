#include "takt/teleop/path_player.hpp"

#include <utility>

#include "takt/core/time.hpp"

namespace takt::teleop {
namespace {

/// For an arm that is behind its commands.
constexpr core::Nanoseconds kArrival_ns = core::kNanosecondsPerSecond / 2;
constexpr double kInForce_s = 0.1;

std::string reason_of(MotionEnd why, RobotNode& follower) {
  switch (why) {
    case MotionEnd::kTakenOver:
      return "its leader took over, its clutch was opened, or the mode changed";
    case MotionEnd::kFault:
      return follower.fault();
    case MotionEnd::kGuard:
      return "a guard refused where it led";
  }
  return "";
}

}  // namespace

PathPlayer::PathPlayer(Orchestrator& orchestrator, std::size_t pair, Options options)
    : orchestrator_(orchestrator),
      pair_(pair),
      options_(std::move(options)),
      thread_({.name = ("play." + orchestrator.follower(pair).name()).substr(0, 15)},
              [this](const std::stop_token& stop) { run(stop); }) {}

Expected<void, std::string> PathPlayer::play(control::JointPath path) {
  const std::scoped_lock lock(mutex_);
  if (!motion_) {
    const auto epoch = orchestrator_.begin_motion(pair_, options_.holder);
    if (!epoch) {
      return std::unexpected(epoch.error());
    }
    motion_.emplace(Motion{.path = std::make_shared<const control::JointPath>(std::move(path)), .epoch = *epoch});
    changed_.notify_all();
  } else {
    motion_->path = std::make_shared<const control::JointPath>(std::move(path));
  }
  return {};
}

std::optional<control::JointPath::Reference> PathPlayer::standing() const {
  {
    const std::scoped_lock lock(mutex_);
    if (motion_) {
      return motion_->path->at(core::monotonic_now_ns());
    }
  }
  RobotNode& follower = orchestrator_.follower(pair_);
  const auto measured = follower.state_topic().latest();
  if (!measured || !measured->joint_positions.all_finite()) {
    return std::nullopt;
  }
  const auto commanded = follower.commanded(core::from_seconds(kInForce_s));
  const core::JointVector& q_rad = commanded ? *commanded : measured->joint_positions;
  return control::JointPath::Reference{.q_rad = q_rad, .dq_rad_s = core::JointVector::zero(q_rad.size())};
}

PathPlayer::Counts PathPlayer::counts() const {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

void PathPlayer::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::unique_lock lock(mutex_);
    if (changed_.wait(lock, stop, [this] { return motion_.has_value(); })) {
      lock.unlock();
      follow_path(stop);
    }
  }
}

void PathPlayer::follow_path(const std::stop_token& stop) {
  core::Clock& clock = core::steady_clock();
  core::Beat beat(clock.now_ns(), core::from_seconds(kMotionPeriod_s));
  for (bool more = true; more;) {
    std::unique_lock lock(mutex_);
    const Motion now = *motion_;
    lock.unlock();
    const std::optional<MotionEnd> why = step(now);
    lock.lock();
    const bool arrived = clock.now_ns() > motion_->path->end_ns() + kArrival_ns;  // of one that has come meanwhile
    more = !why && !arrived && !stop.stop_requested();
    if (!more) {
      orchestrator_.end_motion(pair_, now.epoch);
      motion_.reset();
      ++(arrived && !why ? counts_.finished : counts_.left);
    }
    lock.unlock();
    if (why && options_.on_left) {
      options_.on_left(reason_of(*why, orchestrator_.follower(pair_)));
    }
    if (more) {
      clock.sleep_until_ns(beat.next_ns(clock.now_ns()));
    }
  }
}

std::optional<MotionEnd> PathPlayer::step(const Motion& motion) {
  const core::Nanoseconds now_ns = core::monotonic_now_ns();
  const control::JointPath::Reference wanted = motion.path->at(now_ns);
  messages::RobotState action;
  action.joint_positions = wanted.q_rad;
  action.joint_velocities = wanted.dq_rad_s;
  action.stamp_ns = now_ns;
  action.trace_id = messages::next_trace_id();
  messages::stamp_hop(action, messages::HopPoint::kGotState);
  const auto submitted = orchestrator_.submit_motion(pair_, motion.epoch, action);
  return submitted ? std::nullopt : std::optional(submitted.error());
}

}  // namespace takt::teleop
