#pragma once

#include <string>

#include "takt/async/tasks/clock.hpp"
#include "takt/async/tasks/wait.hpp"

namespace takt::async {

/// A task asleep on a clock. From sleep_for and sleep_until.
class Sleep final : public Awaitable<Sleep>, private internal::Timer {
 public:
  /// @param clock  null: the loop's
  Sleep(Clock* clock, core::Nanoseconds deadline_ns, bool relative) noexcept
      : clock_(clock), deadline_ns_(deadline_ns), relative_(relative) {}
  Sleep(Sleep&& idle) noexcept : Sleep(idle.clock_, idle.deadline_ns_, idle.relative_) {}

  [[nodiscard]] bool try_complete();
  void arm();
  void result();
  [[nodiscard]] std::string describe() const override;

 private:
  bool withdraw() noexcept override;
  void fire() noexcept override { complete(); }
  void lose(internal::TimerLoss why) noexcept override;

  Clock* clock_;
  core::Nanoseconds deadline_ns_;
  bool relative_;
  bool source_changed_{false};
};

/// Sleeps for at least `duration` of the loop's clock (or of `clock`), counted from when it is awaited. Zero or less:
/// lets the other ready tasks run once and goes on. Cancellation: Cancelled, at once. For a rhythm use every(period): a
/// loop of sleep_for drifts.
///
/// @throws TimeSourceChanged  from co_await, see SimulatedClock; LogicError when the clock is destroyed meanwhile
[[nodiscard]] inline Sleep sleep_for(Duration duration) noexcept {
  return {nullptr, duration.count(), true};
}
[[nodiscard]] inline Sleep sleep_for(Clock& clock, Duration duration) noexcept {
  return {&clock, duration.count(), true};
}

/// Sleeps until the loop's clock (or `clock`) shows `deadline_ns`; when it does already, lets the other ready tasks run
/// once. Cancellation and errors as of sleep_for.
[[nodiscard]] inline Sleep sleep_until(core::Nanoseconds deadline_ns) noexcept {
  return {nullptr, deadline_ns, false};
}
[[nodiscard]] inline Sleep sleep_until(Clock& clock, core::Nanoseconds deadline_ns) noexcept {
  return {&clock, deadline_ns, false};
}

/// Lets the other ready tasks run once: what a long computation on the loop does between its parts. Cancellation:
/// Cancelled.
class Yield final : public Awaitable<Yield> {
 public:
  Yield() = default;
  [[nodiscard]] static bool try_complete() noexcept { return false; }
  void arm() noexcept { complete(); }
  void result() const noexcept {}
  [[nodiscard]] std::string describe() const override { return "its turn"; }

 private:
  bool withdraw() noexcept override { return false; }
};
[[nodiscard]] inline Yield yield() noexcept {
  return {};
}

/// Throws Cancelled when the calling task is cancelled; else goes on at once, without letting others run.
class CheckpointWait final : public Awaitable<CheckpointWait> {
 public:
  CheckpointWait() = default;
  [[nodiscard]] static bool try_complete() noexcept { return true; }
  void arm() noexcept {}
  void result() const noexcept {}
  [[nodiscard]] std::string describe() const override { return "nothing"; }

 private:
  bool withdraw() noexcept override { return false; }
};
[[nodiscard]] inline CheckpointWait checkpoint() noexcept {
  return {};
}

}  // namespace takt::async
