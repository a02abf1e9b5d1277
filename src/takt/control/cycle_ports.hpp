#pragma once

#include <atomic>
#include <cstdint>

#include "takt/control/cycle_state.hpp"
#include "takt/control/fault.hpp"
#include "takt/control/lease.hpp"
#include "takt/control/target.hpp"
#include "takt/core/time.hpp"
#include "takt/realtime/latest.hpp"
#include "takt/realtime/mailbox.hpp"

namespace takt::control {

/// What a cycle shows: written by its thread, read by anybody without waiting. Lives in the cycle, or in memory that
/// other processes map read-only; zeroed memory is a valid one. Lock-free and address-free.
struct StatePort {
  realtime::Latest<CycleState> state;
  realtime::Latest<FaultReport> fault;
  std::atomic<CycleMode> mode{CycleMode::kStopped};
  std::atomic<core::Nanoseconds> measured_ns{0};  ///< stamp of the newest state
};

/// What a cycle is told by commanders: written by any number of them, taken by its thread. Lives in the cycle, or in
/// memory that other processes map; zeroed memory is a valid one. A commander that dies in the middle of a store harms
/// nobody. The owner's own requests do not pass through here, so that no commander can undo them.
struct CommandPort {
  static constexpr std::uint32_t kHaltRequest = 1U << 0U;
  static constexpr std::uint32_t kSafeStopRequest = 1U << 1U;

  realtime::Mailbox<Command> commands;
  std::atomic<std::uint64_t> halted{0};  ///< commands up to this version were given before the last halt
  std::atomic<std::uint32_t> requests{0};

  /// To rest with limited jerk, then hold. Commands given before are forgotten, later ones are taken up. Any thread of
  /// any process, real-time safe.
  void halt() noexcept {
    raise(halted, commands.version());
    requests.fetch_or(kHaltRequest, std::memory_order_acq_rel);
  }
  void safe_stop() noexcept { requests.fetch_or(kSafeStopRequest, std::memory_order_acq_rel); }

  /// Raises `highest` to `value` where it is lower.
  static void raise(std::atomic<std::uint64_t>& highest, std::uint64_t value) noexcept {
    std::uint64_t there = highest.load(std::memory_order_relaxed);
    while (there < value && !highest.compare_exchange_weak(there, value, std::memory_order_acq_rel)) {
    }
  }
};

/// Where a cycle finds its ports: null means memory of its own.
struct CyclePorts {
  struct Own {
    StatePort state;
    CommandPort command;
  };
  StatePort* state{nullptr};
  CommandPort* command{nullptr};
  Lease* lease{nullptr};  ///< null: any epoch may command
};

}  // namespace takt::control
