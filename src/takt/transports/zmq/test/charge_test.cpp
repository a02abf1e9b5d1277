#include "takt/transports/zmq/internal/charge.hpp"

#include <optional>

#include <gtest/gtest.h>

namespace takt::zmq::internal {
namespace {

TEST(ChargeTest, CountsWhatItStandsForOnceHoweverItMoves) {
  std::atomic<std::size_t> bytes{0};
  {
    Charge first(bytes, 3);
    std::optional<Charge> second(std::in_place, bytes, 4);
    EXPECT_EQ(bytes, 7);
    const Charge moved(std::move(first));
    EXPECT_EQ(bytes, 7);
    second.reset();
    EXPECT_EQ(bytes, 3);
  }
  EXPECT_EQ(bytes, 0);
}

TEST(ChargeTest, WhatIsReplacedOrReleasedIsCountedNoMore) {
  std::atomic<std::size_t> bytes{0};
  Charge one(bytes, 3);
  one = Charge(bytes, 5);
  EXPECT_EQ(bytes, 5);
  one.release();
  one.release();
  EXPECT_EQ(bytes, 0);
}

}  // namespace
}  // namespace takt::zmq::internal
