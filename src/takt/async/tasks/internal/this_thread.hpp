#pragma once

#include <coroutine>
#include <cstdint>

namespace takt::async {
class EventLoop;
}

/// What runs on this thread now. Internal to async.
namespace takt::async::internal {

struct RunningTask;
class TaskRunner;

struct ThisThread {
  EventLoop* loop{nullptr};              ///< the loop that runs on this thread
  RunningTask* task{nullptr};            ///< the task that it is running now
  std::coroutine_handle<> next_frame{};  ///< what the pump resumes next
  std::uint64_t tasks_started{0};        ///< by all loops of this thread
};

/// Plain and constant-initialised: an access is one instruction.
extern constinit thread_local ThisThread this_thread;

}  // namespace takt::async::internal
