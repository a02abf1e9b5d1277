#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/bridge.hpp"
#include "takt/trajectory/internal/recorded_part.hpp"
#include "takt/trajectory/timeline.hpp"

// The recordings are baked first, because what leads to them depends on how they begin; then the pieces are put one
// after the other, each proved as it comes.

namespace takt::trajectory {
namespace {

using internal::RecordedPart;

constexpr int kFittingTries = 8;
constexpr double kFastest = 100.0;  // where nothing moves, or hardly, no limit bounds the speed
constexpr const char* kTooNear =
    ". The recording moves there, too near the end of the joint's range to gather that speed or to brake: trim or "
    "smooth it";
constexpr double kFitted = 1.0 + 1e-9;  // a little more than just so, for rounding

void require_between(double value, double low, double high, const char* what) {
  if (!(value >= low && value <= high)) {
    throw ConfigError(fmt::format("{} is {}, must be {} … {}", what, value, low, high));
  }
}

void require_options(const SequenceOptions& options) {
  constexpr double kSmallestFraction = 1e-3;
  require_between(options.stretch, 0.01, 100.0, "stretch");
  require_between(options.smooth_s, 0.0, 10.0, "smooth_s");
  require_between(options.limit_fraction, kSmallestFraction, 1.0, "limit_fraction");
  require_between(options.bridge_fraction, kSmallestFraction, 1.0, "bridge_fraction");
  if (options.rate_hz != 0.0) {
    require_between(options.rate_hz, 1.0, 1e4, "rate_hz");
  }
}

void require_arm(const ArmDescription& arm, const Standing& start) {
  if (arm.limits.empty() || arm.limits.size() > core::kMaxJoints ||
      (!arm.joint_names.empty() && arm.joint_names.size() != arm.limits.size())) {
    throw ConfigError(fmt::format("the arm '{}' has {} limits and {} joint names", arm.name, arm.limits.size(),
                                  arm.joint_names.size()));
  }
  for (std::size_t i = 0; i < arm.limits.size(); ++i) {
    const control::JointLimits& limit = arm.limits[i];
    if (!(limit.velocity_rad_s > 0.0 && limit.acceleration_rad_s2 > 0.0 && limit.jerk_rad_s3 > 0.0 &&
          limit.position_min_rad < limit.position_max_rad)) {
      throw ConfigError(fmt::format("the arm '{}': joint {} has limits that allow no motion", arm.name, i + 1));
    }
  }
  if (start.q_rad.size() != arm.limits.size() || !start.q_rad.all_finite()) {
    throw ConfigError(fmt::format("it is not known where the arm '{}' stands: {} positions for {} joints", arm.name,
                                  start.q_rad.size(), arm.limits.size()));
  }
}

std::vector<control::JointLimits> fraction_of(std::vector<control::JointLimits> limits, double fraction) {
  for (control::JointLimits& limit : limits) {
    limit.velocity_rad_s *= fraction;
    limit.acceleration_rad_s2 *= fraction;
    limit.jerk_rad_s3 *= fraction;
  }
  return limits;
}

core::JointVector row(const std::vector<double>& numbers, std::size_t knot, std::size_t joints) {
  return core::JointVector(std::span(numbers).subspan(knot * joints, joints));
}

}  // namespace

class TimelineBuilder {
 public:
  TimelineBuilder(const ArmDescription& arm, const Standing& start, std::span<const Trajectory> trajectories,
                  const SequenceOptions& options)
      : arm_(arm), start_(start), options_(options), limits_(fraction_of(arm.limits, options.limit_fraction)) {
    require_options(options);
    require_arm(arm, start);
    if (trajectories.empty()) {
      throw ConfigError("there is no trajectory to play");
    }
    for (std::size_t k = 0; k < trajectories.size(); ++k) {
      recorded_.emplace_back(trajectories[k], arm, options.smooth_s, k == 0 ? options.from_s : std::nullopt,
                             k + 1 == trajectories.size() ? options.to_s : std::nullopt);
    }
    bridge_info_.joint_names = arm.joint_names.empty() ? recorded_.front().info().joint_names : arm.joint_names;
  }

  Timeline run() {
    bake_recorded();
    put_entry();
    for (std::size_t k = 0; k < recorded_.size(); ++k) {
      put_recorded(k);
      if (k + 1 < recorded_.size()) {
        put_bridge(Part::kBridge, k, k + 1);
      }
    }
    if (options_.loop) {
      put_bridge(Part::kSeam, recorded_.size() - 1, 0);
    } else {
      put_exit();
    }
    finish();
    return std::move(timeline_);
  }

