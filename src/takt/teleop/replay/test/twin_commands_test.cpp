#include "takt/teleop/replay/twin_commands.hpp"

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/teleop/replay/test/twin_rig.hpp"

namespace takt::teleop::replay {
namespace {

using test::kMs;
using test::recording;

const CommandCaller kHere{.client = "here-1", .remote = false};
const CommandCaller kDesk{.client = "desk-1", .remote = true};
const CommandCaller kShelf{.client = "shelf-1", .remote = true};

Command of(CommandAction action, CommandParams params = {}) {
  return {.action = action, .params = std::move(params)};
}
Command trigger(ReplayWay way = ReplayWay::kPush) {
  Command command = of(CommandAction::kTriggerReplay);
  command.params.trajectories.push_back({.name = "wave", .shipped = to_columns(recording(30.0))});
  command.params.way = way;
  return command;
}

class TwinCommandsTest : public test::TwinTest {
 protected:
  TwinCommandsTest() {
    make();
    commands_.emplace(*twin_);
  }
  [[nodiscard]] std::string ask(const Command& command, const CommandCaller& caller) {
    result_ = commands_->handle(command, caller);
    return result_ ? "" : result_.error();
  }
  /// Time goes on, and the client is heard four times per second.
  void run_renewed(core::Nanoseconds duration_ns, const CommandCaller& caller) {
    for (core::Nanoseconds t_ns = 0; t_ns < duration_ns; t_ns += 250 * kMs) {
      EXPECT_EQ(ask(of(CommandAction::kRenew), caller), "");
      run(250 * kMs);
    }
  }
  [[nodiscard]] TwinPhase phase() const { return twin_->status().phase; }

