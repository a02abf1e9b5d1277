#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>

#include "takt/realtime/thread.hpp"

/// Internal to replay.
namespace takt::teleop::replay::internal {

/// A thread that does what it is given, one after the other, so that who gives it waits for nothing. A resource; thread
/// safe.
class TaskThread {
 public:
  struct Bounds {
    std::size_t tasks{64};                       ///< that wait
    std::size_t bytes{std::size_t{128} << 20U};  ///< that they hold
  };

  /// @param name  of the thread, cut to 15 bytes
  TaskThread(const std::string& name, Bounds bounds);
  /// As close().
  ~TaskThread();
  TaskThread(const TaskThread&) = delete;
  TaskThread& operator=(const TaskThread&) = delete;

  /// @param bytes  that it holds; one alone may be larger than the bound. @param task  must not throw. False: there is
  /// no room, and it will not be done.
  [[nodiscard]] bool give(std::size_t bytes, std::function<void()> task);

  /// Waits for the one that is being done. Those that wait, and what is given from now on, are not done. Not from a
  /// task.
  void close() noexcept;

  /// Nothing is being done, and nothing waits.
  [[nodiscard]] bool idle() const;

 private:
  struct Task {
    std::size_t bytes{0};
    std::function<void()> run;
  };

  void run(const std::stop_token& stop);

  const Bounds bounds_;
  mutable std::mutex mutex_;  // of what follows
  std::condition_variable_any came_;
  std::deque<Task> tasks_;
  std::size_t bytes_{0};
  bool busy_{false};
  realtime::RealtimeThread thread_;  // last: it uses all of the above
};

}  // namespace takt::teleop::replay::internal
