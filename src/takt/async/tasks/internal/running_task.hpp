#pragma once

#include <coroutine>
#include <cstdint>
#include <exception>
#include <source_location>
#include <string>
#include <string_view>

#include "takt/async/tasks/internal/intrusive_list.hpp"
#include "takt/async/tasks/internal/task_name.hpp"
#include "takt/async/tasks/task.hpp"

namespace takt::async {
class Wait;
}

/// Internal to async.
namespace takt::async::internal {

class ScopeNode;
struct LoopState;
class NurseryState;
struct InScope;

/// A task that was started: the unit that the loop schedules, a child of a nursery or the root. Lives from start()
/// until its parent has been told of its end. Loop thread only.
struct RunningTask : ListLink<InScope> {
  RunningTask(LoopState& its_loop, std::string_view task_name, std::source_location where,
              std::coroutine_handle<Promise<void>> root_frame) noexcept
      : loop(&its_loop), name(task_name), started_at(where), frame(root_frame), resume_point(root_frame) {}

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* block, std::size_t size) noexcept { free_frame(block, size); }

  LoopState* loop;
  TaskName name;
  std::uint64_t serial{0};  ///< from 1, another one for each task of the thread
  std::source_location started_at;
  std::coroutine_handle<Promise<void>> frame;  ///< the outermost; destroyed by TaskRunner when it is done
  std::coroutine_handle<> resume_point;        ///< the frame that waits
  RunningTask* next_ready{nullptr};            ///< link of the loop's ready queue
  Wait* wait{nullptr};                         ///< what it is parked on; null while ready, running or done
  ScopeNode* scope{nullptr};                   ///< the innermost it is in
  NurseryState* nursery{nullptr};              ///< its parent; null for the root
  bool started{false};
  bool unwinding{false};  ///< Cancelled was thrown into it and has not reached the scope that asked for it
  bool swallowed{false};  ///< it caught Cancelled and went on; said once
};

/// "main/camera/decoder": the names from the root down.
[[nodiscard]] std::string path_of(const RunningTask& task);
/// The name of the task that runs on this thread, "" outside of one.
[[nodiscard]] std::string_view current_task_name() noexcept;
/// "file.cpp:12", without the folders.
[[nodiscard]] std::string brief(const std::source_location& where);

/// Says once, by name, that a task caught Cancelled and went on.
void report_swallowed(RunningTask& task);

}  // namespace takt::async::internal
