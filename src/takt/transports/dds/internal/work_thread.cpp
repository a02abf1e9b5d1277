#include "takt/transports/dds/internal/work_thread.hpp"

#include <utility>

#include "takt/core/thread_names.hpp"

namespace takt::dds {

WorkThread::~WorkThread() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void WorkThread::post(std::move_only_function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
}

void WorkThread::post_after(std::chrono::milliseconds delay, std::move_only_function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    later_.emplace(std::chrono::steady_clock::now() + delay, std::move(work));
  }
  wake_.notify_one();
}

void WorkThread::await_work(std::unique_lock<std::mutex>& lock) {
  while (!ending_ && queue_.empty()) {
    const auto next = later_.begin();
    if (next == later_.end()) {
      wake_.wait(lock);
    } else if (const auto due = next->first; due > std::chrono::steady_clock::now()) {
      wake_.wait_until(lock, due);
    } else {
      queue_.push_back(std::move(next->second));
      later_.erase(next);
    }
  }
}

void WorkThread::run(const std::string& name) {
  core::set_current_thread_name(name);
  std::unique_lock lock(mutex_);
  while (true) {
    await_work(lock);
    if (queue_.empty()) {
      return;
    }
    std::vector<std::move_only_function<void()>> now = std::exchange(queue_, {});
    lock.unlock();
    for (auto& work : now) {
      work();
      work = nullptr;  // what it captured may end here: without the lock
    }
    lock.lock();
  }
}

}  // namespace takt::dds
