#include "takt/teleop/replay/internal/task_thread.hpp"

#include <atomic>
#include <chrono>
#include <latch>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace takt::teleop::replay::internal {
namespace {

/// Keeps a thread busy until it is let go. Lives longer than the thread.
struct Gate {
  std::latch begun{1};
  std::latch go{1};

  void occupy(TaskThread& thread) {
    EXPECT_TRUE(thread.give(0, [this] {
      begun.count_down();
      go.wait();
    }));
    begun.wait();
  }
};

TEST(TaskThreadTest, DoesWhatItIsGivenOneAfterTheOther) {
  std::vector<int> done;
  std::latch all(3);
  TaskThread thread("work.test", {});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(thread.give(1, [&, i] {
      done.push_back(i);
      all.count_down();
    }));
  }
  all.wait();
  EXPECT_EQ(done, (std::vector<int>{0, 1, 2}));
}

TEST(TaskThreadTest, RefusesWhatItHasNoRoomFor) {
  Gate gate;
  TaskThread thread("work.test", {.tasks = 2, .bytes = 10});
  gate.occupy(thread);
  EXPECT_TRUE(thread.give(6, [] {}));
  EXPECT_FALSE(thread.give(5, [] {})) << "11 bytes would wait";
  EXPECT_TRUE(thread.give(4, [] {}));
  EXPECT_FALSE(thread.give(0, [] {})) << "two wait";
  gate.go.count_down();
}

TEST(TaskThreadTest, TakesOneAloneHoweverLarge) {
  Gate gate;
  TaskThread thread("work.test", {.tasks = 2, .bytes = 10});
  gate.occupy(thread);
  EXPECT_TRUE(thread.give(1000, [] {}));
  EXPECT_FALSE(thread.give(0, [] {}));
  gate.go.count_down();
}

TEST(TaskThreadTest, ClosedItHasDoneWhatItBeganAndDoesNothingMore) {
  std::atomic<int> done{0};
  std::latch begun(1);
  TaskThread thread("work.test", {});
  EXPECT_TRUE(thread.give(0, [&] {
    begun.count_down();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ++done;
  }));
  begun.wait();
  thread.close();
  EXPECT_EQ(done, 1);
  static_cast<void>(thread.give(0, [&] { ++done; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(done, 1);
}

TEST(TaskThreadTest, IsIdleWhenNothingIsDoneAndNothingWaits) {
  Gate gate;
  TaskThread thread("work.test", {});
  EXPECT_TRUE(thread.idle());
  gate.occupy(thread);
  EXPECT_FALSE(thread.idle());
  gate.go.count_down();
  while (!thread.idle()) {
    std::this_thread::yield();
  }
}

TEST(TaskThreadTest, ItsEndWaitsForWhatIsBeingDone) {
  Gate gate;
  bool done = false;
  {
    TaskThread thread("work.test", {});
    EXPECT_TRUE(thread.give(0, [&] {
      gate.begun.count_down();
      gate.go.wait();
      done = true;
    }));
    gate.begun.wait();
    gate.go.count_down();
  }
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace takt::teleop::replay::internal
