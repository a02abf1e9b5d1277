#pragma once

#include <cstddef>

#include "measure.hpp"

namespace takt::bench {

/// Calls of an isolated object, one after the other: an argument of `bytes`, moved into the call, and a result of
/// 64 bytes. Loop and child are placed as FutexPeer has its two sides. Needs the Zygote.
[[nodiscard]] Latency isolated_round_trips(int count, std::size_t bytes);

}  // namespace takt::bench
