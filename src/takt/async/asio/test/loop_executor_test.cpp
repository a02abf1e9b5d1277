#include "takt/async/asio/internal/loop_executor.hpp"

#include <chrono>
#include <thread>

#include <boost/asio/execution/executor.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>
#include <gtest/gtest.h>

#include "takt/async/asio/asio_context.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/internal/loop_state.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/async/tasks/task.hpp"

namespace takt::async::internal {
namespace {

namespace execution = boost::asio::execution;
using namespace std::chrono_literals;

static_assert(execution::is_executor<LoopExecutor>::value);

LoopExecutor executor_of_this_loop() {
  return {this_loop_state("a test"), asio_context()};
}

TEST(LoopExecutorTest, RunsAtOnceOnItsLoopUnlessAskedNotTo) {
  EventLoop().run([]() -> Task<void> {
    const LoopExecutor executor = executor_of_this_loop();
    int ran = 0;
    executor.execute([&] { ++ran; });
    EXPECT_EQ(ran, 1);
    boost::asio::require(executor, execution::blocking.never).execute([&] { ++ran; });
    EXPECT_EQ(ran, 1);
    while (ran == 1) {
      co_await sleep_for(1ms);
    }
  }());
}

TEST(LoopExecutorTest, WhatAnotherThreadGivesItRunsOnTheLoop) {
  EventLoop().run([]() -> Task<void> {
    const LoopExecutor executor = executor_of_this_loop();
    std::thread::id ran_on;
    std::jthread([&] { executor.execute([&] { ran_on = std::this_thread::get_id(); }); }).join();
    EXPECT_EQ(ran_on, std::thread::id());
    while (ran_on == std::thread::id()) {
      co_await sleep_for(1ms);
    }
    EXPECT_EQ(ran_on, std::this_thread::get_id());
  }());
}

TEST(LoopExecutorTest, SaysHowItRunsAndWhose) {
  EventLoop().run([]() -> Task<void> {
    const LoopExecutor executor = executor_of_this_loop();
    const LoopExecutor later = boost::asio::require(executor, execution::blocking.never);
    EXPECT_EQ(boost::asio::query(executor, execution::blocking), execution::blocking.possibly);
    EXPECT_EQ(boost::asio::query(later, execution::blocking), execution::blocking.never);
    EXPECT_EQ(&boost::asio::query(executor, execution::context), &asio_context());
    EXPECT_NE(executor, later);
    EXPECT_EQ(executor, boost::asio::require(later, execution::blocking.possibly));
    co_return;
  }());
}

}  // namespace
}  // namespace takt::async::internal
