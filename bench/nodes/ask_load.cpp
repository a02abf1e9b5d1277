// How much of a core do three nodes take that all say something a hundred times a second and all hear all?

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "takt/core/error.hpp"

#include "comparison.hpp"
#include "load.hpp"
#include "load_children.hpp"
#include "questions.hpp"

namespace takt::bench {
namespace {

constexpr core::Nanoseconds kSettle_ns = 1'500'000'000;  // until all have found all
constexpr double kDeliveriesPerSecond = 1000.0 / kLoadPeriod_ms * kLoadNodes * kLoadNodes;

struct Load {
  double percent{0};
  double deliveries_per_s{0};
};

/// @param work  what was spent between two moments
template <class Work>
Load measure(int duration_ms, const Work& work) {
  const core::Nanoseconds start_ns = core::monotonic_now_ns() + kSettle_ns;
  const core::Nanoseconds end_ns = start_ns + (duration_ms * core::Nanoseconds{1'000'000});
  const Spent spent = work(start_ns, end_ns);
  const double took_s = core::to_seconds(end_ns - start_ns);
  const Load load{.percent = 100 * spent.cpu_s / took_s,
                  .deliveries_per_s = static_cast<double>(spent.delivered) / took_s};
  if (load.deliveries_per_s < kDeliveriesPerSecond / 2) {
    throw SystemError(
        fmt::format("bench: {:.0f} deliveries per second, not {:.0f}", load.deliveries_per_s, kDeliveriesPerSecond));
  }
  return load;
}

Load in_one_process(LoadSide side, const Domains& domains, int duration_ms) {
  std::atomic<std::uint64_t> delivered{0};
  const auto nodes = start_load(side, domains, {0, 1, 2}, delivered);
  return measure(duration_ms, [&](core::Nanoseconds start_ns, core::Nanoseconds end_ns) {
    return spent_between(start_ns, end_ns, delivered);
  });
}

Load in_three_processes(LoadSide side, LoadChildren& children, int duration_ms) {
  return measure(duration_ms, [&](core::Nanoseconds start_ns, core::Nanoseconds end_ns) {
    return children.work(side, start_ns, end_ns);
  });
}

/// @param slice  of one side
template <class Slice>
void ask(Result& result, const Plan& plan, const std::string& where, const std::string& how, const Slice& slice) {
  const auto both =
      alternate(plan.load_slices, [&] { return slice(LoadSide::kTakt); }, [&] { return slice(LoadSide::kByHand); });
  result.figures.push_back(compared("CPU of one core, 3 nodes, 100 Hz, all to all, " + where +
                                        "; baseline: Cyclone DDS and Asio by hand, placed alike",
                                    column(both[0], &Load::percent), column(both[1], &Load::percent), "%",
                                    "<= 1.15 × baseline"));
  result.notes.push_back(
      fmt::format("load, {}: {} slices of {} ms of each side in turn, CPU time of all threads of all "
                  "processes; {:.0f} deliveries per second (by hand {:.0f}); {}",
                  where, plan.load_slices, plan.load_ms, column(both[0], &Load::deliveries_per_s).median(),
                  column(both[1], &Load::deliveries_per_s).median(), how));
}

}  // namespace

void ask_load(Result& result, const Plan& plan, const Domains& domains, LoadChildren& children) {
  ask(result, plan, "in one process with one participant",
      "takt hands over references and nothing goes through DDS, by hand all goes through Cyclone DDS's delivery within "
      "a participant: the program is the same, the work of the middleware is not",
      [&](LoadSide side) { return in_one_process(side, domains, plan.load_ms); });
  ask(result, plan, "each in a process of its own on dds",
      "600 of 900 deliveries go through DDS from process to process on both sides, a node's own 300 stay in it as "
      "above",
      [&](LoadSide side) { return in_three_processes(side, children, plan.load_ms); });
}

}  // namespace takt::bench
