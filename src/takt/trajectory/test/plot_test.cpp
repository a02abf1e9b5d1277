#include "takt/trajectory/plot.hpp"

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/test/motions.hpp"

namespace takt::trajectory {
namespace {

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    ++found;
  }
  return found;
}

TEST(PlotTest, DrawsEachJointRecordedReplayedAndTheirDifference) {
  const Trajectory recorded = sampled([](double t) { return std::sin(t); }, 6.0, 0.02, 3, "a<b> & \"c\"");
  const Trajectory replayed = sampled([](double t) { return std::sin(t - 0.05); }, 6.0, 0.03, 3);
  const std::string svg = plot_svg(recorded, replayed);
  EXPECT_TRUE(svg.starts_with("<svg xmlns="));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_EQ(count(svg, "<polyline"), 9U);
  EXPECT_EQ(count(svg, "j2 [°]"), 1U);
  EXPECT_EQ(count(svg, "a&lt;b&gt; &amp; &quot;c&quot;"), 1U);
  EXPECT_EQ(count(svg, "nan"), 0U);
  EXPECT_EQ(count(svg, "inf"), 0U);
}

TEST(PlotTest, ADifferenceOfNothingIsALineAtNothing) {
  const Trajectory recorded = sampled([](double) { return 1.0; }, 1.0, 0.1);
  const std::string svg = plot_svg(recorded, recorded, {.title = "same"});
  EXPECT_EQ(count(svg, ">same<"), 1U);
  // 0 ± 0.05 and a little room.
  EXPECT_EQ(count(svg, ">0.056<"), 1U);
  EXPECT_EQ(count(svg, ">-0.056<"), 1U);
}

TEST(PlotTest, ItsSizeDoesNotGrowWithTheRecording) {
  const Trajectory recorded = sampled([](double t) { return std::sin(300.0 * t); }, 60.0, 0.001);
  const std::string svg = plot_svg(recorded, recorded);
  EXPECT_LT(svg.size(), 120'000U);
  EXPECT_GT(svg.size(), 20'000U);
}

TEST(PlotTest, AReplayThatBeganLaterOrLiesElsewhereIsDrawnToo) {
  const Trajectory recorded = sampled([](double t) { return t; }, 1.0, 0.1);
  EXPECT_EQ(count(plot_svg(recorded, recorded, {.replayed_later_s = 0.5}), "<polyline"), 3U);
  EXPECT_EQ(count(plot_svg(recorded, recorded, {.replayed_later_s = 50.0}), "nan"), 0U);
  Trajectory one(info_of(1));
  one.append({.t_ns = 0, .q_rad = {0.0}});
  EXPECT_EQ(count(plot_svg(one, one), "nan"), 0U);
}

TEST(PlotTest, WhatCannotBeComparedIsRefused) {
  const Trajectory one = sampled([](double t) { return t; }, 1.0, 0.1, 1);
  const Trajectory two = sampled([](double t) { return t; }, 1.0, 0.1, 2);
  EXPECT_THROW(static_cast<void>(plot_svg(one, two)), ConfigError);
  EXPECT_THROW(static_cast<void>(plot_svg(one, Trajectory(info_of(1)))), ConfigError);
  EXPECT_THROW(static_cast<void>(plot_svg(one, one, {.width_px = 0})), ConfigError);
}

}  // namespace
}  // namespace takt::trajectory
