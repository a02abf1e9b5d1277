#include "takt/trajectory/recorder/recorded_state.hpp"

#include <string>

#include <gtest/gtest.h>

#include "takt/messages/cdr.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::trajectory::recorder {
namespace {

messages::RobotState full_state() {
  messages::RobotState state;
  state.stamp_ns = 123;
  state.sequence = 4;
  state.source_t_s = 0.5;
  state.joint_positions = {1, 2, 3};
  state.joint_velocities = {4, 5, 6};
  state.joint_efforts = {7, 8, 9};
  state.gripper_position = 0.25;
  state.end_effector_pose = {1, 2, 3, 0, 0, 0, 1};
  state.robot_type = messages::RobotType::kFr3;
  state.mark = messages::CommandMark::kClamped;
  state.lease_epoch = 6;
  state.trace_id = 0xabcdef;
  state.hops.push_back({.stamp_ns = 100, .thread = 7, .point = messages::HopPoint::kGuarded});
  state.extras.push_back({.key = "voltage_v", .value = 12.5});
  return state;
}

TEST(RecordedStateTest, GivesBackTheStateThatWasRecorded) {
  const RecordedState recorded = to_recorded(full_state(), 200, 3);
  EXPECT_EQ(recorded.recorded_ns, 200);
  EXPECT_EQ(recorded.episode, 3U);
  EXPECT_EQ(from_recorded(recorded), full_state());
  const auto travelled = messages::from_cdr<RecordedState>(messages::to_cdr(recorded));
  ASSERT_TRUE(travelled);
  EXPECT_EQ(*travelled, recorded);
  EXPECT_EQ(from_recorded(to_recorded({}, 0, 0)), messages::RobotState{});
}

TEST(RecordedStateTest, APoseThatIsNoneIsLeftOut) {
  RecordedState recorded = to_recorded(full_state(), 0, 0);
  recorded.end_effector_pose = {1, 2, 3};
  EXPECT_EQ(from_recorded(recorded).end_effector_pose, std::nullopt);
}

TEST(RecordedStateTest, ConvertingAllocatesNothing) {
  const messages::RobotState state = full_state();
  const testing::AllocationGuard guard;
  const RecordedState recorded = to_recorded(state, 1, 1);
  static_cast<void>(from_recorded(recorded));
  EXPECT_EQ(guard.count(), 0U);
}

TEST(RecordedStateTest, ATopicIsTheRobotAndTheKind) {
  EXPECT_EQ(state_topic({.robot = "follower", .kind = StateKind::kReadBack}), "/follower/read_back");
}

TEST(RecordedStateTest, TheSchemaIsThatOfThePageOfTheFormat) {
  EXPECT_EQ(recorded_state_schema(), R"(int64 recorded_ns
int64 stamp_ns
uint64 sequence
uint64 trace_id
uint32 episode
uint32 lease_epoch
uint8 robot_type
uint8 units
uint8 mark
float64[<=1] source_t_s
float64[<=16] joint_positions
float64[<=16] joint_velocities
float64[<=16] joint_efforts
float64[<=1] gripper_position
float64[<=7] end_effector_pose
takt_msgs/RecordedHop[<=16] hops
takt_msgs/RecordedExtra[<=8] extras
================================================================================
MSG: takt_msgs/RecordedExtra
string<=23 key
float64 value
================================================================================
MSG: takt_msgs/RecordedHop
int64 stamp_ns
uint32 thread
uint8 point
)");
}

TEST(RecordedStateTest, TheWorkedExampleOfThePageOfTheFormatIsTrue) {
  messages::RobotState state;
  state.stamp_ns = 0x1000;
  state.sequence = 2;
  state.trace_id = 3;
  state.joint_positions = {0.5, -0.5};
  state.robot_type = messages::RobotType::kSo101;
  state.mark = messages::CommandMark::kEngaged;
  state.hops.push_back({.stamp_ns = 0x1000, .thread = 9, .point = messages::HopPoint::kGotState});
  std::string text;
  for (const std::byte byte : messages::to_cdr(to_recorded(state, 0x1234, 1))) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    text += kDigits[std::to_integer<unsigned>(byte) >> 4U];
    text += kDigits[std::to_integer<unsigned>(byte) & 15U];
  }
  EXPECT_EQ(text,
            "00010000"
            "3412000000000000"
            "0010000000000000"
            "0200000000000000"
            "0300000000000000"
            "01000000"
            "00000000"
            "040002"
            "00"
            "00000000"
            "02000000"
            "00000000"
            "000000000000e03f"
            "000000000000e0bf"
            "00000000"
            "00000000"
            "00000000"
            "00000000"
            "01000000"
            "00000000"
            "0010000000000000"
            "09000000"
            "00"
            "000000"
            "00000000");
}

}  // namespace
}  // namespace takt::trajectory::recorder
