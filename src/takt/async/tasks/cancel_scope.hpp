#pragma once

#include <optional>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

#include "takt/async/tasks/clock.hpp"
#include "takt/async/tasks/internal/as_task.hpp"
#include "takt/async/tasks/internal/scope_node.hpp"
#include "takt/async/tasks/internal/thread_bound.hpp"
#include "takt/async/tasks/task.hpp"
#include "takt/async/tasks/wait.hpp"

namespace takt::async {

namespace internal {

template <class T>
struct OrNothing {
  using type = std::optional<T>;
};
template <>
struct OrNothing<void> {
  using type = bool;
};
template <>
struct OrNothing<bool> {
  using type = bool;
};
template <class T>
struct OrNothing<std::optional<T>> {
  using type = std::optional<T>;
};

}  // namespace internal

/// What a scope gives back: the task's result, or nothing when the scope was cancelled. Of a task without a result:
/// whether it finished. A result that can say "nothing" itself, bool or std::optional, is given as it is, with false or
/// nothing for a cancelled one too: so `if` asks whether it came and was good. CancelScope::cancel_requested() tells
/// them apart.
template <class T>
using MaybeResult = typename internal::OrNothing<T>::type;

/// Something that can be called off: a task, with all that it starts, that anybody on the loop may cancel. For a time
/// limit alone take with_timeout; to end children together, their nursery.
///
///   CancelScope grasp({.deadline_after = 3s});
///   nursery.start("operator", watch_for_stop(grasp));      // calls grasp.cancel("the operator said so")
///   if (auto force = co_await grasp.run(close_gripper()); !force) { log(grasp.reason()); }
///
/// Cancellation is level-triggered: from cancel() on, each await inside throws Cancelled, until the scope is left. So
/// one `catch (...)` too many cannot lose it, and an await in cleanup code throws as well: clean up inside shielded(…).
/// A result that was delivered to an await before the cancellation is not lost: that await returns it, the next throws.
/// run() gives nothing when Cancelled came out of the task because of this scope; when a scope around is cancelled as
/// well, Cancelled goes on to that one.
///
/// A resource, for one run. Loop thread only; it must live until run() has ended (else std::terminate).
class CancelScope {
 public:
  struct Options {
    std::optional<Duration> deadline_after{};  ///< cancelled this long after run() began, on the loop's clock
    bool shielded{false};                      ///< cancellation from around does not pass; have a deadline then
  };

  CancelScope() noexcept = default;
  explicit CancelScope(Options options) noexcept : options_(options) {}
  CancelScope(const CancelScope&) = delete;
  CancelScope& operator=(const CancelScope&) = delete;
  ~CancelScope();

  /// Runs a task (or the wait of a primitive) inside, in the calling task. @throws what the task throws; LogicError
  /// when it was run before; Cancelled when a scope around was cancelled.
  template <internal::TaskLike A>
  [[nodiscard]] Task<MaybeResult<internal::AwaitResultOf<A>>> run(A awaitable) {
    return run_inside(this, internal::as_task(std::move(awaitable)));
  }

  /// Cancels what runs inside, now or later. Later calls change nothing. @param reason  the first 63 bytes are kept
  void cancel(std::string_view reason);

  /// cancel() was called, or the deadline passed.
  [[nodiscard]] bool cancel_requested() const;
  /// Why: "" when it was not cancelled.
  [[nodiscard]] std::string_view reason() const;

 private:
  class Entry;

  class Deadline final : public internal::Timer {
   public:
    explicit Deadline(CancelScope& scope) noexcept : scope_(scope) {}
    void fire() noexcept override { scope_.node_.cancel("its deadline passed"); }

   private:
    CancelScope& scope_;
  };

  template <class T>
  static Task<MaybeResult<T>> run_inside(CancelScope* scope, Task<T> task);

  mutable internal::ThreadBound thread_;
  internal::ScopeNode node_;
  Options options_;
  Deadline deadline_{*this};
  Clock* clock_{nullptr};  // of the deadline that is set
  bool used_{false};
};

/// The task's result, or nothing when it took longer: it is cancelled then, and has ended when this returns. With a
/// duration of zero or less it still runs up to its first await.
///
///   if (auto reply = co_await with_timeout(200ms, ask()); reply) …       // Task<void>: true when it finished
///
/// Not for a rhythm (every), nor to poll: waiting without a limit costs nothing.
///
/// Cancellation of a scope around passes through. Time is the loop's clock.
template <internal::TaskLike A>
Task<MaybeResult<internal::AwaitResultOf<A>>> with_timeout(Duration limit, A awaitable) {
  CancelScope scope({.deadline_after = limit});
  co_return co_await scope.run(std::move(awaitable));
}

/// Runs cleanup work that cancellation from around does not reach, for at most `limit`: what is not done then is
/// cancelled. The next await outside of it throws again.
template <internal::TaskLike A>
Task<MaybeResult<internal::AwaitResultOf<A>>> shielded(Duration limit, A awaitable) {
  CancelScope scope({.deadline_after = limit, .shielded = true});
  co_return co_await scope.run(std::move(awaitable));
}

/// Runs `task`, then `cleanup` however it ended, shielded for at most `limit`; then gives the task's result or throws
/// what it threw. The way to await in the place of a destructor:
///
///   co_await with_cleanup(drive(), 2s, [&] { return gripper.open(); });
///
/// @param cleanup  callable, gives a Task<void>. What it throws comes out when the task itself did not fail.
template <class T, class F>
Task<T> with_cleanup(Task<T> task, Duration limit, F cleanup) {
  std::exception_ptr error;
  std::optional<std::conditional_t<std::is_void_v<T>, bool, T>> result;
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(task);
    } else {
      result.emplace(co_await std::move(task));
    }
  } catch (...) {  // rethrown below: a coroutine cannot await in here
    error = std::current_exception();
  }
  std::exception_ptr cleanup_error;
  try {
    static_cast<void>(co_await shielded(limit, cleanup()));
  } catch (...) {
    cleanup_error = std::current_exception();
  }
  if (error != nullptr || cleanup_error != nullptr) {
    std::rethrow_exception(error != nullptr ? error : cleanup_error);
  }
  if constexpr (!std::is_void_v<T>) {
    co_return std::move(*result);
  }
}

/// Whether the calling task is cancelled: its next await throws.
[[nodiscard]] bool cancelled() noexcept;
/// Why the calling task is cancelled; "" when it is not.
[[nodiscard]] std::string_view cancel_reason() noexcept;

/// A scope entered for a block of a coroutine, with its deadline. What CancelScope::run is made of.
class CancelScope::Entry {
 public:
  explicit Entry(CancelScope& scope);
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  ~Entry();

 private:
  CancelScope& scope_;
};

template <class T>
Task<MaybeResult<T>> CancelScope::run_inside(CancelScope* scope, Task<T> task) {
  const Entry entry(*scope);
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(task);
      co_return true;
    } else {
      co_return co_await std::move(task);
    }
  } catch (const Cancelled&) {
    scope->node_.end_cancellation();
  }
  co_return MaybeResult<T>{};
}

}  // namespace takt::async
