#include "takt/core/joint_vector.hpp"

#include <limits>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::core {
namespace {

static_assert(std::is_trivially_copyable_v<JointVector>);

TEST(JointVectorTest, HoldsUpToTheMostJointsAndRefusesMore) {
  EXPECT_EQ(JointVector::zero(kMaxJoints).size(), kMaxJoints);
  EXPECT_THROW(static_cast<void>(JointVector::zero(kMaxJoints + 1)), LogicError);
}

TEST(JointVectorTest, ComparesOnlyTheJointsItHas) {
  JointVector a{1, 2, 3};
  a.resize(2);
  EXPECT_EQ(a, (JointVector{1, 2}));
  EXPECT_NE(a, (JointVector{1, 2, 3}));
}

TEST(JointVectorTest, FillsNewJointsWithTheGivenValue) {
  JointVector a{1};
  a.resize(3, 7.0);
  EXPECT_EQ(a, (JointVector{1, 7, 7}));
}

TEST(JointVectorTest, SeesAValueThatIsNotFinite) {
  EXPECT_TRUE((JointVector{1, 2}.all_finite()));
  EXPECT_FALSE((JointVector{1, std::numeric_limits<double>::quiet_NaN()}.all_finite()));
  EXPECT_FALSE((JointVector{std::numeric_limits<double>::infinity()}.all_finite()));
}

TEST(JointVectorTest, ArithmeticThroughEigenAllocatesNothing) {
  JointVector a{1, 2, 3};
  const JointVector b{10, 20, 30};
  const testing::AllocationGuard guard;
  a.eigen() += 2.0 * b.eigen();
  EXPECT_EQ(guard.count(), 0U);
  EXPECT_EQ(a, (JointVector{21, 42, 63}));
}

TEST(AllocationGuardTest, CountsWhatIsAllocated) {
  const testing::AllocationGuard guard;
  const std::vector<double>* volatile heap = new std::vector<double>(100);  // volatile: or the optimizer drops it
  EXPECT_GE(guard.count(), 1U);
  EXPECT_EQ(heap->size(), 100U);
  delete heap;
}

}  // namespace
}  // namespace takt::core
