#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "takt/control/freshness.hpp"
#include "takt/control/motion/pose_limits.hpp"
#include "takt/core/time.hpp"

namespace takt::control {

/// A box for the tool centre point, along the axes of the base.
struct Workspace {
  std::array<double, 3> lowest_m{};
  std::array<double, 3> highest_m{};
};

/// How a cycle behaves. Times count in the arm's own stamps.
struct CycleOptions {
  // Behaviour
  double budget_fraction{0.5};  ///< of the velocity, acceleration and jerk limits; halts use the full limits
  PoseLimits pose_budget{};     ///< of the tool on its way to a pose
  FreshnessPolicy freshness{};  ///< for targets that do not say themselves how long they are good
  double switch_time_s{0.1};    ///< a new law, tool or payload takes over the torque within this
  double leash_rad{std::numeric_limits<double>::infinity()};  ///< the setpoint waits for an arm held back further
  std::optional<Workspace> workspace{};                       ///< the tool stays inside, braking included
  std::optional<double> self_collision_margin_m{};            ///< links keep this distance, braking included
  double tracking_error_rad{0.2};                             ///< a joint further from its setpoint …
  double tracking_error_s{0.1};                               ///< … for longer than this is a fault
  double position_tolerance_rad{0.02};                        ///< measured positions may leave the range by this
  double velocity_tolerance{0.1};       ///< measured velocities may exceed the limit by this share of the highest
  int max_timeouts{3};                  ///< waits without a state in a row before it is a fault
  double safe_stop_deadline_s{1.0};     ///< brakes then, at rest or not
  double stop_deadline_s{3.0};          ///< the same for stop()
  double brake_time_s{0.5};             ///< brakes open and close within this
  double rest_velocity_rad_s{0.02};     ///< slower than this a measured joint counts as resting
  std::size_t evidence_cycles{10'000};  ///< kept for after a fault; 0.6 KiB each with seven joints

  // Performance
  std::optional<int> fifo_priority{80};  ///< SCHED_FIFO where permitted; none: normal scheduling
  std::optional<int> cpu{};              ///< pin the thread
  bool lock_memory{true};                ///< of the whole process
  bool sentinel{false};                  ///< a thread above the cycle's that sees the host take the CPU away
  bool low_wake_latency{true};           ///< hold /dev/cpu_dma_latency while running; costs power
  core::Clock* clock{nullptr};           ///< for statistics, and the beat with a lost arm; none: steady. Outlives all
};

/// @throws LogicError naming the field.
void require_valid(const CycleOptions& options);

}  // namespace takt::control
