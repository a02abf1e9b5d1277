#include "takt/robots/sim/countdown.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace takt::robots::sim {
namespace {

TEST(Countdown, is_used_up_after_as_many_times_as_it_was_set_to) {
  Countdown countdown;
  EXPECT_FALSE(countdown.take());
  countdown.set(2);
  EXPECT_TRUE(countdown.take());
  EXPECT_TRUE(countdown.take());
  EXPECT_FALSE(countdown.take());
}

TEST(Countdown, gives_each_time_to_one_thread_only) {
  Countdown countdown;
  countdown.set(1000);
  std::atomic<int> taken{0};
  const auto take_all = [&] {
    while (countdown.take()) {
      taken.fetch_add(1);
    }
  };
  std::thread other(take_all);
  take_all();
  other.join();
  EXPECT_EQ(taken.load(), 1000);
}

}  // namespace
}  // namespace takt::robots::sim
