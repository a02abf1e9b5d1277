#include "takt/teleop/replay/twin_on_bus.hpp"

#include <chrono>

#include <gtest/gtest.h>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/teleop/replay/test/remote_rig.hpp"

namespace takt::teleop::replay {
namespace {

using TwinOnBusTest = test::RemoteTest;

TEST_F(TwinOnBusTest, OneSequencePlayedLocallyAndRemotelyEmitsTheSameFrames) {
  const CommandCaller here{.client = "here", .remote = false};
  ASSERT_TRUE(on_bus_->commands().handle(trigger(), here));
  while (is_played()) {
    wait();
  }
  const auto locally = emitted();
  ASSERT_EQ(locally.size(), owner_->twin().timeline()->size());
  // Back to where it stood, so that both begin there.
  ASSERT_TRUE(on_bus_->commands().handle({.action = CommandAction::kGotoTrajectory}, here));
  while (owner_->twin().status().phase != TwinPhase::kPaused) {
    wait();
  }
  ASSERT_TRUE(on_bus_->commands().handle({.action = CommandAction::kStopReplay}, here));
  while (is_played()) {
    wait();
  }
  static_cast<void>(emitted());

  RemoteTwin remote(desk_bus_, "follower", {});
  const auto triggered = remote.handle(trigger(), {});
  ASSERT_TRUE(triggered) << triggered.error();
  while (is_played()) {
    remote.renew();
    wait();
  }
  EXPECT_EQ(emitted(), locally);
  EXPECT_EQ(owner_->twin().status().left, "");
}

TEST_F(TwinOnBusTest, PushIsTwoRequestsWhateverTheNumberOfFrames) {
  RemoteTwin remote(desk_bus_, "follower", {});
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
  std::uint64_t frames = 0;
  std::vector<core::JointVector> pulled;
  const auto app = [&]() -> async::Task<void> {
    const RequestResult triggered = co_await router.request_async("follower", pull);
    EXPECT_TRUE(triggered) << triggered.error().text;
    frames = std::get<std::uint64_t>(*triggered);
    while (owner_->twin().status().phase == TwinPhase::kApproaching) {
      co_await async::sleep_for(std::chrono::milliseconds(1));
    }
    while (pulled.size() < frames) {
      while (owner_->twin().status().emitted < pulled.size()) {  // the arm has the one before
        co_await async::sleep_for(std::chrono::milliseconds(1));
      }
      const RequestResult next =
          co_await router.request_async("follower", {.action = CommandAction::kGetReplayAction, .params = {}});
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
  ask(remote, trigger(true));
  while (emitted().empty()) {
    remote.renew();
    wait();
  }
  on_bus_.reset();
  EXPECT_FALSE(RemoteTwin(desk_bus_, "follower", {.patience = {.timeout_s = 0.05}})
                   .handle({.action = CommandAction::kStatus}, {}));
  while (is_played()) {  // nobody renews the lease any more
    wait();
  }
  EXPECT_NE(owner_->twin().status().left, "");
}

}  // namespace
}  // namespace takt::teleop::replay
