#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace takt::dds {

/// A thread that does one thing after the other.
class WorkThread {
 public:
  /// @param name  What ps and the trace show.
  explicit WorkThread(std::string name) : thread_([this, called = std::move(name)] { run(called); }) {}
  /// Everything posted before is done, but what is due later.
  ~WorkThread();
  WorkThread(const WorkThread&) = delete;
  WorkThread& operator=(const WorkThread&) = delete;

  /// Does `work`, and destroys it, soon. Any thread, the work itself included; waits for nothing.
  void post(std::move_only_function<void()> work);

  /// The same after a while, when nothing else is to be done; not at all when this ends before.
  void post_after(std::chrono::milliseconds delay, std::move_only_function<void()> work);

 private:
  void run(const std::string& name);
  void await_work(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::move_only_function<void()>> queue_;
  std::multimap<std::chrono::steady_clock::time_point, std::move_only_function<void()>> later_;
  bool ending_{false};
  std::thread thread_;
};

}  // namespace takt::dds
