#include "takt/teleop/motion_player.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

#include <fmt/core.h>

#include "takt/core/log.hpp"

// One turn of the play thread:   asked to stop? → end    due? → send    over? → end    → when to come again
//
// The thread sleeps to the instant of the next action itself, not to a beat of its own; a stop, or a motion that
// changes its mind, ends a long sleep. turns_ orders beginnings and ends, which may wait for a write; mutex_ is only
// ever held to look.

namespace takt::teleop {
namespace {

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

void call_back(const char* name, const auto& callback, const auto&... arguments) {
  if (!callback) {
    return;
  }
  try {
    callback(arguments...);
  } catch (const std::exception& error) {
    core::log(core::LogLevel::kError, fmt::format("{} of a motion player: {}", name, error.what()));
  }
}

}  // namespace

MotionPlayer::MotionPlayer(Orchestrator& orchestrator, std::size_t pair, Options options, core::Clock& clock)
    : orchestrator_(orchestrator), pair_(pair), options_(std::move(options)), clock_(clock) {
  if (options_.longest_sleep_ns <= 0) {
    throw LogicError(fmt::format("a motion player that sleeps for {} ns at the longest", options_.longest_sleep_ns));
  }
  const std::string name = ("play." + orchestrator.follower(pair).name()).substr(0, 15);
  if (options_.own_thread) {
    thread_ = std::make_unique<realtime::RealtimeThread>(realtime::ThreadOptions{.name = name},
                                                         [this](const std::stop_token& stop) { run(stop); });
  }
}

MotionPlayer::~MotionPlayer() {
  if (thread_ == nullptr) {
    static_cast<void>(turn(true));
  }
}

Expected<void, std::string> MotionPlayer::play(const Plan& plan, std::optional<std::uint64_t> stops) {
  const std::uint64_t as_of = stops.value_or(this->stops());
  const std::scoped_lock turn(turns_);
  const auto playing = now_playing();
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
      refused = set_out({.motion = plan(*from), .epoch = *epoch, .stops = as_of}) ? "" : "it was stopped meanwhile";
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

bool MotionPlayer::stop() {
  bool played = false;
  {
    const std::scoped_lock lock(mutex_);
    ++stops_;
    played = playing_.has_value();
  }
  bell_.wake();
  return played;
}

void MotionPlayer::nudge() {
  bell_.wake();
}

std::uint64_t MotionPlayer::stops() const {
  const std::scoped_lock lock(mutex_);
  return stops_;
}

std::optional<MotionPlayer::Playing> MotionPlayer::now_playing() const {
  const std::scoped_lock lock(mutex_);
  return playing_;
}

bool MotionPlayer::playing() const {
  return now_playing().has_value();
}

/// False: it was stopped before it began.
bool MotionPlayer::set_out(Playing playing) {
  {
    const std::scoped_lock lock(mutex_);
    if (playing.stops != stops_) {
      return false;
    }
    playing_ = std::move(playing);
  }
  bell_.wake();
  return true;
}

std::optional<Motion::Reference> MotionPlayer::standing() const {
  if (const auto playing = now_playing()) {
    return playing->motion->at(clock_.now_ns());
  }
  RobotNode& follower = orchestrator_.follower(pair_);
  const auto measured = follower.state_topic().latest();
  if (!measured || !measured->joint_positions.all_finite()) {
    return std::nullopt;
  }
  const auto commanded = follower.commanded(core::from_seconds(kInForce_s));
  const core::JointVector& q_rad = commanded ? *commanded : measured->joint_positions;
  return Motion::Reference{.q_rad = q_rad, .dq_rad_s = core::JointVector::zero(q_rad.size())};
}

MotionPlayer::Counts MotionPlayer::counts() const {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

// --- the play thread ------------------------------------------------------------------------------------------------

void MotionPlayer::run(const std::stop_token& stop) {
  const std::stop_callback rings(stop, [this] { bell_.wake(); });
  while (!stop.stop_requested()) {
    if (const auto next_ns = turn(false)) {
      sleep(*next_ns);
    } else {
      bell_.sleep();
    }
  }
  static_cast<void>(turn(true));
}

/// A long sleep may be ended by a nudge; one to an action that is near is not, as rows of them are nudged often. Both
/// are as late as the system's sleep is, and wake the thread once.
void MotionPlayer::sleep(core::Nanoseconds until_ns) {
  const core::Nanoseconds now_ns = clock_.now_ns();
  if (until_ns - now_ns <= kLook_ns) {
    clock_.sleep_until_ns(until_ns);
  } else if (&clock_ == &core::steady_clock()) {
    static_cast<void>(bell_.sleep_until_ns(std::min(until_ns, now_ns + options_.longest_sleep_ns)));
  } else {
    clock_.sleep_until_ns(now_ns + kLook_ns);
  }
}

std::optional<core::Nanoseconds> MotionPlayer::turn() {
  return turn(false);
}

std::optional<core::Nanoseconds> MotionPlayer::turn(bool ending) {
  const auto now = now_playing();
  if (!now) {
    return std::nullopt;
  }
  const core::Nanoseconds now_ns = clock_.now_ns();
  const bool going = now->stops == stops() && !ending;
  const auto due_ns = going ? now->motion->due_ns(now_ns) : std::nullopt;
  std::optional<MotionEnd> why;
  if (due_ns && *due_ns <= now_ns) {
    why = send(*now, *due_ns);
  }
  if (due_ns && !why) {
    return std::max(*due_ns, now_ns);
  }
  return end(*now, why, going && !why, ending) ? std::nullopt : std::optional(now_ns);
}

std::optional<MotionEnd> MotionPlayer::send(const Playing& now, core::Nanoseconds due_ns) {
  messages::RobotState action;
  now.motion->fill(due_ns, action);
  action.stamp_ns = due_ns;
  action.trace_id = messages::next_trace_id();
  messages::stamp_hop(action, messages::HopPoint::kGotState);
  const auto submitted = orchestrator_.submit_motion(pair_, now.epoch, action, now.motion->pace());
  if (!submitted) {
    return submitted.error();
  }
  now.motion->sent(action);
  return std::nullopt;
}

/// False: it goes on, with a motion that has come just now.
bool MotionPlayer::end(const Playing& last, std::optional<MotionEnd> why, bool over, bool ending) {
  std::string left;
  {
    const std::scoped_lock turn(turns_);
    const Playing newest = *now_playing();  // only this thread ends it
    if (!why && !ending && newest.motion != last.motion && newest.stops == stops()) {
      return false;
    }
    left = reason(newest, why, over);
    orchestrator_.end_motion(pair_, newest.epoch);  // may wait for a write
    const std::scoped_lock lock(mutex_);
    playing_.reset();
    ++(over && left.empty() ? counts_.finished : counts_.left);
  }
  if (!left.empty()) {
    call_back("on_left", options_.on_left, left);
  }
  call_back("on_over", options_.on_over);
  return true;
}

std::string MotionPlayer::reason(const Playing& last, std::optional<MotionEnd> why, bool over) const {
  if (why) {
    return reason_of(*why, orchestrator_.follower(pair_));
  }
  if (last.stops != stops()) {
    return "it was stopped";
  }
  if (!over) {
    return "";
  }
  const std::string left = last.motion->left();
  return left.empty() ? shortfall(*last.motion) : left;
}

/// What the follower lacks to its goal; "" when it is as close as one that is aligned.
std::string MotionPlayer::shortfall(const Motion& motion) const {
  RobotNode& follower = orchestrator_.follower(pair_);
  const core::JointVector goal_rad = motion.goal_rad();
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

}  // namespace takt::teleop
