#include "takt/controller/internal/pacer.hpp"

#include <cmath>

#include <fmt/core.h>

#include "takt/core/error.hpp"

namespace takt::controller::internal {
namespace {

constexpr double kFastest_hz = 1e9;

}  // namespace

async::Task<async::Tick> Pacer::next(Frequency frequency) {
  if (!(frequency.hz > 0.0) || !(frequency.hz <= kFastest_hz)) {
    throw LogicError(fmt::format("pace: a frequency of {} Hz; more than 0 and at most 1e9 are possible", frequency.hz));
  }
  if (waiting_) {
    throw LogicError("pace: two tasks wait for the beat of one controller; use every() for the second");
  }
  if (!rhythm_ || frequency != frequency_) {
    // As a double first: a beat of many years is every's longest.
    const double period_ns = std::round(1e9 / frequency.hz);
    rhythm_.emplace(nullptr, async::Duration(period_ns < 1e18 ? static_cast<core::Nanoseconds>(period_ns)
                                                              : static_cast<core::Nanoseconds>(1e18)));
    frequency_ = frequency;
  }
  struct Waiting {
    bool& flag;
    explicit Waiting(bool& which) : flag(which) { flag = true; }
    ~Waiting() { flag = false; }
  };
  const Waiting waiting(waiting_);
  const async::Tick tick = co_await rhythm_->next();
  overruns_.fetch_add(tick.missed, std::memory_order_relaxed);
  co_return tick;
}

}  // namespace takt::controller::internal
