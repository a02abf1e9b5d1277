#include "takt/teleop/replay/twin_on_bus.hpp"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/teleop/replay/test/remote_rig.hpp"

namespace takt::teleop::replay {
namespace {

using TwinOnBusTest = test::RemoteTest;

TEST_F(TwinOnBusTest, OneSequencePlayedLocallyAndRemotelyEmitsTheSameFrames) {
  const auto locally = play(on_bus_->commands(), [] {});
  ASSERT_EQ(locally.size(), owner_->twin().timeline()->size());
  RemoteTwin remote(desk_bus_, "follower", {.lease_s = test::kLongLease_s, .patience = test::kPatient});
  EXPECT_EQ(play(remote, [&remote] { remote.renew(); }), locally);
}

TEST_F(TwinOnBusTest, PushIsTwoRequestsWhateverTheNumberOfFrames) {
  RemoteTwin remote(desk_bus_, "follower", {.lease_s = test::kLongLease_s, .patience = test::kPatient});
  ask(remote, trigger());
  while (is_played()) {
    remote.renew();
    wait();
  }
  ASSERT_TRUE(remote.handle({.action = CommandAction::kStopReplay}, {}));
  EXPECT_EQ(remote.router().counts().requests, 2);
  EXPECT_EQ(on_bus_->service().counts().done - on_bus_->service().counts().one_way, 2);
  EXPECT_GT(emitted().size(), 30);
}

TEST_F(TwinOnBusTest, PulledByATaskItIsOneRequestPerFrameAndOneToTrigger) {
  CommandRouter router(desk_bus_, "desk");
  Command pull = trigger();
  pull.params.way = ReplayWay::kPull;
  pull.params.lease_s = test::kLongLease_s;
  std::uint64_t frames = 0;
  std::vector<core::JointVector> pulled;
  const auto app = [&]() -> async::Task<void> {
    const RequestResult triggered = co_await router.request_async("follower", pull, test::kPatient);
    EXPECT_TRUE(triggered) << triggered.error().text;
    frames = std::get<std::uint64_t>(*triggered);
    while (owner_->twin().status().phase == TwinPhase::kApproaching) {
      co_await async::sleep_for(std::chrono::milliseconds(1));
    }
    while (pulled.size() < frames) {
      while (owner_->twin().status().emitted < pulled.size()) {  // the arm has the one before
        co_await async::sleep_for(std::chrono::milliseconds(1));
      }
      const RequestResult next = co_await router.request_async(
          "follower", {.action = CommandAction::kGetReplayAction, .params = {}}, test::kPatient);
      EXPECT_TRUE(next) << next.error().text;
      if (!next) {
        break;
      }
      pulled.push_back(std::get<messages::RobotState>(*next).joint_positions);
    }
  };
  async::EventLoop().run(app());
  ASSERT_EQ(pulled.size(), owner_->twin().timeline()->size());
  EXPECT_EQ(pulled.back(), owner_->twin().timeline()->frame(frames - 1).frame.q_rad);
  EXPECT_EQ(router.counts().requests, 1 + frames);
}

TEST_F(TwinOnBusTest, AnOwnersEndIsTheArmsRest) {
  RemoteTwin remote(desk_bus_, "follower", {});
  play_until_emitted(remote);
  on_bus_.reset();
  EXPECT_FALSE(RemoteTwin(desk_bus_, "follower", {.patience = {.timeout_s = 0.05}})
                   .handle({.action = CommandAction::kStatus}, {}));
  while (is_played()) {
    wait();
  }
  EXPECT_EQ(owner_->twin().status().left, "it was stopped");
}

TEST_F(TwinOnBusTest, WhatIsBeingLoadedWhenItsOwnerEndsIsNotPlayed) {
  std::atomic<bool> loading{false};
  std::atomic<bool> go{false};
  on_bus_.reset();
  on_bus_.emplace(owner_->twin(), robot_bus_, TrajectoryShelf{.load = [&](const std::string& /*name*/) {
                    loading = true;
                    while (!go) {
                      std::this_thread::yield();
                    }
                    return test::recording(100.0, 0.5, 0.02, 0.0);
                  }});
  RemoteTwin remote(desk_bus_, "follower", {.lease_s = test::kLongLease_s, .patience = test::kPatient});
  Command named{.action = CommandAction::kTriggerReplay};
  named.params.trajectories.push_back({.name = "wave"});
  named.params.loop = true;
  while (!remote.shown()) {
    wait();
  }
  while (!loading) {  // again where it had no time to be heard
    static_cast<void>(remote.post(named));
    wait();
  }
  const std::jthread later([&] {
    wait();
    go = true;
  });
  on_bus_.reset();
  while (is_played()) {
    wait();
  }
  EXPECT_NE(owner_->twin().status().left, "its commander fell silent") << "it went on until then";
}

}  // namespace
}  // namespace takt::teleop::replay
