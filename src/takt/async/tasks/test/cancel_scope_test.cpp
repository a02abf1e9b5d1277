#include "takt/async/tasks/cancel_scope.hpp"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/async/tasks/event.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

class CancelScopeTest : public testing::Test {
 protected:
  template <class F>
  auto run(F app) {
    return loop.run(app());
  }
  [[nodiscard]] core::Nanoseconds now() { return loop.clock().now_ns(); }

  EventLoop loop{LoopTime::kVirtual};
};

Task<int> seven_after(Duration duration) {
  co_await sleep_for(duration);
  co_return 7;
}

TEST_F(CancelScopeTest, WithTimeoutGivesTheValueInTime) {
  const auto value = run([]() -> Task<std::optional<int>> { co_return co_await with_timeout(2s, seven_after(1s)); });
  EXPECT_EQ(value, 7);
  EXPECT_EQ(now(), 1'000'000'000);
}

TEST_F(CancelScopeTest, WithTimeoutGivesNothingWhenItTakesLonger) {
  const auto value = run([]() -> Task<std::optional<int>> { co_return co_await with_timeout(1s, seven_after(2s)); });
  EXPECT_EQ(value, std::nullopt);
  EXPECT_EQ(now(), 1'000'000'000);
}

TEST_F(CancelScopeTest, WithTimeoutOfAWaitSaysWhetherItCame) {
  run([]() -> Task<void> {
    Event event;
    EXPECT_FALSE(co_await with_timeout(1s, event.wait()));
    event.set();
    EXPECT_TRUE(co_await with_timeout(1s, event.wait()));
  });
}

TEST_F(CancelScopeTest, ATimeoutOfZeroStillLetsWhatIsReadyThrough) {
  run([]() -> Task<void> {
    Event event;
    event.set();
    EXPECT_TRUE(co_await with_timeout(0s, event.wait()));
    EXPECT_FALSE(co_await with_timeout(0s, sleep_for(1s)));
  });
}

TEST_F(CancelScopeTest, ATimeoutLongerThanTimeNeverComes) {
  EXPECT_TRUE(run([]() -> Task<bool> { co_return co_await with_timeout(Duration::max(), sleep_for(1s)); }));
}

TEST_F(CancelScopeTest, EachOfTwoNestedTimeoutsIsToldFromTheOther) {
  run([]() -> Task<void> {
    const auto inner = [](Duration limit) -> Task<int> {
      co_return co_await with_timeout(limit, sleep_for(10s)) ? 1 : 2;
    };
    const auto outer_is_shorter = co_await with_timeout(1s, inner(5s));
    EXPECT_EQ(outer_is_shorter, std::nullopt);
    const auto inner_is_shorter = co_await with_timeout(5s, inner(1s));
    EXPECT_EQ(inner_is_shorter, 2);
  });
}

TEST_F(CancelScopeTest, AResultThatCanSayNothingIsGivenAsItIsAndTheScopeSaysWhy) {
  run([]() -> Task<void> {
    const auto end_of_file = []() -> Task<std::optional<int>> { co_return std::nullopt; };
    EXPECT_EQ(co_await with_timeout(1s, end_of_file()), std::nullopt);
    const auto closed = []() -> Task<bool> { co_return false; };
    EXPECT_FALSE(co_await with_timeout(1s, closed()));
    CancelScope ended;
    EXPECT_EQ(co_await ended.run(end_of_file()), std::nullopt);
    EXPECT_FALSE(ended.cancel_requested());
    CancelScope timed_out({.deadline_after = 1s});
    EXPECT_FALSE(co_await timed_out.run(sleep_for(2s)));
    EXPECT_TRUE(timed_out.cancel_requested());
  });
}

TEST_F(CancelScopeTest, BothDeadlinesAtOnceBelongToTheOuterScope) {
  run([]() -> Task<void> {
    const auto inner = []() -> Task<int> { co_return co_await with_timeout(1s, sleep_for(10s)) ? 1 : 2; };
    EXPECT_EQ(co_await with_timeout(1s, inner()), std::nullopt);
  });
}

TEST_F(CancelScopeTest, EveryAwaitInACancelledScopeThrowsNotOnlyTheFirst) {
  int thrown = 0;
  run([&]() -> Task<void> {
    const auto stubborn = [&]() -> Task<void> {
      for (int i = 0; i < 3; ++i) {
        try {
          co_await sleep_for(1s);
        } catch (const Cancelled&) {  // what must not be done
          ++thrown;
        }
      }
      co_await sleep_for(1s);
    };
    CancelScope scope;
    scope.cancel("test");
    EXPECT_FALSE(co_await scope.run(stubborn()));
  });
  EXPECT_EQ(thrown, 3);
  EXPECT_EQ(now(), 0);
  EXPECT_EQ(loop.statistics().swallowed_cancellations, 1U);
  EXPECT_EQ(loop.statistics().last_swallower, "main");
}

TEST_F(CancelScopeTest, ATaskThatSwallowsCancellationDoesNotStopTheOthers) {
  int turns = 0;
  run([&]() -> Task<void> {
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      CancelScope scope;
      nursery.start("other", [&]() -> Task<void> {
        for (; turns < 10; ++turns) {
          co_await yield();
        }
      });
      const auto stubborn = [&]() -> Task<void> {
        while (turns < 10) {
          try {
            co_await sleep_for(1s);
          } catch (...) {  // what must not be done: nothing to do
          }
        }
      };
      scope.cancel("test");
      EXPECT_TRUE(co_await scope.run(stubborn()));
      co_return kJoin;
    });
  });
  EXPECT_EQ(turns, 10);
}

