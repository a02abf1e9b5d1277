#include "takt/transports/dds/internal/patience.hpp"

#include <gtest/gtest.h>

namespace takt::dds {
namespace {

TEST(Patience, EndsForAReaderThatIsNotRead) {
  Patience patience(100);
  EXPECT_FALSE(patience.is_over(1000));
  EXPECT_FALSE(patience.is_over(1099));
  EXPECT_TRUE(patience.is_over(1100));
  EXPECT_TRUE(patience.is_over(1101)) << "until it is empty";
}

TEST(Patience, LastsTenTimesAsLongForOneThatIsReadButNeverEmpty) {
  Patience patience(100);
  for (core::Nanoseconds now_ns = 1000; now_ns < 2000; now_ns += 50) {
    EXPECT_FALSE(patience.is_over(now_ns)) << now_ns;
    patience.on_read();
  }
  EXPECT_TRUE(patience.is_over(2000));
  patience.on_read();
  EXPECT_TRUE(patience.is_over(2050));
}

TEST(Patience, BeginsAnewOnceItIsEmpty) {
  Patience patience(100);
  EXPECT_FALSE(patience.is_over(1000));
  EXPECT_TRUE(patience.is_over(1100));
  patience.on_read();
  patience.on_empty();
  EXPECT_FALSE(patience.is_over(1101));
  EXPECT_FALSE(patience.is_over(1200));
  EXPECT_TRUE(patience.is_over(1201));
}

TEST(Patience, BeginsAnewWhenThereWasRoomForAWhile) {
  Patience patience(100);
  EXPECT_FALSE(patience.is_over(1000));
  EXPECT_FALSE(patience.is_over(1101)) << "nothing was refused for longer than that";
  EXPECT_FALSE(patience.is_over(1200));
  EXPECT_TRUE(patience.is_over(1201));
}

}  // namespace
}  // namespace takt::dds
