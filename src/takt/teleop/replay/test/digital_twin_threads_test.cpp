#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/teleop/replay/digital_twin.hpp"
#include "takt/teleop/replay/test/recordings.hpp"
#include "takt/teleop/test/fake_robots.hpp"

// The twin with its own thread, in real time: what it emits, and many who ask at once.
namespace takt::teleop::replay {
namespace {

using test::recording;

class TwinThreadsTest : public ::testing::Test {
 protected:
  TwinThreadsTest() {
    auto robot = std::make_unique<teleop::test::FakeFollower>(2, core::steady_clock());
    RobotNodeOptions patient;  // whatever the host does to its thread
    patient.name = "follower";
    patient.freshness = {.hold_after_s = 10.0, .halt_after_s = 20.0};
    patient.tracking.error_for_s = 1e6;
    patient.lost_after_s = 1e6;
    PairOptions pair;
    pair.pipeline.guard.limits = robot->info().limits;
    follower_ = std::make_unique<RobotNode>(bus_, std::move(robot), patient);
    orchestrator_.add_follower(*follower_, pair);
    twin_ = std::make_unique<DigitalTwin>(
        orchestrator_, 0, TwinOptions{.on_frame = [this](const EmittedFrame& frame) { emitted_.push_back(frame); }});
    follower_->start();
  }
  void wait_until(const std::function<bool()>& condition) const {
    while (!condition()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  void wait_for_end() const {
    wait_until([this] { return twin_->status().phase == TwinPhase::kLoaded; });
  }

  bus::Bus bus_;
  SystemState system_state_{bus_};
  Orchestrator orchestrator_{system_state_};
  std::unique_ptr<RobotNode> follower_;
  std::vector<EmittedFrame> emitted_;
  std::unique_ptr<DigitalTwin> twin_;
};

TEST_F(TwinThreadsTest, ItsThreadEmitsEachFrameOnceInOrderAndAfterItIsDue) {
  const auto loaded = twin_->load({recording(200.0, 1.5, 0.1)});
  ASSERT_TRUE(loaded) << loaded.error();
  ASSERT_TRUE(twin_->play());
  wait_for_end();
  ASSERT_EQ(emitted_.size(), *loaded);
  for (std::size_t i = 0; i < emitted_.size(); ++i) {
    EXPECT_EQ(emitted_[i].index, i);
    EXPECT_GE(emitted_[i].late_ns, 0);
  }
}

TEST_F(TwinThreadsTest, AStopIsHeardInTheMiddleOfALongSleep) {
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  ASSERT_TRUE(twin_->play());
  wait_until([this] { return twin_->status().emitted > 3; });
  ASSERT_TRUE(twin_->pause());
  EXPECT_TRUE(twin_->stop());
  wait_for_end();
  EXPECT_FALSE(follower_->lease().holder(core::monotonic_now_ns()));
}

TEST_F(TwinThreadsTest, ManyWhoAskAtOnceNeitherTearNorHangIt) {
  ASSERT_TRUE(twin_->load({recording(100.0, 1.0, 0.1)}, {.loop = true}));
  std::atomic<bool> done{false};
  const auto hammer = [&](const std::function<void(int)>& ask) {
    return std::jthread([&done, ask] {
      for (int i = 0; !done; ++i) {
        ask(i);
        std::this_thread::yield();
      }
    });
  };
  {
    const std::vector<std::string> clients = {"a", "b"};
    const auto play = hammer([&](int) { static_cast<void>(twin_->play()); });
    const auto look = hammer([&](int) {
      static_cast<void>(twin_->status());
      if (const auto timeline = twin_->timeline()) {
        static_cast<void>(timeline->frame(0));
      }
    });
    const auto wish = hammer([&](int i) {
      static_cast<void>(i % 2 == 0 ? twin_->pause() : twin_->resume());
      static_cast<void>(twin_->seek(0.01 * (i % 100)));
      static_cast<void>(twin_->set_speed(i % 3 == 0 ? -1.0 : 1.0));
      static_cast<void>(twin_->set_loop(i % 5 == 0));
    });
    const auto take = hammer([&](int i) {
      const auto epoch = twin_->take(clients[static_cast<std::size_t>(i % 2)], 0.01);
      if (epoch) {
        twin_->renew(*epoch, 0.01);
        twin_->release(*epoch);
      }
    });
    for (int i = 0; i < 100; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      if (i % 10 == 0) {
        static_cast<void>(twin_->stop());
      }
      if (i == 50) {
        orchestrator_.set_mode(ControlMode::kIdle);
      }
    }
    done = true;
  }
  static_cast<void>(twin_->stop());
  wait_for_end();
  ASSERT_TRUE(twin_->set_loop(false));
  ASSERT_TRUE(twin_->set_speed(1.0));
  ASSERT_TRUE(twin_->play()) << "and it plays on";
  wait_for_end();
  EXPECT_EQ(twin_->status().left, "");
}

TEST_F(TwinThreadsTest, WhatIsForgottenWhileOthersAskForItTearsNothing) {
  std::atomic<bool> done{false};
  const auto hammer = [&](const std::function<void()>& ask) {
    return std::jthread([&done, ask] {
      while (!done) {
        ask();
      }
    });
  };
  {
    const auto load = hammer([&] {
      static_cast<void>(twin_->load({recording(100.0, 0.1, 0.02)}));
      static_cast<void>(twin_->play());
      std::this_thread::sleep_for(std::chrono::microseconds(300));
      twin_->unload();
    });
    const auto go = hammer([&] { static_cast<void>(twin_->go_to(Place::kStart)); });
    const auto snap = hammer([&] { static_cast<void>(twin_->snap_anchor()); });
    const auto loop = hammer([&] { static_cast<void>(twin_->set_loop(false)); });
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    done = true;
  }
  twin_->unload();
  wait_until([this] { return twin_->status().phase == TwinPhase::kEmpty; });
  ASSERT_TRUE(twin_->load({recording(30.0, 1.0, 0.1)}));
  ASSERT_TRUE(twin_->play()) << "and it plays on";
  wait_for_end();
  EXPECT_EQ(twin_->status().left, "");
}

TEST_F(TwinThreadsTest, ItsEndBringsTheArmToRest) {
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  ASSERT_TRUE(twin_->play({.then = ControlMode::kPolicy}));
  wait_until([this] { return twin_->status().emitted > 3; });
  twin_.reset();
  EXPECT_FALSE(follower_->lease().holder(core::monotonic_now_ns()));
  EXPECT_EQ(orchestrator_.mode(), ControlMode::kIdle) << "a program that ends sets nobody else going";
}

}  // namespace
}  // namespace takt::teleop::replay
