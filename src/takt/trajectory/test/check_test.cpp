#include "takt/trajectory/check.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/test/motions.hpp"

namespace takt::trajectory {
namespace {

const std::vector<control::JointLimits> kLimits{limits_of(1.0, 2.0, 10.0, 100.0)};

/// One joint, knots every 10 ms.
Curve curve_with(std::vector<double> q, std::vector<double> dq) {
  Curve curve{.joints = 1, .t_ns = {}, .q_rad = std::move(q), .dq_rad_s = std::move(dq)};
  for (std::size_t k = 0; k < curve.q_rad.size(); ++k) {
    curve.t_ns.push_back(static_cast<core::Nanoseconds>(k) * 10'000'000);
  }
  return curve;
}

/// A knot per 10 ms of a motion and its derivative.
Curve exact(const std::function<double(double)>& q, const std::function<double(double)>& dq, double duration_s) {
  Curve curve{.joints = 1};
  for (core::Nanoseconds t_ns = 0; t_ns <= core::from_seconds(duration_s); t_ns += 10'000'000) {
    curve.t_ns.push_back(t_ns);
    curve.q_rad.push_back(q(core::to_seconds(t_ns)));
    curve.dq_rad_s.push_back(dq(core::to_seconds(t_ns)));
  }
  return curve;
}

std::optional<Violation> found(const CheckReport& report, Quantity what) {
  for (const Violation& violation : report.violations) {
    if (violation.what == what) {
      return violation;
    }
  }
  return std::nullopt;
}

TEST(CheckTest, LooksAtEverySegmentAndAtOneKilohertz) {
  const CheckReport report = check(curve_with({0, 0, 0, 0}, {0, 0, 0, 0}).view(), kLimits);
  EXPECT_TRUE(report.passed());
  EXPECT_EQ(report.segments, 3U);
  EXPECT_EQ(report.samples, 31U);
  EXPECT_EQ(report.speed_headroom, std::numeric_limits<double>::infinity());
  EXPECT_EQ(report.text(), "");
}

TEST(CheckTest, FindsAPositionBetweenTheKnots) {
  // Between two knots at 0.99 rad the cubic rises to 0.99 + 5 · 0.01 / 4 rad.
  std::vector<control::JointLimits> limits{limits_of(1.0, 1e3, 1e6, 1e9)};
  const CheckReport report = check(curve_with({0.99, 0.99}, {5.0, -5.0}).view(), limits);
  ASSERT_EQ(report.violations.size(), 1U) << report.text();
  EXPECT_EQ(report.violations[0].what, Quantity::kPosition);
  EXPECT_NEAR(report.violations[0].value, 1.0025, 1e-9);
  EXPECT_EQ(report.violations[0].limit, 1.0);
  EXPECT_EQ(report.violations[0].t_ns, 5'000'000);
  EXPECT_EQ(report.speed_headroom, 0.0) << "no speed brings it back into the range";
}

TEST(CheckTest, FindsAVelocityBetweenTheKnots) {
  std::vector<control::JointLimits> limits{limits_of(1.0, 2.0, 1e6, 1e9)};
  const CheckReport report =
      check(curve_with({0.0, 0.015}, {0.0, 0.0}).view(), limits);  // 1.5 · 1.5 rad/s in the middle
  ASSERT_EQ(report.violations.size(), 1U) << report.text();
  EXPECT_EQ(report.violations[0].what, Quantity::kVelocity);
  EXPECT_NEAR(report.violations[0].value, 2.25, 1e-9);
  EXPECT_NEAR(report.speed_headroom, 2.0 / 2.25, 1e-9);
}

TEST(CheckTest, FindsAnAccelerationAtAKnot) {
  std::vector<control::JointLimits> limits{limits_of(1.0, 2.0, 10.0, 1e9)};
  const CheckReport report = check(curve_with({0.0, 0.0002}, {0.0, 0.0}).view(), limits);  // ±6 · 0.0002 / 0.01² rad/s²
  ASSERT_EQ(report.violations.size(), 1U) << report.text();
  EXPECT_EQ(report.violations[0].what, Quantity::kAcceleration);
  EXPECT_NEAR(std::abs(report.violations[0].value), 12.0, 1e-9);
  EXPECT_NEAR(report.speed_headroom, std::sqrt(10.0 / 12.0), 1e-9);
}

TEST(CheckTest, FindsAJerkWithinASegmentAndOneAcrossAKnot) {
  // j = 120 throughout: within.
  const auto q = [](double t) { return 20.0 * t * t * t; };
  const auto dq = [](double t) { return 60.0 * t * t; };
  const auto within = found(check(exact(q, dq, 0.05).view(), kLimits), Quantity::kJerk);
  ASSERT_TRUE(within);
  EXPECT_NEAR(within->value, 120.0, 1e-3);
  // A constant acceleration that begins at a knot has no jerk within any segment; it is a jump of 1 rad/s² in 1 ms.
  const Curve jump = curve_with({0, 0, 0, 0.00005, 0.0002}, {0, 0, 0, 0.01, 0.02});
  const auto across = found(check(jump.view(), kLimits), Quantity::kJerk);
  ASSERT_TRUE(across);
  EXPECT_GT(across->value, 400.0);
  EXPECT_NEAR(core::to_seconds(across->t_ns), 0.021, 0.002);
}

TEST(CheckTest, FindsAJumpOfTheVelocityThatOnlyPositionsShow) {
  // The velocities at the knots are as smooth as can be, but they are not those of the positions.
  const Curve curve = curve_with({0.0, 0.0, 0.005, 0.010, 0.015}, {0, 0, 0, 0, 0});
  EXPECT_TRUE(found(check(curve.view(), kLimits), Quantity::kAcceleration));
}

TEST(CheckTest, AnEnvelopeAllowsLessNearTheEndOfTheRange) {
  const std::vector<control::JointLimits> all = envelope_limits();
  const std::vector<control::JointLimits> limits{all[1]};  // ±1.8361 rad
  const auto gone = [&limits](double from, double v) {
    return check(exact([&](double t) { return from + v * t; }, [&](double) { return v; }, 0.2).view(), limits);
  };
  EXPECT_TRUE(gone(1.0, 1.0).passed()) << gone(1.0, 1.0).text();
  const auto upper = found(gone(1.5, 1.2), Quantity::kVelocity);
  ASSERT_TRUE(upper);
  EXPECT_NEAR(upper->limit, limits[0].velocity_upper_rad_s(1.74), 1e-3);
  EXPECT_NEAR(core::to_seconds(upper->t_ns), 0.2, 1e-6);
  const auto lower = found(gone(-1.5, -1.2), Quantity::kVelocity);
  ASSERT_TRUE(lower);
  EXPECT_NEAR(lower->limit, upper->limit, 1e-9);
  EXPECT_NEAR(lower->value, -1.2, 1e-9);
  EXPECT_TRUE(gone(1.8, -1.0).passed()) << "away from it: " << gone(1.8, -1.0).text();
}

TEST(CheckTest, BackwardHeadroomIsThatOfTheCurvePlayedBackwards) {
  const std::vector<control::JointLimits> limits{envelope_limits()[1]};
  const auto moved = [](double sign) {
    Curve curve{.joints = 1};
    for (core::Nanoseconds t_ns = 0; t_ns <= 1'000'000'000; t_ns += 10'000'000) {
      const double t = core::to_seconds(sign > 0 ? t_ns : 1'000'000'000 - t_ns);
      curve.t_ns.push_back(t_ns);
      curve.q_rad.push_back(1.6 - 0.8 * t * t);  // away from the upper end
      curve.dq_rad_s.push_back(-sign * 1.6 * t);
    }
    return curve;
  };
  const CheckReport away = check(moved(1.0).view(), limits, {.jerk = false});
  const CheckReport towards = check(moved(-1.0).view(), limits, {.jerk = false});
  EXPECT_LT(towards.speed_headroom, 0.9 * away.speed_headroom);
  EXPECT_NEAR(away.backward_headroom, towards.speed_headroom, 1e-3 * towards.speed_headroom);
}

TEST(CheckTest, AnEnvelopeIsFoundLeftBetweenTwoKnotsOfALongSegment) {
  const std::vector<control::JointLimits> limits{envelope_limits()[1]};
  Random random(3);
  int only_between = 0;
  for (int i = 0; i < campaign_size(3000); ++i) {
    Curve curve{.joints = 1,
                .t_ns = {0, 400'000'000},
                .q_rad = {random.uniform(1.2, 1.8), random.uniform(1.2, 1.8)},
                .dq_rad_s = {random.uniform(-1, 1), random.uniform(-1, 1)}};
    const double way = curve.q_rad[1] - curve.q_rad[0];
    const double v0 = curve.dq_rad_s[0];
    const double v1 = curve.dq_rad_s[1];
    double worst = 0.0;  // by brute force
    for (int k = 0; k <= 4000; ++k) {
      const double s = k / 4000.0;
      const double q = curve.q_rad[0] + 0.4 * v0 * s + (3 * way - 0.8 * v0 - 0.4 * v1) * s * s +
                       (0.4 * v0 + 0.4 * v1 - 2 * way) * s * s * s;
      const double v =
          v0 + 2 * (3 * way - 0.8 * v0 - 0.4 * v1) * s / 0.4 + 3 * (0.4 * v0 + 0.4 * v1 - 2 * way) * s * s / 0.4;
      worst = std::max(worst, v - limits[0].velocity_upper_rad_s(q));
    }
    const CheckReport report = check(curve.view(), limits, {.jerk = false});
    EXPECT_EQ(found(report, Quantity::kVelocity).has_value(), worst > 3e-6) << i << ": " << worst;
    const bool at_ends =
        v0 > limits[0].velocity_upper_rad_s(curve.q_rad[0]) || v1 > limits[0].velocity_upper_rad_s(curve.q_rad[1]);
    only_between += worst > 3e-6 && !at_ends ? 1 : 0;
  }
  EXPECT_GT(only_between, campaign_size(50)) << "or the test shows nothing";
}

TEST(CheckTest, FindsAPlantedPeakWhereverItLies) {
  Random random(2);
  for (int i = 0; i < campaign_size(300); ++i) {
    const double amplitude = random.log_uniform(0.01, 0.5);
    const double omega = random.log_uniform(0.5, 20.0);
    const double phase = random.uniform(0.0, 6.28);
    const auto q = [&](double t) { return amplitude * std::sin(omega * t + phase); };
    const auto dq = [&](double t) { return amplitude * omega * std::cos(omega * t + phase); };
    const Curve curve = exact(q, dq, 14.0 / omega);
    const double v = amplitude * omega;
    const double a = v * omega;
    EXPECT_TRUE(
        check(curve.view(), {{limits_of(1.01 * amplitude, 1.01 * v, 1.01 * a, 1e9)}}, {.jerk = false}).passed());
    EXPECT_TRUE(found(check(curve.view(), {{limits_of(0.999 * amplitude, 1e9, 1e9, 1e9)}}), Quantity::kPosition));
    EXPECT_TRUE(found(check(curve.view(), {{limits_of(1.0, 0.999 * v, 1e9, 1e9)}}), Quantity::kVelocity));
    EXPECT_TRUE(found(check(curve.view(), {{limits_of(1.0, 1e9, 0.99 * a, 1e9)}}), Quantity::kAcceleration));
    EXPECT_TRUE(found(check(curve.view(), {{limits_of(1.0, 1e9, 1e9, 0.98 * a * omega)}}), Quantity::kJerk));
  }
}

TEST(CheckTest, HeadroomIsTheSpeedAtWhichTheFirstLimitIsMet) {
  const auto curve = [](double speed) {
    return exact([speed](double t) { return 0.2 * std::sin(2.0 * speed * t); },
                 [speed](double t) { return 0.4 * speed * std::cos(2.0 * speed * t); }, 4.0 / speed);
  };
  const CheckReport report = check(curve(1.0).view(), kLimits, {.jerk = false});
  ASSERT_TRUE(report.passed()) << report.text();
  EXPECT_NEAR(report.speed_headroom, std::sqrt(10.0 / 0.8), 0.01);  // v allows 5, a allows 3.54
  EXPECT_EQ(report.tightest, Quantity::kAcceleration);
  EXPECT_TRUE(check(curve(0.99 * report.speed_headroom).view(), kLimits, {.jerk = false}).passed());
  EXPECT_FALSE(check(curve(1.01 * report.speed_headroom).view(), kLimits, {.jerk = false}).passed());
}

TEST(CheckTest, NumbersThatAreNotFiniteAreFound) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  for (const double bad : {nan, inf, -inf}) {
    EXPECT_FALSE(check(curve_with({0, bad, 0}, {0, 0, 0}).view(), kLimits).passed());
    EXPECT_FALSE(check(curve_with({0, 0, 0}, {0, bad, 0}).view(), kLimits).passed());
    EXPECT_FALSE(check(curve_with({0, 0, 0}, {0, bad, 0}).view(), {{control::JointLimits{}}}).passed());
    EXPECT_FALSE(check(curve_with({bad}, {0}).view(), kLimits).passed());
  }
}

TEST(CheckTest, UnknownLimitsAreNone) {
  EXPECT_TRUE(check(curve_with({0, 5, -5}, {0, 100, 0}).view(), {{control::JointLimits{}}}).passed());
}

TEST(CheckTest, AnArmThatStandsOutsideItsRangeMayComeBack) {
  const auto q = [](double t) { return 1.2 - 0.1 * t; };
  const Curve back = exact(q, [](double) { return -0.1; }, 1.0);
  EXPECT_FALSE(check(back.view(), kLimits).passed());
  EXPECT_TRUE(check(back.view(), kLimits, {.also_from_rad = {1.2}}).passed());
  const Curve away = exact([](double t) { return 1.2 + 0.1 * t; }, [](double) { return 0.1; }, 1.0);
  EXPECT_FALSE(check(away.view(), kLimits, {.also_from_rad = {1.2}}).passed());
}

TEST(CheckTest, SaysWhichJointWhenWhatAndHowMuch) {
  const auto q = [](double t) { return 0.9 * std::sin(3.0 * t); };
  const Curve curve = exact(q, [](double t) { return 2.7 * std::cos(3.0 * t); }, 2.0);
  const CheckReport report = check(curve.view(), kLimits, {.jerk = false});
  ASSERT_EQ(report.violations.size(), 1U);
  const std::vector<std::string> names{"elbow"};
  EXPECT_EQ(report.text(names), "joint 'elbow': velocity 2.7 rad/s at 0.000 s, limit 2 rad/s");
  EXPECT_EQ(report.text(), "joint 1: velocity 2.7 rad/s at 0.000 s, limit 2 rad/s");
  EXPECT_EQ(report.violations[0].first_ns, 0);
}

TEST(CheckTest, SizesThatDoNotFitAreABug) {
  const Curve curve = curve_with({0, 0}, {0, 0});
  EXPECT_THROW(static_cast<void>(check(curve.view(), {})), LogicError);
  CurveView cut = curve.view();
  cut.dq_rad_s = cut.dq_rad_s.first(1);
  EXPECT_THROW(static_cast<void>(check(cut, kLimits)), LogicError);
}

}  // namespace
}  // namespace takt::trajectory
