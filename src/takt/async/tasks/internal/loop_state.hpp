#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
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

/// Waits in place of the loop, for a library that has a reactor of its own (the Asio adapter). Loop thread.
class Reactor {
 public:
  /// Runs what is ready in the library, without waiting.
  virtual void poll() noexcept = 0;
  /// Returns when something was done in the library, `descriptor` (the loop's epoll) is readable, or the time has come.
  /// @param timeout_ns  at least 0; negative: no end
  virtual void wait(int descriptor, core::Nanoseconds timeout_ns) noexcept = 0;

 protected:
  ~Reactor() = default;
};

/// Where a loop shows which turn it is at, to a watch on another thread (LoopWatch). A turn is one resumption of a task
/// with what follows from it. Costs a load and a store per turn.
class alignas(64) TurnMonitor {
 public:
  /// Odd while a task has its turn, another number for each; even while the loop does something else, or sleeps. Any
  /// thread. Who sees a number sees what attend() wrote before it.
  [[nodiscard]] std::uint64_t turn() const noexcept { return turn_.load(std::memory_order_acquire); }

  /// Asks the loop to call attend() once, when this turn ends or, between turns, before the next begins. A turn that
  /// ends just now may be missed: then it is at the end of the next. Any thread.
  void ask() noexcept { asked_.store(true, std::memory_order_relaxed); }

  /// Loop thread.
  void begin_turn() noexcept {
    attend_if_asked();
    turn_.store((turn_.load(std::memory_order_relaxed) | 1U) + 2, std::memory_order_release);
  }
  /// Loop thread: no task's turn any more.
  void end_turns() noexcept {
    if (const std::uint64_t last = turn_.load(std::memory_order_relaxed); last % 2 != 0) {
      attend_if_asked();
      turn_.store(last + 1, std::memory_order_release);
    }
  }

 protected:
  TurnMonitor() = default;
  ~TurnMonitor() = default;

 private:
  /// On the loop's thread; turn() still is that of what has ended.
  virtual void attend() noexcept = 0;

  void attend_if_asked() noexcept {
    if (asked_.load(std::memory_order_relaxed)) [[unlikely]] {
      asked_.store(false, std::memory_order_relaxed);
      attend();
    }
  }

  std::atomic<std::uint64_t> turn_{1};  // made in a task's turn
  std::atomic<bool> asked_{false};
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
  void turn();

  void run_ready_tasks() noexcept;
  void poll_io() noexcept;
  void sleep() noexcept;
  void sleep_virtual();
  void wait_io(core::Nanoseconds timeout_ns) noexcept;
  void dispatch_io(core::Nanoseconds timeout_ns) noexcept;
  [[nodiscard]] bool outside_may_act() const noexcept;
  void break_deadlock();

  LoopClock clock;
  ReadyQueue ready;
  std::shared_ptr<Inbox> inbox{std::make_shared<Inbox>()};
  ScopeNode* root_scope{nullptr};
  RunningTask* root{nullptr};
  std::exception_ptr root_error;
  bool root_done{false};
  int epoll{-1};
  int watches{0};  ///< descriptors that are watched, the inbox's apart
  int outside_work{
      0};  ///< calls elsewhere (offload, isolate, Asio) that end by themselves: virtual time waits for them
  int outside_waits{0};  ///< waits that only the outside can end (doorbells, descriptors)
  bool io_wants_poll{false};
  Reactor* reactor{nullptr};      ///< waits instead of the loop
  TurnMonitor* monitor{nullptr};  ///< of a LoopWatch, when there is one
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
