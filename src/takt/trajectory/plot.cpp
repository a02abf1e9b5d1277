#include "takt/trajectory/plot.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numbers>
#include <vector>

#include <fmt/format.h>

#include "takt/core/error.hpp"

namespace takt::trajectory {
namespace {

constexpr double kDegrees = 180.0 / std::numbers::pi;
constexpr int kLeft_px = 70;
constexpr int kRight_px = 15;
constexpr int kTop_px = 46;
constexpr int kBottom_px = 34;
constexpr int kGap_px = 14;  // between the panels of two joints
constexpr const char* kRecordedColour = "#8a8f98";
constexpr const char* kReplayedColour = "#0b6bcb";
constexpr const char* kDifferenceColour = "#c2410c";

struct Point {
  double x, y;
};
using Line = std::vector<Point>;

struct Range {
  double low{std::numeric_limits<double>::infinity()};
  double high{-std::numeric_limits<double>::infinity()};

  void take(const Line& line) {
    for (const Point& point : line) {
      low = std::min(low, point.y);
      high = std::max(high, point.y);
    }
  }
  /// Never empty, with a little room.
  [[nodiscard]] Range roomy(double least) const {
    const double missing = std::max(0.0, least - (high - low)) / 2.0;
    const double room = 0.06 * std::max(high - low, least);
    return {.low = low - missing - room, .high = high + missing + room};
  }
};

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return safe;
}

/// Where numbers lie on the picture.
struct Axes {
  double t0, t1;
  Range range;
  double left, width, top, height;

  [[nodiscard]] double x(double t) const { return left + (t - t0) / (t1 - t0) * width; }
  [[nodiscard]] double y(double value) const { return top + (range.high - value) / (range.high - range.low) * height; }
};

/// Of the points in one pixel column the first, the lowest, the highest and the last, in their order.
Line thinned(const Line& line, const Axes& axes) {
  Line kept;
  for (std::size_t i = 0; i < line.size();) {
    const double column = std::floor(axes.x(line[i].x));
    std::size_t end = i;
    std::size_t low = i;
    std::size_t high = i;
    for (; end < line.size() && std::floor(axes.x(line[end].x)) == column; ++end) {
      low = line[end].y < line[low].y ? end : low;
      high = line[end].y > line[high].y ? end : high;
    }
    std::vector<std::size_t> chosen{i, low, high, end - 1};
    std::ranges::sort(chosen);
    const auto doubles = std::ranges::unique(chosen);
    chosen.erase(doubles.begin(), doubles.end());
    for (const std::size_t k : chosen) {
      kept.push_back(line[k]);
    }
    i = end;
  }
  return kept;
}

class Picture {
 public:
  Picture(const Trajectory& recorded, const Trajectory& replayed, const PlotOptions& options)
      : recorded_(recorded), replayed_(replayed), options_(options) {}

  std::string draw() {
    const int joints = static_cast<int>(recorded_.joints());
    const int height = kTop_px + joints * (options_.joint_height_px + kGap_px) + kBottom_px;
    fmt::format_to(
        std::back_inserter(svg_),
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
        "font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n",
        options_.width_px, height);
    heading();
    for (int joint = 0; joint < joints; ++joint) {
      panel(static_cast<std::size_t>(joint), kTop_px + joint * (options_.joint_height_px + kGap_px));
    }
    text(kLeft_px + plot_width() / 2.0, height - 8, "middle", "#333333", "time [s]");
    return svg_ + "</svg>\n";
  }

 private:
  [[nodiscard]] double plot_width() const { return options_.width_px - kLeft_px - kRight_px; }

  void text(double x, double y, const char* anchor, const char* colour, const std::string& what) {
    fmt::format_to(std::back_inserter(svg_),
                   "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" fill=\"{}\">{}</text>\n", x, y, anchor, colour,
                   escaped(what));
  }

  void heading() {
    const std::string& name = options_.title.empty() ? recorded_.info().name : options_.title;
    text(kLeft_px, 18, "start", "#111111", name);
    text(kLeft_px, 36, "start", kRecordedColour, "recorded");
    text(kLeft_px + 70, 36, "start", kReplayedColour, "replayed");
    text(kLeft_px + 140, 36, "start", kDifferenceColour, "replayed − recorded");
  }

