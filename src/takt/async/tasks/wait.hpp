#pragma once

#include <coroutine>
#include <cstdint>
#include <string>

#include "takt/async/tasks/internal/running_task.hpp"

namespace takt::async {

/// Thrown by an await inside a cancelled scope (cancel_scope.hpp). Not a std::exception, so that `catch (const
/// std::exception&)` does not meet it. Whoever catches it, or `...`, rethrows it: the scope that asked for the
/// cancellation ends it.
struct Cancelled {};

/// Whether an await throws Cancelled in a cancelled scope. kNo is for the few that must see their end: joins.
enum class Checkpoint : std::uint8_t { kYes, kNo };

/// What a suspended task waits for: the base of every awaitable of takt, and the only way a task suspends. Derive from
/// Awaitable<…> below; this class is the half that does not depend on the derived type.
///
/// The life of one await, all on the loop's thread:
///
///   idle ──(ready at once)───────────────────────► done        the task goes on without suspending
///   idle ──► parked ──complete()─────────────────► done        the task is resumed by the loop, with the result
///                   ──cancel: withdraw() true────► cancelled   the await throws Cancelled, nothing has happened
///                   ──cancel: withdraw() false───► parked      complete() is still to come, and its result stands;
///                                                              or complete_cancelled(), when it was called off after
///                                                              all
///                   ──fail(): source went away───► failed      the await throws LogicError
///
/// A result that was delivered wins over a cancellation that comes after it. May be moved while idle only.
class Wait {
 public:
  Wait& operator=(const Wait&) = delete;

  /// What is waited for, for people: "Event 'go'".
  [[nodiscard]] virtual std::string describe() const = 0;

 protected:
  Wait() = default;
  Wait(Wait&& /*idle*/) noexcept {}
  ~Wait() = default;

  /// Takes the wait out of wherever complete() would come from. True: it will not come any more. False: it cannot be
  /// withdrawn (at once) and comes later.
  virtual bool withdraw() noexcept = 0;

  /// The wait is over: the task becomes ready. @pre parked
  void complete() noexcept;
  /// As complete(), but the await throws Cancelled. @pre parked; withdraw() was called and gave false
  void complete_cancelled() noexcept;
  /// What is waited for has been destroyed. @pre parked
  void fail() noexcept;

  [[nodiscard]] internal::RunningTask& task() const noexcept { return *task_; }
  [[nodiscard]] bool parked() const noexcept { return state_ == State::kParked; }

 private:
  template <class Derived, Checkpoint checkpoint>
  friend class Awaitable;
  friend class internal::ScopeNode;

  enum class State : std::uint8_t { kIdle, kParked, kDone, kCancelled, kFailed };

  // True when the await ends at once, because its scope is cancelled.
  [[nodiscard]] bool begin(Checkpoint checkpoint);
  void park(std::coroutine_handle<> frame) noexcept;
  void unpark() noexcept;
  void finish();
  void deliver_cancel() noexcept;
  void end(State state) noexcept;
  void rethrow_to_swallower(std::coroutine_handle<> frame) noexcept;

  internal::RunningTask* task_{nullptr};
  State state_{State::kIdle};
};

/// An awaitable. Derived (with this base as a friend or its members public) has:
///
///   bool try_complete();       true when there is nothing to wait for; takes the result
///   void arm();                arranges that complete() is called later
///   T result();                the result; called once, after completion
///   bool withdraw() noexcept override;  std::string describe() const override;
///
/// Each await is a checkpoint: in a cancelled scope it throws Cancelled before try_complete(). An await that need not
/// wait does not yield to other tasks.
template <class Derived, Checkpoint checkpoint = Checkpoint::kYes>
class Awaitable : public Wait {
 public:
  [[nodiscard]] bool await_ready() {
    if (begin(checkpoint)) [[unlikely]] {
      return !task().unwinding;  // who swallowed a cancellation waits its turn before the next, or the loop would hang
    }
    return self().try_complete();
  }
  void await_suspend(std::coroutine_handle<> frame) {
    if (state_ == State::kCancelled) [[unlikely]] {
      rethrow_to_swallower(frame);
      return;
    }
    park(frame);
    try {
      self().arm();
    } catch (...) {
      unpark();
      throw;
    }
  }
  decltype(auto) await_resume() {
    finish();
    return self().result();
  }

 protected:
  Awaitable() = default;
  ~Awaitable() = default;
  Awaitable(Awaitable&& idle) noexcept = default;
  Awaitable& operator=(Awaitable&&) = delete;

 private:
  [[nodiscard]] Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace takt::async
