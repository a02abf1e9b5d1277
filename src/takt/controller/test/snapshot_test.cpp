#include "takt/controller/internal/snapshot.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace takt::controller::internal {
namespace {

/// Both halves are always equal, unless it is torn or read after its end.
struct Pair {
  explicit Pair(int value) : first(std::make_unique<int>(value)), second(value) {}
  std::unique_ptr<int> first;
  int second;
};

TEST(Snapshot, ShowsWhatItWasGivenLast) {
  Snapshot<Pair> shared(Pair(1));
  EXPECT_EQ(*shared.read()->first, 1);
  Pair second(2);
  EXPECT_TRUE(shared.try_replace(second));
  EXPECT_EQ(*shared.read()->first, 2);
  Pair third(3);
  EXPECT_TRUE(shared.try_replace(third));
  EXPECT_EQ((*shared.read()).second, 3);
}

TEST(Snapshot, AReaderKeepsItsValueOverOneReplacementAndHoldsUpTheSecond) {
  Snapshot<Pair> shared(Pair(1));
  Pair second(2);
  Pair third(3);
  {
    const auto reader = shared.read();
    EXPECT_TRUE(shared.try_replace(second));
    EXPECT_EQ(*reader->first, 1);
    EXPECT_FALSE(shared.try_replace(third));
    ASSERT_NE(third.first, nullptr);
    EXPECT_EQ(*shared.read()->first, 2);
  }
  EXPECT_TRUE(shared.try_replace(third));
  EXPECT_EQ(*shared.read()->first, 3);
}

TEST(Snapshot, ReadersOfManyThreadsNeverSeeAValueThatIsGoneOrTorn) {
  Snapshot<Pair> shared(Pair(0));
  std::atomic<bool> ended{false};
  std::vector<std::thread> readers;
  for (int k = 0; k < 3; ++k) {
    readers.emplace_back([&] {
      int last = 0;
      while (!ended) {
        const auto reader = shared.read();
        EXPECT_EQ(*reader->first, reader->second);
        EXPECT_GE(reader->second, last);
        last = reader->second;
      }
    });
  }
  int replaced = 0;
  for (int value = 1; value <= 2000; ++value) {
    Pair next(value);
    while (!shared.try_replace(next)) {
      std::this_thread::yield();
    }
    ++replaced;
  }
  ended = true;
  for (std::thread& reader : readers) {
    reader.join();
  }
  EXPECT_EQ(replaced, 2000);
  EXPECT_EQ(shared.read()->second, 2000);
}

}  // namespace
}  // namespace takt::controller::internal
