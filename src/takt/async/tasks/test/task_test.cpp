#include "takt/async/tasks/task.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"
#include "takt/core/sanitizers.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::async {
namespace {

Task<int> one() {
  co_return 1;
}

Task<int> million() {
  int sum = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    sum += co_await one();
  }
  co_return sum;
}

Task<int> deep(int depth) {
  if (depth == 0) {
    co_return 0;
  }
  co_return co_await deep(depth - 1) + 1;
}

TEST(TaskTest, AMillionAwaitsInARow) {
  EventLoop loop;
  EXPECT_EQ(loop.run(million()), 1'000'000);
}

TEST(TaskTest, AHundredThousandDeep) {
  EventLoop loop;
  EXPECT_EQ(loop.run(deep(100'000)), 100'000);
}

TEST(TaskTest, DoesNothingUntilItIsAwaited) {
  bool ran = false;
  const auto work = [&]() -> Task<void> {
    ran = true;
    co_return;
  };
  {
    const Task<void> dropped = work();
  }
  EXPECT_FALSE(ran);
  EventLoop loop;
  loop.run(work());
  EXPECT_TRUE(ran);
}

TEST(TaskTest, ThrowsThroughTheAwait) {
  EventLoop loop;
  const auto inner = []() -> Task<int> {
    co_await yield();
    throw DeviceError("no answer");
  };
  const auto outer = [&]() -> Task<std::string> {
    try {
      co_return std::to_string(co_await inner());
    } catch (const DeviceError& error) {
      co_return error.what();
    }
  };
  EXPECT_EQ(loop.run(outer()), "no answer");
}

TEST(TaskTest, GivesAReference) {
  EventLoop loop;
  int value = 1;
  const auto find = [&]() -> Task<int&> { co_return value; };
  const auto app = [&]() -> Task<void> { ++co_await find(); };
  loop.run(app());
  EXPECT_EQ(value, 2);
}

TEST(TaskTest, AMovedFromTaskIsALogicErrorThatNamesTheAwaitingTask) {
  EventLoop loop;
  const auto app = []() -> Task<void> {
    Task<int> task = one();
    EXPECT_EQ(co_await std::move(task), 1);
    EXPECT_FALSE(task.valid());  // NOLINT(bugprone-use-after-move): the point of it
    std::string what;
    try {
      static_cast<void>(co_await std::move(task));  // NOLINT(bugprone-use-after-move): the point of it
    } catch (const LogicError& error) {
      what = error.what();
    }
    EXPECT_NE(what.find("task 'careless'"), std::string::npos) << what;
  };
  loop.run(app(), "careless");
}

TEST(TaskTest, TemporariesOfAnAwaitLiveUntilItIsOver) {
  EventLoop loop;
  const auto hold = [](std::shared_ptr<int> held) -> Task<long> {
    co_await yield();
    co_return held.use_count();
  };
  const auto app = [&]() -> Task<void> {
    const auto held = std::make_shared<int>(1);
    EXPECT_EQ(co_await hold(held), 2);
    EXPECT_EQ(held.use_count(), 1);
    EXPECT_EQ(
        co_await [held]() -> Task<long> {
          co_await yield();
          co_return held.use_count();
        }(),
        2);
    EXPECT_EQ(held.use_count(), 1);
  };
  loop.run(app());
}

TEST(TaskTest, AwaitingInASteadyStateAllocatesNothing) {
  if (TAKT_ADDRESS_SANITIZER) {
    GTEST_SKIP() << "frames are not recycled under AddressSanitizer";
  }
  EventLoop loop;
  const auto app = []() -> Task<void> {
    static_cast<void>(co_await deep(10));
    const takt::testing::AllocationGuard guard;
    for (int i = 0; i < 100; ++i) {
      static_cast<void>(co_await deep(10));
    }
    EXPECT_EQ(guard.count(), 0U);
  };
  loop.run(app());
}

}  // namespace
}  // namespace takt::async
