#pragma once

#include <string>
#include <string_view>

#include "takt/async/tasks/internal/task_name.hpp"
#include "takt/async/tasks/internal/thread_bound.hpp"
#include "takt/async/tasks/wait_queue.hpp"

namespace takt::async {

/// A flag that tasks wait for. Once set it stays set, and all who wait go on, until somebody clears it.
///
/// Not for data (Channel, LatestChannel), not for counting (Semaphore), not across threads (Doorbell).
///
/// A resource. Loop thread only, else LogicError. When it is destroyed, who still waits gets a LogicError.
class Event {
 public:
  explicit Event(std::string_view name = {}) noexcept : name_(name) {}

  /// Wakes everybody who waits now. Idempotent. @throws LogicError on another thread
  void set();
  /// Who waits from now on waits for the next set().
  void clear();
  /// @throws LogicError on another thread
  [[nodiscard]] bool is_set() const;

  class Waiter;
  /// Waits until the event is set; returns at once when it is. Cancellation: Cancelled, the event is as it was. A task
  /// that was woken goes on even when the event is cleared before it runs.
  [[nodiscard]] Waiter wait() noexcept;
  [[nodiscard]] Waiter operator co_await() noexcept;

 private:
  mutable internal::ThreadBound thread_;
  TaskName name_;
  bool set_{false};
  WaitQueue<Waiter> waiters_;
};

class Event::Waiter final : public QueuedAwaitable<Event::Waiter> {
 public:
  explicit Waiter(Event& event) noexcept : event_(&event) {}
  [[nodiscard]] bool try_complete();
  void arm() noexcept { event_->waiters_.push(*this); }
  void result() const noexcept {}
  [[nodiscard]] std::string describe() const override;

 private:
  Event* event_;
};

inline Event::Waiter Event::wait() noexcept {
  return Waiter(*this);
}
inline Event::Waiter Event::operator co_await() noexcept {
  return wait();
}

}  // namespace takt::async
