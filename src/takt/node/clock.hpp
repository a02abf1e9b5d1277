#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "takt/async/tasks/clock.hpp"
#include "takt/async/tasks/task.hpp"
#include "takt/async/tasks/wait_queue.hpp"
#include "takt/bus/bus.hpp"
#include "takt/core/time.hpp"

namespace takt::node {

namespace internal {
class Alarm;
class NodeCore;
class SimTime;
class TimerCore;
}  // namespace internal

/// A discontinuity of a node's time.
struct TimeJump {
  enum class Kind : std::uint8_t {
    kSameSource,  ///< simulated time made a step
    kActivated,   ///< from the wall to simulated time
    kDeactivated  ///< back to the wall
  };
  Kind kind{Kind::kSameSource};
  async::Duration delta{0};  ///< new time − old time

  friend bool operator==(const TimeJump&, const TimeJump&) = default;
};

/// Which jumps somebody wants to hear of; at least one.
struct JumpThreshold {
  std::optional<async::Duration> min_forward{};   ///< above 0: steps forward of at least that much
  std::optional<async::Duration> min_backward{};  ///< below 0: steps back of at least that much
  bool on_change{false};                          ///< simulated time was switched on or off
};

/// Hears of jumps for as long as it lives; nothing after its clock's end.
class JumpHook {
 public:
  JumpHook() = default;

 private:
  friend class Clock;
  struct Hook;
  explicit JumpHook(std::shared_ptr<Hook> hook) noexcept : hook_(std::move(hook)) {}
  std::shared_ptr<Hook> hook_;  // the clock only looks at it while it is here
};

/// A node's time: the wall's [ns since 1970], or, with `use_sim_time`, what /clock says. On a loop with virtual time
/// the wall is the loop's clock.
///
///   simulated time, no message yet    now_ns() is 0 and who sleeps waits
///   a message says later              who is due wakes, in the order of the deadlines; the others cost nothing
///   a message says earlier            sleepers keep their deadlines; timers that would wait longer than a period begin
///   a
///                                     new one
///   simulated time on or off          every sleep throws async::TimeSourceChanged; timers go on with what was left
///
/// A resource of its node. Loop thread, where not said otherwise.
class Clock {
 public:
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  ~Clock();

  /// Any thread.
  [[nodiscard]] core::Nanoseconds now_ns() const noexcept;
  /// Whether it shows /clock. Any thread.
  [[nodiscard]] bool simulated() const noexcept { return simulated_.load(std::memory_order_relaxed); }

  /// Sleeps for at least `duration` of this clock. Zero or less: lets the other ready tasks run once. Cancellation:
  /// Cancelled, at once.
  /// @throws async::TimeSourceChanged; NodeDestroyed during the sleep; LogicError when the node is destroyed already
  [[nodiscard]] async::Task<void> sleep_for(async::Duration duration);
  /// Sleeps until now_ns() >= deadline_ns. Otherwise as sleep_for.
  [[nodiscard]] async::Task<void> sleep_until(core::Nanoseconds deadline_ns);

  /// Calls `before`, then `after`, around every jump that is at least the threshold, on the loop's thread. Either may
  /// be empty; neither may throw. @throws LogicError for a threshold that nothing passes
  [[nodiscard]] JumpHook on_jump(JumpThreshold threshold, std::function<void()> before,
                                 std::function<void(const TimeJump&)> after);

 private:
  friend class internal::Alarm;
  friend class internal::NodeCore;
  friend class internal::SimTime;
  friend class internal::TimerCore;

  Clock(std::string node, bus::Bus& bus) noexcept;

  void enter();
  void leave() noexcept;
  void destroy() noexcept;
  void simulate(bool on);

  /// The clock that sleepers are set on; of times as now_ns() when simulated, else the loop's.
  [[nodiscard]] async::Clock& source();
  void attach();
  /// Ends all waits. @param end  an internal::AlarmEnd
  void wake_all(std::uint8_t end) noexcept;
  void call_hooks(const TimeJump& jump, const std::function<void()>& change);
  [[nodiscard]] bool has_hooks() const noexcept { return !hooks_.empty(); }
  void check_alive() const;

  const std::string node_;
  bus::Bus& bus_;
  bool destroyed_{false};
  std::atomic<bool> simulated_{false};
  std::atomic<const async::Clock*> virtual_{nullptr};  // the loop's, when its time is virtual
  std::atomic<const async::Clock*> shown_{nullptr};    // of sim_, when attached
  std::shared_ptr<internal::SimTime> sim_;             // with the other nodes of the bus on this loop
  async::WaitQueue<internal::Alarm> alarms_;
  std::vector<std::weak_ptr<JumpHook::Hook>> hooks_;
};

}  // namespace takt::node
