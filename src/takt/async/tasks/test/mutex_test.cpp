#include "takt/async/tasks/mutex.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "takt/async/tasks/test/primitives.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

Task<void> hold(Mutex* mutex, Duration duration, std::string name, std::vector<std::string>* order) {
  const auto lock = co_await mutex->lock();
  order->push_back(name);
  co_await sleep_for(duration);
}

TEST(MutexTest, ItIsLockedUntilTheLockIsDropped) {
  Mutex mutex("device");
  run_virtual([&](Nursery&) -> Task<Join> {
    {
      const auto lock = co_await mutex.lock();
      EXPECT_TRUE(lock.held());
      EXPECT_TRUE(mutex.locked());
      EXPECT_FALSE(mutex.try_lock().has_value());
    }
    EXPECT_FALSE(mutex.locked());
    auto lock = mutex.try_lock();
    EXPECT_TRUE(lock.has_value());
    lock->unlock();
    lock->unlock();
    EXPECT_FALSE(lock->held());
    EXPECT_FALSE(mutex.locked());
    co_return kJoin;
  });
}

TEST(MutexTest, AMovedLockUnlocksOnce) {
  Mutex mutex;
  Mutex other;
  {
    auto first = mutex.try_lock();
    Mutex::Lock moved = std::move(*first);
    EXPECT_FALSE(first->held());
    first.reset();
    EXPECT_TRUE(mutex.locked());
    auto second = other.try_lock();
    moved = std::move(*second);
    EXPECT_FALSE(mutex.locked());
    EXPECT_TRUE(other.locked());
  }
  EXPECT_FALSE(other.locked());
}

TEST(MutexTest, ItGoesToWhoWaitsLongestAndNobodyPasses) {
  Mutex mutex;
  std::vector<std::string> order;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    auto lock = co_await mutex.lock();
    for (const char* name : {"a", "b", "c"}) {
      nursery.start(name, hold(&mutex, 1s, name, &order));
    }
    co_await settle();
    lock.unlock();
    EXPECT_FALSE(mutex.try_lock().has_value());
    EXPECT_TRUE(mutex.locked());
    lock = co_await mutex.lock();
    order.emplace_back("body");
    co_return kJoin;
  });
  EXPECT_EQ(order, (std::vector<std::string>{"a", "b", "c", "body"}));
}

TEST(MutexTest, ATaskThatLocksWhatItHoldsIsToldByName) {
  Mutex mutex("servo bus");
  std::string text;
  bool others_may_wait = false;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("writer", [&]() -> Task<void> {
      const auto lock = co_await mutex.lock();
      text = co_await logic_error_of_await(mutex.lock());
      co_await sleep_for(1s);
    });
    nursery.start("reader", [&]() -> Task<void> {
      const auto lock = co_await mutex.lock();
      others_may_wait = lock.held();
    });
    co_return kJoin;
  });
  EXPECT_TRUE(contains(text, "main/writer") && contains(text, "Mutex 'servo bus'")) << text;
  EXPECT_TRUE(others_may_wait);
  EXPECT_FALSE(mutex.locked());
}

TEST(MutexTest, AWaiterThatIsCancelledInTheMiddleLeavesTheQueue) {
  Mutex mutex;
  CancelScope scope;
  std::vector<std::string> order;
  bool got_it = true;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    const auto lock = co_await mutex.lock();
    nursery.start("a", hold(&mutex, 1s, "a", &order));
    nursery.start("b", [&]() -> Task<void> {
      const auto inner = co_await scope.run(mutex.lock());
      got_it = inner.has_value();
    });
    nursery.start("c", hold(&mutex, 1s, "c", &order));
    co_await settle();
    scope.cancel("test");
    co_return kJoin;
  });
  EXPECT_FALSE(got_it);
  EXPECT_EQ(order, (std::vector<std::string>{"a", "c"}));
}

// Unlocks and cancels within one turn, in either order, while a task waits for the lock.
struct Race {
  bool locked{false};
  bool went_on{false};
  bool free_afterwards{false};
};
Race race(bool unlock_first) {
  Mutex mutex;
  CancelScope scope;
  Race race;
  const auto inside = [&]() -> Task<void> {
    const auto lock = co_await mutex.lock();
    race.locked = lock.held();
    co_await checkpoint();
    race.went_on = true;
  };
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    auto lock = co_await mutex.lock();
    nursery.start("waiter", [&]() -> Task<void> { static_cast<void>(co_await scope.run(inside())); });
    co_await settle();
    if (unlock_first) {
      lock.unlock();
      scope.cancel("test");
    } else {
      scope.cancel("test");
      lock.unlock();
    }
    co_return kJoin;
  });
  race.free_afterwards = !mutex.locked();
  return race;
}

TEST(MutexTest, ALockHandedOverBeforeTheCancellationIsGivenAndComesBack) {
  const Race result = race(true);
  EXPECT_TRUE(result.locked);
  EXPECT_FALSE(result.went_on);
  EXPECT_TRUE(result.free_afterwards);
}

