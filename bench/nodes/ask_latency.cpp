// How long from a write in another process until the coroutine that waits for it is resumed?

#include <fmt/core.h>

#include "comparison.hpp"
#include "questions.hpp"

namespace takt::bench {

void ask_latency(Result& result, const Plan& plan, OneWay& ways) {
  const auto takt_side = [&] { return ways.latency(0, plan.messages); };
  const auto bare_side = [&] { return ways.latency(1, plan.messages); };
  const auto both = alternate(plan.latency_slices, takt_side, bare_side);
  add_compared(result, "dds, two processes, 64 B at 1 kHz, publish until a coroutine is resumed",
               "dds_write until what a listener posted to Asio has taken it", both[0], both[1],
               {.p50 = "<= 1.1 × baseline", .p99 = "<= 1.1 × baseline"});
  result.notes.push_back(
      fmt::format("dds: {} slices of {} messages of each side in turn; reliable, the last 10 are kept; all threads "
                  "of both processes are SCHED_FIFO where it is permitted",
                  plan.latency_slices, plan.messages));
}

}  // namespace takt::bench
