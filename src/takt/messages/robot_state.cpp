#include "takt/messages/robot_state.hpp"

#include <atomic>

#include <unistd.h>

namespace takt::messages {
namespace {

/// The high 32 bits differ between processes and starts, the low 32 count.
std::uint64_t trace_id_base() noexcept {
  const auto mixed = static_cast<std::uint64_t>(core::wall_now_ns()) ^ (static_cast<std::uint64_t>(getpid()) << 40);
  return (mixed * 0x9E3779B97F4A7C15ULL) & 0xFFFFFFFF00000000ULL;
}

}  // namespace

void stamp_hop(Hops& hops, HopPoint point) noexcept {
  hops.push_back({.stamp_ns = core::monotonic_now_ns(), .thread = current_thread_id(), .point = point});
}

std::uint64_t next_trace_id() noexcept {
  static std::atomic<std::uint64_t> next{trace_id_base()};
  return next.fetch_add(1, std::memory_order_relaxed) + 1;
}

std::uint32_t current_thread_id() noexcept {
  thread_local const auto id = static_cast<std::uint32_t>(gettid());
  return id;
}

}  // namespace takt::messages
