#include "takt/async/tasks/semaphore.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "takt/async/tasks/test/primitives.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

Task<void> hold(Semaphore* semaphore, Duration duration, std::string name, std::vector<std::string>* order) {
  const auto permit = co_await semaphore->acquire();
  order->push_back(name);
  co_await sleep_for(duration);
}

TEST(SemaphoreTest, PermitsAreTakenUntilNoneIsLeftAndComeBack) {
  Semaphore semaphore(2, "pair");
  run_virtual([&](Nursery&) -> Task<Join> {
    auto first = co_await semaphore.acquire();
    auto second = semaphore.try_acquire();
    EXPECT_TRUE(first.held());
    EXPECT_TRUE(second.has_value());
    EXPECT_FALSE(semaphore.try_acquire().has_value());
    EXPECT_EQ(semaphore.available(), 0U);
    second.reset();
    EXPECT_EQ(semaphore.available(), 1U);
    first.release();
    first.release();
    EXPECT_FALSE(first.held());
    EXPECT_EQ(semaphore.available(), 2U);
    co_return kJoin;
  });
}

TEST(SemaphoreTest, AMovedPermitIsGivenBackOnce) {
  Semaphore semaphore(2);
  {
    auto first = semaphore.try_acquire();
    Semaphore::Permit moved = std::move(*first);
    EXPECT_FALSE(first->held());
    first.reset();
    EXPECT_EQ(semaphore.available(), 1U);
    auto second = semaphore.try_acquire();
    moved = std::move(*second);  // what it held before comes back
    EXPECT_TRUE(moved.held());
    EXPECT_EQ(semaphore.available(), 1U);
  }
  EXPECT_EQ(semaphore.available(), 2U);
}

TEST(SemaphoreTest, PermitsGoToWhoWaitsLongest) {
  Semaphore semaphore(2);
  std::vector<std::string> order;
  EventLoop loop(LoopTime::kVirtual);
  loop.run(with_nursery([&](Nursery& nursery) -> Task<Join> {
    for (const char* name : {"a", "b", "c", "d", "e"}) {
      nursery.start(name, hold(&semaphore, 1s, name, &order));
    }
    co_return kJoin;
  }));
  EXPECT_EQ(order, (std::vector<std::string>{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(loop.clock().now_ns(), 3'000'000'000) << "two at a time";
}

TEST(SemaphoreTest, NobodyPassesThoseWhoWait) {
  Semaphore semaphore(1);
  std::vector<std::string> order;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    auto permit = co_await semaphore.acquire();
    nursery.start("waiter", hold(&semaphore, 1s, "waiter", &order));
    co_await settle();
    permit.release();
    EXPECT_FALSE(semaphore.try_acquire().has_value());
    EXPECT_EQ(semaphore.available(), 0U);
    permit = co_await semaphore.acquire();
    order.emplace_back("body");
    co_return kJoin;
  });
  EXPECT_EQ(order, (std::vector<std::string>{"waiter", "body"}));
}

TEST(SemaphoreTest, AddedPermitsWakeThatManyAndTheRestIsFree) {
  Semaphore semaphore(0);
  std::vector<std::string> order;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    for (const char* name : {"a", "b", "c"}) {
      nursery.start(name, hold(&semaphore, 1h, name, &order));
    }
    co_await settle();
    semaphore.add_permits(2);
    co_await settle();
    EXPECT_EQ(order, (std::vector<std::string>{"a", "b"}));
    semaphore.add_permits(3);
    EXPECT_EQ(semaphore.available(), 2U);
    co_return kCancel;
  });
  EXPECT_EQ(semaphore.available(), 5U) << "cancelled tasks give theirs back";
}

TEST(SemaphoreTest, AWaiterThatIsCancelledInTheMiddleLeavesTheQueue) {
  Semaphore semaphore(0);
  CancelScope scope;
  std::vector<std::string> order;
  bool got_it = true;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("a", hold(&semaphore, 1s, "a", &order));
    nursery.start("b", [&]() -> Task<void> {
      const auto permit = co_await scope.run(semaphore.acquire());
      got_it = permit.has_value();
    });
    nursery.start("c", hold(&semaphore, 1s, "c", &order));
    co_await settle();
    scope.cancel("test");
    semaphore.add_permits(2);
    EXPECT_EQ(semaphore.available(), 0U);
    co_return kJoin;
  });
  EXPECT_FALSE(got_it);
  EXPECT_EQ(order, (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(semaphore.available(), 2U);
}

TEST(SemaphoreTest, APermitGrantedBeforeTheCancellationIsGivenAndComesBack) {
  Semaphore semaphore(0);
  CancelScope scope;
  bool granted = false;
  bool went_on = false;
  const auto inside = [&]() -> Task<void> {
    const auto permit = co_await semaphore.acquire();
    granted = permit.held();
    co_await checkpoint();
    went_on = true;
  };
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("waiter", [&]() -> Task<void> { static_cast<void>(co_await scope.run(inside())); });
    co_await settle();
    semaphore.add_permits(1);
    scope.cancel("test");
    co_await settle();
    co_return kJoin;
  });
  EXPECT_TRUE(granted);
  EXPECT_FALSE(went_on);
  EXPECT_EQ(semaphore.available(), 1U);
}

