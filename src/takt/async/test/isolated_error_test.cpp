#include "takt/async/isolated_error.hpp"

#include <csignal>

#include <gtest/gtest.h>

namespace takt::async {
namespace {

TEST(ChildCrashedTest, NamesTheSignal) {
  const ChildCrashed error("policy", 12, {ProcessEnd::Kind::kKilled, SIGSEGV});
  EXPECT_STREQ(error.what(), "isolated 'policy' (process 12) was killed by SIGSEGV (Segmentation fault)");
  EXPECT_EQ(error.signal(), SIGSEGV);
  EXPECT_EQ(error.exit_code(), std::nullopt);
}

TEST(ChildCrashedTest, NamesTheExitCode) {
  const ChildCrashed error("policy", 12, {ProcessEnd::Kind::kExited, 3});
  EXPECT_STREQ(error.what(), "isolated 'policy' (process 12) exited with code 3");
  EXPECT_EQ(error.exit_code(), 3);
  EXPECT_EQ(error.signal(), std::nullopt);
}

TEST(ChildCrashedTest, NamesNoProcessThatNeverWas) {
  EXPECT_STREQ(ChildCrashed("policy", 0, {ProcessEnd::Kind::kNotStarted, 11}).what(),
               "isolated 'policy' could not be started: Resource temporarily unavailable");
}

TEST(ChildCrashedTest, ASignalWithoutANameIsANumber) {
  EXPECT_EQ(describe({ProcessEnd::Kind::kKilled, 40}), "was killed by signal 40");
}

TEST(ChildHungTest, SaysHowLongItWasGiven) {
  EXPECT_STREQ(ChildHung("policy", 12, std::chrono::milliseconds(200)).what(),
               "isolated 'policy' (process 12) did not answer within 200 ms and was killed");
}

TEST(IsolatedErrorTest, IsAnErrorOfTaktThatKeepsTypeAndText) {
  const IsolatedError error("policy", "std::bad_alloc", "");
  EXPECT_STREQ(static_cast<const Error&>(error).what(), "isolated 'policy' threw std::bad_alloc");
  EXPECT_EQ(error.type_name(), "std::bad_alloc");
}

}  // namespace
}  // namespace takt::async
