#include "takt/teleop/session.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "takt/core/error.hpp"
#include "takt/core/thread_names.hpp"
#include "takt/messages/enum_name.hpp"

namespace takt::teleop {
namespace {

/// Room for the commands of a second and a half at 1 kHz, or of fifteen at 100 Hz.
constexpr std::size_t kKeptCommands = 1U << 11U;
constexpr std::size_t kKeptRows = 1U << 12U;

/// Runs `make`; a ConfigError from it is told with the place in the configuration that led there.
template <class Make>
auto at(const PairConfig& config, const std::string& field, Make make) {
  try {
    return make();
  } catch (const ConfigError& error) {
    const ConfigPlace place = config.place_of(field);
    throw ConfigError(place.file, place.line, place.field, error.what());
  }
}

std::vector<control::JointLimits> guard_limits(const robots::RobotInfo& follower, double fraction) {
  std::vector<control::JointLimits> limits = follower.limits;
  for (auto& joint : limits) {
    joint.velocity_rad_s *= fraction;
    joint.acceleration_rad_s2 *= fraction;
    joint.jerk_rad_s3 *= fraction;
  }
  return limits;
}

/// The recorded pose in the follower's joints, inside its limits: where the simulator starts.
std::vector<double> start_pose(const messages::RobotState& recorded, const JointMapOptions& options,
                               const robots::RobotInfo& follower) {
  JointMapOptions unlimited = options;
  unlimited.limits.clear();
  if (JointMap::find_problem(unlimited, recorded.joint_positions.size(), follower.limits.size())) {
    return {};  // the pair's own map will say it
  }
  messages::RobotState mapped;
  if (!JointMap(unlimited, recorded.joint_positions.size(), follower.limits.size()).apply(recorded, mapped).passed()) {
    return {};
  }
  std::vector<double> pose(mapped.joint_positions.begin(), mapped.joint_positions.end());
  for (std::size_t i = 0; i < pose.size(); ++i) {
    const control::JointLimits& limits = follower.limits[i];
    if (mapped.gripper_position && follower.joint_names[i] == "gripper") {
      pose[i] = std::lerp(limits.position_min_rad, limits.position_max_rad, *mapped.gripper_position);
    }
    pose[i] = std::clamp(pose[i], limits.position_min_rad, limits.position_max_rad);
  }
  return pose;
}

/// The usual time between two states of a leader.
double period_of(const PairConfig& config, const robots::RobotInfo& leader) {
  return leader.self_paced && leader.period_s > 0.0 ? leader.period_s : 1.0 / config.leader_rate_hz;
}

/// A recording played slowly has longer pauses than a live leader may make: its pace is no silence.
control::FreshnessPolicy freshness_of(const PairConfig& config) {
  const double stretch = std::max(1.0, 1.0 / config.speed);
  return {.hold_after_s = stretch * config.guards.freshness.hold_after_s,
          .halt_after_s = stretch * config.guards.freshness.halt_after_s};
}

std::string prefix_of(const PairConfig& config, std::size_t index) {
  if (!config.name.empty()) {
    return config.name + "_";
  }
  return index == 0 ? "" : "p" + std::to_string(index) + "_";
}

/// The follower's joint that a gripper opening moves: the one called "gripper", where the map gives it no joint.
std::optional<std::size_t> gripper_joint(const JointMapOptions& map, const robots::RobotInfo& follower) {
  const auto found = std::ranges::find(follower.joint_names, "gripper");
  const auto index = static_cast<std::size_t>(found - follower.joint_names.begin());
  const bool unmapped = index < map.reindex.size() && map.reindex[index] < 0;
  return found != follower.joint_names.end() && unmapped ? std::optional(index) : std::nullopt;
}

PairOptions pair_options(const PairConfig& config, const robots::RobotInfo& leader, const robots::RobotInfo& follower) {
  const double period_s = period_of(config, leader);
  PairOptions options;
  options.map = config.map;
  options.gripper_joint = gripper_joint(config.map, follower);
  options.pipeline.guard = {.limits = guard_limits(follower, config.guards.limit_fraction),
                            .position = config.guards.position,
                            .velocity = config.guards.velocity,
                            .acceleration = config.guards.acceleration,
                            .min_step_s = 0.5 * period_s,
                            .max_step_s = 3.0 * period_s};
  options.pipeline.alignment_fraction = config.alignment_fraction;
  options.pipeline.aligned_within_rad = config.aligned_within_rad;
  options.pipeline.realign_after_s = freshness_of(config).hold_after_s;
  options.pipeline.smoothing_tau_s = config.smoothing_tau_s;
  options.deadman = config.guards.deadman;
  options.motions = config.guards.trajectories;
  return options;
}

/// A recording's rows in the order of its own time, equal fates together.
std::vector<RowRun> runs_of(const std::map<double, RowFate>& rows) {
  std::vector<RowRun> runs;
  for (const auto& [t_s, fate] : rows) {
    add_row(runs, std::string(messages::enum_name(fate).view()));
  }
  return runs;
}

}  // namespace

Session::Session(TeleopConfig config, RobotProvider& robots) : config_(std::move(config)) {
  pairs_.reserve(config_.pairs.size());
  for (std::size_t i = 0; i < config_.pairs.size(); ++i) {
    open_pair(config_.pairs[i], i, robots);
  }
  if (config_.trace) {  // last: bad input leaves an older trace alone
    trace_file_ = std::make_unique<TraceFile>(*config_.trace);
  }
}

Session::~Session() {
  stop();
}

void Session::open_pair(const PairConfig& config, std::size_t index, RobotProvider& robots) {
  robots::RobotOptions options{.columns = config.columns,
                               .start_columns = config.start_columns,
                               .segment = config.segment,
                               .speed = config.speed,
                               .seed = config.seed,
                               .like = config.follower,
                               .label = {},
                               .start_pose = {},
                               .freshness = freshness_of(config)};
  const auto recorded = at(config, "leader", [&] { return robots.recorded_start(config.leader, options); });
  if (recorded) {
    options.start_pose = [&](const robots::RobotInfo& info) { return start_pose(*recorded, config.map, info); };
  }
  options.label = config_.pairs.size() > 1 ? "f" + std::to_string(index) : "";
  auto follower = at(config, "follower", [&] { return robots.open(config.follower, options); });
  auto leader = at(config, "leader", [&] { return robots.open(config.leader, options); });
  if (!follower->info().can_write || !leader->info().can_read) {
    at(config, "follower",
       [&]() -> int { throw ConfigError(config.follower, 0, "", "cannot be a follower: it takes no commands"); });
  }
  if (const auto problem =
          JointMap::find_problem(config.map, leader->info().joint_names.size(), follower->info().joint_names.size())) {
    const ConfigPlace place = config.place_of("map");
    const std::string prefix = place.field.empty() ? "" : place.field + ".";
    throw ConfigError(place.file, place.line, prefix + problem->field, problem->what);
  }
  const std::string prefix = prefix_of(config, index);
  for (const Pair& other : pairs_) {
    if (other.leader->name() == prefix + "leader") {
      const ConfigPlace place = config.place_of("leader");
      throw ConfigError(place.file, place.line, place.field, "two pairs are called '" + prefix + "'; give them names");
    }
  }
  PairOptions made = pair_options(config, leader->info(), follower->info());
  pairs_.push_back({.leader = make_node(config, prefix + "leader", config.leader_rate_hz, std::move(leader)),
                    .follower = make_node(config, prefix + "follower", config.follower_rate_hz, std::move(follower)),
                    .rows = {}});
  orchestrator_.add_pair(*pairs_.back().leader, *pairs_.back().follower, std::move(made));
}

std::unique_ptr<RobotNode> Session::make_node(const PairConfig& config, const std::string& name, double rate_hz,
                                              std::unique_ptr<robots::Robot> robot) {
  RobotNodeOptions options;
  options.name = name;
  options.rate_hz = rate_hz;
  options.delivery = config.delivery;
  options.freshness = freshness_of(config);
  options.tracking = config.guards.tracking;
  options.lost_after_s = config.guards.lost_after_s;
  options.keep_trace = config_.trace ? kKeptCommands : 0;
  options.keep_rows = kKeptRows;
  return std::make_unique<RobotNode>(bus_, std::move(robot), std::move(options));
}

void Session::start() {
  started_ns_ = core::monotonic_now_ns();
  polled_ns_ = started_ns_;
  try {
    for (auto& pair : pairs_) {
      pair.follower->start();
    }
    orchestrator_.set_mode(ControlMode::kTeleop);
    for (auto& pair : pairs_) {
      pair.leader->start();
    }
  } catch (...) {
    stop();
    throw;
  }
}

SessionProgress Session::poll() {
  const core::Nanoseconds now_ns = core::monotonic_now_ns();
  SessionProgress progress{
      .elapsed_s = elapsed_s(), .commands = applied(), .rate_hz = 0, .guards_hit = 0, .phase = Phase::kEngaged};
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    progress.guards_hit += pairs_[i].follower->guards().total();
    progress.phase = std::min(progress.phase, orchestrator_.phase(i));
    for (const RowOutcome& row : pairs_[i].follower->rows().drain()) {
      pairs_[i].rows[row.source_t_s] = row.fate;
    }
    write_trace(*pairs_[i].follower);
  }
  if (now_ns > polled_ns_) {
    progress.rate_hz =
        static_cast<double>(progress.commands - polled_commands_) / core::to_seconds(now_ns - polled_ns_);
  }
  polled_ns_ = now_ns;
  polled_commands_ = progress.commands;
  if (stopped_ns_ == 0) {
    threads_ = core::thread_names();
  }
  return progress;
}

