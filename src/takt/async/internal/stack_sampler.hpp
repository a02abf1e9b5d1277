#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "takt/core/error.hpp"

namespace takt::async {

/// Why a thread gave no stack.
enum class NoSample {
  kNoAnswer,     ///< not in time: uninterruptible sleep (a dead disk), no CPU, the signal blocked
  kThreadEnded,  ///< there is no such thread any more
};

/// Takes the call stack of another thread of this process while that thread runs: what LoopWatch reads when a loop does
/// not turn. A resource. One caller at a time; several samplers may live, of the same thread too.
///
/// How: a real-time signal to that thread; its handler writes the return addresses down and the thread goes on. The
/// thread pays some microseconds per sample (an unwinding of its stack) and nothing between samples. No allocation and
/// no lock on it. A blocking call that it interrupts is restarted by the kernel where signal(7) allows it (read, recv
/// without a timeout, flock, wait …); epoll_wait, poll, nanosleep, usleep and calls with a timeout return early with
/// EINTR, as at any signal: std::this_thread::sleep_for and the like go on by themselves, bare calls need their loop.
class StackSampler {
 public:
  static constexpr std::size_t kMaxFrames = 64;

  /// Runs on the sampled thread, inside the signal handler, before the stack is taken. Async-signal-safe: no
  /// allocation, no lock, no blocking; it sees that thread's data in any half-finished state.
  using Visitor = void (*)(void* context) noexcept;

  /// @param thread_id  Linux thread id (gettid). Ids are used again by the kernel: destroy the sampler before or soon
  ///                   after its thread ends.
  /// @param context    handed to `visitor`, and must outlive the sampler.
  /// @throws SystemError when signal() has a handler that is not ours, LogicError with kMaxSamplers alive.
  explicit StackSampler(std::uint32_t thread_id, Visitor visitor = nullptr, void* context = nullptr);
  ~StackSampler();
  StackSampler(const StackSampler&) = delete;
  StackSampler& operator=(const StackSampler&) = delete;

  /// Samples now, and waits `patience` for the thread to begin its answer; an answer that was begun is waited for. May
  /// be called on the sampled thread itself. Without an answer nothing is left behind: a signal that arrives late does
  /// not run the visitor and writes nowhere.
  ///
  /// @return  The interrupted instruction first, then the return addresses of its callers, innermost first. Valid until
  ///          the next call.
  Expected<std::span<const std::uintptr_t>, NoSample> sample(std::chrono::nanoseconds patience);

  /// The signal that takt takes for itself, SIGRTMIN + 8. Its handler stays once a first sampler was made. Nothing else
  /// in the process may handle or block it.
  [[nodiscard]] static int signal() noexcept;

  static constexpr std::size_t kMaxSamplers = 64;

 private:
  struct Request;
  std::span<const std::uintptr_t> answer_of(const Request& request) noexcept;

  Request& request_;
  std::array<std::uintptr_t, kMaxFrames> frames_{};
};

}  // namespace takt::async
