#include "takt/async/tasks/event_loop.hpp"

#include <fmt/core.h>
#include <sys/prctl.h>

#include "takt/async/tasks/internal/loop_state.hpp"
#include "takt/async/tasks/internal/nursery_state.hpp"
#include "takt/async/tasks/wait.hpp"

namespace takt::async {
namespace {

/// Makes a loop this thread's for a block.
class CurrentLoop {
 public:
  explicit CurrentLoop(EventLoop& loop) {
    if (internal::this_thread.loop != nullptr) {
      throw LogicError(
          fmt::format("a loop was run inside a loop, in task '{}': one loop per thread; co_await the task instead",
                      internal::current_task_name()));
    }
    const internal::ThisThread* nobody = nullptr;
    if (!loop.state().thread.compare_exchange_strong(nobody, &internal::this_thread)) {
      throw LogicError("a loop was run on two threads at once: make one for each");
    }
    internal::this_thread.loop = &loop;
  }
  CurrentLoop(const CurrentLoop&) = delete;
  CurrentLoop& operator=(const CurrentLoop&) = delete;
  ~CurrentLoop() {
    internal::this_thread.loop->state().thread.store(nullptr);
    internal::this_thread.loop = nullptr;
  }
};

/// Without it the kernel may wake a thread of the normal scheduler 50 µs late.
class ExactTimers {
 public:
  ExactTimers() noexcept : slack_ns_(prctl(PR_GET_TIMERSLACK)) { prctl(PR_SET_TIMERSLACK, 1UL); }
  ExactTimers(const ExactTimers&) = delete;
  ExactTimers& operator=(const ExactTimers&) = delete;
  ~ExactTimers() { prctl(PR_SET_TIMERSLACK, static_cast<unsigned long>(slack_ns_)); }

 private:
  int slack_ns_;
};

}  // namespace

EventLoop::EventLoop(LoopTime time) : state_(std::make_unique<internal::LoopState>(time)) {}

EventLoop::~EventLoop() = default;

void EventLoop::run_root(Task<void> root, std::string_view name, std::source_location where) {
  const CurrentLoop current(*this);
  const ExactTimers exact;
  internal::LoopState& loop = *state_;
  internal::ScopeNode scope;
  loop.clock.move_to_this_thread();
  loop.root_done = false;
  loop.root_error = nullptr;
  loop.deadlock.clear();
  internal::TaskRunner::start(loop, std::move(root), name, where, scope, nullptr);
  loop.root_scope = &scope;
  while (!loop.root_done) {
    loop.turn();
  }
  loop.root_scope = nullptr;
  loop.cancel_reason.store(nullptr, std::memory_order_relaxed);
  if (!loop.deadlock.empty()) {
    throw Deadlock(loop.deadlock);
  }
  if (loop.root_error) {
    std::rethrow_exception(std::exchange(loop.root_error, nullptr));
  }
}

void EventLoop::cancel(const char* reason) noexcept {
  state_->cancel_reason.store(reason, std::memory_order_release);
  state_->inbox->wake();
}

Clock& EventLoop::clock() noexcept {
  return state_->clock;
}

LoopTime EventLoop::time() const noexcept {
  return state_->clock.is_virtual() ? LoopTime::kVirtual : LoopTime::kSteady;
}

LoopStatistics EventLoop::statistics() const {
  state_->check_thread("EventLoop::statistics");
  LoopStatistics statistics = state_->statistics;
  statistics.resumptions = state_->turns.resumptions();
  return statistics;
}

std::vector<TaskInfo> EventLoop::tasks() const {
  state_->check_thread("EventLoop::tasks");
  std::vector<TaskInfo> found;
  if (state_->root_scope != nullptr) {
    state_->root_scope->for_each_task([&](const internal::RunningTask& task) {
      found.push_back({.path = internal::path_of(task),
                       .started_at = internal::brief(task.started_at),
                       .waiting_for = task.wait != nullptr ? task.wait->describe() : ""});
    });
  }
  return found;
}

EventLoop& this_loop() {
  if (internal::this_thread.loop == nullptr) {
    throw LogicError("there is no event loop on this thread: this belongs inside a task");
  }
  return *internal::this_thread.loop;
}

namespace internal {

void LoopState::check_thread(const char* what) const {
  const ThisThread* running_on = thread.load();
  if (running_on != nullptr && running_on != &this_thread) {
    throw LogicError(fmt::format("{} while the loop runs on another thread: ask from one of its tasks", what));
  }
}

LoopState& this_loop_state(const char* what) {
  if (this_thread.loop == nullptr) {
    throw LogicError(fmt::format("{} was used outside of a task: it needs a running event loop on this thread", what));
  }
  return this_thread.loop->state();
}

}  // namespace internal
}  // namespace takt::async
