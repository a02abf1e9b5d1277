#include <atomic>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "takt/teleop/replay/digital_twin.hpp"
#include "takt/teleop/replay/test/twin_rig.hpp"

// To forget what is loaded, while somebody else asks for it.
namespace takt::teleop::replay {
namespace {

using test::kMs;
using test::recording;
using test::TwinTest;

TEST_F(TwinTest, WhatIsForgottenAtItsEndIsNotBegunAnew) {
  make();
  for (int round = 0; round < 200; ++round) {
    ASSERT_TRUE(twin_->load({recording(30.0)}, {.loop = true}));
    ASSERT_TRUE(twin_->play());
    std::atomic<bool> done{false};
    std::atomic<int> asked{0};
    {
      const std::jthread ask([&] {
        while (!done) {
          static_cast<void>(round % 2 == 0 ? twin_->play() : twin_->snap_anchor());
          ++asked;
        }
      });
      while (asked < 10) {
      }
      twin_->unload();
      run(20 * kMs);
      done = true;
    }
    ASSERT_EQ(twin_->status().phase, TwinPhase::kEmpty) << round;
  }
}

TEST_F(TwinTest, WhatBeginsWhileItIsUnloadedIsStopped) {
  make();
  for (int round = 0; round < 20; ++round) {
    ASSERT_TRUE(twin_->load({recording(30.0)}, {.loop = true}));
    std::jthread unload;
    twin_clock_.hook = [&] {  // in the turn of this play: unload() has stopped it, and waits for its own turn
      unload = std::jthread([this] { twin_->unload(); });
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    };
    if (!twin_->play()) {
      static_cast<void>(twin_->play());  // asked after that stop
    }
    unload.join();
    run(100 * kMs);
    ASSERT_EQ(twin_->status().phase, TwinPhase::kEmpty) << round;
  }
}

TEST_F(TwinTest, UnloadForgetsAndStops) {
  make();
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  twin_->unload();
  EXPECT_EQ(twin_->status().phase, TwinPhase::kEmpty);
  EXPECT_FALSE(twin_->play());
}

TEST_F(TwinTest, UnloadedWhileItPlaysItComesToRestAndIsForgottenThen) {
  make();
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  ASSERT_TRUE(twin_->play());
  run(700 * kMs);
  twin_->unload();
  run(50 * kMs);
  EXPECT_EQ(robot_->halts(), 1);
  EXPECT_EQ(twin_->status().phase, TwinPhase::kEmpty);
  EXPECT_FALSE(twin_->play());
  EXPECT_TRUE(twin_->load({recording(30.0)})) << "and another can be loaded";
  EXPECT_TRUE(twin_->play());
  run_to_end();
  EXPECT_EQ(twin_->status().phase, TwinPhase::kLoaded) << "that is not forgotten";
}

}  // namespace
}  // namespace takt::teleop::replay
