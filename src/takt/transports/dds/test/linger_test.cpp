#include "takt/transports/dds/internal/linger.hpp"

#include <gtest/gtest.h>

namespace takt::dds {
namespace {

TEST(Linger, EachWriterHasItsWhileAndAtTheEndAllHaveOne) {
  Linger linger(100);
  EXPECT_EQ(linger.next(1000), 100);
  EXPECT_EQ(linger.next(5000), 100);
  linger.end(6000);
  EXPECT_EQ(linger.next(6000), 100);
  EXPECT_EQ(linger.next(6070), 30);
  EXPECT_EQ(linger.next(6100), 0);
  EXPECT_EQ(linger.next(9000), 0);
}

}  // namespace
}  // namespace takt::dds
