#include "takt/async/tasks/wait.hpp"

#include <exception>
#include <utility>

#include <fmt/core.h>

#include "takt/async/tasks/internal/loop_state.hpp"
#include "takt/core/error.hpp"
#include "takt/core/log.hpp"

namespace takt::async {

bool Wait::begin(Checkpoint checkpoint) {
  internal::RunningTask* const task = internal::this_thread.task;
  if (task == nullptr) [[unlikely]] {
    throw LogicError(describe() + " was awaited outside of a task");
  }
  if (state_ != State::kIdle) [[unlikely]] {
    throw LogicError(fmt::format("{} was awaited twice, by task '{}'", describe(), internal::path_of(*task)));
  }
  task_ = task;
  if (checkpoint == Checkpoint::kYes && task->scope->cancelled()) [[unlikely]] {
    if (task->unwinding) {
      internal::report_swallowed(*task);
    }
    state_ = State::kCancelled;
    return true;
  }
  return false;
}

void Wait::park(std::coroutine_handle<> frame) noexcept {
  state_ = State::kParked;
  task_->resume_point = frame;
  task_->wait = this;
}

void Wait::unpark() noexcept {
  state_ = State::kIdle;
  task_->wait = nullptr;
}

void Wait::finish() {
  const State state = std::exchange(state_, State::kIdle);
  if (state == State::kCancelled) [[unlikely]] {
    task_->unwinding = true;
    throw Cancelled();
  }
  if (state == State::kFailed) [[unlikely]] {
    throw LogicError(fmt::format("what task '{}' waited for was destroyed meanwhile", internal::path_of(*task_)));
  }
}

void Wait::complete() noexcept {
  end(State::kDone);
}

void Wait::complete_cancelled() noexcept {
  end(State::kCancelled);
}

void Wait::fail() noexcept {
  end(State::kFailed);
}

void Wait::deliver_cancel() noexcept {
  if (withdraw()) {
    end(State::kCancelled);
  }
}

void Wait::end(State state) noexcept {
  if (internal::this_thread.loop == nullptr || &internal::this_thread.loop->state() != task_->loop) [[unlikely]] {
    core::log(core::LogLevel::kError,
              fmt::format("{}, which task '{}' waits for, was ended or destroyed on a thread that is "
                          "not its loop's",
                          describe(), internal::path_of(*task_)));
    std::terminate();  // the task cannot be reached from here, and what it waits for is gone
  }
  state_ = state;
  task_->wait = nullptr;
  task_->loop->ready.push(*task_);
}

void Wait::rethrow_to_swallower(std::coroutine_handle<> frame) noexcept {
  task_->resume_point = frame;
  task_->loop->ready.push(*task_);
}

}  // namespace takt::async
