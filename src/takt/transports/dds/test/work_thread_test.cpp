#include "takt/transports/dds/internal/work_thread.hpp"

#include <atomic>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace takt::dds {
namespace {

TEST(WorkThread, DoesEverythingInOrderBeforeItEnds) {
  std::vector<int> done;
  {
    WorkThread thread("test");
    for (int i = 0; i < 100; ++i) {
      thread.post([&done, i] { done.push_back(i); });
    }
  }
  ASSERT_EQ(done.size(), 100U);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(done[static_cast<std::size_t>(i)], i);
  }
}

TEST(WorkThread, WorkMayPostMore) {
  std::atomic<int> done{0};
  {
    WorkThread thread("test");
    thread.post([&] {
      ++done;
      thread.post([&] { ++done; });
    });
  }
  EXPECT_EQ(done, 2);
}

TEST(WorkThread, WhatIsDueLaterIsDoneInTheOrderOfItsTimeOrNotAtAll) {
  using namespace std::chrono_literals;
  std::vector<int> done;
  std::atomic<bool> second{false};
  bool never = true;
  {
    WorkThread thread("test");
    thread.post_after(1h, [&] { never = false; });
    thread.post_after(200ms, [&] {
      done.push_back(2);
      second = true;
    });
    thread.post_after(1ms, [&] { done.push_back(1); });
    while (!second) {
      std::this_thread::yield();
    }
  }
  EXPECT_EQ(done, (std::vector<int>{1, 2}));
  EXPECT_TRUE(never);
}

TEST(WorkThread, WhatWorkHoldsEndsWithIt) {
  WorkThread thread("test");
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = held;
  thread.post([mine = std::move(held)] {});
  while (!watch.expired()) {
    std::this_thread::yield();  // for ever, if it were kept
  }
}

}  // namespace
}  // namespace takt::dds
