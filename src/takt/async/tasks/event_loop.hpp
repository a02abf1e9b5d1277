#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "takt/async/tasks/clock.hpp"
#include "takt/async/tasks/task.hpp"
#include "takt/core/error.hpp"

namespace takt::async {

/// Nothing can ever happen again on a loop with virtual time: each task waits, and nothing that could end a wait is
/// outstanding. The message names every parked task and what it waits for.
class Deadlock : public Error {
 public:
  using Error::Error;
};

/// A task as it stands now, for people and tools.
struct TaskInfo {
  std::string path;         ///< "main/camera/decoder"
  std::string started_at;   ///< "file.cpp:12"
  std::string waiting_for;  ///< "Event 'go'"; empty when it is ready or running
};

/// What a loop has done since it was made.
struct LoopStatistics {
  std::uint64_t tasks_started{0};
  std::uint64_t resumptions{0};
  std::uint64_t sleeps{0};                   ///< waits in the kernel
  std::uint64_t swallowed_cancellations{0};  ///< tasks that caught Cancelled and went on
  std::string last_swallower;                ///< the path of the last of them
};

/// Whose time a loop runs on.
enum class LoopTime : std::uint8_t {
  kSteady,   ///< CLOCK_MONOTONIC
  kVirtual,  ///< for tests: stands still while a task is ready, then jumps to the next deadline. Starts at 0
};

namespace internal {
struct LoopState;
class Inbox;
class IoWatch;
class Reactor;
}  // namespace internal

/// Runs tasks on the calling thread, one loop per thread at a time: ready tasks first come first served, then timers,
/// inbox and file descriptors; it sleeps in epoll when there is nothing to do. Tasks never leave its thread; other
/// threads reach it through a Doorbell, offload and the like.
///
/// Most programs call run(app()) (run.hpp) and never see it. Tests use `EventLoop loop{LoopTime::kVirtual}`.
///
/// A resource. All members on the loop's thread but where said otherwise.
class EventLoop {
 public:
  /// @throws SystemError when the system gives no epoll or eventfd.
  explicit EventLoop(LoopTime time = LoopTime::kSteady);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Runs `root`, and every task that it starts, until it has ended. May be called again afterwards.
  ///
  /// @return the task's result.
  /// @throws what the task throws; Cancelled when cancel() ended it; Deadlock (virtual time only); LogicError when a
  /// loop runs on this thread already, or this loop on another.
  template <class T>
  T run(Task<T> root, std::string_view name = "main", std::source_location where = std::source_location::current());

  /// Cancels the root task and all it started; before run(), the next one, as it starts. Any thread, and signal
  /// handlers. The reason must be a literal.
  void cancel(const char* reason) noexcept;

  /// The clock that sleep_for, deadlines and timeouts use.
  [[nodiscard]] Clock& clock() noexcept;
  [[nodiscard]] LoopTime time() const noexcept;
  [[nodiscard]] LoopStatistics statistics() const;
  /// Every task that was started and has not ended, parents before children.
  [[nodiscard]] std::vector<TaskInfo> tasks() const;

  /// Internal to async and its adapters.
  [[nodiscard]] internal::LoopState& state() noexcept { return *state_; }

 private:
  void run_root(Task<void> root, std::string_view name, std::source_location where);

  std::unique_ptr<internal::LoopState> state_;
};

/// The loop that runs the calling task. @throws LogicError outside of one.
[[nodiscard]] EventLoop& this_loop();

namespace internal {

// `result` outlives the frame: EventLoop::run holds it.
template <class T>
Task<void> store_result(Task<T> task, std::optional<T>* result) {
  result->emplace(co_await std::move(task));
}

}  // namespace internal

template <class T>
T EventLoop::run(Task<T> root, std::string_view name, std::source_location where) {
  if constexpr (std::is_void_v<T>) {
    run_root(std::move(root), name, where);
  } else {
    std::optional<T> result;
    run_root(internal::store_result(std::move(root), &result), name, where);
    return std::move(*result);
  }
}

}  // namespace takt::async
