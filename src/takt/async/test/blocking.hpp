#pragma once

#include <atomic>
#include <chrono>
#include <thread>

#include "takt/async/inference_thread.hpp"
#include "takt/async/offload.hpp"
#include "takt/async/tasks/event_loop.hpp"

/// For the tests of what blocks elsewhere.
namespace takt::async {

/// Blocks whoever waits until it is opened.
class Gate {
 public:
  void open() {
    open_.store(true, std::memory_order_release);
    open_.notify_all();
  }
  void wait() const { open_.wait(false, std::memory_order_acquire); }

 private:
  std::atomic<bool> open_{false};
};

/// The pool's limit for one test; the pool is the process's.
class Limit {
 public:
  explicit Limit(std::size_t threads) { set_offload_limit(threads); }
  Limit(const Limit&) = delete;
  Limit& operator=(const Limit&) = delete;
  ~Limit() { set_offload_limit(before_); }

 private:
  std::size_t before_{offload_statistics().limit};
};

/// Fills the hand of a started thread: hold() is a call that runs until release().
class Busy {
 public:
  explicit Busy(InferenceThread& thread) noexcept : thread_(thread) {}

  Task<void> hold() {
    co_await thread_.run([this] {
      began_.open();
      gate_.wait();
    });
  }
  void wait_until_running() { began_.wait(); }
  void release() { gate_.open(); }

 private:
  InferenceThread& thread_;
  Gate began_;
  Gate gate_;
};

/// Lets real time pass until something holds.
template <class F>
void wait_until(F&& holds) {
  while (!holds()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

/// Runs a coroutine function on a loop of its own with virtual time.
template <class Body>
void run_virtual(const Body& body) {
  EventLoop loop(LoopTime::kVirtual);
  loop.run(body());
}

}  // namespace takt::async
