#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "takt/async/tasks/clocks.hpp"
#include "takt/async/tasks/doorbell.hpp"
#include "takt/async/tasks/event.hpp"
#include "takt/async/tasks/every.hpp"
#include "takt/async/tasks/exception_group.hpp"
#include "takt/async/tasks/mutex.hpp"
#include "takt/async/tasks/test/primitives.hpp"

// What is used a moment too late, or from the wrong place: a LogicError, or it works; never undefined behaviour.

namespace takt::async {
namespace {

using namespace std::chrono_literals;

struct Opened {
  std::optional<Nursery> nursery;
  bool over{false};
};

Task<void> open_and_wait(Opened* opened, Event* go) {
  co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
    opened->nursery = nursery;
    nursery.start("first", [&]() -> Task<void> { co_await *go; });
    co_return kJoin;
  });
  opened->over = true;
}

// Woken by the same event as the nursery's last child, and right after it: that child has ended, but the nursery's task
// has not had its turn.
Task<void> start_another(Opened* opened, Event* go, bool* over_too_early) {
  co_await sleep_for(500ms);
  co_await *go;
  opened->nursery->start("second", [opened, over_too_early]() -> Task<void> {
    co_await sleep_for(1s);
    *over_too_early = opened->over;
  });
}

TEST(Lifetime, a_child_that_is_started_when_the_last_one_has_just_ended_is_waited_for) {
  Opened opened;
  Event go("go");
  bool over_too_early = false;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("opener", open_and_wait(&opened, &go));
    nursery.start("other", start_another(&opened, &go, &over_too_early));
    nursery.start("setter", [&]() -> Task<void> {
      co_await sleep_for(1s);
      go.set();
    });
    co_return kJoin;
  });
  EXPECT_TRUE(opened.over);
  EXPECT_FALSE(over_too_early);
}

TEST(Lifetime, a_nursery_handle_may_outlive_the_thread_of_its_loop) {
  std::optional<Nursery> kept;
  std::thread([&] {
    run_virtual([&](Nursery& nursery) -> Task<Join> {
      kept = nursery;
      co_return kJoin;
    });
  }).join();
  EXPECT_THROW(kept->cancel(), LogicError);
}

TEST(Lifetime, a_nursery_keeps_no_exception_after_its_end) {
  struct Held : Error {
    explicit Held(std::shared_ptr<int> held_resource) : Error("held"), resource(std::move(held_resource)) {}
    std::shared_ptr<int> resource;
  };
  auto resource = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = resource;
  EXPECT_THROW(run_virtual([&](Nursery& nursery) -> Task<Join> {
                 nursery.start("fails", [&]() -> Task<void> {
                   co_await yield();
                   throw Held(std::move(resource));
                 });
                 co_return kJoin;
               }),
               ExceptionGroup);
  EXPECT_TRUE(watched.expired());
}

TEST(Lifetime, a_doorbell_is_waited_for_on_its_own_loop_only) {
  run_virtual([&](Nursery&) -> Task<Join> {
    Doorbell bell("mine");
    EXPECT_NE(logic_error_of_await_on_another_thread(with_timeout(1s, bell.wait())), "");
    co_return kJoin;
  });
}

TEST(Lifetime, a_doorbell_of_a_loop_that_has_ended_is_refused_in_the_next) {
  std::optional<Doorbell> bell;
  run_virtual([&](Nursery&) -> Task<Join> {
    bell.emplace("old");
    co_return kJoin;
  });
  std::string error;
  run_virtual([&](Nursery&) -> Task<Join> {
    bell->ring();
    error = co_await logic_error_of_await(bell->wait());
    co_return kJoin;
  });
  EXPECT_TRUE(contains(error, "Doorbell 'old'")) << error;
}

TEST(Lifetime, an_event_is_looked_at_on_its_own_thread_only) {
  run_virtual([&](Nursery&) -> Task<Join> {
    const Event event("mine");
    EXPECT_FALSE(event.is_set());
    EXPECT_TRUE(contains(logic_error_on_another_thread([&] { static_cast<void>(event.is_set()); }), "'mine'"));
    co_return kJoin;
  });
}

TEST(Lifetime, a_scope_is_looked_at_on_its_own_thread_only) {
  run_virtual([&](Nursery&) -> Task<Join> {
    CancelScope scope;
    scope.cancel("a reason");
    EXPECT_TRUE(scope.cancel_requested());
    EXPECT_EQ(scope.reason(), "a reason");
    EXPECT_NE(logic_error_on_another_thread([&] { static_cast<void>(scope.cancel_requested()); }), "");
    EXPECT_NE(logic_error_on_another_thread([&] { static_cast<void>(scope.reason()); }), "");
    co_return kJoin;
  });
}

