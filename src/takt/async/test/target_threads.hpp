#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <thread>
#include <utility>

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "takt/core/sanitizers.hpp"

/// Threads for StackSampler's tests to sample.
namespace takt::async {

inline std::atomic<bool> g_burning{false};
inline std::atomic<bool> g_burn{false};

/// ThreadSanitizer keeps a signal until the thread calls something that it knows.
inline void let_the_sanitizer_deliver_signals() {
  if (TAKT_THREAD_SANITIZER != 0) {
    usleep(1);
  }
}

[[gnu::noinline]] inline void burn_the_cpu() {
  g_burning = true;
  while (g_burn.load(std::memory_order_relaxed)) {
    let_the_sanitizer_deliver_signals();
  }
  g_burning = false;
}

constexpr std::chrono::seconds kPatience{60};    // a test fails by it only where no answer comes at all
constexpr std::chrono::milliseconds kShort{20};  // where none is expected

inline std::uint32_t thread_id() {
  return static_cast<std::uint32_t>(::syscall(SYS_gettid));
}

/// A thread with a body, and its Linux id.
class Target {
 public:
  explicit Target(std::function<void()> body)
      : thread_([this, body = std::move(body)] {
          id_ = thread_id();
          id_.notify_one();
          body();
        }) {
    id_.wait(0);
  }
  ~Target() { join(); }
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  [[nodiscard]] std::uint32_t id() const { return id_; }
  void join() {
    if (thread_.joinable()) {
      thread_.join();
    }
  }

 private:
  std::atomic<std::uint32_t> id_{0};
  std::thread thread_;
};

/// A target that burns the CPU until the end of the test.
class Burner {
 public:
  Burner() : target_((g_burn = true, [] { burn_the_cpu(); })) {
    while (!g_burning) {
      std::this_thread::yield();
    }
  }
  ~Burner() { g_burn = false; }
  Burner(const Burner&) = delete;
  Burner& operator=(const Burner&) = delete;

  [[nodiscard]] std::uint32_t id() const { return target_.id(); }

 private:
  Target target_;
};

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() { EXPECT_EQ(pipe(ends.data()), 0); }
  ~Pipe() {
    close(ends[0]);
    close(ends[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void say(char byte) const { EXPECT_EQ(write(ends[1], &byte, 1), 1); }
};

}  // namespace takt::async
