#pragma once

#include <string>

#include "takt/trajectory/trajectory.hpp"

namespace takt::trajectory {

struct PlotOptions {
  std::string title{};           ///< "": the recorded trajectory's name
  double replayed_later_s{0.0};  ///< the replayed trajectory's 0 in the recorded one's time
  int width_px{900};
  int joint_height_px{150};
};

/// A picture: for each joint what was recorded and what was replayed over time [degrees], and below their difference.
/// Frames that share a pixel column are drawn as their range, so its size does not grow with the recording.
/// @return an SVG document that needs nothing else. Any thread.
/// @throws ConfigError when one is empty or the joints are not as many.
[[nodiscard]] std::string plot_svg(const Trajectory& recorded, const Trajectory& replayed,
                                   const PlotOptions& options = {});

}  // namespace takt::trajectory
