#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "takt/async/tasks/clocks.hpp"
#include "takt/bus/qos.hpp"
#include "takt/node/failure_policy.hpp"
#include "takt/node/internal/delivery.hpp"

namespace takt::node {

struct ServiceOptions {
  // Behaviour
  bus::Qos qos{};
  Delivery delivery{Delivery::kSequential};  ///< not kInline
  FailurePolicy on_failure{};
  bool in_process_only{false};  ///< not on transports: for types without a wire form
  /// How long a response waits for the way back to its client; meanwhile the next request is handled.
  async::Duration reply_patience{std::chrono::seconds(1)};
  // Performance
  std::size_t max_concurrent{16};  ///< of kConcurrent; at this bound nothing more is taken
  std::size_t max_per_client{
      0};  ///< and for one client beyond this process, whose further requests are dropped; 0: any
  std::size_t take_per_turn{64};  ///< requests at most before other tasks, timers and threads have their turn
};

struct ServiceStatistics {
  std::uint64_t requests{0};     ///< that were handed to the handler
  std::uint64_t responses{0};    ///< that were sent
  std::uint64_t undelivered{0};  ///< responses that were dropped: their client had gone, or its transport refused them
  std::uint64_t malformed{0};
  std::uint64_t failures{0};  ///< of the handler
  std::size_t running{0};     ///< handlers now
  std::size_t most_running{0};
  std::uint64_t refused{0};    ///< requests that were dropped: their client had max_per_client running
  std::uint64_t saturated{0};  ///< times that the bound of kConcurrent was reached
};

}  // namespace takt::node
