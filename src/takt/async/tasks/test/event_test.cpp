#include "takt/async/tasks/event.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "takt/async/tasks/test/primitives.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

Task<void> note_when_set(Event* event, std::string name, std::vector<std::string>* order) {
  co_await *event;
  order->push_back(name);
}

TEST(EventTest, OnceSetItStaysSetUntilItIsCleared) {
  Event event("go");
  EXPECT_FALSE(event.is_set());
  event.set();
  event.set();
  EXPECT_TRUE(event.is_set());
  event.clear();
  event.clear();
  EXPECT_FALSE(event.is_set());
}

TEST(EventTest, WaitingForAnEventThatIsSetGoesOnWithoutLettingOthersRun) {
  Event event;
  event.set();
  bool other_ran = false;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("other", [&]() -> Task<void> {
      other_ran = true;
      co_return;
    });
    co_await event.wait();
    EXPECT_FALSE(other_ran);
    co_return kJoin;
  });
}

TEST(EventTest, SettingWakesEverybodyInTheOrderInWhichTheyCame) {
  Event event;
  std::vector<std::string> order;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    for (const char* name : {"a", "b", "c"}) {
      nursery.start(name, note_when_set(&event, name, &order));
    }
    co_await settle();
    EXPECT_TRUE(order.empty());
    event.set();
    EXPECT_TRUE(order.empty()) << "they run when the setter next waits";
    co_return kJoin;
  });
  EXPECT_EQ(order, (std::vector<std::string>{"a", "b", "c"}));
}

TEST(EventTest, AWokenTaskGoesOnEvenWhenTheEventIsClearedBeforeItRuns) {
  Event event;
  std::vector<std::string> order;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("early", note_when_set(&event, "early", &order));
    co_await settle();
    event.set();
    event.clear();
    nursery.start("late", note_when_set(&event, "late", &order));
    co_await settle();
    EXPECT_EQ(order, std::vector<std::string>{"early"});
    event.set();
    co_return kJoin;
  });
  EXPECT_EQ(order, (std::vector<std::string>{"early", "late"}));
}

TEST(EventTest, AWaiterThatIsCancelledInTheMiddleLeavesTheQueue) {
  Event event;
  CancelScope scope;
  std::vector<std::string> order;
  bool saw_it = true;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("a", note_when_set(&event, "a", &order));
    nursery.start("b", [&]() -> Task<void> { saw_it = co_await scope.run(event.wait()); });
    nursery.start("c", note_when_set(&event, "c", &order));
    co_await settle();
    scope.cancel("test");
    event.set();
    co_return kJoin;
  });
  EXPECT_FALSE(saw_it);
  EXPECT_EQ(order, (std::vector<std::string>{"a", "c"}));
}

// Whether a task saw the event that was set, and its scope cancelled, within one turn, in either order.
bool race(bool set_first) {
  Event event;
  CancelScope scope;
  bool saw_it = false;
  bool went_on = false;
  const auto inside = [&]() -> Task<void> {
    co_await event;
    saw_it = true;
    co_await checkpoint();
    went_on = true;
  };
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("waiter", [&]() -> Task<void> { static_cast<void>(co_await scope.run(inside())); });
    co_await settle();
    if (set_first) {
      event.set();
      scope.cancel("test");
    } else {
      scope.cancel("test");
      event.set();
    }
    co_return kJoin;
  });
  EXPECT_FALSE(went_on);
  return saw_it;
}

TEST(EventTest, SetBeforeTheCancellationItIsSeen) {
  EXPECT_TRUE(race(true));
}

TEST(EventTest, SetAfterTheCancellationItIsNot) {
  EXPECT_FALSE(race(false));
}

