#include "takt/core/bounded_vector.hpp"

#include <type_traits>

#include <gtest/gtest.h>

namespace takt::core {
namespace {

static_assert(std::is_trivially_copyable_v<BoundedVector<int, 3>>);

TEST(BoundedVectorTest, RefusesWhatDoesNotFitAndSaysSo) {
  BoundedVector<int, 2> vector;
  EXPECT_TRUE(vector.push_back(1));
  EXPECT_TRUE(vector.push_back(2));
  EXPECT_FALSE(vector.push_back(3));
  EXPECT_EQ(vector.size(), 2U);
  EXPECT_EQ(vector.back(), 2);
}

TEST(BoundedVectorTest, IsMadeOfAListAsFarAsItFits) {
  constexpr BoundedVector<int, 2> kVector{1, 2, 3};
  static_assert(kVector.size() == 2 && kVector[0] == 1 && kVector[1] == 2);
  EXPECT_TRUE((BoundedVector<int, 2>{}.empty()));
}

TEST(BoundedVectorTest, ComparesOnlyWhatItHolds) {
  BoundedVector<int, 2> a;
  BoundedVector<int, 2> b;
  a.push_back(1);
  a.clear();
  EXPECT_EQ(a, b);
  b.push_back(2);
  EXPECT_NE(a, b);
}

}  // namespace
}  // namespace takt::core
