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

inline constexpr double kPlotWidth = 760;
inline constexpr double kPlotHeight = 420;

/// What of an SVG plot shows the distributions of some delays, kPlotWidth wide and kPlotHeight high: delay on a
/// logarithmic x axis, which `label` says what it is of, share on y.
[[nodiscard]] std::string distributions_svg(const std::string& label, const std::vector<PlotCurve>& curves);

/// The beginning of an SVG plot: its size, a white ground, its title.
[[nodiscard]] std::string plot_head(const std::string& title, double height = kPlotHeight);

/// @throws SystemError.
void write_plot(const std::filesystem::path& path, const std::string& svg);

/// Writes the distributions of some delays as an SVG plot: delay on a logarithmic x axis, share of commands on y.
/// @throws SystemError.
void write_distribution_plot(const std::filesystem::path& path, const std::string& title,
                             const std::vector<PlotCurve>& curves);

}  // namespace takt::app
