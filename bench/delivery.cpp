// How old is a command when the follower takes it, depending on how it is delivered? The same study as `takt bench
// delivery`, in real time, 100 Hz, each delivery without and with jitter of the producer.

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "delivery_study.hpp"
#include "result.hpp"

namespace takt::bench {
namespace {

constexpr double kDurationS = 12.0;  // a fifo deepens stall by stall: after 3 s it stands at half of what it comes to

double inline_p50_ms(const std::vector<app::DeliveryRun>& runs, bool jitter) {
  const auto found = std::ranges::find_if(runs, [jitter](const app::DeliveryRun& run) {
    return run.jitter == jitter && run.delivery == teleop::Delivery::kInline;
  });
  return found->age_at(0.5);
}

/// takt's way is inline: it is the value, and every other delivery stands beside it as a baseline.
Figure figure_of(const app::DeliveryRun& run, double inline_ms) {
  const double p50_ms = run.age_at(0.5);
  if (run.delivery == teleop::Delivery::kInline) {
    return {.name = "age of a command, p50: " + app::name_of(run), .value = p50_ms, .unit = "ms", .goal = "< 1"};
  }
  return {.name = "age of a command, p50: inline, beside " + app::name_of(run),
          .value = inline_ms,
          .unit = "ms",
          .baseline = p50_ms,
          .ratio = p50_ms / inline_ms,
          .goal = run.delivery == teleop::Delivery::kFifo && run.jitter ? std::optional<std::string>("baseline ~40")
                                                                        : std::nullopt};
}

Result run() {
  const auto runs = app::run_delivery_study({.duration_s = kDurationS});
  Result result{.bench = "delivery", .figures = {}, .notes = {}};
  for (const app::DeliveryRun& run : runs) {
    result.figures.push_back(figure_of(run, inline_p50_ms(runs, run.jitter)));
    result.notes.push_back(fmt::format("{}: p50 {:.3f} ms, p99 {:.3f} ms, max {:.3f} ms; {} published, {} dropped",
                                       app::name_of(run), run.age_at(0.5), run.age_at(0.99), run.age_at(1.0),
                                       run.published, run.dropped));
  }
  result.notes.push_back(
      fmt::format("{} s per run at 100 Hz, one after the other; age when the follower's write begins, one "
                  "clock read included; jitter: 1 ms in the mean, one command in a hundred 10 to 45 ms late, "
                  "seeded; a fifo keeps what a stall put into it; the producer ticks half a period after the "
                  "executer",
                  kDurationS));
  return result;
}

}  // namespace
}  // namespace takt::bench

int main(int argc, char** argv) {
  try {
    return takt::bench::report(takt::bench::run(), argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
