#include "takt/robots/sim/half_duplex_bus.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/robots/robot.hpp"

namespace takt::robots::sim {

HalfDuplexBus::HalfDuplexBus(BusOptions options) : options_(options) {
  if (!(options.baud > 0.0)) {
    throw LogicError(fmt::format("HalfDuplexBus: {} baud, must be positive", options.baud));
  }
}

HalfDuplexBus::Transaction HalfDuplexBus::begin(const char* user) {
  return Transaction(*this, user);
}

core::Nanoseconds HalfDuplexBus::wire_time_ns(std::size_t bytes) const noexcept {
  constexpr double kBitsPerByte = 10.0;  // start, eight, stop
  return core::from_seconds(static_cast<double>(bytes) * kBitsPerByte / options_.baud);
}

HalfDuplexBus::Transaction::Transaction(HalfDuplexBus& bus, const char* user) : bus_(bus) {
  const core::Nanoseconds start_ns = core::monotonic_now_ns();
  if (!bus.line_.try_lock_for(std::chrono::nanoseconds(bus.options_.longest_wait_ns))) {
    bus.refusals_.fetch_add(1, std::memory_order_relaxed);
    const char* holder = bus.holder_.load(std::memory_order_relaxed);
    throw BusyError(fmt::format("half-duplex bus: {} waited {:.1f} ms while {} held the line; slow one of them down",
                                user, static_cast<double>(core::monotonic_now_ns() - start_ns) * 1e-6,
                                holder == nullptr ? "another" : holder));
  }
  bus.holder_.store(user, std::memory_order_relaxed);
  bus.transactions_.fetch_add(1, std::memory_order_relaxed);
}

HalfDuplexBus::Transaction::~Transaction() {
  bus_.holder_.store(nullptr, std::memory_order_relaxed);
  bus_.line_.unlock();
}

void HalfDuplexBus::Transaction::pass(std::size_t bytes) noexcept {
  if (bus_.options_.takes_time) {
    wire_free_ns_ = std::max(wire_free_ns_, core::monotonic_now_ns()) + bus_.wire_time_ns(bytes);
    core::steady_clock().sleep_until_ns(wire_free_ns_);
  }
}

}  // namespace takt::robots::sim
