#include "takt/controller/internal/pacer.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "takt/core/error.hpp"

namespace takt::controller::internal {
namespace {

constexpr double kFastest_hz = 1e9;
constexpr double kLongest_ns = 1e18;

}  // namespace

async::Every::Waiter Pacer::next(Frequency frequency) {
  if (!(frequency.hz > 0.0) || !(frequency.hz <= kFastest_hz)) {
    throw LogicError(fmt::format("pace: a frequency of {} Hz; more than 0 and at most 1e9 are possible", frequency.hz));
  }
  if (!rhythm_ || frequency != frequency_) {
    before_ = overruns();
    // As a double first: a beat of many years is every's longest.
    const double period_ns = std::min(std::round(1e9 / frequency.hz), kLongest_ns);
    rhythm_.emplace(nullptr, async::Duration(static_cast<core::Nanoseconds>(period_ns)));
    frequency_ = frequency;
  }
  return rhythm_->next();
}

}  // namespace takt::controller::internal
