#include "takt/control/cycle_options.hpp"

#include <array>
#include <cmath>
#include <string>

#include "takt/core/error.hpp"

namespace takt::control {
namespace {

constexpr double kLongestSwitch_s = 10.0;

}  // namespace

void require_valid(const CycleOptions& options) {
  const auto require = [](bool good, const char* field, double value, const char* range) {
    if (!good) {
      throw LogicError("CycleOptions: " + std::string(field) + " is " + std::to_string(value) + "; it must be " +
                       range);
    }
  };
  require(options.budget_fraction > 0.0 && options.budget_fraction <= 1.0, "budget_fraction", options.budget_fraction,
          "above 0 and at most 1");
  require_valid(options.freshness);
  const auto positive = [&require](const char* field, double value) {
    require(std::isfinite(value) && value > 0.0, field, value, "finite and above 0");
  };
  positive("tracking_error_rad", options.tracking_error_rad);
  positive("tracking_error_s", options.tracking_error_s);
  positive("safe_stop_deadline_s", options.safe_stop_deadline_s);
  positive("stop_deadline_s", options.stop_deadline_s);
  positive("brake_time_s", options.brake_time_s);
  positive("rest_velocity_rad_s", options.rest_velocity_rad_s);
  positive("pose_budget.velocity_m_s", options.pose_budget.velocity_m_s);
  positive("pose_budget.acceleration_m_s2", options.pose_budget.acceleration_m_s2);
  positive("pose_budget.jerk_m_s3", options.pose_budget.jerk_m_s3);
  positive("pose_budget.velocity_rad_s", options.pose_budget.velocity_rad_s);
  positive("pose_budget.acceleration_rad_s2", options.pose_budget.acceleration_rad_s2);
  positive("pose_budget.jerk_rad_s3", options.pose_budget.jerk_rad_s3);
  require(options.switch_time_s > 0.0 && options.switch_time_s <= kLongestSwitch_s, "switch_time_s",
          options.switch_time_s, "above 0 and at most 10");
  require(
      options.leash_rad > 0.0 && (!std::isfinite(options.leash_rad) || options.leash_rad < options.tracking_error_rad),
      "leash_rad", options.leash_rad, "above 0 and below tracking_error_rad, or infinite");
  const double margin_m = options.self_collision_margin_m.value_or(0.0);
  require(std::isfinite(margin_m) && margin_m >= 0.0, "self_collision_margin_m", margin_m, "finite and at least 0");
  for (std::size_t i = 0; options.workspace && i < 3; ++i) {
    constexpr std::array<const char*, 3> kFields{"workspace.highest_m.x", "workspace.highest_m.y",
                                                 "workspace.highest_m.z"};
    require(options.workspace->lowest_m[i] < options.workspace->highest_m[i], kFields[i],
            options.workspace->highest_m[i],
            ("above lowest_m, " + std::to_string(options.workspace->lowest_m[i])).c_str());
  }
  require(options.position_tolerance_rad >= 0.0, "position_tolerance_rad", options.position_tolerance_rad,
          "at least 0");
  require(options.velocity_tolerance >= 0.0, "velocity_tolerance", options.velocity_tolerance, "at least 0");
  require(options.max_timeouts >= 1, "max_timeouts", options.max_timeouts, "at least 1");
  require(options.evidence_cycles >= 1, "evidence_cycles", static_cast<double>(options.evidence_cycles), "at least 1");
}

}  // namespace takt::control
