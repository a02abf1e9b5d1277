#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <limits>
#include <memory>
#include <source_location>
#include <string>
#include <utility>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/internal/inbox.hpp"
#include "takt/async/tasks/internal/io_watch.hpp"
#include "takt/async/tasks/internal/running_task.hpp"
#include "takt/async/tasks/internal/scope_node.hpp"

/// What an EventLoop is made of, for the parts of async and its adapters.
namespace takt::async::internal {

inline constexpr core::Nanoseconds kNoDeadline = std::numeric_limits<core::Nanoseconds>::max();

/// Waits in place of the loop, for a library that has a reactor of its own (the Asio adapter). Loop thread.
class Reactor {
 public:
  virtual ~Reactor() = default;
  /// Runs what is ready in the library, without waiting.
  virtual void poll() noexcept = 0;
  /// Returns when something was done in the library, the loop's epoll is readable, or the time has come; spuriously
  /// too.
  /// @param deadline_ns  of CLOCK_MONOTONIC; kNoDeadline: no end
  /// @return whether the loop's epoll may be readable.
  [[nodiscard]] virtual bool wait(core::Nanoseconds deadline_ns) noexcept = 0;
};

/// Where a loop shows from moment to moment what it does, to a LoopWatch on another thread.
struct TurnMonitor {
  std::atomic<std::uint64_t> turn{0};     ///< odd while a task runs
  std::atomic<bool> stamp_wanted{false};  ///< set by the watch: stamp the end of this turn
  std::atomic<core::Nanoseconds> turn_end_ns{0};

  void begin_turn() noexcept { turn.store(turn.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }
  void end_turn() noexcept {
    if (stamp_wanted.load(std::memory_order_relaxed)) [[unlikely]] {
      turn_end_ns.store(core::monotonic_now_ns(), std::memory_order_relaxed);
      stamp_wanted.store(false, std::memory_order_relaxed);
    }
    // release: whoever sees the next turn sees the stamp of this one
    turn.store(turn.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
};

/// The loop's own clock.
class LoopClock final : public Clock {
 public:
  explicit LoopClock(LoopTime time) noexcept : virtual_(time == LoopTime::kVirtual) {}
  [[nodiscard]] core::Nanoseconds now_ns() const noexcept override {
    return virtual_ ? virtual_now_ns_.load(std::memory_order_relaxed) : core::monotonic_now_ns();
  }
  [[nodiscard]] bool is_virtual() const noexcept { return virtual_; }
  [[nodiscard]] const TimerHeap& heap() const noexcept { return timers(); }
  void fire_due() noexcept;
  void jump_to(core::Nanoseconds time_ns) noexcept { virtual_now_ns_.store(time_ns, std::memory_order_relaxed); }

 private:
  bool virtual_;
  std::atomic<core::Nanoseconds> virtual_now_ns_{0};
};

/// First come, first served.
class ReadyQueue {
 public:
  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  void push(RunningTask& task) noexcept {
    task.next_ready = nullptr;
    (first_ == nullptr ? first_ : last_->next_ready) = &task;
    last_ = &task;
  }
  /// @pre !empty()
  RunningTask& pop() noexcept { return *std::exchange(first_, first_->next_ready); }

 private:
  RunningTask* first_{nullptr};
  RunningTask* last_{nullptr};
};

struct LoopState {
  explicit LoopState(LoopTime time);
  LoopState(const LoopState&) = delete;
  LoopState& operator=(const LoopState&) = delete;
  ~LoopState();

  /// One round: ready tasks, timers, inbox, file descriptors; sleeps when there is nothing to do.
  void turn() noexcept;

  void run_ready_tasks() noexcept;
  void poll_io() noexcept;
  void sleep() noexcept;
  void sleep_virtual() noexcept;
  void wait_io(core::Nanoseconds timeout_ns) noexcept;
  void dispatch_io(core::Nanoseconds timeout_ns) noexcept;
  [[nodiscard]] bool outside_may_act() const noexcept;
  void break_deadlock() noexcept;

  LoopClock clock;
  ReadyQueue ready;
  std::shared_ptr<Inbox> inbox{std::make_shared<Inbox>()};
  ScopeNode* root_scope{nullptr};
  std::exception_ptr root_error;
  bool root_done{false};
  int epoll{-1};
  int watches{0};        ///< descriptors that are watched, the inbox's apart
  int outside_work{0};   ///< calls elsewhere (offload, isolate) that end by themselves: virtual time waits for them
  int outside_waits{0};  ///< waits that only the outside can end (doorbells, descriptors, Asio)
  bool io_wants_poll{false};
  std::unique_ptr<Reactor> reactor;  ///< waits instead of the loop
  TurnMonitor* monitor{nullptr};
  std::atomic<const char*> cancel_reason{nullptr};
  std::string deadlock;  ///< what was found, while it is being undone
  LoopStatistics statistics;
};

/// Starts and ends tasks.
class TaskRunner {
 public:
  /// Makes a started task of `task`, ready to run in `scope`. @throws LogicError for an empty task.
  static RunningTask& start(LoopState& loop, Task<void>&& task, std::string_view name, std::source_location where,
                            ScopeNode& scope, NurseryState* nursery);
  /// Runs it until it parks or ends.
  static void resume(LoopState& loop, RunningTask& task) noexcept;

 private:
  static void end(LoopState& loop, RunningTask& task) noexcept;
  struct Outcome {
    std::exception_ptr error{};
    bool cancelled{false};
  };
  [[nodiscard]] static Outcome outcome_of(RunningTask& task) noexcept;
};

/// The state of the calling task's loop. @throws LogicError outside of one, saying what needs it.
[[nodiscard]] LoopState& this_loop_state(const char* what);

}  // namespace takt::async::internal
