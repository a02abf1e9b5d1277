#include "takt/async/tasks/wait.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

/// A device whose reply cannot be called back: withdraw() is false, the reply comes later.
class SlowReply final : public Awaitable<SlowReply> {
 public:
  explicit SlowReply(SlowReply** place) noexcept : place_(place) {}
  [[nodiscard]] static bool try_complete() noexcept { return false; }
  void arm() noexcept { *place_ = this; }
  [[nodiscard]] int result() const noexcept { return value_; }
  [[nodiscard]] std::string describe() const override { return "a slow reply"; }
  void reply(int value) noexcept {
    value_ = value;
    complete();
  }
  [[nodiscard]] bool asked_to_withdraw() const noexcept { return asked_; }

 private:
  bool withdraw() noexcept override {
    asked_ = true;
    return false;
  }
  SlowReply** place_;
  int value_{0};
  bool asked_{false};
};

/// A wait that cannot be arranged.
class Refused final : public Awaitable<Refused> {
 public:
  Refused() = default;
  [[nodiscard]] static bool try_complete() noexcept { return false; }
  void arm() { throw SystemError("refused", 13); }
  void result() const noexcept {}
  [[nodiscard]] std::string describe() const override { return "a refusal"; }

 private:
  bool withdraw() noexcept override { return true; }
};

TEST(WaitTest, AResultThatCannotBeWithdrawnStandsAfterACancellation) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = []() -> Task<void> {
    SlowReply* parked = nullptr;
    int got = 0;
    bool went_on = false;
    const auto body = [&](Nursery& nursery) -> Task<Join> {
      nursery.start("asker", [&]() -> Task<void> {
        got = co_await SlowReply(&parked);
        co_await checkpoint();
        went_on = true;
      });
      co_await yield();
      nursery.cancel();
      EXPECT_TRUE(parked->asked_to_withdraw());
      EXPECT_EQ(nursery.children(), 1U);
      parked->reply(7);
      co_return kJoin;
    };
    co_await with_nursery(body);
    EXPECT_EQ(got, 7);
    EXPECT_FALSE(went_on);
  };
  loop.run(app());
}

TEST(WaitTest, AWaitThatCannotBeArrangedThrowsAndTheTaskGoesOn) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = []() -> Task<void> {
    bool refused = false;
    try {
      co_await Refused();
    } catch (const SystemError&) {
      refused = true;
    }
    EXPECT_TRUE(refused);
    co_await sleep_for(1s);
  };
  loop.run(app());
}

TEST(WaitTest, WhatIsDestroyedWhileATaskWaitsForItIsALogicErrorThere) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = []() -> Task<void> {
    auto event = std::make_unique<Event>("short-lived");
    const auto body = [&](Nursery& nursery) -> Task<Join> {
      nursery.start("waiter", [&]() -> Task<void> { co_await *event; });
      co_await yield();
      event.reset();
      co_return kJoin;
    };
    co_await with_nursery(body);
  };
  try {
    loop.run(app());
    ADD_FAILURE();
  } catch (const ExceptionGroup& group) {
    EXPECT_NE(group.find<LogicError>(), nullptr);
    EXPECT_NE(std::string(group.what()).find("waiter"), std::string::npos) << group.what();
  }
}

TEST(WaitTest, AwaitedTwiceAtOnceIsALogicError) {
  EventLoop loop(LoopTime::kVirtual);
  const auto app = []() -> Task<void> {
    Event event("shared");
    Event::Waiter waiter = event.wait();
    const auto body = [&](Nursery& nursery) -> Task<Join> {
      nursery.start("first", [&]() -> Task<void> { co_await waiter; });
      nursery.start("second", [&]() -> Task<void> { co_await waiter; });
      co_return kJoin;
    };
    co_await with_nursery(body);
  };
  try {
    loop.run(app());
    ADD_FAILURE();
  } catch (const ExceptionGroup& group) {
    EXPECT_NE(std::string(group.what()).find("Event 'shared' was awaited twice, by task 'main/second'"),
              std::string::npos)
        << group.what();
  }
}

TEST(WaitTest, CancellingTheWaiterInTheMiddleOfAQueueLeavesTheOthers) {
  EventLoop loop(LoopTime::kVirtual);
  int woken = 0;
  const auto app = [&]() -> Task<void> {
    Event event;
    CancelScope middle;
    const auto body = [&](Nursery& nursery) -> Task<Join> {
      const auto waiter = [&]() -> Task<void> {
        co_await event;
        ++woken;
      };
      nursery.start("a", waiter);
      nursery.start("b", [&]() -> Task<void> { EXPECT_FALSE(co_await middle.run(event.wait())); });
      nursery.start("c", waiter);
      co_await yield();
      middle.cancel("test");
      co_await yield();
      event.set();
      co_return kJoin;
    };
    co_await with_nursery(body);
  };
  loop.run(app());
  EXPECT_EQ(woken, 2);
}

}  // namespace
}  // namespace takt::async
