#include "takt/transports/dds/internal/doorbell.hpp"

#include <thread>

#include <gtest/gtest.h>

namespace takt::dds {
namespace {

TEST(Doorbell, TheFirstOfABurstIsTold) {
  Doorbell bell;
  EXPECT_TRUE(bell.ring());
  EXPECT_FALSE(bell.ring());
  bell.answer();
  EXPECT_FALSE(bell.ring());
}

TEST(Doorbell, WhatComesWhileLookingIsLookedAtAgainInsteadOfTold) {
  Doorbell bell;
  EXPECT_TRUE(bell.ring());
  bell.answer();
  EXPECT_FALSE(bell.ring());
  EXPECT_FALSE(bell.rest());
  bell.answer();
  EXPECT_TRUE(bell.rest());
  EXPECT_TRUE(bell.ring());
}

TEST(Doorbell, NothingIsLostBetweenTwoThreads) {
  constexpr int kThings = 200'000;
  Doorbell bell;
  std::atomic<int> pile{0};
  std::atomic<int> told{0};
  std::thread brings([&] {
    for (int i = 0; i < kThings; ++i) {
      ++pile;
      if (bell.ring()) {
        ++told;
      }
    }
  });
  int taken = 0;
  int heard = 0;
  while (taken < kThings) {
    while (told == heard) {
      std::this_thread::yield();  // for ever, if a ring were lost
    }
    heard = told;
    do {
      bell.answer();
      taken += pile.exchange(0);
    } while (!bell.rest());
  }
  brings.join();
  EXPECT_EQ(taken, kThings);
}

}  // namespace
}  // namespace takt::dds
