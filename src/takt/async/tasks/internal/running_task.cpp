#include "takt/async/tasks/internal/running_task.hpp"

#include <fmt/core.h>

#include "takt/async/tasks/internal/loop_state.hpp"
#include "takt/async/tasks/internal/nursery_state.hpp"
#include "takt/async/tasks/wait.hpp"
#include "takt/core/error.hpp"
#include "takt/core/log.hpp"

namespace takt::async::internal {

constinit thread_local ThisThread this_thread;

namespace {

constexpr int kMaxPathDepth = 32;  // of a path that people read

bool is_cancelled(const std::exception_ptr& error) noexcept {
  try {
    std::rethrow_exception(error);
  } catch (const Cancelled&) {
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace

std::string path_of(const RunningTask& task) {
  std::string path(task.name.view());
  const RunningTask* parent = task.nursery != nullptr ? task.nursery->owner() : nullptr;
  for (int depth = 0; parent != nullptr && depth < kMaxPathDepth; ++depth) {
    path = fmt::format("{}/{}", parent->name.view(), path);
    parent = parent->nursery != nullptr ? parent->nursery->owner() : nullptr;
  }
  return parent == nullptr ? path : "…/" + path;
}

std::string_view current_task_name() noexcept {
  return this_thread.task != nullptr ? this_thread.task->name.view() : std::string_view();
}

std::string brief(const std::source_location& where) {
  const std::string_view file = where.file_name();
  return fmt::format("{}:{}", file.substr(file.find_last_of('/') + 1), where.line());
}

void report_swallowed(RunningTask& task) {
  if (task.swallowed) {
    return;
  }
  task.swallowed = true;
  LoopStatistics& statistics = this_thread.loop->state().statistics;
  ++statistics.swallowed_cancellations;
  statistics.last_swallower = path_of(task);
  core::log(core::LogLevel::kWarning,
            fmt::format("task '{}' (started at {}) swallowed its cancellation: catch Cancelled, or everything, only to "
                        "rethrow it",
                        statistics.last_swallower, brief(task.started_at)));
}

void throw_empty_task() {
  const std::string_view name = current_task_name();
  throw LogicError(fmt::format("{} a task that is empty: it was moved from, awaited or started before",
                               name.empty() ? "somebody used" : fmt::format("task '{}' used", name)));
}

void throw_no_result() {
  throw LogicError(
      fmt::format("in task '{}' a coroutine ended without co_return, but has a result to give", current_task_name()));
}

RunningTask& TaskRunner::start(LoopState& loop, Task<void>&& task, std::string_view name, std::source_location where,
                               ScopeNode& scope, NurseryState* nursery) {
  if (!task.valid()) [[unlikely]] {
    throw_empty_task();
  }
  auto* running = new RunningTask(loop, name, where, task.frame_);
  static_cast<void>(task.release());
  running->serial = ++this_thread.tasks_started;
  running->nursery = nursery;
  scope.adopt(*running);
  loop.ready.push(*running);
  ++loop.statistics.tasks_started;
  return *running;
}

void TaskRunner::resume(LoopState& loop, RunningTask& task) noexcept {
  if (!task.started) {
    task.started = true;
    if (task.scope->cancelled()) {  // it was cancelled before it began: nothing of it runs
      end(loop, task);
      return;
    }
  }
  this_thread.task = &task;
  std::coroutine_handle<> frame = task.resume_point;
  do {
    this_thread.next_frame = nullptr;
    frame.resume();
    frame = this_thread.next_frame;
  } while (frame);
  this_thread.task = nullptr;
  if (task.frame.done()) {
    end(loop, task);
  }
}

// What the parent of a task that did not end well is told: an error, or that it was cancelled.
TaskRunner::Outcome TaskRunner::outcome_of(RunningTask& task) noexcept {
  const std::exception_ptr& error = task.frame.promise().error();
  if (task.frame.done() && !is_cancelled(error)) {
    return {.error = error};
  }
  task.unwinding = false;
  if (!task.scope->cancelled()) {
    return {.error = std::make_exception_ptr(LogicError("it threw Cancelled, but nobody had cancelled it"))};
  }
  return {.cancelled = true};
}

// The frame is destroyed before the parent is told: what the task held is gone when the parent goes on.
void TaskRunner::end(LoopState& loop, RunningTask& task) noexcept {
  const bool well = task.frame.done() && task.frame.promise().error() == nullptr;
  Outcome outcome = well ? Outcome{} : outcome_of(task);
  if (outcome.error == nullptr && task.unwinding) {
    report_swallowed(task);
  }
  this_thread.task = &task;  // destructors of what it holds belong to it
  task.frame.destroy();
  this_thread.task = nullptr;
  task.unlink();
  if (task.nursery != nullptr) {
    task.nursery->child_ended(task, std::move(outcome.error), outcome.cancelled);
  } else {
    loop.root_error = outcome.cancelled ? std::make_exception_ptr(Cancelled()) : std::move(outcome.error);
    loop.root_done = true;
  }
  delete &task;
}

}  // namespace takt::async::internal
