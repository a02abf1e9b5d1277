#pragma once

#include <string>

/// What users may wish of a real-time thread's scheduling; the option or the file's line is the caller's to name.
namespace takt::app {

/// Why no thread of this process can be pinned to that CPU; empty when it can.
[[nodiscard]] std::string objection_to_cpu(int cpu);

/// Why that is no SCHED_FIFO priority; empty when it is.
[[nodiscard]] std::string objection_to_priority(int priority);

}  // namespace takt::app