TEST(SemaphoreTest, ACancellationBeforeThePermitTakesNone) {
  Semaphore semaphore(0);
  CancelScope scope;
  bool got_it = true;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("waiter", [&]() -> Task<void> {
      const auto permit = co_await scope.run(semaphore.acquire());
      got_it = permit.has_value();
    });
    co_await settle();
    scope.cancel("test");
    semaphore.add_permits(1);
    EXPECT_EQ(semaphore.available(), 1U);
    co_return kJoin;
  });
  EXPECT_FALSE(got_it);
}

TEST(SemaphoreTest, DestroyedWhileATaskWaitsItThrowsThere) {
  auto semaphore = std::make_unique<Semaphore>(1, "short-lived");
  std::string text;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    auto permit = co_await semaphore->acquire();
    nursery.start("waiter", [&]() -> Task<void> { text = co_await logic_error_of_await(semaphore->acquire()); });
    co_await settle();
    semaphore.reset();
    EXPECT_FALSE(permit.held());
    permit.release();
    co_return kJoin;
  });
  EXPECT_TRUE(contains(text, "waiter") && contains(text, "destroyed")) << text;
}

TEST(SemaphoreTest, DestroyedAfterAGrantThePermitHoldsNothing) {
  auto semaphore = std::make_unique<Semaphore>(0);
  bool resumed = false;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("waiter", [&]() -> Task<void> {
      const auto permit = co_await semaphore->acquire();
      resumed = !permit.held();
    });
    co_await settle();
    semaphore->add_permits(1);
    semaphore.reset();
    co_return kJoin;
  });
  EXPECT_TRUE(resumed);
}

TEST(SemaphoreTest, AnotherThreadIsRefusedByName) {
  Semaphore semaphore(1, "mine");
  EXPECT_EQ(semaphore.available(), 1U);
  EXPECT_TRUE(contains(logic_error_on_another_thread([&] { static_cast<void>(semaphore.try_acquire()); }), "'mine'"));
  EXPECT_TRUE(contains(logic_error_on_another_thread([&] { semaphore.add_permits(1); }), "'mine'"));
  EXPECT_TRUE(contains(logic_error_on_another_thread([&] { static_cast<void>(semaphore.available()); }), "'mine'"));
  EXPECT_TRUE(contains(logic_error_of_await_on_another_thread(semaphore.acquire()), "'mine'"));
  EXPECT_EQ(semaphore.available(), 1U);
}

TEST(SemaphoreTest, ADeadlockNamesIt) {
  Semaphore semaphore(0, "never");
  EventLoop loop(LoopTime::kVirtual);
  const auto app = [&]() -> Task<void> { static_cast<void>(co_await semaphore.acquire()); };
  try {
    loop.run(app());
    ADD_FAILURE() << "it ended";
  } catch (const Deadlock& deadlock) {
    EXPECT_TRUE(contains(deadlock.what(), "a permit of Semaphore 'never'")) << deadlock.what();
  }
}

TEST(SemaphoreTest, WaitingAndWakingAllocateNothing) {
  Semaphore semaphore(1);
  std::uint64_t allocations = 1;
  int rounds = 0;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    for (int i = 0; i < 3; ++i) {
      nursery.start("contender", [&]() -> Task<void> {
        while (true) {
          const auto permit = co_await semaphore.acquire();
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

TEST(SemaphoreTest, NoPermitIsLostOrMadeWhateverIsCancelled) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    const std::size_t permits = 1 + seed % 3;
    Semaphore semaphore(permits);
    std::mt19937 random(seed);
    const auto pause = [&] { return std::chrono::milliseconds(random() % 4); };
    std::size_t inside = 0;
    std::size_t most = 0;
    run_virtual([&](Nursery& nursery) -> Task<Join> {
      for (int task = 0; task < 8; ++task) {
        nursery.start("contender", [&]() -> Task<void> {
          for (int i = 0; i < 50; ++i) {
            auto permit = co_await with_timeout(pause(), semaphore.acquire());
            if (permit) {
              most = std::max(most, ++inside);
              co_await sleep_for(pause());
              --inside;
            }
          }
        });
      }
      co_return kJoin;
    });
    EXPECT_EQ(semaphore.available(), permits) << "seed " << seed;
    EXPECT_EQ(most, permits) << "seed " << seed;
  }
}

}  // namespace
}  // namespace takt::async
