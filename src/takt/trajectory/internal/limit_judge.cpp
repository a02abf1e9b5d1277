#include "takt/trajectory/internal/limit_judge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace takt::trajectory::internal {
namespace {

using Worst = LimitJudge::Worst;

constexpr double kPositionSlack_rad = 1e-9;
constexpr double kBeyondAll = std::numeric_limits<double>::infinity();

void keep(Worst& worst, const Worst& seen) {
  if (!(seen.ratio > worst.ratio) && (worst.exceeded || !seen.exceeded)) {
    return;
  }
  const Worst before = worst;
  worst = seen;
  if (before.exceeded) {
    worst.exceeded = true;
    worst.first_ns = before.first_ns;
  }
}

/// Played f times as fast, velocities are f times as large, accelerations f², jerks f³.
void bound_speed(CheckReport& report, const Worst& worst, Quantity what, std::size_t joint) {
  double headroom = kBeyondAll;
  if (what == Quantity::kPosition) {
    headroom = worst.exceeded ? 0.0 : headroom;
  } else if (what == Quantity::kVelocity) {
    headroom = 1.0 / worst.ratio;
  } else {
    headroom = what == Quantity::kAcceleration ? 1.0 / std::sqrt(worst.ratio) : 1.0 / std::cbrt(worst.ratio);
  }
  if (headroom < report.speed_headroom) {
    report.speed_headroom = headroom;
    report.tightest = what;
    report.tightest_joint = joint;
  }
}

}  // namespace

void LimitJudge::see(std::size_t joint, Quantity what, double value, double limit, double slack,
                     core::Nanoseconds t_ns) {
  const double size = std::abs(value);
  const bool finite = std::isfinite(size);
  const double ratio = !finite ? kBeyondAll : (size > slack ? size / limit : 0.0);
  keep(worst_[at(joint, what)], {.ratio = ratio,
                                 .value = value,
                                 .limit = limit,
                                 .t_ns = t_ns,
                                 .first_ns = t_ns,
                                 .exceeded = !finite || size > limit * (1.0 + kRelativeSlack) + slack});
}

void LimitJudge::see_position(std::size_t joint, double q, double low, double high, core::Nanoseconds t_ns) {
  const double outside = std::isfinite(q) ? std::max(low - q, q - high) : kBeyondAll;
  if (outside > kPositionSlack_rad) {
    keep(worst_[at(joint, Quantity::kPosition)], {.ratio = outside,
                                                  .value = q,
                                                  .limit = q < low ? low : high,
                                                  .t_ns = t_ns,
                                                  .first_ns = t_ns,
                                                  .exceeded = true});
  }
}

void LimitJudge::see_backward(double ratio) {
  backward_ratio_ = std::max(backward_ratio_, ratio);
}

CheckReport LimitJudge::report(bool jerk) const {
  struct Found {
    double ratio;
    Violation violation;
  };
  CheckReport report;
  std::vector<Found> found;
  for (std::size_t k = 0; k < joints_ * kQuantities; ++k) {
    const Worst& worst = worst_[k];
    const auto what = static_cast<Quantity>(k % kQuantities);
    if (what == Quantity::kJerk && !jerk) {
      continue;
    }
    bound_speed(report, worst, what, k / kQuantities);
    if (worst.exceeded) {
      found.push_back({.ratio = what == Quantity::kPosition ? 1.0 + worst.ratio : worst.ratio,
                       .violation = {.joint = k / kQuantities,
                                     .what = what,
                                     .first_ns = worst.first_ns,
                                     .t_ns = worst.t_ns,
                                     .value = worst.value,
                                     .limit = worst.limit}});
    }
  }
  report.backward_headroom = std::min(report.speed_headroom, 1.0 / backward_ratio_);
  std::ranges::sort(found, [](const Found& a, const Found& b) {
    return a.ratio != b.ratio ? a.ratio > b.ratio : a.violation.joint < b.violation.joint;
  });
  for (const Found& one : found) {
    report.violations.push_back(one.violation);
  }
  return report;
}

}  // namespace takt::trajectory::internal
