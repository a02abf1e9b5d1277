#include "takt/core/log.hpp"

#include <gtest/gtest.h>

namespace takt::core {
namespace {

TEST(RateGateTest, LetsOneThroughPerPeriod) {
  RateGate gate(1000);
  EXPECT_TRUE(gate.pass(5));
  EXPECT_FALSE(gate.pass(500));
  EXPECT_FALSE(gate.pass(1004));
  EXPECT_TRUE(gate.pass(1005));
}

TEST(LogTest, WritesOneLineWithItsTextToStandardError) {
  ::testing::internal::CaptureStderr();
  log(LogLevel::kWarning, "the {} is not a format string");
  EXPECT_NE(::testing::internal::GetCapturedStderr().find("the {} is not a format string"), std::string::npos);
}

}  // namespace
}  // namespace takt::core
