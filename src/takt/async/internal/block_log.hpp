#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "takt/async/block_report.hpp"
#include "takt/core/log.hpp"

/// Internal to async.
namespace takt::async::internal {

/// Writes reports to the log: one for each task and function, and again every ten seconds while they come. One thread.
class BlockLog {
 public:
  void report(const BlockReport& report);

 private:
  struct Culprit {
    core::RateGate gate{10 * core::kNanosecondsPerSecond};
    std::uint64_t unsaid{0};
  };
  std::unordered_map<std::string, Culprit> culprits_;
};

}  // namespace takt::async::internal
