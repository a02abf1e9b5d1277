#include "takt/controller/errors.hpp"

#include <set>
#include <string_view>

#include <gtest/gtest.h>

namespace takt::controller {
namespace {

TEST(Errors, EachRefusalHasWordsOfItsOwn) {
  std::set<std::string_view> seen;
  for (int k = 0; k <= static_cast<int>(Refusal::kEmpty); ++k) {
    EXPECT_TRUE(seen.insert(to_text(static_cast<Refusal>(k))).second) << k;
  }
  EXPECT_FALSE(seen.contains(""));
}

TEST(Errors, AFaultSaysWhatHappenedAndWhatToDo) {
  const control::FaultReport report{.fault = control::Fault::kTrackingError, .joint = 3, .value = 0.3, .limit = 0.2};
  const FaultError error = fault_error("fr3", report);
  const std::string said = error.what();
  EXPECT_NE(said.find("fr3"), std::string::npos) << said;
  EXPECT_NE(said.find(control::describe(report)), std::string::npos) << said;
  EXPECT_NE(said.find("recover()"), std::string::npos) << said;
  EXPECT_EQ(error.report().joint, 3U);
}

TEST(Errors, WhatTheArmCannotDoIsADeviceErrorAndWhatTheTargetIsNot) {
  EXPECT_TRUE((std::is_base_of_v<DeviceError, FaultError>));
  EXPECT_TRUE((std::is_base_of_v<DeviceError, NotRunningError>));
  EXPECT_TRUE((std::is_base_of_v<DeviceError, NotCommanderError>));
  EXPECT_TRUE((std::is_base_of_v<DeviceError, ServerDiedError>));
  EXPECT_TRUE((std::is_base_of_v<DeviceError, ProtocolError>));
  EXPECT_TRUE((std::is_base_of_v<Error, TargetError>));
  EXPECT_FALSE((std::is_base_of_v<DeviceError, TargetError>));
}

}  // namespace
}  // namespace takt::controller
