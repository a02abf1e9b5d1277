#include "takt/transports/dds/internal/linger.hpp"

#include <gtest/gtest.h>

namespace takt::dds {
namespace {

TEST(Linger, EachWriterHasItsWhileAndAtTheEndAllHaveOne) {
  Linger linger(100);
  EXPECT_EQ(linger.next(1000, 1000), 100);
  EXPECT_EQ(linger.next(1000, 1080), 20) << "those destroyed together wait together";
  EXPECT_EQ(linger.next(1000, 5000), 0);
  linger.end(6000);
  EXPECT_EQ(linger.next(6000, 6000), 100);
  EXPECT_EQ(linger.next(6050, 6070), 30);
  EXPECT_EQ(linger.next(6050, 6100), 0);
  EXPECT_EQ(linger.next(9000, 9000), 0);
}

}  // namespace
}  // namespace takt::dds
