#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "takt/async/tasks/clock.hpp"
#include "takt/async/tasks/wait.hpp"
#include "takt/core/time.hpp"

namespace takt::async {

/// One beat of a rhythm.
struct Tick {
  core::Nanoseconds deadline_ns{0};  ///< when it was due, on the rhythm's clock
  /// From then until the task ran; on another clock than the loop's, until that woke it.
  core::Nanoseconds lateness_ns{0};
  std::uint64_t missed{0};  ///< deadlines that passed unused since the tick before
};

/// A drift-free rhythm, from every(period): the first tick comes one period after the first await, the others at whole
/// periods after that, however long the work in between takes. A task that is late by a period or more goes on with the
/// next deadline in phase, and what it missed is counted: it never hurries to catch up.
///
///   auto tick = every(1ms);
///   while (running) { co_await tick; control(); }
///
///   for (auto tick : every(20ms)) { const Tick now = co_await tick; … }     // without end: leave by break or return
///
/// Each await waits for a deadline in the future, so the other tasks get their turn. When the clock was set back by
/// more than a period before an await, or the await is in another loop and the clock is the loop's, the rhythm begins
/// anew there.
///
/// A resource, for one task at a time; another that awaits it meanwhile gets a LogicError. Its clock outlives it.
class Every {
 public:
  /// @param clock  null: the loop's. @throws LogicError when the period is not positive. More than 73 years count as 73
  /// years.
  Every(Clock* clock, Duration period);
  Every(const Every&) = delete;
  Every& operator=(const Every&) = delete;
  /// Who waits for a tick gets a LogicError.
  ~Every();

  class Waiter;
  /// Waits for the next deadline; gives a Tick. Cancellation: Cancelled, at once, and the deadline stays the next one:
  /// with_timeout(5ms, tick.next()) over and over meets each of them.
  /// @throws TimeSourceChanged, see SimulatedClock, the rhythm begins anew; LogicError when the clock is destroyed
  /// meanwhile, and from then on
  [[nodiscard]] Waiter next() noexcept;
  [[nodiscard]] Waiter operator co_await() noexcept;

  /// Deadlines that passed unused, in all.
  [[nodiscard]] std::uint64_t missed() const noexcept { return missed_; }
  [[nodiscard]] Duration period() const noexcept { return Duration(period_ns_); }

  class Turn;
  class Iterator;
  struct Never {};
  [[nodiscard]] Iterator begin() noexcept;
  [[nodiscard]] static Never end() noexcept { return {}; }

 private:
  // The beat that the next deadline is of.
  [[nodiscard]] core::Beat beat_at(const Clock& clock, core::Nanoseconds now_ns);

  Clock* clock_;  // null: the loop's
  core::Nanoseconds period_ns_;
  std::optional<core::Beat> beat_;  // none before the first await
  std::uint64_t beat_clock_{0};     // the serial number of the clock that it is of
  bool clock_gone_{false};
  std::uint64_t missed_{0};  // of all beats
  Waiter* waiting_{nullptr};
};

[[nodiscard]] inline Every every(Duration period) {
  return {nullptr, period};
}
[[nodiscard]] inline Every every(Clock& clock, Duration period) {
  return {&clock, period};
}

class Every::Waiter final : public Awaitable<Every::Waiter>, private internal::Timer {
 public:
  explicit Waiter(Every& rhythm) noexcept : rhythm_(&rhythm) {}
  Waiter(Waiter&& idle) noexcept : Waiter(*idle.rhythm_) {}

  [[nodiscard]] bool try_complete();
  void arm();
  [[nodiscard]] Tick result();
  [[nodiscard]] std::string describe() const override;

 private:
  friend class Every;
  bool withdraw() noexcept override;
  void fire() noexcept override;
  void lose(internal::TimerLoss why) noexcept override;

  Every* rhythm_;
  Clock* clock_{nullptr};
  std::optional<core::Beat> after_tick_;  // the rhythm's beat from the tick on
  Tick tick_;
  bool source_changed_{false};
};

/// An element of `for (auto tick : every(period))`: await it once per round.
class Every::Turn {
 public:
  explicit Turn(Every& rhythm) noexcept : rhythm_(&rhythm) {}
  [[nodiscard]] Waiter next() const noexcept { return Waiter(*rhythm_); }
  [[nodiscard]] Waiter operator co_await() const noexcept { return next(); }
  [[nodiscard]] std::uint64_t missed() const noexcept { return rhythm_->missed(); }

 private:
  Every* rhythm_;
};

class Every::Iterator {
 public:
  explicit Iterator(Every& rhythm) noexcept : rhythm_(&rhythm) {}
  [[nodiscard]] Turn operator*() const noexcept { return Turn(*rhythm_); }
  Iterator& operator++() noexcept { return *this; }
  [[nodiscard]] bool operator==(Never /*end*/) const noexcept { return false; }

 private:
  Every* rhythm_;
};

inline Every::Waiter Every::next() noexcept {
  return Waiter(*this);
}
inline Every::Waiter Every::operator co_await() noexcept {
  return next();
}
inline Every::Iterator Every::begin() noexcept {
  return Iterator(*this);
}

}  // namespace takt::async
