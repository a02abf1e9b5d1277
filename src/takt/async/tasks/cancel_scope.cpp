#include "takt/async/tasks/cancel_scope.hpp"

#include <exception>

#include <fmt/core.h>

#include "takt/async/tasks/internal/loop_state.hpp"
#include "takt/core/error.hpp"
#include "takt/core/log.hpp"

namespace takt::async {

CancelScope::~CancelScope() {
  if (node_.entered()) {
    core::log(core::LogLevel::kError, "a CancelScope was destroyed while a task ran in it");
    std::terminate();
  }
}

void CancelScope::cancel(std::string_view reason) {
  thread_.check("CancelScope::cancel", {});
  node_.cancel(reason);
}

bool CancelScope::cancel_requested() const {
  thread_.check("CancelScope::cancel_requested", {});
  return node_.requested();
}

std::string_view CancelScope::reason() const {
  thread_.check("CancelScope::reason", {});
  return node_.requested() ? node_.reason() : "";
}

CancelScope::Entry::Entry(CancelScope& scope) : scope_(scope) {
  if (scope.used_) {
    throw LogicError(
        fmt::format("task '{}' ran a CancelScope twice: make one for each run", internal::current_task_name()));
  }
  internal::LoopState& loop = internal::this_loop_state("a CancelScope");
  scope.thread_.check("CancelScope::run", {});
  if (scope.options_.deadline_after) {  // before it is entered: this may throw
    loop.clock.set_timer(scope.deadline_,
                         internal::deadline_after(loop.clock.now_ns(), scope.options_.deadline_after->count()));
    scope.clock_ = &loop.clock;
  }
  scope.used_ = true;
  scope.node_.enter(*internal::this_thread.task, scope.options_.shielded);
}

CancelScope::Entry::~Entry() {
  if (scope_.clock_ != nullptr) {
    scope_.clock_->cancel_timer(scope_.deadline_);
  }
  scope_.node_.leave();
}

bool cancelled() noexcept {
  const internal::RunningTask* task = internal::this_thread.task;
  return task != nullptr && task->scope->cancelled();
}

std::string_view cancel_reason() noexcept {
  return cancelled() ? internal::this_thread.task->scope->reason() : std::string_view();
}

}  // namespace takt::async
