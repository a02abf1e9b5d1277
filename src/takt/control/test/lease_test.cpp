#include "takt/control/lease.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

constexpr core::Nanoseconds kSecond = core::kNanosecondsPerSecond;

TEST(LeaseTest, AdmitsOnlyItsHolderUntilItRunsOut) {
  Lease lease;
  EXPECT_FALSE(lease.admits(0, 0));
  const LeaseEpoch epoch = lease.acquire("teleop", 0, kSecond).value();
  EXPECT_NE(epoch, 0U);
  EXPECT_TRUE(lease.admits(epoch, kSecond - 1));
  EXPECT_FALSE(lease.admits(epoch + 1, 0));
  EXPECT_FALSE(lease.admits(0, 0));
  EXPECT_FALSE(lease.admits(epoch, kSecond));
  EXPECT_EQ(lease.refused(), 4U);
}

TEST(LeaseTest, IsGivenToASecondOneOnlyWhenFreeOrRunOut) {
  Lease lease;
  const LeaseEpoch first = lease.acquire("teleop", 0, kSecond).value();
  EXPECT_EQ(lease.acquire("policy", 10, kSecond).error(), LeaseError::kHeld);
  EXPECT_EQ(lease.acquire("teleop", 10, kSecond).error(), LeaseError::kHeld);
  const LeaseEpoch second = lease.acquire("policy", kSecond, kSecond).value();
  EXPECT_NE(second, first);
  EXPECT_FALSE(lease.admits(first, kSecond));
  EXPECT_TRUE(lease.admits(second, kSecond));
  EXPECT_TRUE(lease.release(second));
  EXPECT_FALSE(lease.admits(second, kSecond));
  EXPECT_TRUE(lease.acquire("player", kSecond, 1).has_value());
}

TEST(LeaseTest, NamesItsHolder) {
  Lease lease;
  EXPECT_FALSE(lease.holder(0).has_value());
  const LeaseEpoch epoch = lease.acquire("teleop", 0, kSecond).value();
  ASSERT_TRUE(lease.holder(1).has_value());
  EXPECT_EQ(lease.holder(1)->name.view(), "teleop");
  EXPECT_EQ(lease.holder(1)->epoch, epoch);
  EXPECT_FALSE(lease.holder(kSecond).has_value());
}

TEST(LeaseTest, PassesFromHandToHandWithoutAGap) {
  Lease lease;
  const LeaseEpoch first = lease.acquire("teleop", 0, kSecond).value();
  const LeaseEpoch second = lease.hand_over(first, "policy", 1, kSecond).value();
  EXPECT_FALSE(lease.admits(first, 1));
  EXPECT_TRUE(lease.admits(second, 1));
  EXPECT_EQ(lease.holder(1)->name.view(), "policy");
  EXPECT_EQ(lease.hand_over(first, "thief", 1, kSecond).error(), LeaseError::kStale);
  EXPECT_EQ(lease.hand_over(second, "", 1, kSecond).error(), LeaseError::kInvalid);
  EXPECT_EQ(lease.hand_over(second, "late", 1 + kSecond, kSecond).error(), LeaseError::kStale);
  EXPECT_TRUE(lease.admits(second, 1));
}

TEST(LeaseTest, IsExtendedByItsHolderAndNeverShortened) {
  Lease lease;
  const LeaseEpoch epoch = lease.acquire("teleop", 0, kSecond).value();
  EXPECT_TRUE(lease.renew(epoch, kSecond / 2, kSecond).has_value());
  EXPECT_TRUE(lease.admits(epoch, kSecond));
  EXPECT_TRUE(lease.renew(epoch, kSecond, 1).has_value());
  EXPECT_TRUE(lease.admits(epoch, kSecond + 1));
  EXPECT_EQ(lease.renew(epoch, 2 * kSecond, kSecond).error(), LeaseError::kStale);
  EXPECT_EQ(lease.renew(epoch + 1, kSecond, kSecond).error(), LeaseError::kStale);
  EXPECT_EQ(lease.renew(epoch, kSecond, 0).error(), LeaseError::kInvalid);
}

TEST(LeaseTest, LastsForEverWhenUnlimited) {
  Lease lease;
  const LeaseEpoch epoch = lease.acquire("teleop", 5, kUnlimited).value();
  EXPECT_TRUE(lease.admits(epoch, kUnlimited - 1));
}

TEST(LeaseTest, RefusesANamelessHolderAndNoTimeAtAll) {
  Lease lease;
  EXPECT_EQ(lease.acquire("", 0, kSecond).error(), LeaseError::kInvalid);
  EXPECT_EQ(lease.acquire("teleop", 0, 0).error(), LeaseError::kInvalid);
  EXPECT_FALSE(lease.release(0));
}

TEST(LeaseTest, CanBeTakenAwayByTheOwner) {
  Lease lease;
  const LeaseEpoch epoch = lease.acquire("teleop", 0, kSecond).value();
  lease.revoke();
  EXPECT_FALSE(lease.admits(epoch, 1));
  EXPECT_FALSE(lease.release(epoch));
  EXPECT_NE(lease.acquire("teleop", 1, kSecond).value(), epoch);
}

TEST(LeaseTest, AskingAllocatesNothing) {
  Lease lease;
  const LeaseEpoch epoch = lease.acquire("teleop", 0, kSecond).value();
  const testing::AllocationGuard guard;
  EXPECT_TRUE(lease.admits(epoch, 1));
  EXPECT_FALSE(lease.admits(epoch, 2 * kSecond));
  EXPECT_EQ(guard.count(), 0U);
}

TEST(LeaseTest, ManyThreadsHandItRoundAndAnOldEpochNeverPasses) {
  constexpr int kThreads = 3;
  constexpr int kRounds = 2000;
  Lease lease;
  std::atomic<std::uint64_t> terms{0};
  std::atomic<int> wrong{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds;) {
        const auto epoch = lease.acquire("thread", 0, kUnlimited);
        if (!epoch) {
          std::this_thread::yield();
          continue;
        }
        wrong += lease.admits(*epoch, 1) ? 0 : 1;
        wrong += lease.release(*epoch) ? 0 : 1;
        wrong += lease.admits(*epoch, 1) ? 1 : 0;
        ++terms;
        ++round;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(terms, static_cast<std::uint64_t>(kThreads) * kRounds);
}

}  // namespace
}  // namespace takt::control
