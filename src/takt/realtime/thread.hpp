#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace takt::realtime {

/// What a real-time thread asks of the system. What is not permitted is warned of once and done without.
struct ThreadOptions {
  std::string name;                    ///< shown by `ps -L` and traces; 1 … 15 bytes
  std::optional<int> fifo_priority{};  ///< SCHED_FIFO 1 … 99; none: the normal scheduler, timer slack 1 ns
  std::optional<int> cpu{};            ///< run on this CPU only
  bool lock_memory{false};             ///< lock_process_memory() first
  std::size_t stack_bytes{std::size_t{1024} * 1024};  ///< touched from end to end before the body runs
};

/// What a thread got of what it asked for.
struct ThreadReport {
  bool fifo{false};
  bool pinned{false};
  bool memory_locked{false};
  bool stack_prefaulted{false};
  std::uint32_t thread_id{0};  ///< Linux thread id
};

/// A thread prepared for a real-time loop: named, scheduled SCHED_FIFO where permitted, its stack touched, memory
/// locked. A resource: destruction requests the stop and joins. All warnings are logged by the constructing thread.
class RealtimeThread {
 public:
  using Body = std::move_only_function<void(std::stop_token)>;

  /// Starts the thread and returns when it is set up; the body runs from then on. The body must not throw
  /// (std::terminate) and returns soon after a stop is requested.
  /// @throws LogicError for options out of range, SystemError when the system gives no thread.
  RealtimeThread(ThreadOptions options, Body body);
  ~RealtimeThread();
  RealtimeThread(const RealtimeThread&) = delete;
  RealtimeThread& operator=(const RealtimeThread&) = delete;

  /// Asks the body to return. Any thread, does not wait.
  void request_stop() noexcept;

  /// Waits until the body has returned. Idempotent; one thread at a time, not the body's.
  void join() noexcept;

  /// Constant after construction; any thread.
  [[nodiscard]] const ThreadReport& report() const noexcept;

 private:
  struct Shared;
  std::unique_ptr<Shared> shared_;
};

/// Locks all memory of the process, now and later, so that a real-time thread meets no page fault. Done once per
/// process; later calls return the same answer. Warns once when it is refused, and does nothing under a sanitizer,
/// whose shadow memory cannot be locked. Not real-time safe; any thread.
bool lock_process_memory();

/// Keeps the CPUs out of deep sleep while it lives (/dev/cpu_dma_latency = 0), which halves the usual wake-up latency
/// and costs power. A resource. Where it is not permitted, warns once and holds nothing.
class CpuDmaLatency {
 public:
  CpuDmaLatency();
  ~CpuDmaLatency();
  CpuDmaLatency(const CpuDmaLatency&) = delete;
  CpuDmaLatency& operator=(const CpuDmaLatency&) = delete;

  [[nodiscard]] bool held() const noexcept { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

}  // namespace takt::realtime