/// A disk that is full ends the trace, not the run.
void Session::write_trace(RobotNode& follower) {
  const auto commands = follower.trace().drain();  // also without a file any more: what is not drained counts as lost
  if (trace_file_ == nullptr) {
    return;
  }
  try {
    trace_file_->write(follower.name(), commands);
  } catch (const SystemError& error) {
    trace_error_ = error.what();
    trace_file_.reset();
  }
}

bool Session::finished() const {
  const bool leaders_finished = std::ranges::all_of(pairs_, [](const Pair& pair) { return pair.leader->finished(); });
  return leaders_finished || !fault().empty() || (config_.duration_s && elapsed_s() >= *config_.duration_s);
}

void Session::rest() noexcept {
  if (started_ns_ == 0 || stopped_ns_ != 0) {
    return;
  }
  stopped_ns_ = core::monotonic_now_ns();
  orchestrator_.set_mode(ControlMode::kIdle);
  for (auto& pair : pairs_) {
    pair.follower->stop();
  }
}

void Session::stop() noexcept {
  rest();
  for (auto& pair : pairs_) {
    pair.leader->stop();
  }
}

TeleopReport Session::report() {
  static_cast<void>(poll());
  TeleopReport report;
  report.duration_s = elapsed_s();
  report.threads = threads_;
  report.fault = fault();
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    report.pairs.push_back(report_of(i));
  }
  const PairReport& first = report.pairs.front();
  report.leader = first.leader;
  report.follower = first.follower;
  report.commands = first.commands;
  report.guards = first.guards;
  report.hops = first.hops;
  report.end_to_end = first.end_to_end;
  report.tracking = first.tracking;
  return report;
}

