#include "takt/trajectory/check.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/internal/in_range.hpp"
#include "takt/trajectory/internal/limit_judge.hpp"
#include "takt/trajectory/internal/segment.hpp"

// One pass over the knots. Each joint's cubic is looked at exactly; then, while the 1 kHz grid lies inside the segment,
// its samples are, by differences that go on from segment to segment.

namespace takt::trajectory {
namespace {

using internal::Instants;
using internal::kRelativeSlack;
using internal::Segment;

constexpr double kRounding = 2e-15;  // of a position that is the sum of a few terms, relative to 1 + |q|
constexpr core::Nanoseconds kSample_ns = 1'000'000;
constexpr double kSample_s = 1e-3;

class Checker {
 public:
  Checker(const CurveView& curve, Limits limits, const CheckOptions& options)
      : curve_(curve), limits_(limits), options_(options), judge_(curve.joints) {}

  CheckReport run() {
    if (curve_.t_ns.size() == 1) {
      for (std::size_t joint = 0; joint < curve_.joints; ++joint) {
        look_at_position(joint, curve_.q_rad[joint], curve_.t_ns.front());
      }
    }
    next_sample_ns_ = curve_.t_ns.empty() ? 0 : curve_.t_ns.front();
    for (std::size_t i = 0; i + 1 < curve_.t_ns.size(); ++i) {
      look_at_segment(i);
    }
    CheckReport report = judge_.report(options_.jerk);
    report.segments = curve_.t_ns.empty() ? 0 : curve_.t_ns.size() - 1;
    report.samples = samples_;
    return report;
  }

 private:
  void look_at_segment(std::size_t i) {
    const core::Nanoseconds begin_ns = curve_.t_ns[i];
    const double h_s = core::to_seconds(curve_.t_ns[i + 1] - begin_ns);
    const std::size_t row = i * curve_.joints;
    const std::size_t next = row + curve_.joints;
    for (std::size_t joint = 0; joint < curve_.joints; ++joint) {
      segments_[joint] = Segment::between(curve_.q_rad[row + joint], curve_.dq_rad_s[row + joint],
                                          curve_.q_rad[next + joint], curve_.dq_rad_s[next + joint], h_s);
      look_at_extremes(joint, segments_[joint], begin_ns);
    }
    for (; next_sample_ns_ <= curve_.t_ns[i + 1]; next_sample_ns_ += kSample_ns) {
      look_at_sample(core::to_seconds(next_sample_ns_ - begin_ns));
    }
  }

  void look_at_position(std::size_t joint, double q, core::Nanoseconds t_ns) {
    const double also = options_.also_from_rad.empty() ? q : options_.also_from_rad[joint];
    const bool widened = !options_.also_from_rad.empty();
    const control::JointLimits& limit = limits_[joint];
    judge_.see_position(joint, q, widened ? std::min(limit.position_min_rad, also) : limit.position_min_rad,
                        widened ? std::max(limit.position_max_rad, also) : limit.position_max_rad, t_ns);
  }

  void look_at_extremes(std::size_t joint, const Segment& segment, core::Nanoseconds begin_ns) {
    const auto instant = [begin_ns](double t) { return begin_ns + static_cast<core::Nanoseconds>(t * 1e9); };
    const control::JointLimits& limit = limits_[joint];
    const double rounding = kRounding * (1.0 + std::abs(segment.q0));
    const Instants of_position = segment.position_extremes();
    for (std::size_t k = 0; k < of_position.count; ++k) {
      look_at_position(joint, segment.q(of_position.t_s[k]), instant(of_position.t_s[k]));
    }
    const Instants of_velocity = segment.velocity_extremes();
    for (std::size_t k = 0; k < of_velocity.count; ++k) {
      judge_.see(joint, Quantity::kVelocity, segment.v(of_velocity.t_s[k]), limit.velocity_rad_s,
                 kRelativeSlack * limit.velocity_rad_s, instant(of_velocity.t_s[k]));
    }
    if (limit.envelope_deceleration_rad_s2 > 0.0) {
      look_at_envelopes(joint, segment, begin_ns);
    }
    const double inverse_h = 1.0 / segment.h;
    for (const double t : {0.0, segment.h}) {
      judge_.see(joint, Quantity::kAcceleration, segment.a(t), limit.acceleration_rad_s2,
                 16.0 * rounding * inverse_h * inverse_h, instant(t));
    }
    judge_.see(joint, Quantity::kJerk, segment.jerk(), limit.jerk_rad_s3,
               32.0 * rounding * inverse_h * inverse_h * inverse_h, begin_ns);
  }