TEST_F(CancelScopeTest, ATaskThatEndsNormallyAlthoughItWasCancelledIsReportedByName) {
  run([&]() -> Task<void> {
    co_await with_nursery([](Nursery& nursery) -> Task<Join> {
      nursery.start("glutton", []() -> Task<void> {
        try {
          co_await sleep_for(1s);
        } catch (...) {  // what must not be done: nothing to do
        }
      });
      co_await yield();
      co_return kCancel;
    });
  });
  EXPECT_EQ(loop.statistics().swallowed_cancellations, 1U);
  EXPECT_EQ(loop.statistics().last_swallower, "main/glutton");
}

TEST_F(CancelScopeTest, ACancellationThatEndsWhereItShouldIsNotReported) {
  run([&]() -> Task<void> {
    EXPECT_FALSE(co_await with_timeout(1s, sleep_for(2s)));
    EXPECT_EQ(co_await with_timeout(1s, shielded(100ms, sleep_for(5s))), false);
    const auto body = [](Nursery& nursery) -> Task<Join> {
      nursery.start("child", []() -> Task<void> { co_await sleep_for(1h); });
      co_await sleep_for(1s);
      co_return kCancel;
    };
    co_await with_nursery(body);
  });
  EXPECT_EQ(loop.statistics().swallowed_cancellations, 0U);
}

TEST_F(CancelScopeTest, TheReasonIsKept) {
  run([]() -> Task<void> {
    CancelScope scope;
    EXPECT_EQ(scope.reason(), "");
    scope.cancel("the operator said so");
    scope.cancel("later");
    const auto ask = []() -> Task<std::string> { co_return std::string(cancel_reason()); };
    EXPECT_EQ(co_await scope.run(ask()), "the operator said so");
    EXPECT_EQ(scope.reason(), "the operator said so");
    EXPECT_EQ(cancel_reason(), "");
  });
}

TEST_F(CancelScopeTest, ADeadlineIsAReason) {
  run([]() -> Task<void> {
    CancelScope scope({.deadline_after = 1s});
    EXPECT_FALSE(co_await scope.run(sleep_for(2s)));
    EXPECT_EQ(scope.reason(), "its deadline passed");
  });
}

TEST_F(CancelScopeTest, AResultThatWasDeliveredWinsOverALaterCancellation) {
  run([]() -> Task<void> {
    Event event;
    CancelScope scope;
    std::vector<std::string> log;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("waiter", [&]() -> Task<void> {
        const auto wait_then_sleep = [&]() -> Task<void> {
          co_await event;
          log.emplace_back("event");
          co_await sleep_for(1s);
          log.emplace_back("slept");
        };
        EXPECT_FALSE(co_await scope.run(wait_then_sleep()));
      });
      co_await yield();
      event.set();
      scope.cancel("a moment later");
      co_return kJoin;
    });
    EXPECT_EQ(log, std::vector<std::string>{"event"});
  });
}

TEST_F(CancelScopeTest, ACancellationBeforeTheResultWins) {
  run([]() -> Task<void> {
    Event event;
    CancelScope scope;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("waiter", [&]() -> Task<void> { EXPECT_FALSE(co_await scope.run(event.wait())); });
      co_await yield();
      scope.cancel("first");
      event.set();
      co_return kJoin;
    });
  });
}

