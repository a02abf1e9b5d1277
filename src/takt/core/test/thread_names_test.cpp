#include "takt/core/thread_names.hpp"

#include <algorithm>
#include <latch>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

namespace takt::core {
namespace {

TEST(ThreadNamesTest, ShowTheThreadsOfThisProcess) {
  std::latch named(1);
  std::latch seen(1);
  std::uint32_t thread_id = 0;
  std::jthread census([&] {
    set_current_thread_name("census");
    thread_id = static_cast<std::uint32_t>(gettid());
    named.count_down();
    seen.wait();
  });
  named.wait();
  EXPECT_EQ(std::ranges::count(thread_names(), "census"), 1);
  EXPECT_EQ(thread_name(thread_id), "census");
  seen.count_down();
}

TEST(ThreadNamesTest, ALongNameIsCut) {
  std::string name;
  std::jthread([&] {
    set_current_thread_name("a name that is too long");
    name = thread_name(static_cast<std::uint32_t>(gettid()));
  }).join();
  EXPECT_EQ(name, "a name that is ");
}

TEST(ThreadNamesTest, AThreadThatIsNotThereHasNoName) {
  EXPECT_EQ(thread_name(0), "?");
}

}  // namespace
}  // namespace takt::core
