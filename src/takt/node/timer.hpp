#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "takt/async/tasks/clock.hpp"
#include "takt/core/time.hpp"
#include "takt/node/failure_policy.hpp"
#include "takt/node/internal/handler.hpp"

namespace takt::node {

namespace internal {
class TimerCore;
}

/// One call of a timer.
struct TimerInfo {
  core::Nanoseconds expected_ns{0};  ///< when it was due, on the node's clock
  core::Nanoseconds actual_ns{0};    ///< when it was called
  std::uint64_t missed{0};           ///< ticks that passed unused since the call before
};

struct TimerOptions {
  bool autostart{true};  ///< false: made cancelled; reset() starts it
  FailurePolicy on_failure{};
};

/// A function of nothing, or of a TimerInfo, plain or a coroutine.
template <class F>
concept TimerCallback = internal::Handles<F, void> || internal::Handles<F, void, const TimerInfo&>;

/// Calls a function in a rhythm of the node's clock. Made by Node::timer; a handle: copies mean the same timer.
///
/// The first call comes one period after it was made, or after its node was entered when that is later. The phase is
/// kept: call k is due at start + k · period, however long the calls take; one that is late by a period or more skips
/// to the next in phase and says what it missed. Calls never overlap: a slow one delays the next. Never early. One
/// that is always due, of a period of 0 or with calls as long as its period, leaves other tasks, timers and threads
/// their turn before each call. Loop thread.
class Timer {
 public:
  /// No call comes until reset(). One that runs goes on.
  void cancel();
  /// The period begins now; also of a timer that was cancelled.
  void reset();
  [[nodiscard]] bool cancelled() const;

  [[nodiscard]] async::Duration period() const;
  /// From the last due time on, also for the wait that is going on. @throws LogicError when it is negative
  void set_period(async::Duration period);
  /// What is called from the next tick on.
  template <TimerCallback F>
  void set_callback(F callback) {
    set_handler(make_handler(std::move(callback)));
  }

  /// Until the next call, 0 when it is due; nothing when it is cancelled or was not started yet.
  [[nodiscard]] std::optional<async::Duration> time_until_next_call() const;
  [[nodiscard]] std::uint64_t missed() const noexcept;
  [[nodiscard]] std::uint64_t failures() const noexcept;

  /// Ends it; a callback that waits is cancelled. Idempotent. cancel, reset and set_… throw LogicError then.
  void destroy() noexcept;
  [[nodiscard]] bool destroyed() const noexcept;

 private:
  friend class Node;
  using Handler = internal::Handler<void, const TimerInfo&>;
  explicit Timer(std::shared_ptr<internal::TimerCore> core) noexcept : core_(std::move(core)) {}
  void set_handler(Handler handler);

  template <TimerCallback F>
  static Handler make_handler(F callback) {
    if constexpr (internal::Handles<F, void, const TimerInfo&>) {
      return Handler(std::move(callback));
    } else {
      return Handler([callback = std::move(callback)](const TimerInfo&) mutable { return callback(); });
    }
  }

  std::shared_ptr<internal::TimerCore> core_;
};

}  // namespace takt::node
