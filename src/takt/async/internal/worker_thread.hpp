#pragma once

#include <functional>
#include <string>
#include <thread>

/// Internal to async.
namespace takt::async::internal {

/// Starts a thread that works for a loop. What it would inherit from the loop's thread and must not have, it does not:
/// signals (all are blocked: they are the loop's), SCHED_FIFO or SCHED_RR (blocking work would compete with the loop
/// that hands it away), and a pinning to the loop's CPU (it may use those that the process had at its start).
///
/// @param name  as core::set_current_thread_name has it
/// @throws SystemError naming the thread
[[nodiscard]] std::thread start_worker(std::string name, std::move_only_function<void()> body);

/// What is asked of a thread's scheduling; what is not given stays as start_worker makes it.
struct Scheduling {
  int fifo_priority{0};  ///< SCHED_FIFO, 1 … 99; 0: SCHED_OTHER
  int nice{0};           ///< −20 … 19
  int cpu{-1};           ///< pinned to; −1: not
};

/// Applies it to the calling thread. What the system refuses is warned of, one line each, and does without.
void apply_scheduling(const Scheduling& wanted, const std::string& thread);

}  // namespace takt::async::internal
