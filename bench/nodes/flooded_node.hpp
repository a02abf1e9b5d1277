#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "takt/bus/bus.hpp"
#include "takt/realtime/stall_log.hpp"

#include "loop_thread.hpp"

namespace takt::bench {

/// How a timer of 1 kHz kept its time.
struct Punctuality {
  std::uint64_t calls{0};
  std::uint64_t missed{0};  ///< ticks that passed unused
  std::uint64_t heard{0};   ///< messages that were handled
  double worst_ms{0};       ///< late, less what stalls of the CPU took of it
  double worst_with_stalls_ms{0};
  std::vector<double> stalls_ms{};  ///< by which calls that were later than the limit were late
};

/// The limit of the issue.
inline constexpr double kLate_ms = 2.0;

/// A node with a timer of 1 kHz and a subscription to /bench, on an event loop on a thread of its own that is pinned to
/// the asking CPU. A resource.
class FloodedNode {
 public:
  /// @param hear  called for each message on the loop; may be empty
  FloodedNode(std::shared_ptr<bus::Bus> bus, const realtime::StallLog& stalls,
              std::function<void(std::int64_t stamp_ns)> hear, Punctuality& punctuality);

 private:
  LoopThread loop_;
};

}  // namespace takt::bench