  std::optional<TwinCommands> commands_;
  CommandResult result_;
};

TEST_F(TwinCommandsTest, ATriggerLoadsPlaysAndGivesTheNumberOfFrames) {
  EXPECT_EQ(ask(trigger(), kHere), "");
  EXPECT_EQ(*result_, CommandValue{std::uint64_t{twin_->timeline()->size()}});
  run_to_end();
  EXPECT_EQ(frames().size(), twin_->timeline()->size());
  EXPECT_EQ(commands_->status().played_by, "here-1");
}

TEST_F(TwinCommandsTest, NothingMovesBeforeATrigger) {
  for (const CommandAction action : {CommandAction::kResume, CommandAction::kStep, CommandAction::kScrub,
                                     CommandAction::kGotoTrajectory, CommandAction::kGetReplayAction}) {
    EXPECT_NE(ask(of(action), kHere), "") << action_name(action);
  }
  run(1000 * kMs);
  EXPECT_TRUE(published_.empty());
}

TEST_F(TwinCommandsTest, WhatCannotBePlayedIsRefusedWithTheReasonAndNothingMoves) {
  EXPECT_NE(ask(of(CommandAction::kTriggerReplay), kDesk).find("at least one"), std::string::npos);
  Command named = of(CommandAction::kTriggerReplay);
  named.params.trajectories.push_back({.name = "pick"});
  EXPECT_NE(ask(named, kDesk).find("no library"), std::string::npos);
  Command spoiled = trigger();
  spoiled.params.trajectories[0].shipped->q_rad[0].pop_back();
  EXPECT_NE(ask(spoiled, kDesk).find("q_rad[0]"), std::string::npos);
  Command nan = trigger();
  nan.params.trajectories[0].shipped->q_rad[0][3] = std::nan("");
  EXPECT_NE(ask(nan, kDesk).find("wave"), std::string::npos);
  Command another = trigger();
  another.params.trajectories[0].shipped->joints = {"a", "b"};
  EXPECT_NE(ask(another, kDesk), "");
  Command stands = trigger();
  stands.params.speed = 0.0;
  EXPECT_NE(ask(stands, kDesk), "");
  run(3000 * kMs);
  EXPECT_TRUE(published_.empty());
}

TEST_F(TwinCommandsTest, WhatIsRefusedKeepsNobodyOutAndLeavesWhatIsLoaded) {
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  const auto loaded = twin_->timeline();
  Command fast = trigger();
  fast.params.speed = 1000.0;
  fast.params.lease_s = 10.0;
  EXPECT_NE(ask(fast, kDesk).find("speed 1000"), std::string::npos);
  EXPECT_NE(ask(of(CommandAction::kResume, {.lease_s = 10.0}), kDesk), "") << "nothing is played";
  EXPECT_EQ(twin_->status().commander, "");
  EXPECT_EQ(twin_->timeline(), loaded);
  EXPECT_EQ(ask(trigger(), kShelf), "");
  EXPECT_NE(ask(fast, kShelf).find("playing"), std::string::npos);
  EXPECT_EQ(twin_->status().commander, "shelf-1") << "who has it keeps it";
}

TEST_F(TwinCommandsTest, WhatIsRefusedStopsNothingOfOthers) {
  Command brief = trigger();
  brief.params.trajectories = {{.name = "wave"}};
  brief.params.lease_s = 0.1;
  TwinCommands with(*twin_, {.load = [&](const std::string& /*name*/) {
    run(200 * kMs);  // longer than its lease
    EXPECT_TRUE(twin_->load({recording(30.0)}));
    EXPECT_TRUE(twin_->play()) << "the owner's own program";
    return recording(30.0);
  }});
  EXPECT_NE(with.handle(brief, kDesk).error().find("playing"), std::string::npos);
  run_to_end();
  EXPECT_EQ(twin_->status().left, "");
  EXPECT_EQ(frames().size(), twin_->timeline()->size());
}

TEST_F(TwinCommandsTest, WhoLooksOnWhenItIsOverKeepsNobodyOut) {
  EXPECT_EQ(ask(trigger(), kDesk), "");
  run_renewed(5000 * kMs, kDesk);
  ASSERT_EQ(phase(), TwinPhase::kLoaded);
  EXPECT_EQ(ask(of(CommandAction::kStatus), kDesk), "");
  EXPECT_EQ(ask(trigger(), kShelf), "");
}

TEST_F(TwinCommandsTest, OfTwoTriggersAtOnceTheOneThatIsToldSoIsPlayed) {
  std::atomic<bool> waits{false};
  std::atomic<bool> go{false};
  TwinCommands with(*twin_, {.load = [&](const std::string& /*name*/) {
    waits = true;
    while (!go) {
      std::this_thread::yield();
    }
    return recording(60.0);
  }});
  robot_->on_info = [&] {  // asked for the frames that are shipped: between what is loaded and its play
    if (twin_->timeline() != nullptr && !go.exchange(true)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  };
  {
    Command other = of(CommandAction::kTriggerReplay);
    other.params.trajectories = {{.name = "other"}};
    const std::jthread here([&] { EXPECT_FALSE(with.handle(other, kHere)); });
    while (!waits) {  // it has been let in
      std::this_thread::yield();
    }
    result_ = with.handle(trigger(ReplayWay::kShip), kDesk);
    go = true;
  }
  ASSERT_TRUE(result_) << result_.error();
  EXPECT_EQ(std::get<TrajectoryColumns>(*result_).t_ns.size(), twin_->timeline()->size());
}

TEST_F(TwinCommandsTest, WhatLastsForYearsIsRefusedAtOnce) {
  for (const core::Nanoseconds t_ns : {core::Nanoseconds{1'000'000'000'000'000'000}, core::Nanoseconds{INT64_MAX}}) {
    Command years = trigger();
    years.params.trajectories[0].shipped->t_ns.back() = t_ns;
    EXPECT_NE(ask(years, kDesk).find("at most 86400 s"), std::string::npos) << result_.error();
  }
}

TEST_F(TwinCommandsTest, ASequenceIsBoundedBeforeAllOfItIsLoaded) {
  trajectory::Trajectory longest({.name = "long", .joint_names = {"a", "b"}});
  for (core::Nanoseconds t_ns = 0; t_ns < 1'000'000; ++t_ns) {
    longest.append({.t_ns = t_ns, .q_rad = {0.0, 0.0}});
  }
  int loaded = 0;
  TwinCommands with(*twin_, {.load = [&](const std::string& /*name*/) {
    ++loaded;
    return longest;
  }});
  Command command = of(CommandAction::kTriggerReplay);
  command.params.trajectories.resize(100, {.name = "long"});
  EXPECT_NE(with.handle(command, kDesk).error().find("at most 64"), std::string::npos);
  EXPECT_EQ(loaded, 0);
  command.params.trajectories.resize(60);
  EXPECT_NE(with.handle(command, kDesk).error().find("frames in a row"), std::string::npos);
  EXPECT_EQ(loaded, 9);
}

TEST_F(TwinCommandsTest, WhatComesAfterItsTimeIsNotDone) {
  for (const core::Nanoseconds until_ns : {core::Nanoseconds{INT64_MIN}, core::Nanoseconds{1}}) {
    Command late = trigger();
    late.params.until_ns = until_ns;
    EXPECT_NE(ask(late, kDesk).find("after its time"), std::string::npos);
    EXPECT_EQ(twin_->timeline(), nullptr);
    EXPECT_EQ(twin_->status().commander, "");
  }
  Command in_time = trigger();
  in_time.params.until_ns = INT64_MAX;
  EXPECT_EQ(ask(in_time, kDesk), "");
}

TEST_F(TwinCommandsTest, ATriggerThatCameInTimeMayWaitForOthersAndLoad) {
  const CommandCaller in_time{.client = "desk-1", .remote = true, .received_ns = core::monotonic_now_ns()};
  Command named = trigger();
  named.params.until_ns = in_time.received_ns;
  EXPECT_EQ(ask(named, in_time), "");
  EXPECT_NE(ask(of(CommandAction::kSeek, {.until_ns = in_time.received_ns}), in_time).find("after its time"),
            std::string::npos);
}

TEST_F(TwinCommandsTest, WhatWasAskedBeforeAStopIsNotDoneThoughItComesLater) {
  const core::Nanoseconds before_ns = core::monotonic_now_ns() - 1;
  EXPECT_EQ(ask(of(CommandAction::kStopReplay), kShelf), "");
  Command lost = trigger();  // and said again
  lost.params.asked_ns = before_ns;
  EXPECT_NE(ask(lost, kDesk).find("meanwhile"), std::string::npos);
  EXPECT_EQ(phase(), TwinPhase::kEmpty);
  lost.params.asked_ns = core::monotonic_now_ns();
  EXPECT_EQ(ask(lost, kDesk), "");
}

TEST_F(TwinCommandsTest, WhatWasAskedBeforeAStopOrPauseIsNotDoneAfterIt) {
  for (const CommandAction halt : {CommandAction::kStopReplay, CommandAction::kPause}) {
    CommandCaller early = kDesk;
    early.received_ns = core::monotonic_now_ns();
    static_cast<void>(ask(of(halt), kShelf));  // from anybody
    EXPECT_NE(ask(trigger(), early).find("meanwhile"), std::string::npos);
    EXPECT_EQ(phase(), TwinPhase::kEmpty);
    EXPECT_EQ(twin_->status().commander, "");
  }
  EXPECT_EQ(ask(trigger(), kDesk), "");
}

TEST_F(TwinCommandsTest, AStopThatComesWhileASequenceIsLoadedIsNotForgotten) {
  TwinCommands* stopped = nullptr;
  TwinCommands with(*twin_, {.load = [&stopped](const std::string& /*name*/) {
    if (stopped != nullptr) {
      EXPECT_TRUE(stopped->handle(of(CommandAction::kStopReplay), kShelf));
    }
    return recording(30.0);
  }});
  stopped = &with;
  Command command = of(CommandAction::kTriggerReplay);
  command.params.trajectories.push_back({.name = "wave"});
  EXPECT_NE(with.handle(command, kDesk).error().find("meanwhile"), std::string::npos);
  EXPECT_EQ(twin_->status().commander, "") << "and keeps nobody out";
  run(500 * kMs);
  EXPECT_TRUE(published_.empty());
  stopped = nullptr;
  EXPECT_TRUE(with.handle(command, kDesk));
}

TEST_F(TwinCommandsTest, APauseIsNotOvertakenByWhatWasReceivedBeforeIt) {
  EXPECT_EQ(ask(trigger(), kHere), "");
  EXPECT_EQ(ask(of(CommandAction::kLoop, {.loop = true}), kHere), "");
  run(500 * kMs);
  for (int round = 0; round < 2000; ++round) {
    CommandCaller early = kHere;
    early.received_ns = core::monotonic_now_ns();
    CommandCaller late = kHere;
    late.received_ns = early.received_ns + 1;
    std::atomic<bool> go{false};
    {
      const std::jthread other([&] {
        while (!go) {
        }
        static_cast<void>(commands_->handle(of(CommandAction::kResume), early));
      });
      go = true;
      EXPECT_TRUE(commands_->handle(of(CommandAction::kPause), late));
    }
    run(200 * kMs);
    ASSERT_EQ(phase(), TwinPhase::kPaused) << round;
  }
}

TEST_F(TwinCommandsTest, ARemoteCommanderThatIsRenewedPlaysToTheEnd) {
  EXPECT_EQ(ask(trigger(), kDesk), "");
  EXPECT_EQ(twin_->status().commander, "desk-1");
  run_renewed(5000 * kMs, kDesk);
  EXPECT_EQ(frames().size(), twin_->timeline()->size());
  EXPECT_EQ(ask(of(CommandAction::kStopReplay), kDesk), "");
  EXPECT_EQ(twin_->status().commander, "") << "it gave the twin back";
}

TEST_F(TwinCommandsTest, ACommanderThatIsNotHeardComesToRestWithinItsLease) {
  EXPECT_EQ(ask(trigger(), kDesk), "");
  run_renewed(1000 * kMs, kDesk);
  ASSERT_GE(phase(), TwinPhase::kApproaching);
  run(1100 * kMs);  // its lease is a second
  EXPECT_EQ(phase(), TwinPhase::kLoaded);
  EXPECT_EQ(holder(), "");
  const std::size_t told = published_.size();
  run(2000 * kMs);
  EXPECT_EQ(published_.size(), told) << "at rest";
  EXPECT_NE(twin_->status().left, "");
  EXPECT_EQ(ask(trigger(), kShelf), "") << "the next one plays";
  run_renewed(8000 * kMs, kShelf);
  EXPECT_EQ(twin_->status().left, "");
}

TEST_F(TwinCommandsTest, WhatLayLongRenewsTheLeaseOnlyFromWhenItCame) {
  Command looping = trigger();
  looping.params.loop = true;
  looping.params.lease_s = 10.0;
  EXPECT_EQ(ask(looping, kDesk), "");
  run(9000 * kMs);
  const auto came_before = [](double age_s) {
    CommandCaller caller = kDesk;
    caller.received_ns = core::monotonic_now_ns() - core::from_seconds(age_s);
    return caller;
  };
  EXPECT_EQ(ask(of(CommandAction::kGetTrajectoryFrames), came_before(4.0)), "");  // until 15 s
  run(2000 * kMs);
  EXPECT_GE(phase(), TwinPhase::kApproaching);
  EXPECT_EQ(ask(of(CommandAction::kList), came_before(30.0)), "");
  EXPECT_EQ(ask(of(CommandAction::kSpeed, {.lease_s = 10.0}), came_before(30.0)), "");
  EXPECT_EQ(ask(of(CommandAction::kStatus), came_before(9.0)), "");
  EXPECT_EQ(twin_->status().commander, "desk-1");
  run(2000 * kMs);
  EXPECT_GE(phase(), TwinPhase::kApproaching) << "and not less than it had";
  run(3000 * kMs);
  EXPECT_EQ(phase(), TwinPhase::kLoaded) << "he is dead";
  EXPECT_EQ(twin_->status().commander, "");
}

TEST_F(TwinCommandsTest, ACommanderThatWasNotHeardForHisLeaseIsOneStillWhileItRuns) {
  EXPECT_EQ(ask(trigger(), kDesk), "");
  CommandCaller old = kDesk;
  old.received_ns = core::monotonic_now_ns() - 30 * core::kNanosecondsPerSecond;
  EXPECT_EQ(ask(of(CommandAction::kStatus), old), "");
  run_renewed(2000 * kMs, kDesk);
  EXPECT_GE(phase(), TwinPhase::kApproaching);
}

TEST_F(TwinCommandsTest, AnArmThatIsSentToAPlaceIsUnderTheLeaseOfWhoSentIt) {
  EXPECT_EQ(ask(trigger(), kDesk), "");
  EXPECT_TRUE(twin_->stop());
  run(100 * kMs);
  EXPECT_EQ(ask(of(CommandAction::kGotoTrajectory), kDesk), "");
  run(900 * kMs);
  EXPECT_GE(phase(), TwinPhase::kApproaching);
  run(200 * kMs);
  EXPECT_EQ(phase(), TwinPhase::kLoaded);
  EXPECT_EQ(twin_->status().left, "its commander fell silent");
}

TEST_F(TwinCommandsTest, OthersMayLookPauseAndStopButMoveNothing) {
  EXPECT_EQ(ask(trigger(), kDesk), "");
  run(200 * kMs);
  for (const CommandAction action : {CommandAction::kTriggerReplay, CommandAction::kResume, CommandAction::kSeek,
                                     CommandAction::kSpeed, CommandAction::kScrub, CommandAction::kGotoTrajectory}) {
    EXPECT_NE(ask(action == CommandAction::kTriggerReplay ? trigger() : of(action), kShelf), "");
    EXPECT_NE(ask(action == CommandAction::kTriggerReplay ? trigger() : of(action), kHere), "");
  }
  EXPECT_EQ(ask(of(CommandAction::kStatus), kShelf), "");
  EXPECT_EQ(ask(of(CommandAction::kGetTrajectoryFrames), kShelf), "");
  EXPECT_EQ(ask(of(CommandAction::kList), kShelf), "");
  EXPECT_EQ(ask(of(CommandAction::kStopReplay), kShelf), "");
  run(100 * kMs);
  EXPECT_EQ(phase(), TwinPhase::kLoaded);
}

TEST_F(TwinCommandsTest, PauseResumeAndSeekGoToTheTwin) {
  EXPECT_EQ(ask(trigger(), kDesk), "");
  run_renewed(1000 * kMs, kDesk);
  EXPECT_EQ(ask(of(CommandAction::kPause), kShelf), "");
  run_renewed(1000 * kMs, kDesk);
  EXPECT_EQ(phase(), TwinPhase::kPaused);
  EXPECT_EQ(ask(of(CommandAction::kSeek, {.t_s = twin_->status().entry_s + 0.5}), kDesk), "");
  EXPECT_EQ(ask(of(CommandAction::kSpeed, {.speed = 0.5}), kDesk), "");
  EXPECT_EQ(ask(of(CommandAction::kLoop, {.loop = true}), kDesk), "");
  EXPECT_EQ(ask(of(CommandAction::kResume), kDesk), "");
  run_renewed(1000 * kMs, kDesk);
  EXPECT_EQ(twin_->status().speed, 0.5);
  EXPECT_TRUE(twin_->status().loop);
  EXPECT_EQ(ask(of(CommandAction::kStopReplay), kDesk), "");
  run(100 * kMs);
  EXPECT_EQ(phase(), TwinPhase::kLoaded);
  EXPECT_EQ(ask(of(CommandAction::kStopReplay, {.clear = true}), kDesk), "");
  EXPECT_EQ(phase(), TwinPhase::kEmpty);
  told_.expect_within_limits("pause, seek, resume");
}

TEST_F(TwinCommandsTest, GotoStartGoesToTheFirstFrame) {
  EXPECT_EQ(ask(trigger(), kHere), "");
  run_to_end();
  EXPECT_EQ(ask(of(CommandAction::kGotoTrajectory, {.to = Place::kStart}), kHere), "");
  run(8000 * kMs);
  EXPECT_LT(core::max_abs_difference(robot_->writes().back(), {0.2, 0.0}), 1e-6);
}

TEST_F(TwinCommandsTest, FramesComeInOneTransferBitForBit) {
  EXPECT_EQ(ask(trigger(), kHere), "");
  EXPECT_EQ(ask(of(CommandAction::kGetTrajectoryFrames, {.from = 3, .count = 5}), kShelf), "");
  const auto& columns = std::get<TrajectoryColumns>(*result_);
  ASSERT_EQ(columns.t_ns.size(), 5);
  for (std::size_t i = 0; i < 5; ++i) {
    const auto frame = twin_->timeline()->frame(3 + i).frame;
    EXPECT_EQ(columns.t_ns[i], frame.t_ns);
    EXPECT_EQ((core::JointVector{columns.q_rad[0][i], columns.q_rad[1][i]}), frame.q_rad);
  }
  EXPECT_EQ(ask(of(CommandAction::kGetTrajectoryFrames, {.from = 1'000'000}), kShelf), "");
  EXPECT_TRUE(std::get<TrajectoryColumns>(*result_).t_ns.empty());
}

TEST_F(TwinCommandsTest, FramesAreOfOneTimelineThoughAnotherIsLoadedMeanwhile) {
  ASSERT_TRUE(twin_->load({recording(30.0)}));
  const auto timeline = twin_->timeline();
  robot_->on_info = [this] { twin_->unload(); };  // once the frames are counted
  EXPECT_EQ(ask(of(CommandAction::kGetTrajectoryFrames), kShelf), "");
  EXPECT_EQ(twin_->timeline(), nullptr);
  EXPECT_EQ(std::get<TrajectoryColumns>(*result_).t_ns.size(), timeline->size());
}

TEST_F(TwinCommandsTest, ShippedFramesAreAllOfThemAndTheClientPaces) {
  EXPECT_EQ(ask(trigger(ReplayWay::kShip), kDesk), "");
  EXPECT_EQ(std::get<TrajectoryColumns>(*result_).t_ns.size(), twin_->timeline()->size());
  run(100 * kMs);
  EXPECT_TRUE(frames().empty()) << "nobody said the next one";
}

TEST_F(TwinCommandsTest, PulledFramesComeOneByOneAndThenNone) {
  EXPECT_EQ(ask(trigger(ReplayWay::kPull), kDesk), "");
  const std::size_t size = twin_->timeline()->size();
  std::vector<core::JointVector> pulled;
  for (int i = 0; i < 10'000 && pulled.size() < size; ++i) {
    const std::string refused = ask(of(CommandAction::kGetReplayAction), kDesk);
    if (refused.empty()) {
      const auto* state = std::get_if<messages::RobotState>(&*result_);
      ASSERT_NE(state, nullptr);
      EXPECT_EQ(state->robot_type, messages::RobotType::kGeneric) << "the arm's own type";
      pulled.push_back(state->joint_positions);
    }
    run(33 * kMs);
  }
  ASSERT_EQ(pulled.size(), size);
  EXPECT_EQ(pulled.back(), twin_->timeline()->frame(size - 1).frame.q_rad);
  EXPECT_EQ(ask(of(CommandAction::kGetReplayAction), kDesk), "");
  EXPECT_EQ(*result_, CommandValue{});
}

TEST_F(TwinCommandsTest, APulledLoopBeginsAnewWithItsFirstRecordedFrame) {
  Command looping = trigger(ReplayWay::kPull);
  looping.params.loop = true;
  EXPECT_EQ(ask(looping, kHere), "");
  const auto timeline = twin_->timeline();
  run(1000 * kMs);  // the arm is at the first frame
  std::vector<core::JointVector> pulled;
  for (std::size_t i = 0; i < timeline->size() + 5; ++i) {
    ASSERT_EQ(ask(of(CommandAction::kGetReplayAction), kHere), "") << i;
    pulled.push_back(std::get<messages::RobotState>(*result_).joint_positions);
    run(33 * kMs);
  }
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(pulled[timeline->size() + i], timeline->frame(timeline->entry_frames() + i).frame.q_rad);
  }
  EXPECT_EQ(frames().size(), pulled.size());
}

TEST_F(TwinCommandsTest, WhatIsNamedIsOfTheOwnersLibrary) {
  TwinCommands with(*twin_, {.load =
                                 [](const std::string& name) {
                                   if (name != "wave") {
                                     throw ConfigError("the library has no '" + name + "'");
                                   }
                                   return recording(30.0);
                                 },
                             .list = [] { return std::vector<TrajectoryItem>{{.name = "wave", .frames = 61}}; }});
  EXPECT_EQ(with.handle(of(CommandAction::kList), kDesk).value(),
            (CommandValue{std::vector<TrajectoryItem>{{.name = "wave", .frames = 61}}}));
  Command command = of(CommandAction::kTriggerReplay);
  command.params.trajectories = {{.name = "pick"}};
  EXPECT_NE(with.handle(command, kDesk).error().find("no 'pick'"), std::string::npos);
  command.params.trajectories = {{.name = "wave"}, {.name = "wave"}};
  EXPECT_TRUE(with.handle(command, kDesk));
}

TEST_F(TwinCommandsTest, TheNameInAStatusIsNeverNewerThanItsPhase) {
  twin_clock_.hook = [this] { EXPECT_EQ(ask(trigger(), kDesk), ""); };  // while the status is made
  const ReplayStatus between = commands_->status();
  EXPECT_EQ(between.played_by, "");
  EXPECT_GE(between.twin.phase, TwinPhase::kApproaching);
  EXPECT_EQ(commands_->status().played_by, "desk-1");
}

TEST_F(TwinCommandsTest, TheStatusHasWhereTheArmIs) {
  EXPECT_EQ(ask(of(CommandAction::kStatus), kShelf), "");
  const auto& status = std::get<ReplayStatus>(*result_);
  EXPECT_EQ(status.twin.phase, TwinPhase::kEmpty);
  EXPECT_EQ(status.q_rad, (core::JointVector{0.0, 0.0}));
  EXPECT_EQ(status.fault, "");
}

}  // namespace
}  // namespace takt::teleop::replay