TEST(MutexTest, ACancellationBeforeTheLockTakesNothing) {
  const Race result = race(false);
  EXPECT_FALSE(result.locked);
  EXPECT_FALSE(result.went_on);
  EXPECT_TRUE(result.free_afterwards);
}

TEST(MutexTest, DestroyedWhileATaskWaitsItThrowsThere) {
  auto mutex = std::make_unique<Mutex>("short-lived");
  std::string text;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    auto lock = co_await mutex->lock();
    nursery.start("waiter", [&]() -> Task<void> { text = co_await logic_error_of_await(mutex->lock()); });
    co_await settle();
    mutex.reset();
    EXPECT_FALSE(lock.held());
    co_return kJoin;
  });
  EXPECT_TRUE(contains(text, "waiter") && contains(text, "destroyed")) << text;
}

TEST(MutexTest, DestroyedAfterItWasHandedOverTheLockHoldsNothing) {
  auto mutex = std::make_unique<Mutex>();
  bool resumed = false;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    auto lock = co_await mutex->lock();
    nursery.start("waiter", [&]() -> Task<void> {
      const auto inner = co_await mutex->lock();
      resumed = !inner.held();
    });
    co_await settle();
    lock.unlock();
    mutex.reset();
    co_return kJoin;
  });
  EXPECT_TRUE(resumed);
}

TEST(MutexTest, AnotherThreadIsRefusedByName) {
  Mutex mutex("mine");
  EXPECT_FALSE(mutex.locked());
  EXPECT_TRUE(contains(logic_error_on_another_thread([&] { static_cast<void>(mutex.try_lock()); }), "'mine'"));
  EXPECT_TRUE(contains(logic_error_on_another_thread([&] { static_cast<void>(mutex.locked()); }), "'mine'"));
  EXPECT_TRUE(contains(logic_error_of_await_on_another_thread(mutex.lock()), "'mine'"));
  auto lock = mutex.try_lock();
  EXPECT_TRUE(contains(logic_error_on_another_thread([&] { lock->unlock(); }), "'mine'"));
  EXPECT_TRUE(lock->held());
}

TEST(MutexTest, ADeadlockNamesTheHolders) {
  Mutex left("left");
  Mutex right("right");
  EventLoop loop(LoopTime::kVirtual);
  const auto lock_both = [](Mutex* first, Mutex* second) -> Task<void> {
    const auto outer = co_await first->lock();
    co_await yield();
    const auto inner = co_await second->lock();
  };
  try {
    loop.run(with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("ada", lock_both(&left, &right));
      nursery.start("bob", lock_both(&right, &left));
      co_return kJoin;
    }));
    ADD_FAILURE() << "it ended";
  } catch (const Deadlock& deadlock) {
    EXPECT_TRUE(contains(deadlock.what(), "Mutex 'right', held by 'bob'")) << deadlock.what();
    EXPECT_TRUE(contains(deadlock.what(), "Mutex 'left', held by 'ada'")) << deadlock.what();
  }
  EXPECT_FALSE(left.locked());
  EXPECT_FALSE(right.locked());
}

TEST(MutexTest, WaitingAndWakingAllocateNothing) {
  Mutex mutex;
  std::uint64_t allocations = 1;
  int rounds = 0;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    for (int i = 0; i < 3; ++i) {
      nursery.start("contender", [&]() -> Task<void> {
        while (true) {
          const auto lock = co_await mutex.lock();
          ++rounds;
          co_await yield();
        }
      });
    }
    co_await settle();
    const testing::AllocationGuard guard;
    while (rounds < 1000) {
      co_await yield();
    }
    allocations = guard.count();
    co_return kCancel;
  });
  EXPECT_EQ(allocations, 0U);
}

TEST(MutexTest, OneAtATimeWhateverIsCancelled) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    Mutex mutex;
    std::mt19937 random(seed);
    const auto pause = [&] { return std::chrono::milliseconds(random() % 4); };
    int inside = 0;
    int entered = 0;
    int collisions = 0;
    run_virtual([&](Nursery& nursery) -> Task<Join> {
      for (int task = 0; task < 8; ++task) {
        nursery.start("contender", [&]() -> Task<void> {
          for (int i = 0; i < 50; ++i) {
            const auto lock = co_await with_timeout(pause(), mutex.lock());
            if (lock) {
              collisions += inside++ == 0 ? 0 : 1;
              ++entered;
              co_await sleep_for(pause());
              --inside;
            }
          }
        });
      }
      co_return kJoin;
    });
    EXPECT_FALSE(mutex.locked()) << "seed " << seed;
    EXPECT_EQ(collisions, 0) << "seed " << seed;
    EXPECT_GT(entered, 0) << "seed " << seed;
  }
}

}  // namespace
}  // namespace takt::async
