#include "takt/teleop/replay/command.hpp"

#include <boost/mp11/algorithm.hpp>
#include <gtest/gtest.h>

namespace takt::teleop::replay {
namespace {

TEST(CommandTest, ActionsAreCalledAsTheDocumentCallsThem) {
  EXPECT_EQ(action_name(CommandAction::kTriggerReplay), "TRIGGER_REPLAY");
  EXPECT_EQ(action_name(CommandAction::kStopReplay), "STOP_REPLAY");
  EXPECT_EQ(action_name(CommandAction::kGotoTrajectory), "GOTO_TRAJECTORY");
  EXPECT_EQ(action_name(CommandAction::kSnapTwinAnchor), "SNAP_TWIN_ANCHOR");
  EXPECT_EQ(action_name(CommandAction::kGetTrajectoryFrames), "GET_TRAJECTORY_FRAMES");
  EXPECT_EQ(action_name(CommandAction::kGetReplayAction), "GET_REPLAY_ACTION");
  EXPECT_EQ(action_name(CommandAction::kAb), "AB");
}

TEST(CommandTest, EveryActionIsFoundByItsName) {
  int actions = 0;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<CommandAction>>([&](auto action) {
    EXPECT_EQ(action_from_name(action_name(action.value)), action.value) << action.name;
    ++actions;
  });
  EXPECT_EQ(actions, 17);
}

TEST(CommandTest, WhatSetsOutMoves) {
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<CommandAction>>(
      [&](auto action) { EXPECT_TRUE(moves(action.value) || !sets_out(action.value)) << action.name; });
  EXPECT_TRUE(sets_out(CommandAction::kTriggerReplay));
  for (const auto action : {CommandAction::kStopReplay, CommandAction::kPause, CommandAction::kStatus}) {
    EXPECT_FALSE(moves(action)) << "anybody may ask it";
  }
}

TEST(CommandTest, ANameThatIsNoneIsNotGuessedAt) {
  for (const char* name : {"", "trigger_replay", "Trigger_Replay", "STOP", "STOP_REPLAY ", "K_SEEK"}) {
    EXPECT_FALSE(action_from_name(name)) << name;
  }
  EXPECT_FALSE(action_from_name(std::string(100, 'A')));
}

}  // namespace
}  // namespace takt::teleop::replay
