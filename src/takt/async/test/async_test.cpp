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

}  // namespace
