#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace takt::app {

/// One curve: the empirical distribution of its values.
struct PlotCurve {
  std::string name;
  std::vector<double> values_ms;  ///< sorted
};

/// Writes the distributions of some delays as an SVG plot: delay on a logarithmic x axis, share of commands on y.
/// @throws SystemError.
void write_distribution_plot(const std::filesystem::path& path, const std::string& title,
                             const std::vector<PlotCurve>& curves);

}  // namespace takt::app
