#include "takt/async/tasks/nursery.hpp"

#include <memory>

#include <fmt/core.h>

#include "takt/async/tasks/internal/loop_state.hpp"
#include "takt/core/error.hpp"

namespace takt::async {
namespace internal {
namespace {

/// Slots of closed nurseries, of this thread. Never given back while the thread lives, so that a handle that is kept
/// too long still finds one.
std::vector<std::unique_ptr<NurseryState>>& all_slots() {
  static thread_local std::vector<std::unique_ptr<NurseryState>> slots;
  return slots;
}

constinit thread_local NurseryState* free_slot = nullptr;
constinit thread_local std::uint64_t next_id = 1;

}  // namespace

NurseryState& NurseryState::open(std::source_location where) {
  if (this_thread.task == nullptr) {
    throw LogicError("with_nursery was awaited outside of a task");
  }
  if (free_slot == nullptr) {
    all_slots().push_back(std::make_unique<NurseryState>());
    free_slot = all_slots().back().get();
  }
  NurseryState& state = *std::exchange(free_slot, free_slot->next_free_);
  state.scope_.reset();
  state.failures_.clear();
  state.cancelled_ = false;
  state.join_ = nullptr;
  state.opened_by_ = this_thread.task->name;
  state.where_ = where;
  state.id_ = next_id++;
  state.open_ = true;
  state.scope_.enter(*this_thread.task, false);
  return state;
}

void NurseryState::close() noexcept {
  scope_.leave();
  open_ = false;
  next_free_ = std::exchange(free_slot, this);
}

std::string NurseryState::describe() const {
  return fmt::format("the nursery of task '{}' (opened at {})", opened_by_.view(), brief(where_));
}

void NurseryState::child_ended(const RunningTask& child, std::exception_ptr error, bool cancelled) noexcept {
  --children_;
  cancelled_ = cancelled_ || cancelled;
  if (error != nullptr) {
    fail(child.name.view(), std::move(error));
  }
  if (children_ == 0 && join_ != nullptr) {
    std::exchange(join_, nullptr)->complete();
  }
}

void NurseryState::body_failed(std::exception_ptr error) noexcept {
  fail(opened_by_.view(), std::move(error));
}

void NurseryState::fail(std::string_view task, std::exception_ptr error) noexcept {
  failures_.push_back({std::string(task), std::move(error)});
  scope_.cancel("a task of its nursery failed");
}

void NurseryState::rethrow() {
  if (!failures_.empty()) {
    scope_.owner()->unwinding = false;  // the failures take the place of the Cancelled that they caused
    throw ExceptionGroup(failures_);
  }
  if (cancelled_) {
    scope_.end_cancellation();
  }
}

std::string NurseryState::Join::describe() const {
  return fmt::format("{} children of {}", nursery_->children_, nursery_->describe());
}

}  // namespace internal

internal::NurseryState& Nursery::checked(const char* what) const {
  // Slots live as long as their thread, and only that thread may look into them.
  if (state_->thread() != &internal::this_thread) {
    throw LogicError(fmt::format("{} on a nursery from another thread than its loop's: use a Doorbell", what));
  }
  if (state_->id() != id_ || !state_->is_open()) {
    throw LogicError(fmt::format("{} on a nursery that has ended, in task '{}'{}", what, internal::current_task_name(),
                                 state_->id() == id_ ? ": " + state_->describe() : std::string()));
  }
  return *state_;
}

void Nursery::start(std::string_view name, Task<void> task, std::source_location where) {
  internal::NurseryState& nursery = checked("start");
  internal::LoopState& loop = internal::this_loop_state("Nursery::start");
  internal::TaskRunner::start(loop, std::move(task), name, where, nursery.scope(), &nursery);
  nursery.child_started();
}

void Nursery::cancel(std::string_view reason) {
  checked("cancel").scope().cancel(reason);
}

std::size_t Nursery::children() const {
  return checked("children").children();
}

}  // namespace takt::async
