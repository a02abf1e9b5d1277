#pragma once

#include <string_view>

#include "takt/async/tasks/task.hpp"

namespace takt::async {

struct RunOptions {
  std::string_view name{"main"};  ///< of the root task
  bool handle_signals{true};      ///< SIGINT and SIGTERM cancel the root task; one run() of the process at a time
};

/// Runs a program: `int main() { return run(app()); }`. Makes a loop for this thread and runs `root` on it.
///
/// SIGINT and SIGTERM cancel `root`: each await in it and in what it started throws Cancelled, cleanup runs, and then
/// this returns. A second signal ends the process at once. The handlers that were there before are restored at the end.
/// A signal that is ignored (nohup, a shell's background job) stays so.
///
/// @return 0, or what a Task<int> returned; 128 + signal number when a signal ended it; 2 when it failed with a
/// ConfigError (or several, and nothing else); 1 for any other failure, and when EventLoop::cancel() ended it. Failures
/// are on standard error, with the names of the tasks.
/// @throws LogicError inside of a running loop, and when another thread is in a run() that handles signals.
int run(Task<void> root, RunOptions options = {});
int run(Task<int> root, RunOptions options = {});

}  // namespace takt::async
