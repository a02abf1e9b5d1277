#include "takt/transports/dds/internal/events.hpp"

#include <utility>

#include "takt/core/thread_names.hpp"

namespace takt::dds {

void Notices::open() {
  const std::uint32_t noted = pending_.exchange(0) & ~kHeld;
  if ((noted & kDataNotice) != 0) {
    tell_now(kDataNotice);
  }
  if ((noted & ~kDataNotice) != 0) {
    post(noted & ~kDataNotice);
  }
}

void Notices::post(std::uint32_t notices) {
  if (pending_.fetch_or(notices) == 0) {
    thread_.queue(shared_from_this());
  }
}

void Notices::data() {
  std::uint32_t pending = pending_.load();
  while ((pending & kHeld) != 0) {
    if (pending_.compare_exchange_weak(pending, pending | kDataNotice)) {
      return;
    }
  }
  tell_now(kDataNotice);
}

void Notices::stop() {
  const std::lock_guard lock(telling_);
  stopped_ = true;
}

void Notices::tell_now(std::uint32_t notices) {
  const std::lock_guard lock(telling_);
  if (!stopped_) {
    tell_(notices);
  }
}

EventThread::EventThread() : thread_([this] { run(); }) {}

EventThread::~EventThread() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void EventThread::queue(std::shared_ptr<Notices> notices) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(notices));
  }
  wake_.notify_one();
}

void EventThread::run() {
  core::set_current_thread_name("dds.events");
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (queue_.empty()) {
      return;
    }
    std::vector<std::shared_ptr<Notices>> now = std::exchange(queue_, {});
    lock.unlock();
    for (const std::shared_ptr<Notices>& notices : now) {
      notices->tell_pending();
    }
    now.clear();  // the last reference to what an endpoint captured may go here: without the lock
    lock.lock();
  }
}

}  // namespace takt::dds
