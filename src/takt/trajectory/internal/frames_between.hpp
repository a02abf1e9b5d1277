#pragma once

#include <cstddef>
#include <optional>

#include "takt/trajectory/trajectory.hpp"

namespace takt::trajectory::internal {

struct FrameRange {
  std::size_t first{0};
  std::size_t count{0};
};

/// The frames from one time to another [s], both included; nothing: from the first, to the last. @throws ConfigError
/// naming the trajectory when there are none, or a time is not a number.
[[nodiscard]] FrameRange frames_between(const Trajectory& trajectory, std::optional<double> from_s,
                                        std::optional<double> to_s);

}  // namespace takt::trajectory::internal
