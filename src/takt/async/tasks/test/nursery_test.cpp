#include "takt/async/tasks/nursery.hpp"

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"
#include "takt/core/sanitizers.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

class NurseryTest : public ::testing::Test {
 protected:
  template <class F>
  auto run(F app) {
    return loop.run(app());
  }
  [[nodiscard]] core::Nanoseconds now() { return loop.clock().now_ns(); }

  /// Runs a nursery with this body and gives the group that came out of it; nothing when none did.
  template <class Body>
  std::optional<ExceptionGroup> group_of(Body body) {
    std::optional<ExceptionGroup> group;
    run([&]() -> Task<void> {
      try {
        co_await with_nursery(body);
      } catch (const ExceptionGroup& thrown) {
        group = thrown;
      }
    });
    return group;
  }

  EventLoop loop{LoopTime::kVirtual};
  Log log;
};

Task<void> fail_after(Duration duration, std::string what) {
  co_await sleep_for(duration);
  throw DeviceError(what);
}

TEST_F(NurseryTest, EndsAfterItsLastChild) {
  run([&]() -> Task<void> {
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("slow", [&]() -> Task<void> {
        co_await sleep_for(3s);
        log.emplace_back("slow");
      });
      nursery.start("quick", [&]() -> Task<void> {
        co_await sleep_for(1s);
        log.emplace_back("quick");
      });
      log.emplace_back("body");
      co_return kJoin;
    });
    log.emplace_back("after");
  });
  EXPECT_EQ(log, (Log{"body", "quick", "slow", "after"}));
  EXPECT_EQ(now(), 3'000'000'000);
}

TEST_F(NurseryTest, CancelEndsTheChildrenAndWaitsForTheirCleanup) {
  run([&]() -> Task<void> {
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("child", [&]() -> Task<void> {
        const auto work = []() -> Task<void> { co_await sleep_for(1h); };
        const auto cleanup = [&]() -> Task<void> {
          co_await sleep_for(2s);
          log.emplace_back("cleaned up");
        };
        co_await with_cleanup(work(), 5s, cleanup);
      });
      co_await sleep_for(1s);
      co_return kCancel;
    });
    log.emplace_back("after");
  });
  EXPECT_EQ(log, (Log{"cleaned up", "after"}));
  EXPECT_EQ(now(), 3'000'000'000);
}

TEST_F(NurseryTest, TheFirstFailureCancelsTheSiblingsAndTheBody) {
  const auto group = group_of([&](Nursery& nursery) -> Task<Join> {
    nursery.start("bad", fail_after(1s, "no answer"));
    nursery.start("good", [&]() -> Task<void> {
      co_await sleep_for(1h);
      log.emplace_back("never");
    });
    co_await sleep_for(1h);
    log.emplace_back("never");
    co_return kJoin;
  });
  ASSERT_TRUE(group);
  ASSERT_EQ(group->failures().size(), 1U);
  EXPECT_EQ(group->failures()[0].task, "bad");
  EXPECT_STREQ(group->find<DeviceError>()->what(), "no answer");
  EXPECT_STREQ(group->what(), "a task failed: bad: takt::DeviceError: no answer");
  EXPECT_TRUE(log.empty());
  EXPECT_EQ(now(), 1'000'000'000);
  EXPECT_EQ(loop.statistics().swallowed_cancellations, 0U);
}

TEST_F(NurseryTest, SeveralFailuresComeOutTogetherEachWithItsTasksName) {
  const auto group = group_of([&](Nursery& nursery) -> Task<Join> {
    nursery.start("left", fail_after(1s, "left arm"));
    nursery.start("right", []() -> Task<void> {
      try {
        co_await sleep_for(1h);
      } catch (const Cancelled&) {  // replaced by an error: nothing to do
      }
      throw ConfigError("right arm");
    });
    co_return kJoin;
  });
  ASSERT_TRUE(group);
  EXPECT_STREQ(group->what(),
               "2 tasks failed:\n  left: takt::DeviceError: left arm\n  right: takt::ConfigError: right arm");
  EXPECT_FALSE(group->all_are<DeviceError>());
  EXPECT_TRUE(group->all_are<Error>());
}

TEST_F(NurseryTest, TheBodysFailureCancelsTheChildren) {
  const auto group = group_of([&](Nursery& nursery) -> Task<Join> {
    nursery.start("child", []() -> Task<void> { co_await sleep_for(1h); });
    co_await sleep_for(1s);
    throw DeviceError("body");
  });
  ASSERT_TRUE(group);
  EXPECT_EQ(group->failures()[0].task, "main");
  EXPECT_EQ(now(), 1'000'000'000);
}

TEST_F(NurseryTest, AGroupInAGroupIsFlatAndNamesThePath) {
  const auto group = group_of([&](Nursery& nursery) -> Task<Join> {
    nursery.start("lidar", []() -> Task<void> {
      co_await with_nursery([](Nursery& inner) -> Task<Join> {
        inner.start("decoder", fail_after(1s, "bad packet"));
        co_return kJoin;
      });
    });
    co_return kJoin;
  });
  ASSERT_TRUE(group);
  ASSERT_EQ(group->failures().size(), 1U);
  EXPECT_EQ(group->failures()[0].task, "lidar/decoder");
}

TEST_F(NurseryTest, ChildrenStartSiblingsAlsoWhenTheBodyHasEnded) {
  run([&]() -> Task<void> {
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("first", [&log = log, nursery]() mutable -> Task<void> {
        co_await sleep_for(1s);
        nursery.start("second", [&log]() -> Task<void> {
          co_await sleep_for(1s);
          log.emplace_back("second");
        });
      });
      co_return kJoin;
    });
    log.emplace_back("after");
  });
  EXPECT_EQ(log, (Log{"second", "after"}));
}