TEST(EventTest, ATimeoutAtTheInstantOfTheSetGivesOneAnswer) {
  Event early;
  Event late;
  bool saw_early = false;
  bool saw_late = true;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("setter", [&]() -> Task<void> {
      co_await sleep_for(1s);  // fires first, but the task runs after the deadline of the same instant
      early.set();
      late.set();
    });
    co_await settle();
    nursery.start("late", [&]() -> Task<void> { saw_late = co_await with_timeout(1s, late.wait()); });
    nursery.start("early", [&]() -> Task<void> { saw_early = co_await with_timeout(1s + 1ns, early.wait()); });
    co_return kJoin;
  });
  EXPECT_TRUE(saw_early);
  EXPECT_FALSE(saw_late) << "the deadline passed before the setter ran";
}

TEST(EventTest, DestroyedWhileTasksWaitItThrowsThere) {
  auto event = std::make_unique<Event>("short-lived");
  std::vector<std::string> texts;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    for (int i = 0; i < 2; ++i) {
      nursery.start("waiter", [&]() -> Task<void> {
        std::string text = co_await logic_error_of_await(event->wait());
        texts.push_back(std::move(text));
      });
    }
    co_await settle();
    event.reset();
    co_return kJoin;
  });
  ASSERT_EQ(texts.size(), 2U);
  for (const std::string& text : texts) {
    EXPECT_TRUE(contains(text, "main/waiter") && contains(text, "destroyed")) << text;
  }
}

TEST(EventTest, DestroyedAfterItWasSetItWasSeen) {
  auto event = std::make_unique<Event>();
  std::vector<std::string> order;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("waiter", note_when_set(event.get(), "waiter", &order));
    co_await settle();
    event->set();
    event.reset();
    co_return kJoin;
  });
  EXPECT_EQ(order, std::vector<std::string>{"waiter"});
}

TEST(EventTest, AnotherThreadIsRefusedByName) {
  Event event("mine");
  event.clear();
  EXPECT_TRUE(contains(logic_error_on_another_thread([&] { event.set(); }), "Event::set of 'mine'"));
  EXPECT_TRUE(contains(logic_error_on_another_thread([&] { event.clear(); }), "Event::clear of 'mine'"));
  EXPECT_TRUE(contains(logic_error_of_await_on_another_thread(event.wait()), "Event::wait of 'mine'"));
  EXPECT_FALSE(event.is_set());
}

#if defined(__clang__)  // there are GCCs that copy what is awaited by name, and so refuse this
TEST(EventTest, AwaitedTwiceAtOnceItIsRefused) {
  Event event("go");
  Event::Waiter waiter = event.wait();
  std::string text;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    nursery.start("first", [&]() -> Task<void> { co_await waiter; });
    nursery.start("second", [&]() -> Task<void> {
      try {
        co_await waiter;
      } catch (const LogicError& error) {
        text = error.what();
      }
    });
    co_await settle();
    event.set();
    co_return kJoin;
  });
  EXPECT_TRUE(contains(text, "Event 'go' was awaited twice, by task 'main/second'")) << text;
}
#endif

TEST(EventTest, ADeadlockNamesIt) {
  Event event("never");
  EventLoop loop(LoopTime::kVirtual);
  std::vector<std::string> ignored;
  try {
    loop.run(note_when_set(&event, "", &ignored));
    ADD_FAILURE() << "it ended";
  } catch (const Deadlock& deadlock) {
    EXPECT_TRUE(contains(deadlock.what(), "Event 'never'")) << deadlock.what();
  }
}

TEST(EventTest, SettingAndWaitingAllocateNothing) {
  Event event;
  int wakes = 0;
  std::uint64_t allocations = 1;
  run_virtual([&](Nursery& nursery) -> Task<Join> {
    for (int i = 0; i < 3; ++i) {
      nursery.start("waiter", [&]() -> Task<void> {
        while (true) {
          co_await event;
          ++wakes;
          event.clear();
        }
      });
    }
    co_await settle();
    const testing::AllocationGuard guard;
    for (int i = 0; i < 1000; ++i) {
      event.set();
      co_await yield();
    }
    allocations = guard.count();
    co_return kCancel;
  });
  EXPECT_EQ(allocations, 0U);
  EXPECT_EQ(wakes, 3000);
}

}  // namespace
}  // namespace takt::async
