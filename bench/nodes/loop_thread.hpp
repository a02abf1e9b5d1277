#pragma once

#include <functional>
#include <thread>

#include "takt/async/tasks/event_loop.hpp"

namespace takt::bench {

/// An event loop on a thread of its own, which runs one task until the end of this. A resource.
class LoopThread {
 public:
  /// @param root  called on that thread; the task may run for ever. What it throws ends the bench.
  explicit LoopThread(std::function<async::Task<void>()> root);
  /// Cancels, and waits.
  ~LoopThread();
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

 private:
  std::function<async::Task<void>()> root_;
  async::EventLoop loop_;
  std::thread thread_;  // last: starts when all else is there
};

}  // namespace takt::bench
