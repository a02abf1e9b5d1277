#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "nodes/domains.hpp"

/// The origin's load: three nodes that all say something a hundred times a second, and all hear all.
namespace takt::bench {

inline constexpr int kLoadNodes = 3;
inline constexpr int kLoadPeriod_ms = 10;

/// Some of the nodes, at work for as long as it lives. A resource.
class LoadNodes {
 public:
  LoadNodes() = default;
  virtual ~LoadNodes() = default;
  LoadNodes(const LoadNodes&) = delete;
  LoadNodes& operator=(const LoadNodes&) = delete;
};

enum class LoadSide : std::uint8_t { kTakt, kByHand };

/// Those of these numbers on one participant, and one thread beside the middleware's own.
/// @param delivered  counts what comes to any of them; outlives it
[[nodiscard]] std::unique_ptr<LoadNodes> start_load(LoadSide side, const Domains& domains,
                                                    const std::vector<int>& numbers,
                                                    std::atomic<std::uint64_t>& delivered);

}  // namespace takt::bench
