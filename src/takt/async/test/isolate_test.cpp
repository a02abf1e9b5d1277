#include "takt/async/isolate.hpp"

#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/async/test/isolate_device.hpp"
#include "takt/async/test/isolate_helpers.hpp"

namespace takt::async {

using namespace internal;

using namespace std::chrono_literals;

namespace {

TEST(IsolateTest, AnObjectInAnotherProcessIsCalledLikeOneHere) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate(make_device, 100);
    const Reading reading = co_await device.call<&Device::read>(Reading{7, "seven"});
    EXPECT_EQ(reading, (Reading{107, "seven"}));
    EXPECT_NE(device.process(), getpid());
    co_await device.stop();
  });
}

TEST(IsolateTest, ConcurrentCallsAreMadeInOrderAndNeverSwapAnswers) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate([](int offset) { return std::make_unique<Device>(offset); }, 0);
    std::vector<int> order;
    const auto ask = [&](int number) -> Task<void> {
      const Reading reading = co_await device.call<&Device::read>(Reading{number, std::to_string(number)});
      EXPECT_EQ(reading, (Reading{number, std::to_string(number)}));
      order.push_back(number);
    };
    std::vector<int> asked;
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      for (int number = 0; number < 200; ++number) {
        asked.push_back(number);
        nursery.start("ask", ask(number));
      }
      co_return kJoin;
    });
    EXPECT_EQ(order, asked);
    co_await device.stop();
  });
}

TEST(IsolateTest, SeveralObjectsWorkSideBySide) {
  run_on_loop([]() -> Task<void> {
    auto first = co_await isolate(make_device, 1);
    auto second = co_await isolate(make_device, 2);
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      const auto count = [](Isolated<Device>& device) -> Task<void> {
        for (int turn = 1; turn <= 50; ++turn) {
          EXPECT_EQ(co_await device.call<&Device::next>(), turn);
        }
      };
      nursery.start("first", count(first));
      nursery.start("second", count(second));
      co_return kJoin;
    });
    EXPECT_NE(first.process(), second.process());
  });
}

TEST(IsolateTest, AnExceptionArrivesWithTypeNameAndTextAndTheObjectLivesOn) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate(make_device, 0);
    try {
      co_await device.call<&Device::fail>(std::string("12 is out of range"));
      ADD_FAILURE() << "it threw there";
    } catch (const IsolatedError& error) {
      EXPECT_EQ(error.type_name(), "std::out_of_range");
      EXPECT_EQ(error.text(), "12 is out of range");
      EXPECT_TRUE(contains(error.what(), "'Device'"));  // named after its type
    }
    EXPECT_EQ(co_await device.call<&Device::next>(), 1);
  });
}

TEST(IsolateTest, AFactoryThatThrowsFailsIsolateItself) {
  run_on_loop([]() -> Task<void> {
    try {
      const auto device = co_await isolate([](int) -> Device { throw std::runtime_error("no such port"); }, 1);
      ADD_FAILURE() << "the factory threw";
    } catch (const IsolatedError& error) {
      EXPECT_EQ(error.text(), "no such port");
    }
  });
}

TEST(IsolateTest, ACrashIsAnErrorOfTheRunningCallOfThoseThatWaitAndOfLaterOnes) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate({.name = "camera"}, make_device, 0);
    int crashes = 0;
    const auto expect_crash = [&](auto call) -> Task<void> {
      try {
        co_await std::move(call);
        ADD_FAILURE() << "the child is dead";
      } catch (const ChildCrashed& error) {
        EXPECT_EQ(error.signal(), SIGSEGV);
        EXPECT_TRUE(contains(error.what(), "SIGSEGV"));
        EXPECT_TRUE(contains(error.what(), "'camera'"));
        ++crashes;
      }
    };
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("crashing", expect_crash(device.call<&Device::fault>()));
      nursery.start("waiting", expect_crash(device.call<&Device::next>()));
      co_return kJoin;
    });
    co_await expect_crash(device.call<&Device::next>());
    co_await expect_crash(device.stop());
    EXPECT_EQ(crashes, 4);
  });
}

TEST(IsolateTest, ADeathBetweenCallsIsAnErrorOfTheNext) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate(make_device, 0);
    const core::FileDescriptor watched = watch_process(device.process());
    kill(device.process(), SIGKILL);
    EXPECT_TRUE(ends(watched));
    EXPECT_THROW(co_await device.call<&Device::next>(), ChildCrashed);
    EXPECT_THROW(co_await device.call<&Device::next>(), ChildCrashed);
  });
}

TEST(IsolateTest, AnExitCodeIsKept) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate(make_device, 0);
    try {
      co_await device.call<&Device::leave>(5);
      ADD_FAILURE() << "it left";
    } catch (const ChildCrashed& error) {
      EXPECT_EQ(error.exit_code(), 5);
    }
  });
}

TEST(IsolateTest, TheLoopTurnsWhileTheChildComputes) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate(make_device, 0);
    int turns = 0;
    bool done = false;
    const auto work = [&]() -> Task<void> {
      EXPECT_EQ(co_await device.call<&Device::next_slowly>(), 1);
      done = true;
    };
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("work", work());
      while (!done) {
        co_await sleep_for(100us);
        ++turns;
      }
      co_return kJoin;
    });
    EXPECT_GE(turns, 1);
  });
}

}  // namespace
}  // namespace takt::async
