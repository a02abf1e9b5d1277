#include "takt/bus/event_gate.hpp"

namespace takt::bus {

void EventGate::post_data() {
  const std::scoped_lock lock(mutex_);
  pending_.data = true;
}

void EventGate::post_matched(const Matched& matched) {
  if (events_.matches) {
    events_.matches->fetch_add(1, std::memory_order_release);
  }
  const std::scoped_lock lock(mutex_);
  pending_.matched.push_back(matched);
}

void EventGate::post_writable() {
  const std::scoped_lock lock(mutex_);
  pending_.writable = true;
}

void EventGate::post_incompatible(std::string reason) {
  const std::scoped_lock lock(mutex_);
  pending_.incompatible.push_back(std::move(reason));
}

void EventGate::call(const Pending& now) const {
  for (const std::string& reason : now.incompatible) {
    if (events_.on_incompatible) {
      events_.on_incompatible(reason);
    }
  }
  for (const Matched& matched : now.matched) {
    if (events_.on_matched) {
      events_.on_matched(matched);
    }
  }
  if (now.writable && events_.on_writable) {
    events_.on_writable();
  }
  if (now.data && events_.on_data) {
    events_.on_data();
  }
}

/// An event runs until this ends, also when it throws, which is its caller's to bear: the next ones are told.
class EventGate::Running {
 public:
  Running(EventGate& gate, std::unique_lock<std::mutex>& lock) noexcept : gate_(gate), lock_(lock) {}
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    lock_.lock();
    gate_.running_ = false;
    gate_.returned_.notify_all();
  }

 private:
  EventGate& gate_;
  std::unique_lock<std::mutex>& lock_;
};

void EventGate::run() {
  std::unique_lock lock(mutex_);
  if (running_) {
    return;
  }
  while (!closed_ && !pending_.empty()) {
    const Pending now = std::exchange(pending_, {});
    running_ = true;
    lock.unlock();
    const Running running(*this, lock);
    call(now);
  }
}

void EventGate::close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  returned_.wait(lock, [this] { return !running_; });
}

}  // namespace takt::bus