 private:
  void require_length() const;
  void bake_recorded();
  [[nodiscard]] double needed_stretch(bool last_try);
  void put_entry();
  void put_recorded(std::size_t k);
  void put_bridge(Part part, std::size_t from, std::size_t to);
  void put_exit();
  void put_way(const Piece& piece, const Trajectory& way, std::size_t hidden, const std::string& what);
  void put(Piece piece, Timeline::Baked baked, std::size_t frames);
  void keep_headroom(const CheckReport& report) {
    headroom_ = std::min(headroom_, report.speed_headroom);
    backward_headroom_ = std::min(backward_headroom_, report.backward_headroom);
  }
  void finish();

  [[nodiscard]] BridgeEnd first_of(std::size_t k) const { return end_of(k, 0); }
  [[nodiscard]] BridgeEnd last_of(std::size_t k) const { return end_of(k, curves_[k].t_ns.size() - 1); }
  [[nodiscard]] BridgeEnd end_of(std::size_t k, std::size_t knot) const;
  [[nodiscard]] BridgeOptions bridge_options(std::size_t to) const;

  const ArmDescription& arm_;
  const Standing& start_;
  const SequenceOptions& options_;
  std::vector<control::JointLimits> limits_;
  std::vector<RecordedPart> recorded_;
  std::vector<Curve> curves_;  // of the recordings; each is moved into the timeline when it is put there
  std::vector<std::pair<BridgeEnd, BridgeEnd>> ends_;  // of them
  TrajectoryInfo bridge_info_{.name = "bridge"};
  Timeline timeline_;
  double stretch_{1.0};
  double headroom_{std::numeric_limits<double>::infinity()};
  double backward_headroom_{std::numeric_limits<double>::infinity()};
};

/// Before anything is computed of a motion that nobody means.
void TimelineBuilder::require_length() const {
  double length_s = 0.0;
  for (const RecordedPart& part : recorded_) {
    length_s += core::to_seconds(part.duration_ns()) * stretch_;
  }
  if (!(length_s <= core::to_seconds(kLongest_ns))) {  // endless times nothing is no number
    throw ConfigError(
        fmt::format("{} trajectories, stretched {:.3f} times, last {:.0f} s, at most {:.0f} s can be played",
                    recorded_.size(), stretch_, length_s, core::to_seconds(kLongest_ns)));
  }
}

/// All recordings at one stretch that keeps the limits.
void TimelineBuilder::bake_recorded() {
  stretch_ = options_.stretch;
  for (int tries = 1;; ++tries) {
    require_length();
    curves_.clear();
    for (const RecordedPart& part : recorded_) {
      curves_.push_back(part.bake(stretch_, limits_));
    }
    const double more = needed_stretch(!options_.stretch_to_fit || tries == kFittingTries);
    if (more <= 1.0) {
      break;
    }
    stretch_ *= more;
  }
  for (std::size_t k = 0; k < recorded_.size(); ++k) {
    ends_.emplace_back(first_of(k), last_of(k));
  }
}

/// How much longer the recordings must take; 1 when they keep the limits. @throws ConfigError when no stretch helps, or
/// on the last try.
double TimelineBuilder::needed_stretch(bool last_try) {
  double needed = 1.0;
  headroom_ = std::numeric_limits<double>::infinity();
  backward_headroom_ = headroom_;
  for (std::size_t k = 0; k < recorded_.size(); ++k) {
    const CheckReport report = check(curves_[k].view(), limits_, {.jerk = options_.recorded_jerk});
    keep_headroom(report);
    if (report.passed()) {
      continue;
    }
    if (last_try || report.speed_headroom <= 0.0) {
      throw ConfigError(recorded_[k].objection(report, arm_, stretch_));
    }
    needed = std::max(needed, kFitted / report.speed_headroom);
  }
  return needed;
}

BridgeEnd TimelineBuilder::end_of(std::size_t k, std::size_t knot) const {
  const Curve& curve = curves_[k];
  return {.q_rad = row(curve.q_rad, knot, curve.joints),
          .dq_rad_s = row(curve.dq_rad_s, knot, curve.joints),
          .gripper = recorded_[k].gripper(knot)};
}

BridgeOptions TimelineBuilder::bridge_options(std::size_t to) const {
  const double period_s = options_.rate_hz > 0.0 ? 1.0 / options_.rate_hz : recorded_[to].mean_period_s();
  return {.fraction = options_.bridge_fraction, .period_ns = core::from_seconds(period_s)};
}

void TimelineBuilder::put_entry() {
  const BridgeEnd& to = ends_.front().first;
  const bool moves = std::ranges::any_of(to.dq_rad_s, [](double v) { return v != 0.0; });
  if (start_.q_rad == to.q_rad && !moves) {
    return;
  }
  const BridgeEnd from{.q_rad = start_.q_rad, .gripper = start_.gripper ? start_.gripper : to.gripper};
  put_way({.part = Part::kEntry}, bridge(bridge_info_, from, to, limits_, bridge_options(0)), 0,
          fmt::format("the way from where the arm stands to the first frame of '{}'", recorded_.front().info().name));
}

void TimelineBuilder::put_recorded(std::size_t k) {
  const std::size_t frames = curves_[k].t_ns.size();
  put({.part = Part::kRecorded,
       .trajectory = k,
       .recorded_begin_ns = recorded_[k].begin_ns(),
       .recorded_first = recorded_[k].first()},
      {.curve = std::move(curves_[k]), .grippers = recorded_[k].grippers()}, frames);
}

void TimelineBuilder::put_bridge(Part part, std::size_t from, std::size_t to) {
  put_way({.part = part, .trajectory = to},
          bridge(bridge_info_, ends_[from].second, ends_[to].first, limits_, bridge_options(to)), 1,
          fmt::format("the {} from the end of '{}' to the beginning of '{}'", name_of(part),
                      recorded_[from].info().name, recorded_[to].info().name));
}

void TimelineBuilder::put_exit() {
  const std::size_t last = recorded_.size() - 1;
  const Trajectory way = run_out(bridge_info_, ends_[last].second, limits_, bridge_options(last));
  if (way.size() > 1) {
    put_way({.part = Part::kExit, .trajectory = last}, way, 1,
            fmt::format("the way from the last frame of '{}', which moves, to rest", recorded_[last].info().name));
  }
}

void TimelineBuilder::put_way(const Piece& piece, const Trajectory& way, std::size_t hidden, const std::string& what) {
  Timeline::Baked baked{.curve = {.joints = way.joints()}, .grippers = {}, .hidden = hidden};
  for (std::size_t i = 0; i < way.size(); ++i) {
    const Frame frame = way.frame(i);
    baked.curve.t_ns.push_back(frame.t_ns);
    baked.curve.q_rad.insert(baked.curve.q_rad.end(), frame.q_rad.begin(), frame.q_rad.end());
    baked.curve.dq_rad_s.insert(baked.curve.dq_rad_s.end(), frame.dq_rad_s.begin(), frame.dq_rad_s.end());
    if (frame.gripper) {
      baked.grippers.push_back(*frame.gripper);
    }
  }
  const bool entry = piece.part == Part::kEntry;
  const CheckReport report =
      check(baked.curve.view(), limits_, {.jerk = true, .also_from_rad = entry ? start_.q_rad : core::JointVector{}});
  if (!report.passed()) {
    const bool leaves_range = report.violations.front().what == Quantity::kPosition;
    throw ConfigError(what + ": " + report.text(bridge_info_.joint_names) + (leaves_range ? kTooNear : ""));
  }
  keep_headroom(report);
  const std::size_t shared = piece.part == Part::kExit ? 1 : entry ? 1 : 2;  // knots that are another piece's frames
  put(piece, std::move(baked), way.size() - shared);
}

void TimelineBuilder::put(Piece piece, Timeline::Baked baked, std::size_t frames) {
  piece.begin_ns = timeline_.pieces_.empty() ? 0 : timeline_.pieces_.back().end_ns;
  piece.end_ns = piece.begin_ns + baked.curve.t_ns.back();
  piece.first_frame = timeline_.frames_;
  piece.frames = frames;
  timeline_.frames_ += frames;
  timeline_.pieces_.push_back(piece);
  timeline_.parts_.push_back(std::move(baked));
}

void TimelineBuilder::finish() {
  const Piece& first = timeline_.pieces_.front();
  if (first.part == Part::kEntry) {
    timeline_.entry_frames_ = first.frames;
    timeline_.entry_ns_ = first.end_ns;
  }
  timeline_.loops_ = options_.loop;
  timeline_.stretch_ = stretch_;
  timeline_.max_speed_ = std::clamp(headroom_, 1.0, kFastest);
  timeline_.max_backward_speed_ = std::min(backward_headroom_, kFastest);
}

Expected<Timeline, std::string> Timeline::build(const ArmDescription& arm, const Standing& start,
                                                std::span<const Trajectory> trajectories,
                                                const SequenceOptions& options) {
  try {
    return TimelineBuilder(arm, start, trajectories, options).run();
  } catch (const ConfigError& error) {
    return Unexpected(std::string(error.what()));
  }
}

}  // namespace takt::trajectory
