// What do a hundred thousand sleeping tasks take, and how fast do they wake?

#include "placement.hpp"
#include "questions.hpp"
#include "sleepers.hpp"

namespace takt::bench {
namespace {

constexpr std::size_t kSleepers = 100'000;

}  // namespace

void ask_sleepers(Result& result) {
  const PinnedTo pinned(working_cpu());
  const auto [of_takt, of_asio] =
      alternate(kSlices, [] { return sleepers(kSleepers); }, [] { return asio_sleepers(kSleepers); });
  result.figures.push_back(compared("100 000 sleeping tasks: memory of each; baseline: Boost.Asio awaitable",
                                    column(of_takt, &SleepersCost::bytes), column(of_asio, &SleepersCost::bytes), "B",
                                    "<= 400"));
  result.figures.push_back(compared("100 000 sleeping tasks due at once: wake-up of each; baseline: Boost.Asio",
                                    column(of_takt, &SleepersCost::wake_ns), column(of_asio, &SleepersCost::wake_ns),
                                    "ns", "<= 1000 (1 M/s)"));
}

}  // namespace takt::bench
