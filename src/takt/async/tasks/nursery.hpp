#pragma once

#include <concepts>
#include <cstdint>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

#include "takt/async/tasks/exception_group.hpp"
#include "takt/async/tasks/internal/nursery_state.hpp"
#include "takt/async/tasks/task.hpp"
#include "takt/async/tasks/wait.hpp"

namespace takt::async {

/// How the body of a nursery ends: said, not implied.
enum class Join : std::uint8_t {
  kJoin,    ///< wait until every child has ended by itself
  kCancel,  ///< cancel the children, then wait for them
};
using enum Join;

namespace internal {

template <class F>
concept TaskFunction = std::invocable<F&> && std::same_as<std::invoke_result_t<F&>, Task<void>>;

/// Keeps a function, and so what a lambda captured, alive while its task runs.
template <TaskFunction F>
Task<void> call_and_keep(F function) {
  co_await function();
}

}  // namespace internal

/// A place for child tasks: they end before it does. Made by with_nursery only. A handle: copy it, pass it down, let
/// children start siblings. Used after its end it throws; keep it by value for that, a reference must not outlive the
/// body.
///
/// Loop thread only; from another thread it throws LogicError.
class Nursery {
 public:
  /// Starts a child. It runs when the caller next awaits something; in a nursery that is cancelled it never does.
  ///
  /// @param name  in errors, reports and LoopWatch; the first 31 bytes are kept
  /// @param task  a task, or a function that makes one and is kept for as long as it runs: give a capturing lambda
  ///   itself, `start("a", [&]() -> Task<void> { … })`, since what it captured is lost when it is called on the spot.
  ///   What it refers to must live outside of the body: with kJoin the body's own variables are gone before the
  ///   children.
  /// @throws LogicError when the nursery has ended, or the task is empty.
  void start(std::string_view name, Task<void> task, std::source_location where = std::source_location::current());
  template <internal::TaskFunction F>
  void start(std::string_view name, F function, std::source_location where = std::source_location::current()) {
    start(name, internal::call_and_keep(std::move(function)), where);
  }

  /// Cancels the children and the body. @param reason  for reports. @throws LogicError when the nursery has ended.
  void cancel(std::string_view reason = "its nursery was cancelled");

  /// Children that have not ended. @throws LogicError when the nursery has ended.
  [[nodiscard]] std::size_t children() const;

  explicit Nursery(internal::NurseryState& state) noexcept : state_(&state), id_(state.id()) {}

 private:
  [[nodiscard]] internal::NurseryState& checked(const char* what) const;
  [[noreturn]] void throw_misuse(const char* what) const;

  internal::NurseryState* state_;
  std::uint64_t id_;
};

namespace internal {

/// Opens a nursery for a block; closes it on the way out, when its children have been joined.
class OpenNursery {
 public:
  explicit OpenNursery(std::source_location where) : state_(NurseryState::open(where)) {}
  OpenNursery(const OpenNursery&) = delete;
  OpenNursery& operator=(const OpenNursery&) = delete;
  ~OpenNursery() { state_.close(); }
  NurseryState* operator->() const noexcept { return &state_; }
  NurseryState& operator*() const noexcept { return state_; }

 private:
  NurseryState& state_;
};

}  // namespace internal

/// Opens a nursery, runs `body(nursery)` in the calling task, waits until every child has ended, and only then goes on:
///
///   co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
///     nursery.start("camera", camera());
///     co_await drive();
///     co_return kCancel;
///   });
///
/// The first failure, of a child or of the body, cancels all the others.
///
/// Cancellation: of a scope around reaches the body and the children; the nursery waits for all of them (that wait
/// itself cannot be cancelled: children that must clean up do so in shielded(…), which has a limit) and throws
/// Cancelled. When all had ended already, it ends normally, and the next await throws.
///
/// @param body  callable with Nursery& or Nursery, gives Task<Join>; kept while the nursery lives.
/// @throws ExceptionGroup with every failure and its task's name; Cancelled.
template <class Body>
  requires std::same_as<std::invoke_result_t<Body&, Nursery&>, Task<Join>>
Task<void> with_nursery(Body body, std::source_location where = std::source_location::current()) {
  const internal::OpenNursery nursery(where);
  Nursery handle(*nursery);
  try {
    if (co_await body(handle) == Join::kCancel) {
      nursery->scope().cancel("its nursery ended");
    }
  } catch (const Cancelled&) {
    nursery->body_cancelled();
  } catch (...) {
    nursery->body_failed(std::current_exception());
  }
  do {
    co_await nursery->join();
  } while (nursery->children() > 0);  // a task that was ready beside this one may have started another child
  nursery->rethrow();
}

}  // namespace takt::async
