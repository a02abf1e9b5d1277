#include "takt/realtime/latest.hpp"

#include <array>
#include <cstdint>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::realtime {
namespace {

/// About 1 KiB whose words all follow from the first: a mixture of two stores shows.
struct Block {
  std::uint64_t number{0};
  std::array<std::uint64_t, 127> words{};

  static Block of(std::uint64_t number) {
    Block block{.number = number};
    for (std::size_t i = 0; i < block.words.size(); ++i) {
      block.words[i] = number * 0x9E3779B97F4A7C15ULL + i;
    }
    return block;
  }
  [[nodiscard]] bool intact() const {
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i] != number * 0x9E3779B97F4A7C15ULL + i) {
        return false;
      }
    }
    return true;
  }
};

TEST(LatestTest, HasNothingBeforeTheFirstStore) {
  const Latest<int> latest;
  int value = 7;
  EXPECT_FALSE(latest.load().has_value());
  EXPECT_FALSE(latest.try_load(value));
  EXPECT_EQ(value, 7);
  EXPECT_EQ(latest.version(), 0U);
}

TEST(LatestTest, GivesTheNewestValueAndCountsStores) {
  Latest<double> latest;
  latest.store(1.5);
  latest.store(2.5);
  EXPECT_EQ(latest.load(), 2.5);
  EXPECT_EQ(latest.version(), 2U);
}

TEST(LatestTest, CarriesTypesThatAreNoMultipleOfAWord) {
  using Odd = std::array<unsigned char, 13>;
  Latest<Odd> latest;
  const Odd value{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};
  latest.store(value);
  EXPECT_EQ(latest.load(), value);
}

TEST(LatestTest, ManyReadersNeverSeeATornValueNorTimeRunBackwards) {
  constexpr std::uint64_t kStores = 20'000;
  Latest<Block> latest;
  std::vector<std::jthread> readers;
  std::array<std::uint64_t, 3> failures{};
  std::array<std::uint64_t, 3> seen{};
  for (std::size_t r = 0; r < failures.size(); ++r) {
    readers.emplace_back([&latest, &bad = failures[r], &count = seen[r]] {
      Block block;
      std::uint64_t last = 0;
      while (last < kStores) {
        if (!latest.try_load(block)) {
          std::this_thread::yield();
          continue;
        }
        ++count;
        bad += block.intact() && block.number >= last ? 0 : 1;
        last = block.number;
      }
    });
  }
  for (std::uint64_t i = 1; i <= kStores; ++i) {
    latest.store(Block::of(i));
  }
  readers.clear();
  for (std::size_t r = 0; r < failures.size(); ++r) {
    EXPECT_EQ(failures[r], 0U);
    EXPECT_GT(seen[r], 0U);
  }
  EXPECT_EQ(latest.version(), kStores);
}

TEST(LatestTest, StoringAndLoadingAllocateNothing) {
  Latest<Block> latest;
  Block block = Block::of(3);
  const testing::AllocationGuard guard;
  latest.store(block);
  EXPECT_TRUE(latest.try_load(block));
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::realtime
