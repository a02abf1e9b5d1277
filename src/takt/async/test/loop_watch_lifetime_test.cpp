#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "takt/async/loop_watch.hpp"
#include "takt/async/test/loop_watch_reports.hpp"
#include "takt/core/error.hpp"
#include "takt/core/thread_names.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

bool is_there(const std::string& thread) {
  return std::ranges::count(core::thread_names(), thread) > 0;
}

TEST(LoopWatchLifetimeTest, TheTurnInWhichItEndsCountsUpToThere) {
  Reports reports;
  run_on_loop([&]() -> Task<void> {
    while (!reports.have(from("main"))) {
      const LoopWatch watch(reports.options());
      sleep_in_the_system();
    }
    co_return;
  });
  EXPECT_TRUE(reports.have(from("main")));
}

TEST(LoopWatchLifetimeTest, ALoopThatEndsFirstEndsTheWatchingAndTheNumbersStay) {
  Reports reports;
  std::optional<LoopWatch> watch;
  {
    EventLoop loop;
    loop.run([&]() -> Task<void> {
      watch.emplace(reports.options());
      co_await block_until(reports, "main", &sleep_in_the_system);
    }());
  }
  const std::uint64_t blocked = watch->statistics().blocked;
  EXPECT_GE(blocked, 1U);
  run_on_loop([&]() -> Task<void> {  // another loop of this thread is not its business, and may have a watch of its own
    const LoopWatch other;
    co_return;
  });
  EXPECT_EQ(watch->statistics().blocked, blocked);
}

TEST(LoopWatchLifetimeTest, SeesNothingAfterItsEndAndWatchesAgainWhenMadeAgain) {
  Reports reports;
  Reports again;
  run_on_loop([&]() -> Task<void> {
    {
      const LoopWatch watch(reports.options());
      co_await sleep_for(1ms);
    }
    const auto before = reports.all().size();
    EXPECT_FALSE(is_there("watch"));
    for (int i = 0; i < 5; ++i) {
      sleep_in_the_system();
      co_await sleep_for(1ms);
    }
    EXPECT_EQ(reports.all().size(), before);
    const LoopWatch watch(again.options());
    EXPECT_TRUE(is_there("watch"));
    co_await block_until(again, "main", &sleep_in_the_system);
  });
  EXPECT_TRUE(again.have(from("main")));
}

TEST(LoopWatchLifetimeTest, TellsMisuseByName) {
  EXPECT_THROW(LoopWatch(), LogicError);  // outside of a task
  run_on_loop([&]() -> Task<void> {
    const LoopWatch watch;
    EXPECT_THROW(LoopWatch(), LogicError);
    co_return;
  });
  run_on_loop([&]() -> Task<void> {
    EXPECT_THROW(LoopWatch({.threshold = 1us}), LogicError);
    co_return;
  });
}

}  // namespace
}  // namespace takt::async
