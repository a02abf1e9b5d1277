#include "takt/control/even_time.hpp"

#include <algorithm>
#include <cmath>

namespace takt::control {
namespace {

// A loop of second order, critically damped, with a time constant of 128 states: what the stamps are apart is
// averaged, and a share of that is corrected.
constexpr double kAveraged = 1.0 / 64.0;
constexpr double kCorrected = 1.0 / 256.0;
// Of a period. Not more: a generator that is led over a way at v in even steps sees it moved by v · dt times this, and
// follows it as it is only within 0.1 · J · dt³ (is_derivative in axis_tracking.cpp). For 5000 rad/s³, 1 ms and 2 rad/s
// that is 250 ppm, and a way with jerk takes up to five sixths of it itself.
constexpr double kMostCorrected = 1e-4;
constexpr core::Nanoseconds kMostPeriodsBehind = 2;

}  // namespace

// Neither stamps nor counts are to be trusted: what does not fit into the numbers is too far apart.
void EvenTime::take(core::Nanoseconds stamp_ns, std::uint64_t periods) noexcept {
  core::Nanoseconds passed_ns = 0;
  core::Nanoseconds counted_ns = 0;
  core::Nanoseconds apart_ns = 0;
  const bool fits = !__builtin_mul_overflow(periods, period_ns_, &passed_ns) &&
                    !__builtin_add_overflow(now_ns_, passed_ns, &counted_ns) &&
                    !__builtin_sub_overflow(stamp_ns, counted_ns, &apart_ns);
  const bool stood_still = fits && apart_ns > kMostPeriodsBehind * period_ns_;
  const bool ahead = fits && apart_ns < -period_ns_ / 2;  // counted on from a stamp that was late
  if (!begun_ || !fits || stood_still || ahead) {
    now_ns_ = begun_ && fits ? std::max(now_ns_, stamp_ns) : stamp_ns;
    begun_ = true;
    apart_ns_ = 0.0;
    return;
  }
  apart_ns_ += kAveraged * (static_cast<double>(apart_ns) - apart_ns_);
  const double most_ns = kMostCorrected * static_cast<double>(period_ns_);
  now_ns_ = counted_ns + std::llround(std::clamp(kCorrected * apart_ns_, -most_ns, most_ns));
}

}  // namespace takt::control
