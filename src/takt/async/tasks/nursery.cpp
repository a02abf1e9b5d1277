#include "takt/async/tasks/nursery.hpp"

#include <atomic>
#include <mutex>
#include <utility>

#include <fmt/core.h>

#include "takt/async/tasks/internal/loop_state.hpp"
#include "takt/core/error.hpp"

namespace takt::async {
namespace internal {
namespace {

// Slots are never freed, so that a handle that is kept too long still finds one: a thread that ends leaves its free
// slots to the others. The thread-local parts are trivial, so that they serve until the very end of a thread.
constinit std::mutex left_mutex;
constinit NurseryState* left_slots = nullptr;

constinit thread_local NurseryState* free_slot = nullptr;
constinit std::atomic<std::uint64_t> next_id{1};

}  // namespace

void NurseryState::refill() {
  struct Legacy {  // of a thread that ends
    ~Legacy() {
      while (free_slot != nullptr) {
        NurseryState* slot = std::exchange(free_slot, free_slot->next_free_);
        const std::scoped_lock lock(left_mutex);
        slot->next_free_ = std::exchange(left_slots, slot);
      }
    }
  };
  static thread_local const Legacy legacy;
  static_cast<void>(legacy);
  {
    const std::scoped_lock lock(left_mutex);
    free_slot = std::exchange(left_slots, nullptr);
  }
  if (free_slot == nullptr) {
    free_slot = new NurseryState();
  }
}

NurseryState& NurseryState::open(std::source_location where) {
  if (this_thread.task == nullptr) {
    throw LogicError("with_nursery was awaited outside of a task");
  }
  if (free_slot == nullptr) [[unlikely]] {
    refill();
  }
  NurseryState& state = *std::exchange(free_slot, free_slot->next_free_);
  state.scope_.reset();
  state.failures_.clear();
  state.cancelled_ = false;
  state.join_ = nullptr;
  state.opened_by_ = this_thread.task->name;
  state.where_ = where;
  state.id_ = next_id.fetch_add(1, std::memory_order_relaxed);
  state.thread_.store(&this_thread, std::memory_order_relaxed);
  state.open_ = true;
  state.scope_.enter(*this_thread.task, false);
  return state;
}

void NurseryState::close() noexcept {
  scope_.leave();
  failures_.clear();
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
  if (state_->thread() != &internal::this_thread || state_->id() != id_ || !state_->is_open()) [[unlikely]] {
    throw_misuse(what);
  }
  return *state_;
}

void Nursery::throw_misuse(const char* what) const {
  if (state_->thread() != &internal::this_thread) {
    throw LogicError(fmt::format("{} on a nursery from another thread than its loop's: use a Doorbell", what));
  }
  throw LogicError(fmt::format("{} on a nursery that has ended, in task '{}'{}", what, internal::current_task_name(),
                               state_->id() == id_ ? ": " + state_->describe() : std::string()));
}

void Nursery::start(std::string_view name, Task<void> task, std::source_location where) {
  internal::NurseryState& nursery = checked("start");
  internal::LoopState& loop = internal::this_thread.loop->state();  // an open nursery has one
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
