#pragma once

#include <cstddef>
#include <cstdint>

#include "takt/bus/qos.hpp"
#include "takt/node/failure_policy.hpp"
#include "takt/node/internal/delivery.hpp"

namespace takt::node {

struct SubscriptionOptions {
  // Behaviour
  bus::Qos qos{};  ///< a transport that cannot do all of it does what it can, and that is logged
  Delivery delivery{Delivery::kSequential};
  FailurePolicy on_failure{};
  bool in_process_only{false};  ///< not on transports: for types without a wire form
  // Performance
  std::size_t max_concurrent{16};  ///< of kConcurrent; at this bound nothing more is taken
  std::size_t take_per_turn{64};   ///< messages at most before other tasks, timers and threads have their turn
};

struct SubscriptionStatistics {
  std::uint64_t received{0};  ///< messages that were handed to the function or to next()
  std::uint64_t lost{0};      ///< overwritten here because they were not taken in time, or lost on the way
  std::uint64_t malformed{0};
  std::uint64_t failures{0};  ///< of the function
  std::uint64_t deadlines_missed{0};
  std::size_t running{0};       ///< handlers now
  std::size_t most_running{0};  ///< and at most
  std::uint64_t saturated{0};   ///< times that the bound of kConcurrent was reached
};

}  // namespace takt::node
