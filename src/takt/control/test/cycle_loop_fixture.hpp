#pragma once

#include <limits>

#include <gtest/gtest.h>

#include "takt/control/cycle_loop.hpp"
#include "takt/control/test/fake_arm.hpp"

namespace takt::control {

inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

inline CycleOptions options_for(FakeWorld& world) {
  CycleOptions options;
  options.freshness = {.hold_after_s = 0.05, .halt_after_s = 0.2};
  options.evidence_cycles = 500;
  options.clock = &world.clock;
  return options;
}

/// A cycle over a fake arm on a manual clock.
class CycleLoopTest : public ::testing::Test {
 protected:
  FakeWorld world;
  FakeArm arm{world};
  FakeLaw law{world};
  Model model{fake_model_data()};
  CycleLoop loop{arm, law, model, options_for(world)};
  bool alive{true};

  /// Steps until the mode is `mode`, at most `cycles`. False when it did not come.
  bool run_until(CycleMode mode, int cycles = 3000) {
    for (int i = 0; i < cycles && alive && loop.mode() != mode; ++i) {
      alive = loop.run_once();
    }
    return loop.mode() == mode;
  }
  void run(int cycles) {
    for (int i = 0; i < cycles && alive; ++i) {
      alive = loop.run_once();
    }
  }
  void run_to_end(int cycles = 10'000) {
    run(cycles);
    EXPECT_FALSE(alive) << "the loop did not end";
  }
  void start() { ASSERT_TRUE(run_until(CycleMode::kHolding)); }

  /// A target that stays good.
  Outcome go(const core::JointVector& q_rad) {
    return loop.set({.q_rad = q_rad, .terms = {.stamp_ns = world.clock.now_ns(), .valid_until_ns = kValidForever}});
  }
  /// In the middle of a fast motion.
  void get_moving() {
    start();
    ASSERT_EQ(go({1.5, -1.5, 0.5}), Outcome::kOk);
    run(700);
    ASSERT_EQ(loop.mode(), CycleMode::kRunning);
    ASSERT_GT(loop.state().measured.dq_rad_s[0], 0.8);
  }
  void expect_faulted(Fault fault) {
    EXPECT_TRUE(run_until(CycleMode::kFaulted)) << to_text(loop.mode());
    EXPECT_EQ(loop.fault().fault, fault) << describe(loop.fault());
    EXPECT_TRUE(world.brakes_wanted);
  }
};

}  // namespace takt::control