Task<void> helper_that_starts(Nursery nursery, Log* log) {
  nursery.start("helper's", [log]() -> Task<void> {
    co_await yield();
    log->emplace_back("ran");
  });
  co_return;
}

TEST_F(NurseryTest, CanBePassedDown) {
  run([&]() -> Task<void> {
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      co_await helper_that_starts(nursery, &log);
      EXPECT_EQ(nursery.children(), 1U);
      co_return kJoin;
    });
  });
  EXPECT_EQ(log, Log{"ran"});
}

TEST_F(NurseryTest, AChildOfACancelledNurseryNeverBegins) {
  run([&]() -> Task<void> {
    const auto owned = std::make_shared<int>(1);
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.cancel();
      nursery.start("late", [&log = log, owned]() -> Task<void> {
        log.emplace_back("began");
        co_return;
      });
      EXPECT_EQ(owned.use_count(), 2);
      co_return kJoin;
    });
    EXPECT_EQ(owned.use_count(), 1);
  });
  EXPECT_TRUE(log.empty());
}

TEST_F(NurseryTest, ACancellationFromAroundReachesTheChildrenAndGoesOn) {
  run([&]() -> Task<void> {
    const auto body = [&]() -> Task<void> {
      co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
        nursery.start("child", [&]() -> Task<void> { co_await sleep_for(1h); });
        co_return kJoin;
      });
      log.emplace_back("never");
    };
    EXPECT_FALSE(co_await with_timeout(1s, body()));
  });
  EXPECT_TRUE(log.empty());
  EXPECT_EQ(now(), 1'000'000'000);
}

TEST_F(NurseryTest, FailuresAreNotLostWhenACancellationComesFromAround) {
  bool found = false;
  run([&]() -> Task<void> {
    const auto body = []() -> Task<void> {
      co_await with_nursery([](Nursery& nursery) -> Task<Join> {
        nursery.start("child", []() -> Task<void> {
          try {
            co_await sleep_for(1h);
          } catch (const Cancelled&) {  // replaced by an error: nothing to do
          }
          throw DeviceError("while cleaning up");
        });
        co_return kJoin;
      });
    };
    try {
      static_cast<void>(co_await with_timeout(1s, body()));
    } catch (const ExceptionGroup& group) {
      found = group.find<DeviceError>() != nullptr;
    }
  });
  EXPECT_TRUE(found);
}

