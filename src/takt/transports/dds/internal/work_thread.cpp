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

void WorkThread::run(const std::string& name) {
  core::set_current_thread_name(name);
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
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
