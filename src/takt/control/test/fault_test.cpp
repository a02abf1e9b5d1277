#include "takt/control/fault.hpp"

#include <gtest/gtest.h>

namespace takt::control {
namespace {

TEST(FaultTest, IsDescribedWithItsJointAndItsNumbers) {
  EXPECT_EQ(describe({.fault = Fault::kTrackingError, .joint = 3, .value = 0.31, .limit = 0.2}),
            "joint 3: the arm does not follow its setpoint (0.31, allowed 0.2)");
  EXPECT_EQ(describe({.fault = Fault::kDisconnected}), "the arm is disconnected");
}

TEST(FaultTest, OnlyAnArmThatCanStillBeLedIsRampedDown) {
  EXPECT_FALSE(stops_at_once(Fault::kRequested));
  EXPECT_FALSE(stops_at_once(Fault::kTrackingError));
  EXPECT_TRUE(stops_at_once(Fault::kArmError));
  EXPECT_TRUE(stops_at_once(Fault::kStateNotFinite));
  EXPECT_TRUE(stops_at_once(Fault::kLawOutput));
}

}  // namespace
}  // namespace takt::control
