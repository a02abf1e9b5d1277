#include "takt/teleop/system_state.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"

namespace takt::teleop {
namespace {

TEST(SystemStateTest, TellsOfAChangeOnThePublishersStackWithItsHop) {
  bus::Bus bus;
  SystemState system_state(bus);
  std::thread::id told_on;
  system_state.track("leader", [&](messages::RobotState& state) {
    told_on = std::this_thread::get_id();
    ASSERT_EQ(state.hops.size(), 1U);
    EXPECT_EQ(state.hops[0].point, messages::HopPoint::kStateUpdated);
    state.sequence = 99;  // its own copy
  });
  messages::RobotState state;
  state.sequence = 7;
  bus.topic<messages::RobotState>("/leader/state").publish(state);
  EXPECT_EQ(told_on, std::this_thread::get_id());
  EXPECT_EQ(system_state.latest("leader")->sequence, 7U);
  EXPECT_TRUE(system_state.latest("leader")->hops.empty());
}

TEST(SystemStateTest, KnowsNothingOfARobotThatNeverSpoke) {
  bus::Bus bus;
  SystemState system_state(bus);
  EXPECT_FALSE(system_state.latest("follower"));
}

TEST(SystemStateTest, RefusesToTrackTwice) {
  bus::Bus bus;
  SystemState system_state(bus);
  system_state.track("leader", [](messages::RobotState&) {});
  EXPECT_THROW(system_state.track("leader", [](messages::RobotState&) {}), LogicError);
}

TEST(SystemStateTest, TellsNothingAfterStop) {
  bus::Bus bus;
  SystemState system_state(bus);
  int told = 0;
  system_state.track("leader", [&](messages::RobotState&) { ++told; });
  system_state.stop();
  bus.topic<messages::RobotState>("/leader/state").publish({});
  EXPECT_EQ(told, 0);
}

}  // namespace
}  // namespace takt::teleop
