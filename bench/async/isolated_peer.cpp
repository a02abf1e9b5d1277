#include "isolated_peer.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "takt/async/isolate.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/core/time.hpp"

#include "placement.hpp"

namespace takt::bench {
namespace {

using Argument = std::vector<std::uint8_t>;
using Answer = std::array<std::uint8_t, 64>;

class Peer {
 public:
  explicit Peer(int cpu) : placed_(cpu) {}
  [[nodiscard]] Answer answer(const Argument& argument) const {
    Answer answer{};
    answer[0] = argument.back();
    return answer;
  }

 private:
  FifoOn placed_;
};

std::unique_ptr<Peer> make_peer(int cpu) {
  return std::make_unique<Peer>(cpu);
}

async::Task<void> calls(int count, std::size_t bytes, std::vector<double>* round_trips_us) {
  auto peer = co_await async::isolate(make_peer, working_cpu());
  for (int i = -1; i < count; ++i) {  // the first one touches the memory
    Argument argument(bytes, static_cast<std::uint8_t>(i));
    const core::Nanoseconds start_ns = core::monotonic_now_ns();
    const Answer answer = co_await peer.call<&Peer::answer>(std::move(argument));
    const core::Nanoseconds end_ns = core::monotonic_now_ns();
    if (answer[0] != static_cast<std::uint8_t>(i)) {
      throw LogicError("the isolated peer answered another call");
    }
    if (i >= 0) {
      round_trips_us->push_back(static_cast<double>(end_ns - start_ns) * 1e-3);
    }
  }
  co_await peer.stop();
}

}  // namespace

Latency isolated_round_trips(int count, std::size_t bytes) {
  const FifoOn placed(asking_cpu());
  std::vector<double> round_trips_us;
  round_trips_us.reserve(static_cast<std::size_t>(count));
  async::EventLoop().run(calls(count, bytes, &round_trips_us));
  return latency_of(round_trips_us);
}

}  // namespace takt::bench
