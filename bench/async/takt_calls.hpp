#pragma once

#include "measure.hpp"

/// Calls that do nothing, made by a task on another thread, one after the other: the loop is SCHED_FIFO on the asking
/// CPU, the other thread SCHED_FIFO on the working CPU, as ConditionPingPong has them.
namespace takt::bench {

/// `co_await offload(fn)`. The thread of the pool is as offload() makes it before and after.
[[nodiscard]] Latency offload_round_trips(int count);

/// `co_await thread.run(fn)` of an InferenceThread.
[[nodiscard]] Latency inference_round_trips(int count);

}  // namespace takt::bench
