#include "plot.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <fstream>

#include <fmt/format.h>

#include "takt/core/error.hpp"

namespace takt::app {
namespace {

constexpr double kWidth = kPlotWidth;
constexpr double kHeight = kPlotHeight;
constexpr double kLeft = 70;
constexpr double kRight = 200;
constexpr double kTop = 50;
constexpr double kBottom = 60;
constexpr double kLowest_ms = 1e-4;
constexpr double kHighest_ms = 1e2;
constexpr std::array<const char*, 8> kColours = {"#1b6ca8", "#c0392b", "#27865b", "#8e44ad",
                                                 "#1b6ca8", "#c0392b", "#27865b", "#8e44ad"};

double x_of(double delay_ms) {
  const double share =
      std::log10(std::clamp(delay_ms, kLowest_ms, kHighest_ms) / kLowest_ms) / std::log10(kHighest_ms / kLowest_ms);
  return kLeft + share * (kWidth - kLeft - kRight);
}

double y_of(double share) {
  return kHeight - kBottom - share * (kHeight - kTop - kBottom);
}

std::string axes(const std::string& label) {
  std::string svg;
  for (double tick = kLowest_ms; tick <= kHighest_ms * 1.001; tick *= 10) {
    svg += fmt::format("<line x1='{0:.1f}' y1='{1:.1f}' x2='{0:.1f}' y2='{2:.1f}' stroke='#ddd'/>", x_of(tick), y_of(0),
                       y_of(1));
    svg += fmt::format("<text x='{:.1f}' y='{:.1f}' text-anchor='middle'>{:g}</text>", x_of(tick), y_of(0) + 18, tick);
  }
  for (double share = 0; share <= 1.001; share += 0.25) {
    svg += fmt::format("<line x1='{0:.1f}' y1='{1:.1f}' x2='{2:.1f}' y2='{1:.1f}' stroke='#ddd'/>", x_of(kLowest_ms),
                       y_of(share), x_of(kHighest_ms));
    svg += fmt::format("<text x='{:.1f}' y='{:.1f}' text-anchor='end'>{:.0f} %</text>", kLeft - 8, y_of(share) + 4,
                       share * 100);
  }
  svg += fmt::format("<text x='{:.1f}' y='{:.1f}' text-anchor='middle'>{}</text>",
                     (x_of(kLowest_ms) + x_of(kHighest_ms)) / 2, kHeight - 15, label);
  return svg;
}

std::string curve_svg(const PlotCurve& curve, std::size_t index) {
  const bool dashed = index >= kColours.size() / 2;
  std::string svg = fmt::format("<polyline fill='none' stroke-width='2' stroke='{}'{} points='",
                                kColours[index % kColours.size()], dashed ? " stroke-dasharray='6 4'" : "");
  const std::size_t count = curve.values_ms.size();
  constexpr std::size_t kPoints = 400;
  for (std::size_t k = 0; k <= kPoints && count > 0; ++k) {
    const std::size_t i = std::min(count - 1, k * count / kPoints);
    svg += fmt::format("{:.1f},{:.1f} ", x_of(curve.values_ms[i]),
                       y_of(static_cast<double>(i + 1) / static_cast<double>(count)));
  }
  svg += "'/>";
  const double y = kTop + 20.0 * static_cast<double>(index);
  svg += fmt::format("<line x1='{:.1f}' y1='{:.1f}' x2='{:.1f}' y2='{:.1f}' stroke-width='2' stroke='{}'{}/>",
                     kWidth - kRight + 15, y, kWidth - kRight + 45, y, kColours[index % kColours.size()],
                     dashed ? " stroke-dasharray='6 4'" : "");
  return svg + fmt::format("<text x='{:.1f}' y='{:.1f}'>{}</text>", kWidth - kRight + 52, y + 4, curve.name);
}

}  // namespace

std::string distributions_svg(const std::string& label, const std::vector<PlotCurve>& curves) {
  std::string svg = axes(label);
  for (std::size_t i = 0; i < curves.size(); ++i) {
    svg += curve_svg(curves[i], i);
  }
  return svg;
}

std::string plot_head(const std::string& title, double height) {
  return fmt::format(
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {} {}' font-family='sans-serif' font-size='12'>"
      "<rect width='100%' height='100%' fill='white'/><text x='{}' y='25' font-size='15'>{}</text>",
      kWidth, height, kLeft, title);
}

void write_plot(const std::filesystem::path& path, const std::string& svg) {
  std::ofstream out(path);
  out << svg;
  out.flush();
  if (!out) {
    throw SystemError("cannot write the plot " + path.string(), errno);
  }
}

void write_distribution_plot(const std::filesystem::path& path, const std::string& title,
                             const std::vector<PlotCurve>& curves) {
  write_plot(path,
             plot_head(title) + distributions_svg("age of a command when it is applied [ms]", curves) + "</svg>\n");
}

}  // namespace takt::app
