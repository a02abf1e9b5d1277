#include "takt/async/tasks/task.hpp"

#include <gtest/gtest.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

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

TEST(TaskTest, SmokeOfANursery) {
  EventLoop loop(LoopTime::kVirtual);
  Event go("go");
  int done = 0;
  const auto app = [&]() -> Task<void> {
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      for (int i = 0; i < 10; ++i) {
        nursery.start("child", [&]() -> Task<void> {
          co_await go;
          co_await sleep_for(1s);
          ++done;
        });
      }
      co_await sleep_for(5s);
      go.set();
      const bool in_time = co_await with_timeout(1ms, sleep_for(1s));
      EXPECT_FALSE(in_time);
      co_return kJoin;
    });
  };
  loop.run(app());
  EXPECT_EQ(done, 10);
  EXPECT_EQ(loop.clock().now_ns(), 6'000'000'000);
}

}  // namespace
}  // namespace takt::async
