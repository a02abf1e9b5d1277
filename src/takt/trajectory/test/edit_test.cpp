#include "takt/trajectory/edit.hpp"

#include <limits>
#include <numbers>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/curve.hpp"
#include "takt/trajectory/test/motions.hpp"

namespace takt::trajectory {
namespace {

using core::JointVector;

const double kNan = std::numeric_limits<double>::quiet_NaN();

Trajectory ramp(std::string name = "ramp") {
  return sampled([](double t) { return 0.3 * t; }, 1.0, 0.1, 2, std::move(name));
}

/// The message of the ConfigError that it must end in.
template <class F>
std::string refusal(F&& f) {
  try {
    static_cast<void>(f());
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(EditTest, TrimKeepsFramesAndTheirDistanceAndMovesTheWallClockAlong) {
  Trajectory source = ramp();
  TrajectoryInfo info = source.info();
  info.start_wall_ns = 1000;
  source.set_info(info);
  const Trajectory kept = trim(source, 0.3, 0.6);
  ASSERT_EQ(kept.size(), 4U);
  EXPECT_EQ(kept.q_rad(0), source.q_rad(3));
  EXPECT_EQ(kept.q_rad(3), source.q_rad(6));
  EXPECT_EQ(kept.time_ns(0), 0);
  EXPECT_EQ(kept.duration_ns(), source.time_ns(6) - source.time_ns(3));
  EXPECT_EQ(kept.info().start_wall_ns, 1000 + source.time_ns(3));
  EXPECT_EQ(trim(source, std::nullopt, std::nullopt), source);
}

TEST(EditTest, TrimOfNothingIsRefused) {
  EXPECT_EQ(refusal([] { return trim(ramp(), 2.0, 3.0); }),
            "trajectory 'ramp' has no frame from 2 s to 3 s; it lasts 1 s");
  EXPECT_NE(refusal([] { return trim(ramp(), 0.6, 0.3); }), "accepted");
  EXPECT_NE(refusal([] { return trim(ramp(), kNan, 0.3); }), "accepted");
  EXPECT_NE(refusal([] { return trim(ramp(), 0.0, std::numeric_limits<double>::infinity()); }), "accepted");
}

TEST(EditTest, CutLeavesWhatWasBeforeAndAfter) {
  const std::vector<Trajectory> left = cut(ramp(), 0.35, 0.75);
  ASSERT_EQ(left.size(), 2U);
  EXPECT_EQ(left[0].size(), 4U);
  EXPECT_EQ(left[1].size(), 3U);
  EXPECT_EQ(left[1].q_rad(0), ramp().q_rad(8));
  EXPECT_EQ(left[1].time_ns(0), 0);
  EXPECT_EQ(cut(ramp(), 0.0, 0.5).size(), 1U);
  EXPECT_NE(refusal([] { return cut(ramp(), 0.0, 1.0); }), "accepted");
  EXPECT_NE(refusal([] { return cut(ramp(), 0.01, 0.02); }), "accepted");
}

TEST(EditTest, JoinPutsABridgeBetweenAndTheWholeKeepsTheLimits) {
  const std::vector<control::JointLimits> limits(2, limits_of(3, 2, 10, 200));
  const std::vector<Trajectory> both{
      sampled([](double t) { return 0.4 * std::sin(2.0 * t); }, 2.0, 0.02, 2, "one"),
      sampled([](double t) { return 1.0 + 0.2 * std::cos(3.0 * t); }, 2.0, 0.02, 2, "two")};
  const Trajectory joined = join(both, limits);
  EXPECT_EQ(joined.info(), both[0].info());
  EXPECT_EQ(joined.q_rad(100), both[0].q_rad(100));
  EXPECT_EQ(joined.time_ns(100), both[0].time_ns(100));
  EXPECT_EQ(joined.q_rad(joined.size() - 1), both[1].q_rad(100));
  EXPECT_EQ(joined.q_rad(joined.size() - 101), both[1].q_rad(0));
  const CheckReport report = check(joined, limits);
  EXPECT_TRUE(report.passed()) << report.text();
}

TEST(EditTest, JoinOfWhatACutLeftIsWholeAgain) {
  const std::vector<control::JointLimits> limits(2, limits_of(3, 2, 10, 200));
  const std::vector<Trajectory> left = cut(ramp(), 0.35, 0.75);
  const Trajectory joined = join(left, limits, {.period_ns = 20'000'000});
  EXPECT_EQ(joined.q_rad(0), ramp().q_rad(0));
  EXPECT_EQ(joined.q_rad(joined.size() - 1), ramp().q_rad(10));
}

TEST(EditTest, JoinOfOthersIsRefused) {
  const std::vector<control::JointLimits> limits(2, limits_of(3, 2, 10, 200));
  Trajectory other = ramp("other");
  TrajectoryInfo info = other.info();
  info.joint_names[1] = "knee";
  other.set_info(info);
  EXPECT_EQ(refusal([&] { return join(std::vector{ramp(), other}, limits); }),
            "join: 'other' is of the joints j1, knee, 'ramp' of j1, j2");
  EXPECT_NE(refusal([&] { return join(std::vector<Trajectory>{}, limits); }), "accepted");
  EXPECT_NE(refusal([&] { return join(std::vector{ramp(), Trajectory(info_of(2))}, limits); }), "accepted");
  EXPECT_NE(refusal([&] { return join(std::vector{ramp()}, {}); }), "accepted");
  const std::vector<control::JointLimits> narrow(2, limits_of(0.31, 2, 10, 200));
  EXPECT_NE(refusal([&] { return join(std::vector{ramp(), ramp()}, narrow); }).find("the bridge after 'ramp'"),
            std::string::npos);
}

TEST(EditTest, SmoothTakesNoiseAwayAndLeavesTheMotion) {
  Random random(4);
  const auto q = [](double t) { return 0.5 * std::sin(2.0 * t); };
  Trajectory noisy(info_of(1));
  core::Nanoseconds t_ns = 0;
  for (int i = 0; i < 300; ++i) {
    const double step = 360.0 / 4096.0 * 3.14159265 / 180.0;  // of an encoder
    noisy.append({.t_ns = t_ns, .q_rad = {std::round(q(core::to_seconds(t_ns)) / step) * step}});
    t_ns += core::from_seconds(random.uniform(0.015, 0.018));
  }
  const Trajectory smoothed = smooth(noisy, 0.15);
  ASSERT_EQ(smoothed.size(), noisy.size());
  for (std::size_t i = 0; i < noisy.size(); ++i) {
    EXPECT_EQ(smoothed.time_ns(i), noisy.time_ns(i));
    EXPECT_NEAR(smoothed.q_rad(i)[0], q(core::to_seconds(noisy.time_ns(i))), 1.5e-3) << i;
  }
  const std::vector<control::JointLimits> limits{limits_of(3, 2, 3, 1e9)};
  EXPECT_FALSE(check(noisy, limits).passed());
  EXPECT_TRUE(check(smoothed, limits).passed()) << check(smoothed, limits).text();
}

TEST(EditTest, SmoothLeavesAParabolaAndGivesItsSlope) {
  Trajectory source(info_of(1));
  for (int i = 0; i <= 100; ++i) {
    const double t = 0.01 * i;
    source.append(
        {.t_ns = i * 10'000'000LL, .q_rad = {1.0 - t + 2.0 * t * t}, .dq_rad_s = {77.0}, .gripper = 0.01 * i});
  }
  const Trajectory smoothed = smooth(source, 0.1);
  for (std::size_t i = 0; i < source.size(); ++i) {
    const double t = 0.01 * static_cast<double>(i);
    EXPECT_NEAR(smoothed.q_rad(i)[0], 1.0 - t + 2.0 * t * t, 1e-12);
    EXPECT_NEAR(smoothed.frame(i).dq_rad_s[0], 4.0 * t - 1.0, 1e-10);
    EXPECT_EQ(smoothed.frame(i).gripper, source.frame(i).gripper);
  }
}

TEST(EditTest, SmoothOfFewFramesOrOfFramesThatLieTogetherStaysAmongThem) {
  for (const std::vector<core::Nanoseconds>& times : {std::vector<core::Nanoseconds>{0},
                                                      {0, 10},
                                                      {0, 1, 2},
                                                      {0, 1, 2, 3, 4, 5},
                                                      {0, 1, 2, 3, 4, 99'000'000},
                                                      {0, 200'000'000, 200'000'001}}) {
    Trajectory source(info_of(1));
    for (std::size_t i = 0; i < times.size(); ++i) {
      source.append({.t_ns = times[i], .q_rad = {i % 2 == 0 ? 1.0 : 1.5}});
    }
    const Trajectory smoothed = smooth(source, 0.1);
    for (std::size_t i = 0; i < times.size(); ++i) {
      EXPECT_GE(smoothed.q_rad(i)[0], 0.9) << times.size() << " " << i;
      EXPECT_LE(smoothed.q_rad(i)[0], 1.6) << times.size() << " " << i;
    }
  }
}

TEST(EditTest, SmoothOverNoTimeIsRefused) {
  for (const double width_s : {0.0, -1.0, 11.0, kNan}) {
    EXPECT_NE(refusal([&] { return smooth(ramp(), width_s); }), "accepted");
  }
}

TEST(EditTest, RetimeStretchesAndPutsFramesAtARate) {
  Trajectory source(info_of(1));
  for (int i = 0; i <= 100; ++i) {
    source.append({.t_ns = i * 16'700'000LL + i % 3 * 900'000LL, .q_rad = {std::sin(0.0167 * i)}, .dq_rad_s = {1.0}});
  }
  const Trajectory slow = retime(source, {.stretch = 2.0});
  EXPECT_EQ(slow.duration_ns(), 2 * source.duration_ns());
  EXPECT_EQ(slow.q_rad(50), source.q_rad(50));
  EXPECT_EQ(slow.frame(50).dq_rad_s[0], 0.5);

  const Trajectory even = retime(source, {.rate_hz = 50.0});
  ASSERT_EQ(even.size(), 84U);
  EXPECT_EQ(even.q_rad(0), source.q_rad(0));
  const Curve curve = curve_of(source);
  for (std::size_t i = 0; i + 1 < even.size(); ++i) {
    EXPECT_EQ(even.time_ns(i), static_cast<core::Nanoseconds>(i) * 20'000'000);
    EXPECT_NEAR(even.q_rad(i)[0], std::sin(core::to_seconds(even.time_ns(i))), 2e-3);  // stamps lie by up to 1.8 ms
  }
}

TEST(EditTest, RetimeRefusesTimesThatMakeNoSense) {
  for (const double stretch : {0.0, -1.0, 1e3, kNan}) {
    EXPECT_NE(refusal([&] { return retime(ramp(), {.stretch = stretch}); }), "accepted");
  }
  for (const double rate_hz : {0.0, 1e6, kNan}) {
    EXPECT_NE(refusal([&] { return retime(ramp(), {.rate_hz = rate_hz}); }), "accepted");
  }
  EXPECT_NE(refusal([] { return retime(Trajectory(info_of(1)), {}); }), "accepted");
}

TEST(EditTest, StretchToFitIsTheLeastThatFits) {
  const auto q = [](double t) { return 0.5 * std::sin(6.0 * t); };  // 3 rad/s, 18 rad/s²
  const double half_turn_s = std::numbers::pi / 6.0;                // whole ones: the acceleration is 0 at both ends
  const Trajectory fast = sampled(q, 8 * half_turn_s, half_turn_s / 50);
  const auto at = [&](double v, double a) { return std::vector{limits_of(1, v, a, 1e9)}; };
  EXPECT_EQ(stretch_to_fit(fast, at(4, 30)), 1.0);
  EXPECT_NEAR(*stretch_to_fit(fast, at(1.5, 30)), 2.0, 0.01);
  EXPECT_NEAR(*stretch_to_fit(fast, at(4, 2)), 3.0, 0.05);
  const double needed = *stretch_to_fit(fast, at(1.5, 2));
  EXPECT_TRUE(check(retime(fast, {.stretch = needed}), at(1.5, 2), {.jerk = false}).passed());
  EXPECT_FALSE(check(retime(fast, {.stretch = 0.99 * needed}), at(1.5, 2), {.jerk = false}).passed());
  EXPECT_EQ(stretch_to_fit(fast, std::vector{limits_of(0.4, 9, 99, 1e9)}), std::nullopt);
}

TEST(EditTest, StretchToFitKeepsAnEnvelope) {
  const std::vector<control::JointLimits> limits{envelope_limits()[1]};
  const Trajectory fast = sampled([](double t) { return 1.7 * std::sin(1.5 * t); }, 4.18879, 0.0199466);
  const std::optional<double> needed = stretch_to_fit(fast, limits);
  ASSERT_TRUE(needed);
  EXPECT_GT(*needed, 1.05);
  EXPECT_TRUE(check(retime(fast, {.stretch = *needed}), limits, {.jerk = false}).passed());
}

}  // namespace
}  // namespace takt::trajectory
