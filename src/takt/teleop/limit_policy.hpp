#pragma once

#include <cstdint>

#include <boost/describe.hpp>

namespace takt::teleop {

/// What becomes of a command that leaves a limit.
enum class LimitPolicy : std::uint8_t {
  kClamp,   ///< the nearest command inside the limit is sent instead
  kReject,  ///< nothing is sent; the follower keeps its setpoint
  kOff,     ///< the limit is not looked at
};
BOOST_DESCRIBE_ENUM(LimitPolicy, kClamp, kReject, kOff)

}  // namespace takt::teleop
