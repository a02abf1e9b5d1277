#pragma once

#include "measure.hpp"

namespace takt::bench {

/// A task with an every(1ms) on takt's loop, on a SCHED_FIFO thread on the asking CPU. @return its lateness over
/// `periods` ticks.
[[nodiscard]] Latency loop_lateness(int periods);

/// The same while another task of the loop offloads the origin's load: cpu_load.hpp.
[[nodiscard]] Latency loaded_loop_lateness(int periods);

}  // namespace takt::bench
