#include "takt/async/tasks/doorbell.hpp"

#include <utility>

#include <fmt/core.h>

#include "takt/async/tasks/internal/loop_state.hpp"
#include "takt/async/tasks/internal/thread_bound.hpp"
#include "takt/core/error.hpp"

namespace takt::async {

Doorbell::Doorbell(std::string_view name) : inbox_(internal::this_loop_state("a Doorbell").inbox), name_(name) {}

Doorbell::~Doorbell() {
  if (in_inbox_.load(std::memory_order_acquire)) {
    inbox_->deliver_all();  // takes the message out
  }
}

void Doorbell::ring() noexcept {
  // acq_rel: what this ring announces is visible to the task, also when an earlier ring is still on its way.
  if (!in_inbox_.exchange(true, std::memory_order_acq_rel)) {
    inbox_->push(message_);
  }
}

void Doorbell::answer() noexcept {
  in_inbox_.exchange(false, std::memory_order_acq_rel);
  if (waiters_.empty()) {
    rung_ = true;
  } else {
    Waiter& waiter = waiters_.front();
    waiter.outside_.end();
    waiters_.wake(waiter);
  }
}

bool Doorbell::Waiter::try_complete() {
  if (internal::this_thread.loop->state().inbox != bell_->inbox_) {
    throw LogicError(fmt::format("{} was awaited in another loop than the one it was made in", describe()));
  }
  return std::exchange(bell_->rung_, false);
}

void Doorbell::Waiter::arm() {
  outside_.begin("a Doorbell");
  bell_->waiters_.push(*this);
}

bool Doorbell::Waiter::withdraw() noexcept {
  outside_.end();
  return QueuedAwaitable::withdraw();
}

void Doorbell::Waiter::result() noexcept {}

std::string Doorbell::Waiter::describe() const {
  return internal::describe_primitive("Doorbell", bell_->name_.view());
}

}  // namespace takt::async