// The pool gives the second task the memory of the first.
TEST(Lifetime, a_task_is_not_taken_for_an_ended_one_that_locked_a_mutex) {
  Mutex mutex("shared");
  Mutex::Lock kept;
  bool locked = false;
  const auto take = [&]() -> Task<void> { kept = co_await mutex.lock(); };
  const auto wait = [&]() -> Task<void> {
    const Mutex::Lock lock = co_await mutex.lock();
    locked = lock.held();
  };
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("ends", take());
    co_await settle();
    nursery.start("waits", wait());
    co_await settle();
    EXPECT_FALSE(locked);
    kept.unlock();
    co_return kJoin;
  });
  EXPECT_TRUE(locked);
}

TEST(Lifetime, a_system_clock_that_nobody_sleeps_on_serves_another_thread) {
  SystemClock clock;
  const auto nap = [&]() -> Task<void> {
    co_await sleep_for(clock, 1ms);
    const bool woke = co_await with_timeout(1ms, sleep_for(clock, 1h));
    EXPECT_FALSE(woke);
  };
  EventLoop().run(nap());
  std::thread([&] { EventLoop().run(nap()); }).join();
  EventLoop().run(nap());
}

TEST(Lifetime, a_system_clock_that_somebody_sleeps_on_is_that_threads) {
  SystemClock clock;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("sleeper", [&]() -> Task<void> { co_await sleep_for(clock, 1h); });
    co_await settle();
    EXPECT_NE(logic_error_of_await_on_another_thread(sleep_for(clock, 1ms)), "");
    co_return kCancel;
  });
}

TEST(Lifetime, a_rhythm_of_the_loops_clock_goes_on_in_the_next_loop) {
  auto tick = every(1ms);
  for (int loops = 0; loops < 2; ++loops) {
    run_virtual([&](Nursery&) -> Task<Join> {
      co_await tick;
      co_return kJoin;
    });
  }
}

TEST(Lifetime, a_rhythm_begins_anew_in_the_next_loop) {
  auto tick = every(3ms);
  Tick now;
  for (const Duration before : {Duration(0), Duration(10ms)}) {
    run_virtual([&](Nursery&) -> Task<Join> {
      co_await sleep_for(before);
      now = co_await tick;
      EXPECT_EQ(now.deadline_ns, (before + 3ms).count());
      EXPECT_EQ(now.missed, 0U);
      co_return kJoin;
    });
  }
}

TEST(Lifetime, a_rhythm_whose_clock_has_gone_says_so_each_time) {
  auto clock = std::make_unique<ManualClock>();
  auto tick = every(*clock, 1s);
  std::string first;
  std::string second;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("waiter", [&]() -> Task<void> {
      first = co_await logic_error_of_await(tick.next());
      second = co_await logic_error_of_await(tick.next());
    });
    co_await settle();
    clock.reset();
    co_return kJoin;
  });
  EXPECT_NE(first, "");
  EXPECT_TRUE(contains(second, "clock was destroyed")) << second;
}

TEST(Lifetime, a_clock_may_go_when_a_tick_has_come_and_its_task_has_not_run) {
  auto clock = std::make_unique<ManualClock>();
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("ticked", [&]() -> Task<void> {
      auto tick = every(*clock, 1s);
      co_await tick;
    });
    nursery.start("owner", [&]() -> Task<void> {
      co_await settle();
      clock->advance(1s);
      clock.reset();
    });
    co_return kJoin;
  });
}

Task<void> nested(int depth, CancelScope* all) {
  if (depth == 0) {
    all->cancel("enough");
    co_await sleep_for(1h);
  } else {
    static_cast<void>(co_await with_timeout(2h, nested(depth - 1, all)));
  }
}

TEST(Lifetime, a_hundred_thousand_nested_scopes_are_cancelled) {  // dev: overflows the stack when it recurses
  run_virtual([&](Nursery&) -> Task<Join> {
    CancelScope all;
    const bool finished = co_await all.run(nested(100'000, &all));
    EXPECT_FALSE(finished);
    co_return kJoin;
  });
}

TEST(Lifetime, a_loop_that_is_cancelled_before_it_runs_begins_nothing) {
  EventLoop loop;
  loop.cancel("early");
  bool begun = false;
  EXPECT_THROW(loop.run([&]() -> Task<void> {
    begun = true;
    co_return;
  }()),
               Cancelled);
  EXPECT_FALSE(begun);
}

}  // namespace
}  // namespace takt::async
