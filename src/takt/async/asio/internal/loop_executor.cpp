#include "takt/async/asio/internal/loop_executor.hpp"

#include "takt/async/tasks/internal/loop_state.hpp"

namespace takt::async::internal {

namespace execution = boost::asio::execution;

LoopExecutor::LoopExecutor(const LoopState& loop, boost::asio::execution_context& context) noexcept
    : loop_(&loop), context_(&context), inbox_(loop.inbox) {}

bool LoopExecutor::is_here() const noexcept {
  return this_thread.loop != nullptr && &this_thread.loop->state() == loop_;
}

execution::blocking_t LoopExecutor::query(execution::blocking_t /*property*/) const noexcept {
  return never_at_once_ ? execution::blocking_t(execution::blocking.never)
                        : execution::blocking_t(execution::blocking.possibly);
}

LoopExecutor LoopExecutor::require(execution::blocking_t::never_t /*never*/) const noexcept {
  LoopExecutor changed = *this;
  changed.never_at_once_ = true;
  return changed;
}

LoopExecutor LoopExecutor::require(execution::blocking_t::possibly_t /*possibly*/) const noexcept {
  LoopExecutor changed = *this;
  changed.never_at_once_ = false;
  return changed;
}

}  // namespace takt::async::internal
