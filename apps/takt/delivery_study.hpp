#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "takt/teleop/delivery.hpp"

namespace takt::app {

/// How the four ways of delivering a command are compared.
struct DeliveryStudyOptions {
  double duration_s{12.0};  ///< of each run; a fifo fills stall by stall
  double rate_hz{100.0};    ///< producer and executer alike, as in the system that had the queue
  std::uint64_t jitter_seed{1};
};

/// One run: one delivery, with or without jitter of the producer.
struct DeliveryRun {
  teleop::Delivery delivery{teleop::Delivery::kInline};
  bool jitter{false};
  std::vector<double> age_ms;  ///< age of each command when the follower's write began, sorted
  std::uint64_t published{0};
  std::uint64_t dropped{0};

  /// Quantile of age_ms; 0 when nothing was applied.
  [[nodiscard]] double age_at(double q) const;
};

/// Runs every delivery without and with jitter, one after the other, in real time. The producer keeps a drift-free
/// schedule. With jitter (seeded, the same for all) each command is late by an exponential time of 1 ms in the mean,
/// and one in a hundred by a stall of 10 to 45 ms, after which the producer catches up: a garbage collection, a slow
/// bus, a busy core.
/// @throws LogicError for options out of range.
[[nodiscard]] std::vector<DeliveryRun> run_delivery_study(const DeliveryStudyOptions& options);

/// "fifo", or "fifo, jitter".
[[nodiscard]] std::string name_of(const DeliveryRun& run);

}  // namespace takt::app
