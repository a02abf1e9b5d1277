#include "takt/async/asio/asio_context.hpp"

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "takt/async/asio/use_task.hpp"
#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/internal/loop_state.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"

namespace takt::async {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

TEST(AsioContextTest, ThereIsOnePerLoopAndItStays) {
  EventLoop loop;
  const auto context_of_run = []() -> Task<asio::io_context*> {
    EXPECT_EQ(&asio_context(), &asio_context());
    co_return &asio_context();
  };
  asio::io_context* first = loop.run(context_of_run());
  EXPECT_EQ(loop.run(context_of_run()), first);
}

TEST(AsioContextTest, OutsideOfATaskItIsALogicError) {
  EXPECT_THROW(static_cast<void>(asio_context()), LogicError);
}

class OtherReactor final : public internal::Reactor {
 public:
  void poll() noexcept override {}
  bool wait(core::Nanoseconds /*deadline_ns*/) noexcept override { return true; }
};

TEST(AsioContextTest, BesideAnotherReactorItIsALogicError) {
  EventLoop loop;
  loop.state().reactor = std::make_unique<OtherReactor>();
  EXPECT_THROW(loop.run([]() -> Task<void> {
    static_cast<void>(asio_context());
    co_return;
  }()),
               LogicError);
}

TEST(AsioContextTest, TimersOfTheLoopKeepTheirOrderWhileItWaitsInAsio) {
  EventLoop loop;
  std::vector<int> order;
  loop.run([](std::vector<int>* out) -> Task<void> {
    static_cast<void>(asio_context());
    const core::Nanoseconds begin_ns = this_loop().clock().now_ns();
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      for (const int number : {5, 2, 4, 1, 3}) {
        nursery.start("sleeper", [out, number, begin_ns]() -> Task<void> {
          co_await sleep_until(begin_ns + number * 3'000'000);
          out->push_back(number);
        });
      }
      co_return kJoin;
    });
  }(&order));
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3, 4, 5}));
}

TEST(AsioContextTest, ASleepIsNeverShorterThanAskedFor) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    static_cast<void>(asio_context());
    for (const Duration duration : {1ns, 999ns, 50'001ns, 1'000'001ns, 3'999'999ns}) {
      const core::Nanoseconds begin_ns = core::monotonic_now_ns();
      co_await sleep_for(duration);
      EXPECT_GE(core::monotonic_now_ns() - begin_ns, duration.count());
    }
  }());
}

TEST(AsioContextTest, ADeadlineThatGoesAwayHidesNoOther) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    for (const Duration limit : {Duration(3ms), Duration(1h)}) {
      asio::steady_timer soon(asio_context(), 1ms);
      static_cast<void>(co_await with_timeout(limit, soon.async_wait(use_task)));  // its alarm stays
      EXPECT_FALSE(co_await with_timeout(10ms, sleep_for(1h)));
      EXPECT_FALSE(co_await with_timeout(1ms, sleep_for(1h)));
    }
  }());
}

TEST(AsioContextTest, AsiosTimersAndTheLoopsOwnTakeTurns) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    int asio_rounds = 0;
    int own_rounds = 0;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("asio", [&]() -> Task<void> {
        asio::steady_timer timer(asio_context());
        for (; asio_rounds < 20; ++asio_rounds) {
          const auto due = std::chrono::steady_clock::now() + 1ms;
          timer.expires_at(due);
          co_await timer.async_wait(use_task);
          EXPECT_GE(std::chrono::steady_clock::now(), due);
        }
      });
      for (; own_rounds < 20; ++own_rounds) {
        co_await sleep_for(1'300us);
      }
      co_return kJoin;
    });
    EXPECT_EQ(asio_rounds + own_rounds, 40);
  }());
}

TEST(AsioContextTest, HandlersOfOnesOwnRunBetweenTasks) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    Event posted("posted");
    asio::post(asio_context(), [&] { posted.set(); });
    co_await posted;
    bool ran = false;
    asio::post(asio_context(), [&] { ran = true; });
    while (!ran) {
      co_await yield();  // also when the loop never sleeps
    }
  }());
}

