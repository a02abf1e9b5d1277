#include "takt/teleop/path_player.hpp"

#include <cmath>
#include <exception>
#include <utility>

#include <fmt/core.h>

#include "takt/core/log.hpp"
#include "takt/core/time.hpp"

namespace takt::teleop {
namespace {

/// For an arm that is behind its commands.
constexpr core::Nanoseconds kArrival_ns = core::kNanosecondsPerSecond / 2;
constexpr double kInForce_s = 0.1;

bool is_over(const control::JointPath& path) noexcept {
  return core::monotonic_now_ns() > path.end_ns() + kArrival_ns;
}

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

Expected<void, std::string> PathPlayer::play(const Plan& plan, std::optional<std::uint64_t> stops) {
  const std::uint64_t as_of = stops.value_or(this->stops());
  const std::scoped_lock turn(turns_);
  const auto playing = motion();
  const auto epoch = playing ? Expected<control::LeaseEpoch, std::string>(playing->epoch)
                             : orchestrator_.begin_motion(pair_, options_.holder);
  if (!epoch) {
    return std::unexpected(epoch.error());
  }
  const auto give_back = [&] {
    if (!playing) {
      orchestrator_.end_motion(pair_, *epoch);
    }
  };
  std::string refused = "where it stands is not known";
  try {
    if (const auto from = standing()) {
      auto path = std::make_shared<const control::JointPath>(plan(*from));
      refused = set_out({.path = std::move(path), .epoch = *epoch, .stops = as_of}) ? "" : "it was stopped meanwhile";
    }
  } catch (...) {
    give_back();
    throw;
  }
  if (!refused.empty()) {
    give_back();
    return std::unexpected(refused);
  }
  return {};
}

bool PathPlayer::stop() {
  const std::scoped_lock lock(mutex_);
  ++stops_;
  return motion_.has_value();
}

std::uint64_t PathPlayer::stops() const {
  const std::scoped_lock lock(mutex_);
  return stops_;
}

std::optional<PathPlayer::Motion> PathPlayer::motion() const {
  const std::scoped_lock lock(mutex_);
  return motion_;
}

/// False: it was stopped before it began.
bool PathPlayer::set_out(Motion motion) {
  const std::scoped_lock lock(mutex_);
  if (motion.stops != stops_) {
    return false;
  }
  motion_ = std::move(motion);
  changed_.notify_all();
  return true;
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
  while (true) {
    const Motion now = *motion();  // only this thread ends it
    const bool stopped = now.stops != stops();
    const std::optional<MotionEnd> why = stopped ? std::nullopt : step(now);
    if ((why || stopped || stop.stop_requested() || is_over(*now.path)) && end(why, stop.stop_requested())) {
      return;
    }
    clock.sleep_until_ns(beat.next_ns(clock.now_ns()));
  }
}

/// False: it goes on, along a path that has come just now.
bool PathPlayer::end(std::optional<MotionEnd> why, bool ending) {
  std::string left;
  {
    const std::scoped_lock turn(turns_);
    const Motion last = *motion();
    const bool stopped = last.stops != stops();
    const bool over = is_over(*last.path);
    if (!why && !stopped && !ending && !over) {
      return false;
    }
    if (why) {
      left = reason_of(*why, orchestrator_.follower(pair_));
    } else if (stopped) {
      left = "it was stopped";
    } else if (over) {
      left = shortfall(*last.path);
    }
    orchestrator_.end_motion(pair_, last.epoch);  // may wait for a write
    const std::scoped_lock lock(mutex_);
    motion_.reset();
    ++(over && left.empty() ? counts_.finished : counts_.left);
  }
  if (!left.empty() && options_.on_left) {
    try {
      options_.on_left(left);
    } catch (const std::exception& error) {
      core::log(core::LogLevel::kError, "on_left of a path player: " + std::string(error.what()));
    }
  }
  return true;
}

/// What the follower lacks to its goal; "" when it is as close as one that is aligned.
std::string PathPlayer::shortfall(const control::JointPath& path) const {
  RobotNode& follower = orchestrator_.follower(pair_);
  const core::JointVector goal_rad = path.at(path.end_ns()).q_rad;
  const double within_rad = orchestrator_.options(pair_).pipeline.aligned_within_rad;
  const auto measured = follower.state_topic().latest();
  for (std::size_t i = 0; i < goal_rad.size(); ++i) {
    const double at_rad = measured ? measured->joint_positions[i] : std::nan("");
    if (!(std::abs(at_rad - goal_rad[i]) <= within_rad)) {
      return fmt::format("at its end joint '{}' is at {:.4f} rad, not at {:.4f}",
                         follower.robot().info().joint_names[i], at_rad, goal_rad[i]);
    }
  }
  return "";
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
