#pragma once

#include <cstdint>

namespace takt::control {

/// What a real-time call came to. Inside the cycle nothing throws; this says who must act.
enum class Outcome : std::uint8_t {
  kOk,
  kTimeout,       ///< The device did not answer in time; trying again may help.
  kNotReady,      ///< Not started, or brakes are on.
  kInvalid,       ///< The argument is not finite, has the wrong size or leaves the limits. Nothing was done.
  kFault,         ///< The device reports an error and has stopped itself.
  kDisconnected,  ///< The device is gone.
};

}  // namespace takt::control
