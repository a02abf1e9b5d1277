#include "takt/controller/frequency.hpp"

#include <gtest/gtest.h>

namespace takt::controller {
namespace {

using namespace literals;

TEST(Frequency, IsWrittenWithItsUnit) {
  EXPECT_EQ((50_hz).hz, 50.0);
  EXPECT_EQ((12.5_hz).hz, 12.5);
  EXPECT_LT(50_hz, 100_hz);
  EXPECT_EQ(50_hz, Frequency{50.0});
}

}  // namespace
}  // namespace takt::controller
