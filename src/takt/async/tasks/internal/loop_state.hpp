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

/// Told by a loop, when it was asked to, that a turn has ended (LoopWatch).
class TurnObserver {
 public:
  /// On the loop's thread; the number still is that of the turn.
  virtual void turn_ended() noexcept = 0;
  /// The loop is being destroyed: the last moment to look at it.
  virtual void loop_ends() noexcept = 0;

 protected:
  ~TurnObserver() = default;
};

/// Counts a loop's turns, where a watch on another thread can see it. A turn is one resumption of a task with what
/// follows from it. Watching adds no instruction to a turn; reading the number costs the loop a cache miss. In a cache
/// line of its own, so that nothing else does.
class alignas(64) TurnCounter {
 public:
  /// Odd while a task has its turn, another one for each; even while the loop does something else, or sleeps. Any
  /// thread. Who sees a number sees what was written before the turn began.
  [[nodiscard]] std::uint64_t number() const noexcept { return number_.load(std::memory_order_acquire); }
  [[nodiscard]] static bool is_task(std::uint64_t number) noexcept { return number % 2 != 0; }

  /// Has the observer told once, when this turn ends or, between turns, before the next begins. A turn that ends just
  /// now may not hear it: then the next one does. Any thread.
  void ask() noexcept { asked_.store(true, std::memory_order_relaxed); }

  // Loop thread:
  void begin() noexcept {
    answer();
    number_.store((number_.load(std::memory_order_relaxed) + 1) | 1U, std::memory_order_release);
  }
  void rest() noexcept {
    if (const std::uint64_t last = number_.load(std::memory_order_relaxed); is_task(last)) {
      answer();
      number_.store(last + 1, std::memory_order_release);
    }
  }
  /// Tells the observer, if that was asked for.
  void answer() noexcept {
    if (asked_.load(std::memory_order_relaxed)) [[unlikely]] {
      asked_.store(false, std::memory_order_relaxed);
      if (observer_ != nullptr) {
        observer_->turn_ended();
      }
    }
  }
  void set_observer(TurnObserver* observer) noexcept { observer_ = observer; }
  [[nodiscard]] TurnObserver* observer() const noexcept { return observer_; }
  [[nodiscard]] std::uint64_t resumptions() const noexcept { return (number() + 1) / 2; }

 private:
  std::atomic<std::uint64_t> number_{0};
  std::atomic<bool> asked_{false};
  TurnObserver* observer_{nullptr};
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
  using Clock::move_to_this_thread;
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

  void take_cancellation() noexcept;
  void run_ready_tasks() noexcept;
  void poll_io() noexcept;
  void sleep() noexcept;
  void sleep_virtual() noexcept;
  void wait_io(core::Nanoseconds timeout_ns) noexcept;
  void dispatch_io(core::Nanoseconds timeout_ns) noexcept;
  [[nodiscard]] bool outside_may_act() const noexcept;
  void break_deadlock() noexcept;

  /// @throws LogicError while it runs on another thread
  void check_thread(const char* what) const;

  LoopClock clock;
  ReadyQueue ready;
  std::shared_ptr<Inbox> inbox{std::make_shared<Inbox>()};
  ScopeNode* root_scope{nullptr};
  std::exception_ptr root_error;
  bool root_done{false};
  std::atomic<const ThisThread*> thread{nullptr};  ///< on which it runs
  int epoll{-1};
  List<IoWatch, InWatches> watches;  ///< descriptors that are watched, the inbox's apart
  int outside_work{0};   ///< calls elsewhere (offload, isolate) that end by themselves: virtual time waits for them
  int outside_waits{0};  ///< waits that only the outside can end (doorbells, descriptors, Asio)
  std::unique_ptr<Reactor> reactor;  ///< waits instead of the loop
  TurnCounter turns;
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