  void look_at_envelopes(std::size_t joint, const Segment& segment, core::Nanoseconds begin_ns);
  /// Which way a segment was turned to be looked at.
  struct Sense {
    double sign{1.0};      ///< −1: mirrored, and so is the range
    bool backward{false};  ///< in time
  };
  void look_at_envelope(std::size_t joint, const Segment& segment, const Sense& sense, core::Nanoseconds begin_ns);
  void look_at_sample(double t_s);
  void judge_sample(std::size_t joint, double q, double v, double a, double j);

  const CurveView& curve_;
  Limits limits_;
  const CheckOptions& options_;
  internal::LimitJudge judge_;
  std::array<Segment, core::kMaxJoints> segments_{};
  /// The last sample of a joint, and the extremes of all.
  struct Samples {
    double q{0.0}, v{0.0}, a{0.0};
    double lowest{std::numeric_limits<double>::infinity()};
    double highest{-std::numeric_limits<double>::infinity()};
    double most_v{0.0}, most_a{0.0}, most_j{0.0};
  };
  std::array<Samples, core::kMaxJoints> seen_{};
  core::Nanoseconds next_sample_ns_{0};
  std::uint64_t samples_{0};
};

void Checker::look_at_envelopes(std::size_t joint, const Segment& segment, core::Nanoseconds begin_ns) {
  for (const bool backward : {false, true}) {
    const Segment gone = backward ? segment.reversed() : segment;
    look_at_envelope(joint, gone, {.sign = 1.0, .backward = backward}, begin_ns);
    look_at_envelope(joint, gone.mirrored(), {.sign = -1.0, .backward = backward}, begin_ns);
  }
}

/// Towards the upper end of the range.
void Checker::look_at_envelope(std::size_t joint, const Segment& segment, const Sense& sense,
                               core::Nanoseconds begin_ns) {
  const control::JointLimits& limit = limits_[joint];
  const auto allowed = [&limit, &sense](double q) {
    return sense.sign > 0.0 ? limit.velocity_upper_rad_s(q) : -limit.velocity_lower_rad_s(-q);
  };
  // No velocity of the segment at its farthest position: mostly that is enough.
  const Instants of_position = segment.position_extremes();
  const Instants of_velocity = segment.velocity_extremes();
  double q_most = segment.q0;
  double v_most = segment.v0;
  for (std::size_t k = 0; k < of_position.count; ++k) {
    q_most = std::max(q_most, segment.q(of_position.t_s[k]));
  }
  for (std::size_t k = 0; k < of_velocity.count; ++k) {
    v_most = std::max(v_most, segment.v(of_velocity.t_s[k]));
  }
  const double slack = kRelativeSlack * limit.velocity_rad_s;
  const double known = sense.backward ? judge_.backward_ratio() : judge_.worst(joint, Quantity::kVelocity).ratio;
  if (v_most <= slack || v_most <= allowed(q_most) * known) {
    return;
  }
  Instants instants =
      segment.envelope_extremes(limit.envelope_velocity_offset_rad_s, limit.envelope_deceleration_rad_s2);
  for (std::size_t k = 2; k < of_velocity.count; ++k) {
    instants.add(of_velocity.t_s[k]);
  }
  for (std::size_t k = 0; k < instants.count; ++k) {
    const double t = instants.t_s[k];
    const double v = segment.v(t);
    const double most = allowed(segment.q(t));
    if (sense.backward && v > slack) {
      judge_.see_backward(v / most);
    } else if (!sense.backward && v > 0.0) {
      judge_.see(joint, Quantity::kVelocity, sense.sign * v, most, slack,
                 begin_ns + static_cast<core::Nanoseconds>(t * 1e9));
    }
  }
}

/// Most samples are no worse than those before, and a comparison says so.
void Checker::look_at_sample(double t_s) {
  constexpr double kPerSample = 1.0 / kSample_s;
  for (std::size_t joint = 0; joint < curve_.joints; ++joint) {
    Samples& seen = seen_[joint];
    const double q = segments_[joint].q(t_s);
    const double v = samples_ >= 1 ? (q - seen.q) * kPerSample : 0.0;
    const double a = samples_ >= 2 ? (v - seen.v) * kPerSample : 0.0;
    const double j = samples_ >= 3 ? (a - seen.a) * kPerSample : 0.0;
    seen.q = q;
    seen.v = v;
    seen.a = a;
    const bool no_worse = q >= seen.lowest && q <= seen.highest && std::abs(v) <= seen.most_v &&
                          std::abs(a) <= seen.most_a && std::abs(j) <= seen.most_j;
    if (!no_worse) {
      judge_sample(joint, q, v, a, j);
    }
  }
  ++samples_;
}

void Checker::judge_sample(std::size_t joint, double q, double v, double a, double j) {
  const control::JointLimits& limit = limits_[joint];
  const double rounding = kRounding * (1.0 + std::abs(q)) / kSample_s;
  look_at_position(joint, q, next_sample_ns_);
  judge_.see(joint, Quantity::kVelocity, v, limit.velocity_rad_s, 2.0 * rounding, next_sample_ns_);
  judge_.see(joint, Quantity::kAcceleration, a, limit.acceleration_rad_s2, 4.0 * rounding / kSample_s, next_sample_ns_);
  judge_.see(joint, Quantity::kJerk, j, limit.jerk_rad_s3, 8.0 * rounding / (kSample_s * kSample_s), next_sample_ns_);
  Samples& seen = seen_[joint];
  seen.lowest = std::min(seen.lowest, q);
  seen.highest = std::max(seen.highest, q);
  seen.most_v = std::max(seen.most_v, std::abs(v));
  seen.most_a = std::max(seen.most_a, std::abs(a));
  seen.most_j = std::max(seen.most_j, std::abs(j));
}

}  // namespace

const char* name_of(Quantity quantity) noexcept {
  static constexpr std::array<const char*, 4> kNames{"position", "velocity", "acceleration", "jerk"};
  return kNames[static_cast<std::size_t>(quantity)];
}

const char* unit_of(Quantity quantity) noexcept {
  static constexpr std::array<const char*, 4> kUnits{"rad", "rad/s", "rad/s²", "rad/s³"};
  return kUnits[static_cast<std::size_t>(quantity)];
}

std::string CheckReport::text(std::span<const std::string> joint_names) const {
  if (passed()) {
    return "";
  }
  const Violation& worst = violations.front();
  const std::string joint = worst.joint < joint_names.size() ? fmt::format("'{}'", joint_names[worst.joint])
                                                             : std::to_string(worst.joint + 1);
  std::string text =
      fmt::format("joint {}: {} {:.4g} {} at {:.3f} s, limit {:.4g} {}", joint, name_of(worst.what), worst.value,
                  unit_of(worst.what), core::to_seconds(worst.t_ns), worst.limit, unit_of(worst.what));
  if (violations.size() > 1) {
    text += fmt::format("; and {} more", violations.size() - 1);
  }
  return text;
}

CheckReport check(const CurveView& curve, Limits limits, const CheckOptions& options) {
  const std::size_t numbers = curve.joints * curve.t_ns.size();
  const bool sized = options.also_from_rad.empty() || options.also_from_rad.size() == curve.joints;
  if (limits.size() != curve.joints || curve.joints > core::kMaxJoints || curve.q_rad.size() != numbers ||
      curve.dq_rad_s.size() != numbers || !sized) {
    throw LogicError(fmt::format("check: {} limits, {} positions and {} velocities for {} joints at {} knots",
                                 limits.size(), curve.q_rad.size(), curve.dq_rad_s.size(), curve.joints,
                                 curve.t_ns.size()));
  }
  return Checker(curve, limits, options).run();
}

CheckReport check(const Trajectory& trajectory, Limits limits, const CheckOptions& options) {
  Curve curve = curve_of(trajectory);
  if (limits.size() == curve.joints) {
    internal::keep_in_range(curve, limits);
  }
  return check(curve.view(), limits, options);
}

}  // namespace takt::trajectory
