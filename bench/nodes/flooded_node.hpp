#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "takt/bus/bus.hpp"
#include "takt/core/time.hpp"
#include "takt/node/node.hpp"
#include "takt/realtime/stall_log.hpp"

#include "loop_thread.hpp"

namespace takt::bench {

/// How a timer of 1 kHz kept its time, and what came meanwhile.
struct Punctuality {
  std::uint64_t calls{0};
  std::uint64_t missed{0};  ///< ticks that passed unused
  std::uint64_t late{0};    ///< calls later than the limit, stalls excluded
  double worst_ms{0};       ///< late, less what stalls of the CPU took of it
  double worst_with_stalls_ms{0};
  std::vector<double> stalls_ms{};  ///< by which calls that were later than the limit were late

  std::uint64_t heard{0};  ///< messages that were handled
  std::uint64_t lost{0};   ///< overwritten or lost on the way before they could be
  core::Nanoseconds first_ns{0};
  core::Nanoseconds last_ns{0};
  /// Messages per second that were handled, from the first call that found some to the last.
  [[nodiscard]] double heard_per_s() const noexcept {
    return last_ns > first_ns ? static_cast<double>(heard) / core::to_seconds(last_ns - first_ns) : 0.0;
  }
};

/// The limit of the issue.
inline constexpr double kLate_ms = 2.0;

/// Messages that wait for a flooded node.
inline constexpr std::uint32_t kFloodedDepth = 1000;

/// A node with a timer of 1 kHz and a subscription, on an event loop on a thread of its own that is pinned to the
/// asking CPU. A resource.
class FloodedNode {
 public:
  /// Subscribes; counts what it hears. @return what was lost until now
  using Subscribe = std::function<std::function<std::uint64_t()>(node::Node& node, std::uint64_t& heard)>;

  FloodedNode(std::shared_ptr<bus::Bus> bus, const realtime::StallLog& stalls, Subscribe subscribe,
              Punctuality& punctuality);

  template <class T>
  [[nodiscard]] static Subscribe to(std::string topic) {
    return [topic](node::Node& node, std::uint64_t& heard) {
      const auto subscription =
          node.subscribe<T>(topic, [&heard](const T&) { ++heard; }, {.qos = {.depth = kFloodedDepth}});
      return [subscription] { return subscription.statistics().lost; };
    };
  }

 private:
  LoopThread loop_;
};

}  // namespace takt::bench
