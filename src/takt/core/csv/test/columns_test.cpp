#include "takt/core/csv/columns.hpp"

#include <gtest/gtest.h>

namespace takt::core::csv {
namespace {

using Names = std::vector<std::string>;

Names joints_of(const Columns& columns, std::string_view group) {
  Names joints;
  for (const GroupColumn& column : columns.group(group)) {
    joints.push_back(column.joint);
  }
  return joints;
}

TEST(ColumnsTest, ReadsGroupJointAndUnitFromAName) {
  const Columns columns({"t_s", "target_elbow_rad", "target_wrist_flex_deg", "target_gripper_pct"});
  const std::vector<GroupColumn> expected{{1, "elbow", ColumnUnit::kRadians},
                                          {2, "wrist_flex", ColumnUnit::kDegrees},
                                          {3, "gripper", ColumnUnit::kPercent}};
  EXPECT_EQ(columns.group("target"), expected);
  EXPECT_EQ(columns.groups(), Names{"target"});
}

TEST(ColumnsTest, LeavesAnInnerGroupsColumnsToIt) {
  const Columns columns({"segment", "t_s", "q_1_rad", "q_2_rad", "dq_1_rad_s", "q_des_1_rad", "q_des_2_rad"});
  EXPECT_EQ(joints_of(columns, "q"), (Names{"1", "2"}));
  EXPECT_EQ(joints_of(columns, "q_des"), (Names{"1", "2"}));
  EXPECT_EQ(columns.groups(), (Names{"q", "q_des"}));
}

TEST(ColumnsTest, FindsSeveralGroupsInsideOneInAnyOrderAndUnit) {
  const Columns columns(
      {"q_cmd_2_deg", "q_des_1_rad", "q_1_rad", "q_2_rad", "q_cmd_1_deg", "q_des_2_rad", "q_3_rad", "q_des_3_rad"});
  EXPECT_EQ(joints_of(columns, "q"), (Names{"1", "2", "3"}));
  EXPECT_EQ(joints_of(columns, "q_des"), (Names{"1", "2", "3"}));
  EXPECT_EQ(joints_of(columns, "q_cmd"), (Names{"2", "1"}));
  EXPECT_EQ(columns.groups(), (Names{"q_cmd", "q_des", "q"}));
}

TEST(ColumnsTest, KeepsJointsThatShareAFirstWordInTheirGroup) {
  const Columns columns({"target_shoulder_pan_rad", "target_shoulder_lift_rad", "target_wrist_flex_rad",
                         "target_wrist_roll_rad", "actual_shoulder_pan_rad"});
  EXPECT_EQ(joints_of(columns, "target"), (Names{"shoulder_pan", "shoulder_lift", "wrist_flex", "wrist_roll"}));
  EXPECT_EQ(columns.groups(), (Names{"target", "actual"}));
}

TEST(ColumnsTest, KeepsAJointWhoseLastWordIsAnotherJoint) {
  const Columns columns({"target_roll_rad", "target_wrist_roll_rad", "target_wrist_flex_rad"});
  EXPECT_EQ(joints_of(columns, "target"), (Names{"roll", "wrist_roll", "wrist_flex"}));
  EXPECT_EQ(joints_of(Columns({"target_roll_rad", "target_wrist_roll_rad"}), "target"), (Names{"roll", "wrist_roll"}));
}

TEST(ColumnsTest, FindsAGroupOfSeveralWordsWhenAskedForIt) {
  const Columns columns({"left_arm_1_rad", "left_arm_2_rad", "right_arm_1_rad", "right_arm_2_rad"});
  EXPECT_EQ(joints_of(columns, "left_arm"), (Names{"1", "2"}));
  EXPECT_EQ(joints_of(columns, "left"), (Names{"arm_1", "arm_2"}));
  EXPECT_EQ(columns.groups(), (Names{"left", "right"}));
}

TEST(ColumnsTest, TakesNamesOfAnotherFormForPlainColumns) {
  const Columns columns({"", "t_s", "_rad", "_x_rad", "x_rad", "x__rad", "tau_1_nm", "x_y_RAD"});
  EXPECT_TRUE(columns.groups().empty());
  EXPECT_TRUE(columns.group("x").empty());
  EXPECT_TRUE(columns.group("").empty());
  EXPECT_EQ(columns.find("t_s"), 1U);
  EXPECT_EQ(columns.find("tau_1_nm"), 6U);
  EXPECT_FALSE(columns.find("T_S").has_value());
}

TEST(ColumnsTest, HasNoGroupThatOnlyBeginsAlike) {
  const Columns columns({"target_1_rad", "targeted_1_rad"});
  EXPECT_EQ(joints_of(columns, "target"), Names{"1"});
  EXPECT_TRUE(columns.group("targ").empty());
}

}  // namespace
}  // namespace takt::core::csv