PairReport Session::report_of(std::size_t index) {
  Pair& pair = pairs_[index];
  const PairCounters sent = orchestrator_.counters(index);
  const RobotNodeCounters taken = pair.follower->counters();
  PairReport report;
  report.leader = config_.pairs[index].leader;
  report.follower = config_.pairs[index].follower;
  report.delivery = std::string(messages::enum_name(config_.pairs[index].delivery).view());
  report.commands = {.published = sent.published,
                     .applied = taken.engaged,
                     .clamped = taken.clamped,
                     .rejected = sent.rejected,
                     .stale = taken.stale,
                     .aligning = sent.aligning,
                     .aligning_rejected = sent.aligning_rejected};
  report.guards = pair.follower->guards().by_name();
  report.hops = pair.follower->trace().rows();
  report.end_to_end = pair.follower->trace().end_to_end();
  report.tracking = pair.follower->tracking();
  report.rows = runs_of(pair.rows);
  report.lost_records = pair.follower->trace().dropped() + pair.follower->rows().lost();
  report.fault = pair.follower->faulted() ? pair.follower->fault() : pair.leader->fault();
  return report;
}

double Session::elapsed_s() const noexcept {
  const core::Nanoseconds end_ns = stopped_ns_ != 0 ? stopped_ns_ : core::monotonic_now_ns();
  return started_ns_ == 0 ? 0.0 : core::to_seconds(end_ns - started_ns_);
}

std::uint64_t Session::applied() const noexcept {
  std::uint64_t sum = 0;
  for (const Pair& pair : pairs_) {
    sum += pair.follower->counters().applied;
  }
  return sum;
}

std::string Session::fault() const {
  for (const Pair& pair : pairs_) {
    if (pair.follower->faulted() || pair.leader->faulted()) {
      return pair.follower->faulted() ? pair.follower->fault() : pair.leader->fault();
    }
  }
  return {};
}

}  // namespace takt::teleop
