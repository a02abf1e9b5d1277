#include "takt/trajectory/internal/grid_profile.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include <fmt/format.h>

#include "takt/core/error.hpp"

namespace takt::trajectory::internal {
namespace {

constexpr double kLongest_s = 3600.0;

struct JerkPiece {
  std::size_t periods;
  double jerk;
};

/// Whole periods that last at least `time_s`; what rounding added to a whole number is not one more.
std::size_t periods_for(double time_s, double period_s) {
  if (!(time_s <= kLongest_s)) {
    throw ConfigError(
        fmt::format("a bridge of {:.3g} s is too long; the joints' limits allow next to no motion", time_s));
  }
  return static_cast<std::size_t>(std::max(0.0, std::ceil(time_s / period_s - 1e-9)));
}

ScalarMotion sampled(ScalarState state, std::initializer_list<JerkPiece> pieces, double period_s) {
  ScalarMotion motion{state};
  double a = 0.0;
  for (const JerkPiece& piece : pieces) {
    for (std::size_t k = 1; k <= piece.periods; ++k) {
      const double t = static_cast<double>(k) * period_s;
      motion.push_back({.x = state.x + t * (state.v + t * (a / 2.0 + t * piece.jerk / 6.0)),
                        .v = state.v + t * (a + t * piece.jerk / 2.0)});
    }
    state = motion.back();
    a += piece.jerk * static_cast<double>(piece.periods) * period_s;
  }
  return motion;
}

/// Whole periods of jerk, at least one.
std::size_t jerk_periods(double time_s, double period_s) {
  return std::max<std::size_t>(1, periods_for(time_s, period_s));
}

}  // namespace

ScalarMotion unit_way(const ScalarLimits& limits, double period_s) {
  const auto [v, a, j] = limits;
  const double t_j = std::min({std::cbrt(0.5 / j), std::sqrt(v / j), a / j});
  // With this T_j: as much T_a as the velocity, and as the way with no cruise, leave.
  const double by_way = -1.5 * t_j + std::sqrt(0.25 * t_j * t_j + 1.0 / (j * t_j));
  const double t_a = std::max(0.0, std::min(v / (j * t_j) - t_j, by_way));
  const double t_v = std::max(0.0, 1.0 / (j * t_j * (t_j + t_a)) - 2.0 * t_j - t_a);
  const std::size_t n_j = jerk_periods(t_j, period_s);
  const std::size_t n_a = periods_for(t_a, period_s);
  const std::size_t n_v = periods_for(t_v, period_s);
  const double T_j = static_cast<double>(n_j) * period_s;
  const double T_a = static_cast<double>(n_a) * period_s;
  const double T_v = static_cast<double>(n_v) * period_s;
  const double J = 1.0 / (T_j * (T_j + T_a) * (2.0 * T_j + T_a + T_v));
  ScalarMotion motion =
      sampled({}, {{n_j, J}, {n_a, 0.0}, {n_j, -J}, {n_v, 0.0}, {n_j, -J}, {n_a, 0.0}, {n_j, J}}, period_s);
  motion.back() = {.x = 1.0, .v = 0.0};  // but for rounding it is
  return motion;
}

ScalarMotion unit_stop(const ScalarLimits& limits, double period_s) {
  const double t_j = std::min(limits.acceleration / limits.jerk, std::sqrt(1.0 / limits.jerk));
  const double t_a = std::max(0.0, 1.0 / (limits.jerk * t_j) - t_j);
  const std::size_t n_j = jerk_periods(t_j, period_s);
  const std::size_t n_a = periods_for(t_a, period_s);
  const double T_j = static_cast<double>(n_j) * period_s;
  const double T_a = static_cast<double>(n_a) * period_s;
  const double J = 1.0 / (T_j * (T_j + T_a));
  ScalarMotion motion = sampled({.x = 0.0, .v = 1.0}, {{n_j, -J}, {n_a, 0.0}, {n_j, J}}, period_s);
  motion.back() = {.x = 0.5 * (2.0 * T_j + T_a), .v = 0.0};
  return motion;
}

}  // namespace takt::trajectory::internal
