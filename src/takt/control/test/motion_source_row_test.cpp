#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

#include <gtest/gtest.h>

#include "takt/control/test/motion_source_fixture.hpp"
#include "takt/testing/allocation_guard.hpp"

// Targets that come in a row, each due when the next one comes: what a replay of sparse frames is to a 1 kHz arm.

namespace takt::control {
namespace {

constexpr core::Nanoseconds kPeriod_ns = 1'000'000;
constexpr double kPeriod_s = 1e-3;

/// What a setpoint did on its way along a smooth motion that is known to it by sparse targets alone.
struct Way {
  double worst_rad{0.0};      ///< from the motion, one target behind
  double ripple_rad_s2{0.0};  ///< of the acceleration, about the motion's, root mean square
  double fastest_share{0.0};
};

class MotionSourceRowTest : public MotionSourceFixture {
 protected:
  core::Nanoseconds slack_ns_{0};

  static double angle(double t) { return 0.3 * (1.0 - std::cos(2.0 * t)); }
  static double rate(double t) { return 0.6 * std::sin(2.0 * t); }

  [[nodiscard]] Command target(double t, core::Nanoseconds stamp_ns, core::Nanoseconds lead_ns, bool row) const {
    JointTarget to{.q_rad = home,
                   .dq_rad_s = {},
                   .due_ns = row ? stamp_ns + lead_ns + slack_ns_ : 0,
                   .terms = {.stamp_ns = stamp_ns}};
    to.q_rad[0] += angle(t);
    if (row) {
      to.dq_rad_s = core::JointVector::zero(7);
      to.dq_rad_s[0] = rate(t);
    }
    return to_command(to);
  }

  /// Six seconds of targets `lead_ns` apart, that come up to `late_ns` late.
  Way follow(core::Nanoseconds lead_ns, core::Nanoseconds late_ns, bool row) {
    std::mt19937_64 random(7);
    Way way;
    double squares = 0.0;
    std::int64_t count = 0;
    core::Nanoseconds next_ns = 0;
    core::Nanoseconds comes_ns = 0;
    const double lag_s = row ? core::to_seconds(lead_ns + slack_ns_) : 0.0;
    for (now = 0; now < 6000 * kPeriod_ns; now += kPeriod_ns) {
      while (now >= comes_ns) {
        EXPECT_TRUE(source->take(target(core::to_seconds(next_ns), next_ns, lead_ns, row), model, now));
        next_ns += lead_ns;
        const auto late = std::uniform_int_distribution<core::Nanoseconds>(0, late_ns)(random);
        comes_ns = std::max(comes_ns, next_ns + late);
      }
      const Setpoint& at = source->step(model, now, kPeriod_s);
      const double t = core::to_seconds(now) - lag_s;
      if (t > 0.1) {
        const double acceleration = (rate(t + 1e-3) - rate(t - 1e-3)) / 2e-3;
        way.worst_rad = std::max(way.worst_rad, std::abs(at.q_rad[0] - home[0] - angle(t)));
        squares += (at.ddq_rad_s2[0] - acceleration) * (at.ddq_rad_s2[0] - acceleration);
        ++count;
      }
      way.fastest_share = std::max(way.fastest_share, std::abs(at.dq_rad_s[0]) / limits[0].velocity_rad_s);
      EXPECT_LE(std::abs(at.ddq_rad_s2[0]), limits[0].acceleration_rad_s2 * 1.0001);
    }
    way.ripple_rad_s2 = std::sqrt(squares / static_cast<double>(count));
    return way;
  }
};

TEST_F(MotionSourceRowTest, ThirtyPerSecondAreOneSmoothMotionOneTargetBehind) {
  const Way way = follow(33'000'000, 0, true);
  EXPECT_LT(way.worst_rad, 2e-4);
  EXPECT_LT(way.ripple_rad_s2, 0.3);
}

TEST_F(MotionSourceRowTest, TargetsThatAreGoneToAndStoppedAtStutter) {
  EXPECT_GT(follow(33'000'000, 0, false).ripple_rad_s2, 2.0);
}

TEST_F(MotionSourceRowTest, AThousandPerSecondAreOneSmoothMotion) {
  const Way way = follow(1'000'000, 0, true);
  EXPECT_LT(way.worst_rad, 1e-3);
  EXPECT_LT(way.ripple_rad_s2, 0.3);
}

TEST_F(MotionSourceRowTest, TargetsThatComeLateAreNotCaughtUpWithByForce) {
  for (const core::Nanoseconds late_ns : {5'000'000, 20'000'000, 60'000'000}) {
    begin();
    const Way way = follow(33'000'000, late_ns, true);
    EXPECT_LT(way.worst_rad, 0.02) << late_ns;
    EXPECT_LT(way.fastest_share, 0.6) << late_ns << ": the motion itself uses 0.3";
  }
}

TEST_F(MotionSourceRowTest, WithALittleTimeToSpareNoLatenessOfThatMuchShows) {
  for (const core::Nanoseconds lead_ns : {1'000'000, 10'000'000, 33'000'000}) {
    begin();
    slack_ns_ = 10'000'000;
    const Way way = follow(lead_ns, 8'000'000, true);
    EXPECT_LT(way.worst_rad, 2e-4) << lead_ns;
    EXPECT_LT(way.ripple_rad_s2, 0.3) << lead_ns;
  }
}

TEST_F(MotionSourceRowTest, WhenNothingComesAnyMoreItGoesOnUntilItIsHeld) {
  ASSERT_TRUE(source->take(target(1.0, 0, 33'000'000, true), model, 0));
  for (now = 0; now < 60 * kPeriod_ns; now += kPeriod_ns) {
    source->step(model, now, kPeriod_s);
  }
  EXPECT_FALSE(source->at_rest());
  source->hold();
  for (int i = 0; i < 2000; ++i) {
    now += kPeriod_ns;
    source->step(model, now, kPeriod_s);
  }
  EXPECT_TRUE(source->at_rest());
}

TEST_F(MotionSourceRowTest, APointAfterARowIsGoneToAndStoppedAt) {
  ASSERT_TRUE(source->take(target(1.0, 0, 33'000'000, true), model, 0));
  for (now = 0; now < 20 * kPeriod_ns; now += kPeriod_ns) {
    source->step(model, now, kPeriod_s);
  }
  ASSERT_TRUE(source->take(to_command(JointTarget{.q_rad = home}), model, now));
  for (int i = 0; i < 3000; ++i) {
    now += kPeriod_ns;
    source->step(model, now, kPeriod_s);
  }
  EXPECT_TRUE(source->at_rest());
  EXPECT_EQ(source->setpoint().q_rad, home);
}

TEST_F(MotionSourceRowTest, NeverAllocates) {
  const Command command = target(1.0, 0, 33'000'000, true);
  const ::takt::testing::AllocationGuard guard;
  EXPECT_TRUE(source->take(command, model, 0));
  source->step(model, kPeriod_ns, kPeriod_s);
}

}  // namespace
}  // namespace takt::control