TEST_F(NurseryTest, WhatAChildHeldIsGoneBeforeTheNurseryEnds) {
  run([&]() -> Task<void> {
    auto held = std::make_shared<int>(1);
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("holder", [copy = held]() -> Task<void> { co_await sleep_for(1s); });
      co_return kJoin;
    });
    EXPECT_EQ(held.use_count(), 1);
  });
}

TEST_F(NurseryTest, AClosureIsKeptWithItsCapturesForAsLongAsItsChildRuns) {
  std::weak_ptr<std::string> watched;
  run([&]() -> Task<void> {
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      {
        const auto text = std::make_shared<std::string>("captured");
        watched = text;
        const auto closure = [&log = log, text, copy = std::string("by value, and not short")]() -> Task<void> {
          co_await sleep_for(1s);
          log.push_back(*text + " " + copy);
        };
        nursery.start("child", closure);
      }
      EXPECT_FALSE(watched.expired());  // the block's closure has gone
      co_await sleep_for(2s);
      EXPECT_TRUE(watched.expired());  // with the child
      co_return kJoin;
    });
  });
  EXPECT_EQ(log, Log{"captured by value, and not short"});
}

TEST_F(NurseryTest, UsedAfterItsEndItThrowsAndNamesIt) {
  run([&]() -> Task<void> {
    std::optional<Nursery> kept;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      kept = nursery;
      co_return kJoin;
    });
    try {
      kept->start("late", fail_after(1s, "never"));
      ADD_FAILURE();
    } catch (const LogicError& error) {
      EXPECT_NE(std::string(error.what()).find("the nursery of task 'main'"), std::string::npos) << error.what();
    }
    // Also when its place is taken by another one.
    co_await with_nursery([&](Nursery& other) -> Task<Join> {
      EXPECT_THROW(kept->cancel(), LogicError);
      EXPECT_EQ(other.children(), 0U);
      co_return kJoin;
    });
  });
}

TEST_F(NurseryTest, AnotherThreadMayNotUseIt) {
  run([&]() -> Task<void> {
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      std::jthread([&] {
        EXPECT_THROW(nursery.start("alien", fail_after(1s, "never")), LogicError);
        EXPECT_THROW(nursery.cancel(), LogicError);
      }).join();
      co_return kJoin;
    });
  });
}

TEST_F(NurseryTest, AnEmptyTaskIsRefused) {
  run([&]() -> Task<void> {
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      Task<void> task = fail_after(1s, "never");
      const Task<void> taken = std::move(task);
      EXPECT_THROW(nursery.start("empty", std::move(task)), LogicError);  // NOLINT(bugprone-use-after-move)
      EXPECT_EQ(nursery.children(), 0U);
      co_return kJoin;
    });
  });
}

TEST_F(NurseryTest, OutsideOfATaskThereIsNone) {
  EXPECT_THROW(static_cast<void>(internal::NurseryState::open(std::source_location::current())), LogicError);
}

TEST_F(NurseryTest, TenThousandChildren) {
  int ended = 0;
  run([&]() -> Task<void> {
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      for (int i = 0; i < 10'000; ++i) {
        nursery.start("child", [&ended, i]() -> Task<void> {
          co_await sleep_for(std::chrono::milliseconds(i % 17));
          ++ended;
        });
      }
      co_return kJoin;
    });
  });
  EXPECT_EQ(ended, 10'000);
}

TEST_F(NurseryTest, InItsSteadyStateNothingIsAllocated) {
  if (TAKT_ADDRESS_SANITIZER) {
    GTEST_SKIP() << "frames are not recycled under AddressSanitizer";
  }
  run([&]() -> Task<void> {
    const auto round = []() -> Task<void> {
      co_await with_nursery([](Nursery& nursery) -> Task<Join> {
        for (int i = 0; i < 100; ++i) {
          nursery.start("child", []() -> Task<void> { co_await yield(); });
        }
        co_await yield();
        static_cast<void>(co_await with_timeout(1s, yield()));
        co_return kCancel;
      });
    };
    co_await round();
    const takt::testing::AllocationGuard guard;
    for (int i = 0; i < 10; ++i) {
      co_await round();
    }
    EXPECT_EQ(guard.count(), 0U);
  });
}

}  // namespace
}  // namespace takt::async
