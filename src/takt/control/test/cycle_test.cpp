#include "takt/control/cycle.hpp"

#include <atomic>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/control/test/fake_arm.hpp"
#include "takt/core/error.hpp"

namespace takt::control {
namespace {

/// With a thread, virtual time runs at whatever speed the machine has; what is asserted does not depend on it.
class CycleTest : public ::testing::Test {
 protected:
  CycleTest() { world.pace = std::chrono::microseconds(20); }

  std::unique_ptr<Cycle> make() {
    CycleOptions options;
    options.fifo_priority = std::nullopt;
    options.lock_memory = false;
    options.low_wake_latency = false;
    options.clock = &world.clock;
    return std::make_unique<Cycle>(std::make_unique<FakeArm>(world), std::make_unique<FakeLaw>(world),
                                   Model(fake_model_data()), options);
  }
  static void wait_for(const Cycle& cycle, CycleMode mode) {
    while (cycle.mode() != mode) {
      std::this_thread::yield();
    }
  }
  static JointTarget target(double q) {
    return {.q_rad = {q, q, q}, .terms = {.stamp_ns = 0, .valid_until_ns = kValidForever}};
  }

  FakeWorld world;
};

TEST_F(CycleTest, HoldsOnceStartedAndEndsWithItsBrakesOn) {
  world.q_rad = {0.5, 0.4, 0.3};
  const auto cycle = make();
  EXPECT_EQ(cycle->mode(), CycleMode::kStopped);
  EXPECT_EQ(cycle->set(target(0.0)), Outcome::kNotReady);
  cycle->start();
  EXPECT_EQ(cycle->mode(), CycleMode::kHolding);
  EXPECT_FALSE(world.brakes_on);
  EXPECT_EQ(cycle->state().setpoint.q_rad, (core::JointVector{0.5, 0.4, 0.3}));
  cycle->stop();
  EXPECT_EQ(cycle->mode(), CycleMode::kStopped);
  EXPECT_TRUE(world.brakes_on);
  EXPECT_EQ(world.stops, 1);
  cycle->stop();
  EXPECT_EQ(world.stops, 1);
}

TEST_F(CycleTest, BringsTheArmToATarget) {
  const auto cycle = make();
  cycle->start();
  ASSERT_EQ(cycle->set(target(0.75)), Outcome::kOk);
  wait_for(*cycle, CycleMode::kRunning);
  while (!cycle->state().at_rest) {
    std::this_thread::yield();
  }
  EXPECT_EQ(cycle->state().setpoint.q_rad, (core::JointVector{0.75, 0.75, 0.75}));
}

TEST_F(CycleTest, DestructionStopsAMovingArm) {
  auto cycle = make();
  cycle->start();
  ASSERT_EQ(cycle->set(target(1.5)), Outcome::kOk);
  wait_for(*cycle, CycleMode::kRunning);
  cycle.reset();
  EXPECT_TRUE(world.brakes_on);
  EXPECT_EQ(world.stops, 1);
  EXPECT_GE(world.engage_calls, 1);
  EXPECT_LT(std::abs(world.dq_rad_s[0]), 0.02);
}

TEST_F(CycleTest, CanBeStartedAgainButNotTwice) {
  const auto cycle = make();
  cycle->start();
  EXPECT_THROW(cycle->start(), LogicError);
  cycle->stop();
  cycle->start();
  EXPECT_EQ(cycle->mode(), CycleMode::kHolding);
  EXPECT_EQ(world.starts, 2);
}

TEST_F(CycleTest, SaysWhyAnArmDidNotStart) {
  world.start_outcome = Outcome::kDisconnected;
  const auto cycle = make();
  try {
    cycle->start();
    FAIL() << "started";
  } catch (const DeviceError& error) {
    EXPECT_STREQ(error.what(), "fake did not start: the device is gone");
  }
  EXPECT_EQ(world.stops, 1);
}

TEST_F(CycleTest, AnArmThatStandsOutsideItsRangeIsPutAwayAgain) {
  world.q_rad = {0.0, 3.0, 0.0};
  const auto cycle = make();
  try {
    cycle->start();
    FAIL() << "started";
  } catch (const DeviceError& error) {
    EXPECT_STREQ(error.what(), "fake did not start: joint 2: position outside the range (3, allowed 2)");
  }
  EXPECT_TRUE(world.brakes_on);
  EXPECT_EQ(world.stops, 1);
  EXPECT_THROW(cycle->start(), DeviceError) << "the fault is latched";
}

TEST_F(CycleTest, AFaultIsLatchedUntilRecovered) {
  const auto cycle = make();
  cycle->start();
  world.fail_now = true;
  wait_for(*cycle, CycleMode::kFaulted);
  EXPECT_EQ(cycle->fault().fault, Fault::kArmError);
  EXPECT_EQ(cycle->set(target(0.1)), Outcome::kFault);
  EXPECT_FALSE(cycle->evidence().empty());
  cycle->stop();
  EXPECT_EQ(cycle->fault().fault, Fault::kArmError);
  EXPECT_THROW(cycle->start(), DeviceError);
  cycle->recover();
  EXPECT_EQ(world.recoveries, 1);
  EXPECT_EQ(cycle->mode(), CycleMode::kHolding);
  EXPECT_EQ(cycle->fault().fault, Fault::kNone);
  EXPECT_EQ(cycle->set(target(0.1)), Outcome::kOk);
}

TEST_F(CycleTest, AnArmThatCannotBeRecoveredStaysFaulted) {
  const auto cycle = make();
  cycle->start();
  world.fail_now = true;
  wait_for(*cycle, CycleMode::kFaulted);
  cycle->stop();
  world.recover_outcome = Outcome::kFault;
  EXPECT_THROW(cycle->recover(), DeviceError);
  EXPECT_EQ(cycle->fault().fault, Fault::kArmError);
}

TEST_F(CycleTest, ASafeStopFromAnotherThreadEndsFaultedAndBraked) {
  const auto cycle = make();
  cycle->start();
  ASSERT_EQ(cycle->set(target(1.5)), Outcome::kOk);
  wait_for(*cycle, CycleMode::kRunning);
  std::jthread([&] { cycle->safe_stop(); }).join();
  wait_for(*cycle, CycleMode::kFaulted);
  EXPECT_TRUE(world.brakes_wanted);
  EXPECT_EQ(cycle->fault().fault, Fault::kRequested);
}

TEST_F(CycleTest, ASafeStopDuringStartStopsWhatItStarts) {
  const auto cycle = make();
  world.on_start = [&] { cycle->safe_stop(); };
  EXPECT_THROW(cycle->start(), DeviceError);
  EXPECT_EQ(cycle->fault().fault, Fault::kRequested);
  EXPECT_TRUE(world.brakes_on);
}

TEST_F(CycleTest, ASafeStopDuringRecoverStopsWhatItStarts) {
  const auto cycle = make();
  cycle->start();
  world.fail_now = true;
  wait_for(*cycle, CycleMode::kFaulted);
  world.on_recover = [&] { cycle->safe_stop(); };
  EXPECT_THROW(cycle->recover(), DeviceError);
  EXPECT_EQ(cycle->fault().fault, Fault::kRequested);
  EXPECT_TRUE(world.brakes_on);
}

TEST_F(CycleTest, ARequestFromBeforeTheStartIsForgotten) {
  const auto cycle = make();
  cycle->safe_stop();
  cycle->start();
  EXPECT_EQ(cycle->mode(), CycleMode::kHolding);
  cycle->stop();
  cycle->safe_stop();
  cycle->start();
  EXPECT_EQ(cycle->mode(), CycleMode::kHolding);
}

TEST_F(CycleTest, CommandsAndReadersOnOtherThreadsNeverSeeHalfAState) {
  const auto cycle = make();
  cycle->start();
  std::atomic<bool> done{false};
  std::atomic<int> refused{0};
  std::atomic<int> torn{0};
  std::vector<std::jthread> threads;
  threads.emplace_back([&] {
    for (int i = 0; i < 2000; ++i) {
      refused += cycle->set(target(std::sin(0.01 * i))) == Outcome::kOk ? 0 : 1;
      if (i % 500 == 250) {
        cycle->halt();
      }
      std::this_thread::yield();
    }
    done = true;
  });
  for (int reader = 0; reader < 2; ++reader) {
    threads.emplace_back([&] {
      while (!done) {
        const CycleState state = cycle->state();
        // All joints are told the same, so all setpoints and targets agree in a whole state.
        torn +=
            state.setpoint.q_rad[0] == state.setpoint.q_rad[2] && state.target_rad[0] == state.target_rad[1] ? 0 : 1;
        static_cast<void>(cycle->stats());
        static_cast<void>(cycle->fault());
        static_cast<void>(cycle->evidence());
        std::this_thread::yield();
      }
    });
  }
  threads.clear();
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(cycle->fault().fault, Fault::kNone) << describe(cycle->fault());
}

TEST_F(CycleTest, ReportsItsThreadAndItsTimes) {
  const auto cycle = make();
  cycle->start();
  while (cycle->stats().cycles < 50) {
    std::this_thread::yield();
  }
  const CycleStats stats = cycle->stats();
  EXPECT_NE(stats.thread.thread_id, 0U);
  EXPECT_FALSE(stats.thread.fifo);
  EXPECT_GE(stats.ledger.read_to_write.p50_us, 4.9);
}

TEST_F(CycleTest, RefusesToBeMadeOfNothing) {
  EXPECT_THROW(Cycle(nullptr, std::make_unique<FakeLaw>(world), Model(fake_model_data())), LogicError);
  EXPECT_THROW(Cycle(std::make_unique<FakeArm>(world), nullptr, Model(fake_model_data())), LogicError);
}

}  // namespace
}  // namespace takt::control
