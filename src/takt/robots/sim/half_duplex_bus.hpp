#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "takt/core/time.hpp"

namespace takt::robots::sim {

struct BusOptions {
  double baud{1e6};                               ///< bits per second; a byte takes 10 bits (8N1)
  core::Nanoseconds longest_wait_ns{20'000'000};  ///< for the other user to finish
  bool takes_time{true};                          ///< false: transfers cost nothing (benches, virtual time)
};

/// One serial line with many servos that carries one conversation at a time: reads and writes of several threads share
/// it, each waiting for the other, but never longer than longest_wait_ns. A transfer really takes its time on the wire.
///
/// The lock stands for the line itself: whoever writes to a servo arm must wait until the reader's last reply is
/// through. Any thread; not real-time safe.
class HalfDuplexBus {
 public:
  /// One conversation; the line is free again when it goes out of scope. Stays on the thread that began it.
  class Transaction {
   public:
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    /// Returns when `bytes` more have crossed the wire.
    void pass(std::size_t bytes) noexcept;

   private:
    friend class HalfDuplexBus;
    Transaction(HalfDuplexBus& bus, const char* user);

    HalfDuplexBus& bus_;
    core::Nanoseconds wire_free_ns_{0};
  };

  explicit HalfDuplexBus(BusOptions options = {});

  /// Takes the line. @param user a string literal; names who holds the line to whoever cannot have it.
  /// @throws BusyError naming both users and the time waited, when the line did not become free.
  [[nodiscard]] Transaction begin(const char* user);

  /// How long `bytes` are on the wire.
  [[nodiscard]] core::Nanoseconds wire_time_ns(std::size_t bytes) const noexcept;

  /// Conversations held, and conversations refused after the longest wait.
  [[nodiscard]] std::uint64_t transactions() const noexcept { return transactions_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t refusals() const noexcept { return refusals_.load(std::memory_order_relaxed); }

 private:
  BusOptions options_;
  std::timed_mutex line_;
  std::atomic<const char*> holder_{nullptr};
  std::atomic<std::uint64_t> transactions_{0};
  std::atomic<std::uint64_t> refusals_{0};
};

}  // namespace takt::robots::sim
