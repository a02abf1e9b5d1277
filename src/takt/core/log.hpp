#pragma once

#include <atomic>
#include <string_view>

#include "takt/core/time.hpp"

namespace takt::core {

/// Severity of a log line, for whom it is: kDebug for developers, kInfo and kWarning for operators, kError for whoever
/// must act.
enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };

/// Writes one line to standard error. Thread safe; formats and locks, so never from a cycle.
void log(LogLevel level, std::string_view text);

/// Lines below this level are dropped. Default kInfo.
void set_log_level(LogLevel level);

/// Lets something through at most once per period. Any thread; real-time safe.
class RateGate {
 public:
  explicit RateGate(Nanoseconds period_ns = kNanosecondsPerSecond) noexcept : period_ns_(period_ns) {}

  /// True for the one caller that may act now.
  [[nodiscard]] bool pass(Nanoseconds now_ns) noexcept {
    Nanoseconds next = next_ns_.load(std::memory_order_relaxed);
    return now_ns >= next && next_ns_.compare_exchange_strong(next, now_ns + period_ns_, std::memory_order_relaxed);
  }

 private:
  Nanoseconds period_ns_;
  std::atomic<Nanoseconds> next_ns_{0};
};

}  // namespace takt::core
