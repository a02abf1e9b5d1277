#include "takt/teleop/replay/remote_twin.hpp"

#include <gtest/gtest.h>

#include "takt/teleop/replay/test/remote_rig.hpp"

namespace takt::teleop::replay {
namespace {

using RemoteTwinTest = test::RemoteTest;

TEST_F(RemoteTwinTest, HowItStandsIsSaidByTheOwnerUnasked) {
  RemoteTwin remote(desk_bus_, "follower", {.lease_s = test::kLongLease_s});
  while (!remote.shown()) {
    wait();
  }
  EXPECT_EQ(remote.shown()->status.twin.phase, TwinPhase::kEmpty);
  ask(remote, trigger());
  const auto is_mine = [&] { return remote.shown()->status.played_by == remote.router().client_id(); };
  while (!is_mine() || remote.shown()->status.twin.phase >= TwinPhase::kApproaching) {
    remote.renew();
    wait();
  }
  EXPECT_EQ(remote.shown()->status.twin.left, "");
  EXPECT_EQ(remote.shown()->status.twin.emitted, emitted().size());
  EXPECT_EQ(remote.router().counts().requests, 1) << "nothing of that was asked";
}

TEST_F(RemoteTwinTest, AClientThatIsGoneLeavesAnArmAtRestAndTheNextOnePlays) {
  {
    RemoteTwin remote(desk_bus_, "follower", {.lease_s = 0.2});
    play_until_emitted(remote);
  }
  while (is_played()) {
    wait();
  }
  EXPECT_NE(owner_->twin().status().left, "");
  RemoteTwin next(desk_bus_, "follower", {.client = "shelf", .lease_s = test::kLongLease_s});
  ask(next, trigger());
  while (is_played()) {
    next.renew();
    wait();
  }
  EXPECT_EQ(owner_->twin().status().left, "");
}

TEST_F(RemoteTwinTest, ALinkThatIsCutBringsTheArmToRest) {
  RemoteTwin remote(desk_bus_, "follower", {.lease_s = 0.2, .patience = {.timeout_s = 0.05}});
  play_until_emitted(remote);
  memory_.cut("robot", "desk");
  while (is_played()) {
    remote.renew();  // into nothing
    wait();
  }
  EXPECT_FALSE(remote.handle({.action = CommandAction::kStatus}, {}));
  memory_.restore("robot", "desk");
  RemoteTwin patient(desk_bus_, "follower", {.client = "shelf", .patience = test::kPatient});
  const auto status = patient.handle({.action = CommandAction::kStatus}, {});
  ASSERT_TRUE(status) << status.error();
  EXPECT_NE(std::get<ReplayStatus>(*status).twin.left, "");
  EXPECT_TRUE(remote.handle(trigger(), {})) << "the next play works";
}

TEST_F(RemoteTwinTest, WhoIsNotThereIsNamed) {
  RemoteTwin remote(desk_bus_, "elbow", {.patience = {.timeout_s = 0.02}});
  const auto status = remote.handle({.action = CommandAction::kStatus}, {});
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().find("elbow"), std::string::npos);
  EXPECT_FALSE(remote.shown());
}

}  // namespace
}  // namespace takt::teleop::replay
