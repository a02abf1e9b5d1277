#include "takt/messages/enum_name.hpp"

#include <gtest/gtest.h>

#include "takt/messages/robot_state.hpp"

namespace takt::messages {
namespace {

TEST(EnumNameTest, WritesAnEnumeratorInTheFieldsSpelling) {
  EXPECT_EQ(enum_name(HopPoint::kGotState).view(), "got_state");
  EXPECT_EQ(enum_name(RobotType::kSo101).view(), "so101");
  EXPECT_EQ(enum_name(Units::kRadians).view(), "radians");
}

TEST(EnumNameTest, ReadsBackWhatItWrites) {
  for (const auto point : {HopPoint::kGotState, HopPoint::kStateUpdated, HopPoint::kApplied}) {
    EXPECT_EQ(enum_from_name<HopPoint>(enum_name(point).view()), point);
  }
}

TEST(EnumNameTest, KnowsNoOtherNames) {
  EXPECT_EQ(enum_from_name<RobotType>("fr4"), std::nullopt);
  EXPECT_EQ(enum_name(static_cast<RobotType>(200)).view(), "?");
}

}  // namespace
}  // namespace takt::messages
