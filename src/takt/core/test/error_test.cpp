#include "takt/core/error.hpp"

#include <gtest/gtest.h>

namespace takt {
namespace {

TEST(ConfigErrorTest, NamesFileLineFieldAndReasonInOneLine) {
  EXPECT_STREQ(ConfigError("arm.toml", 7, "guards.rate_hz", "must be positive, is -1").what(),
               "arm.toml:7: guards.rate_hz: must be positive, is -1");
}

TEST(ConfigErrorTest, LeavesOutWhatIsNotKnown) {
  EXPECT_STREQ(ConfigError("--speed", 0, "", "must be positive").what(), "--speed: must be positive");
}

TEST(SystemErrorTest, AppendsTheTextOfErrno) {
  EXPECT_STREQ(SystemError("cannot open x", 2).what(), "cannot open x: No such file or directory");
}

}  // namespace
}  // namespace takt
