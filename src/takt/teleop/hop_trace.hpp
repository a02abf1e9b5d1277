#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/describe.hpp>

#include "takt/core/latency_histogram.hpp"
#include "takt/messages/robot_state.hpp"
#include "takt/realtime/spsc_ring.hpp"

namespace takt::teleop {

/// One row of the hop table: the time from the previous hop to this one.
struct HopRow {
  std::string name;  ///< the hop that ends it: "state_updated", …; "end_to_end" for the whole way
  double p50_us{0};
  double p99_us{0};
  double p999_us{0};
  double max_us{0};
  std::uint64_t count{0};
  std::uint32_t thread{0};  ///< Linux thread id on which the hop was stamped last
};
BOOST_DESCRIBE_STRUCT(HopRow, (), (name, p50_us, p99_us, p999_us, max_us, count, thread))

/// The hops of one command, as kept for a trace file.
struct TracedCommand {
  std::uint64_t trace_id{0};
  messages::Hops hops;
};

/// Collects the hop stamps of every command that a follower applied: a histogram per hop, always on, and, when asked
/// for, the commands themselves for a trace file.
///
/// `record` is called by one thread at a time (the follower's write lock sees to it) and is real-time safe; everything
/// else may run on another thread meanwhile.
class HopTrace {
 public:
  /// @param keep  commands that may wait for drain(); 0 keeps none. What does not fit is dropped and counted.
  explicit HopTrace(std::size_t keep);

  void record(const TracedCommand& command) noexcept;

  /// Forgets what the histograms have; the recording thread only. What waits for drain() stays.
  void clear() noexcept;

  /// Rows in the order of the hops; those that never happened are left out.
  [[nodiscard]] std::vector<HopRow> rows() const;

  /// From the first hop to the last.
  [[nodiscard]] HopRow end_to_end() const;

  /// Moves the kept commands out; one thread at a time.
  [[nodiscard]] std::vector<TracedCommand> drain();
  [[nodiscard]] std::uint64_t dropped() const noexcept;

 private:
  static constexpr std::size_t kPoints = static_cast<std::size_t>(messages::HopPoint::kApplied) + 1;

  std::array<core::LatencyHistogram, kPoints> to_point_;
  core::LatencyHistogram end_to_end_;
  std::array<std::atomic<std::uint32_t>, kPoints> thread_{};
  std::unique_ptr<realtime::SpscRing<TracedCommand>> kept_;
};

}  // namespace takt::teleop
