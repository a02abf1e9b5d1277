#include "flooded_node.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "takt/core/time.hpp"

#include "placement.hpp"

namespace takt::bench {
namespace {

using namespace std::chrono_literals;

/// A call of the timer. The sentinel runs above this thread on its CPU, so a stall is in the log already.
void look(const node::TimerInfo& info, const realtime::StallLog& stalls, Punctuality& punctuality) {
  const core::Nanoseconds now_ns = core::monotonic_now_ns();
  const core::Nanoseconds late_ns = info.actual_ns - info.expected_ns;
  const core::Nanoseconds taken_ns = stalls.stalled_ns(now_ns - late_ns, now_ns);
  const double with_stalls_ms = static_cast<double>(late_ns) * 1e-6;
  ++punctuality.calls;
  punctuality.missed += info.missed;
  punctuality.worst_with_stalls_ms = std::max(punctuality.worst_with_stalls_ms, with_stalls_ms);
  punctuality.worst_ms = std::max(punctuality.worst_ms, static_cast<double>(late_ns - taken_ns) * 1e-6);
  punctuality.late += static_cast<double>(late_ns - taken_ns) * 1e-6 > kLate_ms ? 1 : 0;
  if (punctuality.heard > 0) {
    punctuality.first_ns = punctuality.first_ns == 0 ? now_ns : punctuality.first_ns;
    punctuality.last_ns = now_ns;
  }
  if (with_stalls_ms > kLate_ms && taken_ns > 0) {
    punctuality.stalls_ms.push_back(static_cast<double>(taken_ns) * 1e-6);
  }
}

async::Task<void> run(std::shared_ptr<bus::Bus> bus, const realtime::StallLog* stalls, FloodedNode::Subscribe subscribe,
                      Punctuality* punctuality) {
  const PinnedTo pinned(asking_cpu());
  node::Node node("flooded", std::move(bus));
  const auto lost = subscribe(node, punctuality->heard);
  node.timer(1ms, [&](const node::TimerInfo& info) {
    look(info, *stalls, *punctuality);
    punctuality->lost = lost();
  });
  co_await node.run();
}

}  // namespace

FloodedNode::FloodedNode(std::shared_ptr<bus::Bus> bus, const realtime::StallLog& stalls, Subscribe subscribe,
                         Punctuality& punctuality)
    : loop_([bus = std::move(bus), &stalls, subscribe = std::move(subscribe), &punctuality] {
        return run(bus, &stalls, subscribe, &punctuality);
      }) {}

}  // namespace takt::bench