  void panel(std::size_t joint, double top) {
    const Line recorded = line_of(recorded_, joint, 0.0);
    const Line replayed = line_of(replayed_, joint, options_.replayed_later_s);
    const Line difference = difference_of(recorded, replayed);
    const double t0 = std::min(recorded.front().x, replayed.front().x);
    const double t1 = std::max({recorded.back().x, replayed.back().x, t0 + 1e-3});
    const double upper = 0.66 * options_.joint_height_px;
    Axes axes{.t0 = t0, .t1 = t1, .range = {}, .left = kLeft_px, .width = plot_width(), .top = top, .height = upper};
    axes.range.take(recorded);
    axes.range.take(replayed);
    axes.range = axes.range.roomy(1.0);
    frame(axes, recorded_.info().joint_names[joint] + " [°]");
    draw_line(recorded, axes, kRecordedColour, 2.2);
    draw_line(replayed, axes, kReplayedColour, 1.2);
    axes.top = top + upper + 4.0;
    axes.height = options_.joint_height_px - upper - 4.0;
    axes.range = {};
    axes.range.take(difference);
    axes.range.take({{.x = 0.0, .y = 0.0}});
    axes.range = axes.range.roomy(0.1);
    frame(axes, "");
    draw_line(difference, axes, kDifferenceColour, 1.2);
    if (joint + 1 == recorded_.joints()) {
      time_scale(axes);
    }
  }

  static Line line_of(const Trajectory& trajectory, std::size_t joint, double later_s) {
    Line line;
    line.reserve(trajectory.size());
    for (std::size_t i = 0; i < trajectory.size(); ++i) {
      line.push_back(
          {.x = core::to_seconds(trajectory.time_ns(i)) + later_s, .y = kDegrees * trajectory.q_rad(i)[joint]});
    }
    return line;
  }

  /// Where both are; the recorded one on straight lines between its frames.
  static Line difference_of(const Line& recorded, const Line& replayed) {
    Line difference;
    std::size_t k = 0;
    for (const Point& point : replayed) {
      if (point.x < recorded.front().x || point.x > recorded.back().x) {
        continue;
      }
      while (k + 1 < recorded.size() && recorded[k + 1].x <= point.x) {
        ++k;
      }
      double there = recorded[k].y;
      if (k + 1 < recorded.size()) {
        const double share = (point.x - recorded[k].x) / (recorded[k + 1].x - recorded[k].x);
        there += share * (recorded[k + 1].y - recorded[k].y);
      }
      difference.push_back({.x = point.x, .y = point.y - there});
    }
    return difference;
  }

  void frame(const Axes& axes, const std::string& label) {
    fmt::format_to(
        std::back_inserter(svg_),
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"none\" stroke=\"#d0d4da\"/>\n",
        axes.left, axes.top, axes.width, axes.height);
    if (!label.empty()) {
      text(axes.left + 6, axes.top + 13, "start", "#333333", label);
    }
    text(axes.left - 4, axes.top + 10, "end", "#666666", fmt::format("{:.4g}", axes.range.high));
    text(axes.left - 4, axes.top + axes.height, "end", "#666666", fmt::format("{:.4g}", axes.range.low));
  }

  void time_scale(const Axes& axes) {
    const double step = round_step((axes.t1 - axes.t0) / 6.0);
    for (double mark = std::ceil(axes.t0 / step); mark * step <= axes.t1; mark += 1.0) {
      text(axes.x(mark * step), axes.top + axes.height + 14, "middle", "#666666",
           fmt::format("{:.4g}", mark * step + 0.0));  // no -0
    }
  }

  /// 1, 2 or 5 times a power of ten: the first that is not less.
  static double round_step(double least) {
    const double power = std::pow(10.0, std::floor(std::log10(least)));
    for (const double times : {1.0, 2.0, 5.0}) {
      if (times * power >= least) {
        return times * power;
      }
    }
    return 10.0 * power;
  }

  void draw_line(const Line& line, const Axes& axes, const char* colour, double width) {
    fmt::format_to(std::back_inserter(svg_),
                   "<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\" points=\"",
                   colour, width);
    for (const Point& point : thinned(line, axes)) {
      fmt::format_to(std::back_inserter(svg_), "{:.1f},{:.1f} ", axes.x(point.x), axes.y(point.y));
    }
    svg_ += "\"/>\n";
  }

  const Trajectory& recorded_;
  const Trajectory& replayed_;
  const PlotOptions& options_;
  std::string svg_;
};

}  // namespace

std::string plot_svg(const Trajectory& recorded, const Trajectory& replayed, const PlotOptions& options) {
  if (recorded.empty() || replayed.empty() || recorded.joints() != replayed.joints()) {
    throw ConfigError(fmt::format("plot: '{}' has {} frames of {} joints, '{}' {} of {}", recorded.info().name,
                                  recorded.size(), recorded.joints(), replayed.info().name, replayed.size(),
                                  replayed.joints()));
  }
  if (options.width_px < 200 || options.joint_height_px < 60 || !std::isfinite(options.replayed_later_s)) {
    throw ConfigError(fmt::format("plot: {} × {} pixels per joint is too small, or the shift of {} s no time",
                                  options.width_px, options.joint_height_px, options.replayed_later_s));
  }
  return Picture(recorded, replayed, options).draw();
}

}  // namespace takt::trajectory
