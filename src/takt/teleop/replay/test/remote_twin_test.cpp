#include "takt/teleop/replay/remote_twin.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "takt/bus/memory_transport.hpp"
#include "takt/messages/json.hpp"
#include "takt/teleop/replay/command_service.hpp"
#include "takt/teleop/replay/internal/text_topic.hpp"
#include "takt/teleop/replay/test/fake_handler.hpp"
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

/// An owner that notes what it is asked, and does not answer a trigger before it is told to; it says how it stands.
class SilentOwnerTest : public ::testing::Test {
 protected:
  SilentOwnerTest() {
    robot_bus_.add(memory_.join("robot"));
    desk_bus_.add(memory_.join("desk"));
    handler_.answer = [this](const Command& command) -> CommandResult {
      while (command.action == CommandAction::kTriggerReplay && !go_) {
        std::this_thread::yield();
      }
      return CommandValue{};
    };
    service_.emplace(robot_bus_, "follower", handler_);
    status_.emplace(robot_bus_, status_topic("follower"), bus::Qos::latched());
    remote_.emplace(desk_bus_, "follower", RemoteTwin::Options{.patience = {.timeout_s = 60}, .load_timeout_s = 0.05});
  }
  ~SilentOwnerTest() override { go_ = true; }

  void say(core::Nanoseconds stamp_ns) {
    ReplayStatus status;
    status.stamp_ns = stamp_ns;
    static_cast<void>(status_->send(messages::to_json(status)));
  }
  [[nodiscard]] Command asked(std::size_t index) {
    while (handler_.asked().size() <= index) {
      std::this_thread::yield();
    }
    return handler_.asked()[index].command;
  }

  bus::MemoryNetwork memory_;
  bus::Bus robot_bus_;
  bus::Bus desk_bus_;
  std::atomic<bool> go_{false};
  test::FakeHandler handler_;
  std::optional<CommandService> service_;
  std::optional<internal::TextSender> status_;
  std::optional<RemoteTwin> remote_;
};

TEST_F(SilentOwnerTest, ATriggerThatIsNotAnsweredIsFollowedByAStop) {
  say(core::monotonic_now_ns());
  say(core::monotonic_now_ns());
  const auto find = [this](CommandAction action) -> std::optional<Command> {  // the stop may overtake what is slow
    const auto all = handler_.asked();
    const auto found = std::ranges::find(all, action, [](const auto& one) { return one.command.action; });
    return found == all.end() ? std::nullopt : std::optional(found->command);
  };
  while (!find(CommandAction::kStopReplay) || !find(CommandAction::kTriggerReplay)) {
    EXPECT_FALSE(remote_->handle(test::trigger(), {}));  // again where it had no time to be heard
  }
  EXPECT_GT(find(CommandAction::kTriggerReplay)->params.until_ns,
            core::monotonic_now_ns() + 30 * core::kNanosecondsPerSecond)
      << "it may be on its way as long as others, not as long as it may load";
}

TEST_F(SilentOwnerTest, WhatMovesEndsWithThePatienceOfWhoAsksByTheOwnersClock) {
  constexpr core::Nanoseconds kOwnersNow_ns = 5'000'000'000'000;  // its host was started at another time
  const core::Nanoseconds before_ns = core::monotonic_now_ns();
  say(kOwnersNow_ns);
  ASSERT_TRUE(remote_->handle({.action = CommandAction::kSeek}, {}));
  ASSERT_TRUE(remote_->handle({.action = CommandAction::kPause}, {}));
  const core::Nanoseconds until_ns = asked(0).params.until_ns - kOwnersNow_ns;
  EXPECT_GE(until_ns, 60 * core::kNanosecondsPerSecond);
  EXPECT_LE(until_ns, 62 * core::kNanosecondsPerSecond + core::monotonic_now_ns() - before_ns);
  EXPECT_EQ(asked(1).params.until_ns, 0) << "to stop it is never too late";
  EXPECT_EQ(asked(1).params.asked_ns, 0);
  const core::Nanoseconds asked_ns = asked(0).params.asked_ns - kOwnersNow_ns;
  EXPECT_GE(asked_ns, core::kNanosecondsPerSecond) << "the first that is heard may be so old";
  say(kOwnersNow_ns);
  say(kOwnersNow_ns);
  ASSERT_TRUE(remote_->handle({.action = CommandAction::kSeek}, {}));
  const core::Nanoseconds later_ns = asked(2).params.asked_ns - kOwnersNow_ns;
  EXPECT_LE(later_ns, core::kNanosecondsPerSecond / 10 + core::monotonic_now_ns() - before_ns);
}

TEST_F(SilentOwnerTest, WhatWaitsForTheOwnersWordWasAskedBeforeIt) {
  bool before = false;
  for (std::size_t attempt = 0; attempt < 20 && !before; ++attempt) {  // more: where the thread begins so late
    RemoteTwin late(desk_bus_, "follower", {.client = "late"});
    const std::jthread asks([&] { static_cast<void>(late.handle({.action = CommandAction::kSeek}, {})); });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const core::Nanoseconds said_ns = core::monotonic_now_ns();
    say(said_ns);
    say(core::monotonic_now_ns());
    const core::Nanoseconds way_ns = core::kNanosecondsPerSecond / 10;
    before = asked(attempt).params.asked_ns - way_ns < said_ns;
  }
  EXPECT_TRUE(before) << "so a stop that came meanwhile came after it";
}

TEST_F(SilentOwnerTest, WhatIsTooLongToBeSentIsRefusedAtOnceWithTheReason) {
  say(core::monotonic_now_ns());
  say(core::monotonic_now_ns());
  Command command = test::trigger();
  command.params.trajectories = {{.name = std::string(kMaxCommandBytes, 'x')}};
  const auto refused = remote_->handle(command, {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().find("belongs into the owner's library"), std::string::npos) << refused.error();
  EXPECT_TRUE(handler_.asked().empty());
}

TEST_F(SilentOwnerTest, NothingIsMovedOnTheWordOfAnOwnerThatIsNotHeard) {
  RemoteTwin impatient(desk_bus_, "follower", {.client = "shelf", .patience = {.timeout_s = 0.02}});
  const auto sought = impatient.handle({.action = CommandAction::kSeek}, {});
  ASSERT_FALSE(sought);
  EXPECT_NE(sought.error().find("follower"), std::string::npos);
  EXPECT_TRUE(handler_.asked().empty());
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
