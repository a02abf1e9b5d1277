#include "takt/bus/bad_input.hpp"

#include <gtest/gtest.h>

namespace takt::bus {
namespace {

TEST(BadInputTest, CountsAllAndNamesEachKindOnce) {
  BadInput bad("udp");
  testing::internal::CaptureStderr();
  bad.note("too short", "10.0.0.1:5");
  bad.note("too short", "10.0.0.2:5");
  bad.note("another version", "10.0.0.1:5");
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(bad.count(), 3);
  EXPECT_NE(said.find("too short"), std::string::npos) << said;
  EXPECT_NE(said.find("10.0.0.1:5"), std::string::npos) << said;
  EXPECT_EQ(said.find("10.0.0.2:5"), std::string::npos) << said;
  EXPECT_NE(said.find("another version"), std::string::npos) << said;
}

}  // namespace
}  // namespace takt::bus