TEST_F(CancelScopeTest, ACancelledScopeAroundPassesThroughAnInnerOne) {
  run([]() -> Task<void> {
    CancelScope outer;
    bool inner_returned = false;
    const auto body = [&]() -> Task<void> {
      CancelScope inner;
      inner.cancel("inner");
      outer.cancel("outer");
      static_cast<void>(co_await inner.run(sleep_for(1s)));
      inner_returned = true;
    };
    EXPECT_FALSE(co_await outer.run(body()));
    EXPECT_FALSE(inner_returned);
  });
}

TEST_F(CancelScopeTest, ShieldedWorkGoesOnAndTheNextAwaitThrows) {
  std::vector<std::string> log;
  run([&]() -> Task<void> {
    const auto body = [&]() -> Task<void> {
      EXPECT_TRUE(co_await shielded(10s, sleep_for(3s)));
      log.emplace_back("cleaned up");
      co_await sleep_for(1s);
      log.emplace_back("never");
    };
    EXPECT_FALSE(co_await with_timeout(1s, body()));
  });
  EXPECT_EQ(log, std::vector<std::string>{"cleaned up"});
  EXPECT_EQ(now(), 3'000'000'000);
}

TEST_F(CancelScopeTest, AShieldHasALimit) {
  run([]() -> Task<void> {
    const auto body = []() -> Task<void> { EXPECT_FALSE(co_await shielded(3s, sleep_for(1h))); };
    EXPECT_FALSE(co_await with_timeout(1s, [&]() -> Task<void> {
      co_await body();
      co_await checkpoint();
    }()));
  });
  EXPECT_EQ(now(), 3'000'000'000);
}

TEST_F(CancelScopeTest, WithCleanupRunsTheCleanupHoweverTheTaskEnded) {
  int cleaned = 0;
  const auto cleanup = [&]() -> Task<void> {
    co_await sleep_for(1s);
    ++cleaned;
  };
  run([&]() -> Task<void> {
    EXPECT_EQ(co_await with_cleanup(seven_after(1s), 2s, cleanup), 7);
    EXPECT_EQ(cleaned, 1);
    EXPECT_EQ(co_await with_timeout(1s, with_cleanup(seven_after(1h), 2s, cleanup)), std::nullopt);
    EXPECT_EQ(cleaned, 2);
    const auto fails = []() -> Task<void> {
      co_await yield();
      throw DeviceError("no answer");
    };
    bool thrown = false;
    try {
      co_await with_cleanup(fails(), 2s, cleanup);
    } catch (const DeviceError&) {
      thrown = true;
    }
    EXPECT_TRUE(thrown);
  });
  EXPECT_EQ(cleaned, 3);
  EXPECT_EQ(loop.statistics().swallowed_cancellations, 0U);
}

TEST_F(CancelScopeTest, ARealErrorIsNeverTakenForACancellation) {
  run([]() -> Task<void> {
    CancelScope scope;
    const auto body = [&]() -> Task<void> {
      scope.cancel("and then it fails");
      throw DeviceError("no answer");
      co_return;
    };
    bool thrown = false;
    try {
      static_cast<void>(co_await scope.run(body()));
    } catch (const DeviceError&) {
      thrown = true;
    }
    EXPECT_TRUE(thrown);
  });
}

TEST_F(CancelScopeTest, AScopeRunsOnce) {
  run([]() -> Task<void> {
    CancelScope scope;
    EXPECT_TRUE(co_await scope.run(sleep_for(1s)));
    bool thrown = false;
    try {
      static_cast<void>(co_await scope.run(sleep_for(1s)));
    } catch (const LogicError&) {
      thrown = true;
    }
    EXPECT_TRUE(thrown);
  });
}

TEST_F(CancelScopeTest, AnotherThreadMayNotCancelAScope) {
  run([]() -> Task<void> {
    CancelScope scope;
    std::jthread([&] { EXPECT_THROW(scope.cancel("from elsewhere"), LogicError); }).join();
    co_return;
  });
}

TEST_F(CancelScopeTest, CancelledThrownByHandIsAnError) {
  run([]() -> Task<void> {
    bool failed = false;
    try {
      co_await with_nursery([](Nursery& nursery) -> Task<Join> {
        nursery.start("liar", []() -> Task<void> {
          throw Cancelled();
          co_return;
        });
        co_return kJoin;
      });
    } catch (const ExceptionGroup& group) {
      failed = group.find<LogicError>() != nullptr;
    }
    EXPECT_TRUE(failed);
  });
}

}  // namespace
}  // namespace takt::async
