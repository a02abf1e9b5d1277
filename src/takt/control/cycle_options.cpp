#include "takt/control/cycle_options.hpp"

#include <cmath>
#include <string>

#include "takt/core/error.hpp"

namespace takt::control {

void require_valid(const CycleOptions& options) {
  const auto require = [](bool good, const char* field, double value) {
    if (!good) {
      throw LogicError("CycleOptions: " + std::string(field) + " is " + std::to_string(value));
    }
  };
  require(options.budget_fraction > 0.0 && options.budget_fraction <= 1.0, "budget_fraction", options.budget_fraction);
  require_valid(options.freshness);
  const auto positive = [&require](const char* field, double value) {
    require(std::isfinite(value) && value > 0.0, field, value);
  };
  positive("tracking_error_rad", options.tracking_error_rad);
  positive("tracking_error_s", options.tracking_error_s);
  positive("safe_stop_deadline_s", options.safe_stop_deadline_s);
  positive("stop_deadline_s", options.stop_deadline_s);
  positive("brake_time_s", options.brake_time_s);
  positive("rest_velocity_rad_s", options.rest_velocity_rad_s);
  positive("switch_time_s", options.switch_time_s);
  require(options.leash_rad > 0.0, "leash_rad", options.leash_rad);
  require(options.self_collision_margin_m.value_or(0.0) >= 0.0, "self_collision_margin_m",
          options.self_collision_margin_m.value_or(0.0));
  if (options.workspace) {
    for (std::size_t i = 0; i < 3; ++i) {
      require(options.workspace->lowest_m[i] < options.workspace->highest_m[i], "workspace",
              options.workspace->highest_m[i]);
    }
  }
  require(options.position_tolerance_rad >= 0.0, "position_tolerance_rad", options.position_tolerance_rad);
  require(options.velocity_tolerance >= 0.0, "velocity_tolerance", options.velocity_tolerance);
  require(options.max_timeouts >= 1, "max_timeouts", options.max_timeouts);
  require(options.evidence_cycles >= 1, "evidence_cycles", static_cast<double>(options.evidence_cycles));
}

}  // namespace takt::control
