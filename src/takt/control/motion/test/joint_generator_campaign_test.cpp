#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "takt/control/motion/joint_generator.hpp"
#include "takt/control/motion/test/campaign.hpp"

namespace takt::control {
namespace {

TEST(JointGeneratorCampaign, HundredThousandInterruptedMotionsStayWithinAllLimits) {
  const int legs = campaign_size(15'000);  // × 7 joints
  Random random(31);
  constexpr std::size_t kJoints = 7;
  std::vector<JointLimits> limits;
  std::vector<Differences> watch(kJoints);
  std::vector<JointGenerator> generator;
  double fraction = 1.0;
  long landings = 0;
  for (int leg = 0; leg < legs; ++leg) {
    if (leg % 50 == 0) {
      limits.clear();
      for (std::size_t i = 0; i < kJoints; ++i) {
        const double v = random.log_uniform(0.1, 3.0);
        limits.push_back(limits_of(v * random.uniform(0.02, 0.2), v, random.log_uniform(5.0, 50.0),
                                   random.log_uniform(500.0, 50'000.0)));
      }
      generator.assign(1, JointGenerator(limits));
      fraction = random.uniform(0.1, 1.0);
      generator[0].scale_budgets(fraction);
      for (std::size_t i = 0; i < kJoints; ++i) {
        watch[i].restart(0.0);
      }
    }
    core::JointVector target = core::JointVector::zero(kJoints);
    for (std::size_t i = 0; i < kJoints; ++i) {
      const double nearby =
          generator[0].setpoint().q_rad[i] + random.uniform(-1.0, 1.0) * random.log_uniform(1e-9, 0.1);
      const double anywhere = random.uniform(-1.0, 1.0) * limits[i].position_max_rad;
      const double end = std::copysign(limits[i].position_max_rad, anywhere);
      const double wanted = leg % 3 == 0 ? nearby : (leg % 3 == 1 ? anywhere : end);
      target[i] = std::clamp(wanted, limits[i].position_min_rad, limits[i].position_max_rad);
    }
    ASSERT_EQ(generator[0].set_target(target), Outcome::kOk);
    const int steps = leg % 5 == 0 ? 100'000 : static_cast<int>(random.log_uniform(1.0, 200.0));
    for (int k = 0; k < steps && !generator[0].at_rest(); ++k) {
      const Setpoint& setpoint = generator[0].step(kPeriod_s);
      for (std::size_t i = 0; i < kJoints; ++i) {
        const double q = setpoint.q_rad[i];
        ASSERT_NO_FATAL_FAILURE(watch[i].expect_within(q, limits[i], fraction)) << "leg " << leg << " joint " << i;
        ASSERT_LE(std::abs(q), limits[i].position_max_rad + 1e-12) << "leg " << leg << " joint " << i;
      }
    }
    if (generator[0].at_rest()) {
      ++landings;
      ASSERT_EQ(generator[0].setpoint().q_rad, target);
      ASSERT_EQ(generator[0].setpoint().dq_rad_s, core::JointVector::zero(kJoints));
    }
  }
  EXPECT_GT(landings, legs / 5 - 1);
}

/// Halts and new budgets in the middle of motions: the full limits hold always, the budgets from when the state has
/// come inside them until the next halt or change of budgets.
TEST(JointGeneratorCampaign, HaltsAndNewBudgetsAtAnyTimeNeverLeaveTheFullLimits) {
  const int runs = campaign_size(100);
  Random random(37);
  long kept = 0;
  for (int run = 0; run < runs; ++run) {
    const double v = random.log_uniform(0.1, 3.0);
    const JointLimits limits = limits_of(v * random.uniform(0.2, 2.0), v, std::exp(random.uniform(1.6, 3.9)),
                                         std::exp(random.uniform(6.2, 10.8)));
    JointGenerator generator{std::span(&limits, 1)};
    Differences watch;
    watch.restart(0.0);
    double fraction = 1.0;
    bool inside = true;  // once inside the budgets, with room to stay so
    for (int leg = 0; leg < 50; ++leg) {
      const double which = random.uniform(0.0, 1.0);
      if (which < 0.3) {
        generator.halt();
        inside = false;
      } else if (which < 0.6) {
        fraction = std::exp(random.uniform(std::log(0.005), 0.0));
        generator.scale_budgets(fraction);
        inside = false;
      }
      if (which > 0.2) {
        ASSERT_EQ(generator.set_target({random.uniform(-1.0, 1.0) * limits.position_max_rad}), Outcome::kOk);
      }
      const int steps = static_cast<int>(std::exp(random.uniform(0.0, 6.0)));
      for (int k = 0; k < steps; ++k) {
        const Setpoint& s = generator.step(kPeriod_s);
        ASSERT_NO_FATAL_FAILURE(watch.expect_within(s.q_rad[0], limits, 1.0)) << "run " << run << " leg " << leg;
        ASSERT_LE(std::abs(s.dq_rad_s[0]), limits.velocity_rad_s * (1.0 + 1e-6)) << "run " << run << " leg " << leg;
        ASSERT_LE(std::abs(s.q_rad[0]), limits.position_max_rad + 1e-12) << "run " << run << " leg " << leg;
        const bool at_rest = s.dq_rad_s[0] == 0.0 && s.ddq_rad_s2[0] == 0.0;
        inside = inside || at_rest;
        if (inside) {
          ++kept;
          ASSERT_LE(std::abs(s.dq_rad_s[0]), limits.velocity_rad_s * fraction * (1.0 + 1e-6)) << run << " " << leg;
          ASSERT_LE(std::abs(s.ddq_rad_s2[0]), limits.acceleration_rad_s2 * fraction * (1.0 + 1e-6))
              << run << " " << leg;
        }
      }
    }
  }
  EXPECT_GT(kept, 10'000);
}

/// Everything at once: targets at rest and moving, references that jump and end, halts, budgets of each kind lowered
/// and raised, taken up anywhere. The full limits hold always, by differences of the positions; what moves is met
/// without error, what rests is landed on exactly.
class MovingCampaign : public ::testing::Test {
 protected:
  void begin() {
    const double v = random_.log_uniform(0.1, 3.0);
    limits_ =
        limits_of(v * random_.uniform(0.1, 2.0), v, random_.log_uniform(5.0, 50.0), random_.log_uniform(500.0, 5e4));
    generator_ = JointGenerator(std::span(&limits_, 1));
    budget_ = 1.0;
    watch_.restart(0.0);
  }

  void expect_limits() {
    const Setpoint& s = generator_.setpoint();
    ASSERT_NO_FATAL_FAILURE(watch_.expect_within(s.q_rad[0], limits_, 1.0));
    ASSERT_LE(std::abs(s.dq_rad_s[0]), limits_.velocity_rad_s * (1.0 + 1e-6));
    ASSERT_LE(std::abs(s.ddq_rad_s2[0]), limits_.acceleration_rad_s2 * (1.0 + 1e-6));
    ASSERT_LE(std::abs(s.q_rad[0]), limits_.position_max_rad + 1e-12);
  }

  void interfere() {
    const double which = random_.uniform(0.0, 1.0);
    if (which < 0.15) {
      generator_.halt();
    } else if (which < 0.4) {
      budget_ = random_.log_uniform(0.02, 1.0);
      generator_.set_budgets({budget_}, {random_.log_uniform(0.02, 1.0)}, {random_.log_uniform(0.02, 1.0)});
    } else if (which < 0.5) {
      budget_ = 1.0;
      generator_.scale_budgets(1.0);
    }
  }

  int steps() { return random_.uniform(0.0, 1.0) < 0.1 ? 4000 : static_cast<int>(random_.log_uniform(1.0, 150.0)); }

  void go_to_a_target() {
    const double q = random_.uniform(-1.0, 1.0) * limits_.position_max_rad;
    const bool moves = random_.uniform(0.0, 1.0) < 0.7;
    const double dq = moves ? random_.uniform(-0.99, 0.99) * limits_.velocity_rad_s * budget_ : 0.0;
    ASSERT_EQ(generator_.set_target({q}, {dq}), Outcome::kOk);
    bool met = false;
    const int count = steps();
    for (int k = 1; k <= count && !generator_.at_rest(); ++k) {
      generator_.step(kPeriod_s);
      ASSERT_NO_FATAL_FAILURE(expect_limits());
      if (generator_.on_reference() && !generator_.at_rest()) {
        met = true;
        ASSERT_NEAR(generator_.setpoint().q_rad[0], q + dq * kPeriod_s * k, 1e-11);
        ASSERT_NEAR(generator_.setpoint().dq_rad_s[0], dq, 1e-15);
      }
    }
    met_ += met ? 1 : 0;
    if (generator_.at_rest()) {
      ++landed_;
      ASSERT_EQ(generator_.setpoint().q_rad[0], dq == 0.0 ? q : std::copysign(limits_.position_max_rad, dq));
    }
  }

  /// A sine that is feasible, sometimes not, from anywhere.
  void go_along_a_reference() {
    const double w = random_.log_uniform(0.5, 20.0);
    const double most = std::min(limits_.velocity_rad_s / w, limits_.acceleration_rad_s2 / (w * w));
    const double amplitude = most * random_.uniform(0.05, 1.1);
    const double offset = random_.uniform(-1.0, 1.0) * limits_.position_max_rad;
    const double phase = random_.uniform(0.0, 6.3);
    const int count = steps();
    for (int k = 1; k <= count; ++k) {
      const double q = offset + amplitude * std::sin(phase + w * kPeriod_s * k);
      const double dq = amplitude * w * std::cos(phase + w * kPeriod_s * k);
      generator_.track({q}, {dq}, kPeriod_s);
      ASSERT_NO_FATAL_FAILURE(expect_limits());
      if (generator_.on_reference()) {
        ++followed_;
        ASSERT_NEAR(generator_.setpoint().q_rad[0], q, 1e-13);
      }
    }
  }

  Random random_{41};
  JointLimits limits_;
  JointGenerator generator_{std::vector{limits_of(1.0, 1.0, 1.0, 1.0)}};
  Differences watch_;
  double budget_{1.0};
  long met_{0};
  long landed_{0};
  long followed_{0};
};

TEST_F(MovingCampaign, MovingTargetsAndReferencesAreMetWithinAllLimits) {
  const int legs = campaign_size(6'000);
  for (int leg = 0; leg < legs; ++leg) {
    if (leg % 50 == 0) {
      begin();
    }
    interfere();
    if (random_.uniform(0.0, 1.0) < 0.7) {
      ASSERT_NO_FATAL_FAILURE(go_to_a_target()) << "leg " << leg;
    } else {
      ASSERT_NO_FATAL_FAILURE(go_along_a_reference()) << "leg " << leg;
    }
  }
  RecordProperty("met", std::to_string(met_));
  EXPECT_GT(met_, legs / 50);
  EXPECT_GT(landed_, legs / 50);
  EXPECT_GT(followed_, legs);
}

}  // namespace
}  // namespace takt::control
