#pragma once

#include <cstdint>

namespace takt::robots::sim {

/// Where the beat of a simulated arm comes from.
enum class Pace : std::uint8_t {
  kRealtime,  ///< own thread, one step per millisecond of CLOCK_MONOTONIC
  kLockstep,  ///< no thread: time passes on the caller's thread, when the caller says so; stamps are virtual
};

}  // namespace takt::robots::sim
