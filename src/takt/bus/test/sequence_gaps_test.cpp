#include "takt/bus/sequence_gaps.hpp"

#include <gtest/gtest.h>

namespace takt::bus {
namespace {

TEST(SequenceGapsTest, CountsWhatIsMissingPerSender) {
  SequenceGaps gaps;
  const EndpointId one{1};
  const EndpointId other{2};
  EXPECT_EQ(gaps.advance(one, 7), 0) << "nobody knows what it sent before";
  EXPECT_EQ(gaps.advance(one, 8), 0);
  EXPECT_EQ(gaps.advance(one, 11), 2);
  EXPECT_EQ(gaps.advance(other, 1), 0);
  EXPECT_EQ(gaps.advance(one, 12), 0);
}

TEST(SequenceGapsTest, WhatIsOldOrCameAlreadyIsNotNew) {
  SequenceGaps gaps;
  const EndpointId one{1};
  EXPECT_EQ(gaps.advance(one, 5), 0);
  EXPECT_EQ(gaps.advance(one, 5), std::nullopt);
  EXPECT_EQ(gaps.advance(one, 4), std::nullopt);
}

TEST(SequenceGapsTest, ForgetsTheMostSilentOfTooMany) {
  SequenceGaps gaps(2);
  EXPECT_EQ(gaps.advance({1}, 1), 0);
  EXPECT_EQ(gaps.advance({2}, 1), 0);
  EXPECT_EQ(gaps.advance({1}, 2), 0);
  EXPECT_EQ(gaps.advance({3}, 1), 0);  // 2 is forgotten
  EXPECT_EQ(gaps.advance({1}, 4), 1);
  EXPECT_EQ(gaps.advance({2}, 9), 0);
}

}  // namespace
}  // namespace takt::bus
