#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "takt/control/freshness.hpp"
#include "takt/core/time.hpp"

namespace takt::control {

/// How a cycle behaves. Times count in the arm's own stamps.
struct CycleOptions {
  // Behaviour
  double budget_fraction{0.5};          ///< of the velocity, acceleration and jerk limits; halts use the full limits
  FreshnessPolicy freshness{};          ///< for targets that do not say themselves how long they are good
  double tracking_error_rad{0.2};       ///< a joint further from its setpoint …
  double tracking_error_s{0.1};         ///< … for longer than this is a fault
  double position_tolerance_rad{0.02};  ///< measured positions may leave the range by this
  double velocity_tolerance{0.1};       ///< measured velocities may exceed the limit by this fraction
  int max_timeouts{3};                  ///< waits without a state in a row before it is a fault
  std::uint64_t max_lost_states{20};    ///< missing between two states before it is a fault
  double safe_stop_deadline_s{1.0};     ///< brakes then, at rest or not
  double stop_deadline_s{3.0};          ///< the same for stop()
  double brake_time_s{0.5};             ///< brakes open and close within this
  double rest_velocity_rad_s{0.02};     ///< slower than this a measured joint counts as resting
  std::size_t evidence_cycles{1000};    ///< kept for after a fault; about 1.2 KiB each

  // Performance
  std::optional<int> fifo_priority{80};  ///< SCHED_FIFO where permitted; none: normal scheduling
  std::optional<int> cpu{};              ///< pin the thread
  bool lock_memory{true};                ///< of the whole process
  bool low_wake_latency{true};           ///< hold /dev/cpu_dma_latency while running; costs power
  core::Clock* clock{nullptr};           ///< for statistics, and the beat with a lost arm; none: steady. Outlives all
};

/// @throws LogicError naming the field.
void require_valid(const CycleOptions& options);

}  // namespace takt::control
