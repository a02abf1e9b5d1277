#include "replay_plot.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>

#include <fmt/format.h>

#include "plot.hpp"

namespace takt::app {
namespace {

constexpr double kTop = 50;
constexpr double kRow = 20;
constexpr double kPanelWidth = 225;
constexpr double kPanelGap = 15;
constexpr double kLongestBar = 90;
constexpr double kNameWidth = 62;
constexpr double kLeft = 30;
constexpr std::array<const char*, 3> kColours = {"#1b6ca8", "#c0392b", "#27865b"};  // as the curves below

/// One of the measures as a row of bars, each with its number.
struct Panel {
  const char* title;
  std::function<double(const ReplayRun&)> value;
};

std::string bars(const Panel& panel, const std::vector<ReplayRun>& runs, double x) {
  double most = 0.0;
  for (const ReplayRun& run : runs) {
    most = std::max(most, panel.value(run));
  }
  std::string svg = fmt::format("<text x='{:.1f}' y='{:.1f}'>{}</text>", x, kTop, panel.title);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const double value = std::max(0.0, panel.value(runs[i]));
    const double length = most > 0.0 ? kLongestBar * value / most : 0.0;
    const double y = kTop + kRow * static_cast<double>(i + 1);
    svg += fmt::format("<text x='{:.1f}' y='{:.1f}' text-anchor='end'>{}</text>", x + kNameWidth - 6, y,
                       name_of(runs[i].way));
    svg += fmt::format("<rect x='{:.1f}' y='{:.1f}' width='{:.1f}' height='12' fill='{}'/>", x + kNameWidth, y - 10,
                       std::max(1.0, length), kColours[i % kColours.size()]);
    svg += fmt::format("<text x='{:.1f}' y='{:.1f}'>{:.0f}</text>", x + kNameWidth + length + 5, y, value);
  }
  return svg;
}

}  // namespace

void write_replay_plot(const std::filesystem::path& path, const std::string& title,
                       const std::vector<ReplayRun>& runs) {
  const std::array<Panel, 3> panels = {{
      {.title = "round trips",
       .value = [](const ReplayRun& run) { return double(run.playing.requests + run.stopping); }},
      {.title = "bytes sent and heard [kB]",
       .value = [](const ReplayRun& run) { return double(run.playing.bytes()) * 1e-3; }},
      {.title = "CPU of both processes per frame [µs]",
       .value = [](const ReplayRun& run) { return run.cpu_per_frame_us(); }},
  }};
  const double bars_height = kTop + kRow * static_cast<double>(runs.size() + 1);
  std::string svg = plot_head(title, bars_height + kPlotHeight - 30);
  for (std::size_t i = 0; i < panels.size(); ++i) {
    svg += bars(panels.at(i), runs, kLeft + static_cast<double>(i) * (kPanelWidth + kPanelGap));
  }
  std::vector<PlotCurve> curves;
  for (const ReplayRun& run : runs) {
    curves.push_back({.name = name_of(run.way), .values_ms = run.late_ms});
  }
  svg += fmt::format("<g transform='translate(0,{})'>", bars_height - 30);
  svg += distributions_svg("a frame's lateness against an even row [ms]", curves);
  write_plot(path, svg + "</g></svg>\n");
}

}  // namespace takt::app