TEST(AsioContextTest, AHandlerThatPostsItselfForEverDoesNotStopTheLoop) {
  EventLoop loop;
  int rounds = 0;
  loop.run([](int* out) -> Task<void> {
    struct Again {
      asio::io_context* context;
      int* rounds;
      void operator()() const {
        ++*rounds;
        asio::post(*context, *this);
      }
    };
    asio::post(asio_context(), Again{&asio_context(), out});
    co_await sleep_for(2ms);
    co_await yield();
  }(&rounds));
  EXPECT_GT(rounds, 0);
}

TEST(AsioContextTest, AContextThatWasStoppedGoesOn) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    asio_context().stop();
    co_await asio::post(asio_context(), use_task);
    asio_context().stop();
    co_await sleep_for(1ms);
    asio::steady_timer timer(asio_context(), 1ms);
    co_await timer.async_wait(use_task);
  }());
}

/// What another part of async does: waits for a descriptor with the loop's own epoll.
class OneRead final : public Awaitable<OneRead>, private internal::IoWatch {
 public:
  explicit OneRead(int descriptor) : descriptor_(descriptor) {}
  OneRead(OneRead&&) = delete;
  static bool try_complete() { return false; }
  void arm() {
    ++internal::this_loop_state("a read").outside_waits;
    watch(descriptor_, EPOLLIN);
  }
  char result() {
    --internal::this_loop_state("a read").outside_waits;
    char byte = 0;
    EXPECT_EQ(read(descriptor_, &byte, 1), 1);
    return byte;
  }
  std::string describe() const override { return "a read"; }

 private:
  bool withdraw() noexcept override {
    unwatch();
    return true;
  }
  void ready(std::uint32_t /*events*/) noexcept override {
    unwatch();
    complete();
  }
  int descriptor_;
};

TEST(AsioContextTest, DescriptorsOfTheLoopWakeItInsideAsio) {
  EventLoop loop;
  loop.run([]() -> Task<void> {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe(ends.data()), 0);
    asio::steady_timer timer(asio_context(), 2ms);
    timer.async_wait([&](const boost::system::error_code&) { EXPECT_EQ(write(ends[1], "x", 1), 1); });
    OneRead read_one(ends[0]);
    EXPECT_EQ(co_await read_one, 'x');
    close(ends[0]);
    close(ends[1]);
  }());
}

TEST(AsioContextTest, WhatIsLeftUndoneEndsWithTheLoop) {
  auto token = std::make_shared<int>(0);
  const std::weak_ptr<int> alive = token;
  {
    EventLoop loop;
    loop.run([](std::shared_ptr<int> kept) -> Task<void> {
      auto timer = std::make_shared<asio::steady_timer>(asio_context(), 1h);
      timer->async_wait([timer, kept](const boost::system::error_code&) { ADD_FAILURE() << "it was called"; });
      co_return;
    }(std::move(token)));
    EXPECT_FALSE(alive.expired());
  }
  EXPECT_TRUE(alive.expired());
}

TEST(AsioContextTest, VirtualTimeJumpsWhenNoOperationIsComplete) {
  EventLoop loop(LoopTime::kVirtual);
  loop.run([]() -> Task<void> {
    asio::steady_timer never(asio_context(), 1h);
    EXPECT_FALSE(co_await with_timeout(1h, never.async_wait(use_task)));
    EXPECT_EQ(this_loop().clock().now_ns(), std::chrono::nanoseconds(1h).count());
    asio::steady_timer soon(asio_context(), 1ms);
    co_await soon.async_wait(use_task);  // no deadline: it is waited for
    EXPECT_EQ(this_loop().clock().now_ns(), std::chrono::nanoseconds(1h).count());
  }());
}

TEST(AsioContextTest, ADeadlockIsFoundWithAsioAttached) {
  EventLoop loop(LoopTime::kVirtual);
  EXPECT_THROW(loop.run([]() -> Task<void> {
    co_await asio::post(asio_context(), use_task);
    Event never("never");
    co_await never;
  }()),
               Deadlock);
}

}  // namespace
}  // namespace takt::async
