#include "takt/teleop/replay/internal/task_thread.hpp"

#include <utility>

namespace takt::teleop::replay::internal {

TaskThread::TaskThread(const std::string& name, Bounds bounds)
    : bounds_(bounds), thread_({.name = name.substr(0, 15)}, [this](const std::stop_token& stop) { run(stop); }) {}

TaskThread::~TaskThread() = default;

void TaskThread::close() noexcept {
  thread_.request_stop();
  thread_.join();
}

bool TaskThread::give(std::size_t bytes, std::function<void()> task) {
  const std::scoped_lock lock(mutex_);
  if (tasks_.size() >= bounds_.tasks || (!tasks_.empty() && bytes_ + bytes > bounds_.bytes)) {
    return false;
  }
  tasks_.push_back({.bytes = bytes, .run = std::move(task)});
  bytes_ += bytes;
  came_.notify_one();
  return true;
}

bool TaskThread::idle() const {
  const std::scoped_lock lock(mutex_);
  return !busy_ && tasks_.empty();
}

void TaskThread::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (came_.wait(lock, stop, [this] { return !tasks_.empty(); }) && !stop.stop_requested()) {
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    bytes_ -= task.bytes;
    busy_ = true;
    lock.unlock();
    task.run();
    task.run = {};
    lock.lock();
    busy_ = false;
  }
}

}  // namespace takt::teleop::replay::internal
