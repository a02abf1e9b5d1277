#include "takt/realtime/thread_names.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "takt/realtime/thread.hpp"

namespace takt::realtime {
namespace {

TEST(ThreadNamesTest, ShowTheThreadsOfThisProcess) {
  const RealtimeThread thread({.name = "census"}, [](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
    }
  });
  const auto names = thread_names();
  EXPECT_EQ(std::ranges::count(names, "census"), 1);
  EXPECT_EQ(thread_name(thread.report().thread_id), "census");
}

TEST(ThreadNamesTest, AThreadThatIsNotThereHasNoName) {
  EXPECT_EQ(thread_name(0), "?");
}

}  // namespace
}  // namespace takt::realtime
