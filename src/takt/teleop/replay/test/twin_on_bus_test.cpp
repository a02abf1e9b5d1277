#include "takt/teleop/replay/twin_on_bus.hpp"

#include <gtest/gtest.h>

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
