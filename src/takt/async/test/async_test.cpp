// The program at the head of the README, as a user writes it.

#include <string>

#include <gtest/gtest.h>

#include <takt/async.hpp>

namespace {

using namespace takt::async;
using namespace std::chrono_literals;

int model(int observation) {
  return observation * 2;
}

Task<void> camera(int* frames) {
  for (auto tick : every(1ms)) {
    co_await tick;
    ++*frames;
  }
}

Task<void> app(int* action, int* frames) {
  co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
    const int observation = 21;
    nursery.start("camera", camera(frames));
    *action = co_await offload([&] { return model(observation); });
    static_cast<void>(co_await with_timeout(5ms, async_input("")));
    while (*frames < 3) {
      co_await sleep_for(1ms);
    }
    co_return kCancel;
  });
}

TEST(AsyncTest, AProgramAsTheDocumentationHasIt) {
  int action = 0;
  int frames = 0;
  EXPECT_EQ(run(app(&action, &frames)), 0);
  EXPECT_EQ(action, 42);
  EXPECT_GE(frames, 3);
}

// Waits without a result, with every header of async before combine.hpp.
TEST(AsyncTest, WaitsWithoutAResultAreCombined) {
  EventLoop loop(LoopTime::kVirtual);
  const auto combined = []() -> Task<bool> {
    Event stop("stop");
    stop.set();
    static_cast<void>(co_await all_of(sleep_for(1ms), stop.wait()));
    const auto first = co_await any_of(sleep_for(1s), stop.wait());
    co_return std::get<1>(first).has_value();
  };
  EXPECT_TRUE(loop.run(combined()));
}

// `if` asks whether a value came, not whether the wait was in time.
TEST(AsyncTest, AClosedChannelGivesNothingAlsoUnderATimeout) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = []() -> Task<bool> {
    Channel<int> closed(1, "closed");
    closed.close();
    const auto value = co_await with_timeout(5s, closed.receive());
    co_return value.has_value();
  };
  EXPECT_FALSE(loop.run(app()));
}

}  // namespace
