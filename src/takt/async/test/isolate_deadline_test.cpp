#include <memory>
#include <optional>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/async/isolate.hpp"
#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/async/test/isolate_device.hpp"
#include "takt/async/test/isolate_helpers.hpp"

namespace takt::async {

using namespace internal;

using namespace std::chrono_literals;

namespace {

TEST(IsolateDeadlineTest, AHungChildIsKilledAtTheCallsDeadline) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate(make_device, 0);
    const core::FileDescriptor watched = watch_process(device.process());
    EXPECT_THROW(co_await device.call<&Device::hang>({.deadline = 20ms}), ChildHung);
    EXPECT_TRUE(ends(watched));
    EXPECT_THROW(co_await device.call<&Device::next>(), ChildHung);
  });
}

TEST(IsolateDeadlineTest, ADeadlineCountsFromWhenTheChildHasTheCall) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate(make_device, 0);
    const auto ask = [&]() -> Task<void> {
      EXPECT_GT(co_await device.call<&Device::next_slowly>({.deadline = 20s}), 0);
    };
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      for (int call = 0; call < 5; ++call) {
        nursery.start("ask", ask());
      }
      co_return kJoin;
    });
    EXPECT_EQ(co_await device.call<&Device::count>(), 5);
  });
}

TEST(IsolateDeadlineTest, ACancelledCallThatWaitsNeverReachesTheChild) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate(make_device, 0);
    const auto slow = [&]() -> Task<void> { EXPECT_EQ(co_await device.call<&Device::next_slowly>(), 1); };
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("slow", slow());
      co_await yield();
      const auto none = co_await with_timeout(0s, device.call<&Device::next>());
      EXPECT_FALSE(none);
      co_return kJoin;
    });
    EXPECT_EQ(co_await device.call<&Device::count>(), 1);
  });
}

TEST(IsolateDeadlineTest, ACancelledCallThatRunsKeepsItsAnswer) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate({.grace = 20s}, make_device, 0);
    const auto answer = co_await with_timeout(0s, device.call<&Device::next_slowly>());
    EXPECT_EQ(answer, 1);
    EXPECT_EQ(co_await device.call<&Device::count>(), 1);
  });
}

TEST(IsolateDeadlineTest, ACancelledCallThatDoesNotEndIsGivenUpAfterItsGrace) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate({.grace = 10ms}, make_device, 0);
    const bool finished = co_await with_timeout(1ms, device.call<&Device::hang>());
    EXPECT_FALSE(finished);  // Cancelled, and the scope took it
    EXPECT_THROW(co_await device.call<&Device::next>(), ChildHung);
  });
}

TEST(IsolateDeadlineTest, AFactoryThatHangsIsLimitedByATimeoutAround) {
  run_on_loop([]() -> Task<void> {
    const std::vector<int> before = open_descriptors();
    const auto factory = [](int offset) {
      Device device(offset);
      device.hang();
      return device;
    };
    const auto device = co_await with_timeout(1ms, isolate({.grace = 1ms}, factory, 0));
    EXPECT_FALSE(device);
    EXPECT_EQ(open_descriptors(), before);
  });
}

TEST(IsolateDeadlineTest, StoppingAChildThatHangsKillsItAfterItsGrace) {
  struct Sticky {
    ~Sticky() {
      while (true) {
        pause();
      }
    }
    int value{0};
  };
  run_on_loop([]() -> Task<void> {
    auto sticky = co_await isolate({.grace = 10ms}, [] { return std::make_unique<Sticky>(); });
    const core::FileDescriptor watched = watch_process(sticky.process());
    EXPECT_THROW(co_await sticky.stop(), ChildHung);
    EXPECT_TRUE(ends(watched));
  });
}

// --- virtual time stands still while a child works: its deadlines are real time -------------------------------------

TEST(IsolateDeadlineTest, OnVirtualTimeAHungChildIsKilledAtTheCallsDeadline) {
  run_on_loop(
      []() -> Task<void> {
        auto device = co_await isolate(make_device, 0);
        co_await sleep_for(1h);
        EXPECT_EQ(co_await device.call<&Device::next>({.deadline = 1h}), 1);  // the timer is set for later
        EXPECT_THROW(co_await device.call<&Device::hang>({.deadline = 20ms}), ChildHung);
      },
      LoopTime::kVirtual);
}

TEST(IsolateDeadlineTest, OnVirtualTimeACancelledCallIsGivenUpAfterItsGrace) {
  run_on_loop(
      []() -> Task<void> {
        auto device = co_await isolate({.grace = 10ms}, make_device, 0);
        EXPECT_FALSE(co_await with_timeout(0s, device.call<&Device::hang>()));
        EXPECT_THROW(co_await device.stop(), ChildHung);
      },
      LoopTime::kVirtual);
}

TEST(IsolateDeadlineTest, ATimerThatWasSetForAnEarlierCallDoesNotEndALaterOne) {
  run_on_loop([]() -> Task<void> {
    std::optional<Isolated<Device>> device;
    Duration deadline = 1ms;
    for (bool in_time = false; !in_time; deadline *= 2) {  // on a busy host it takes some attempts
      device = co_await isolate(make_device, 0);
      try {
        EXPECT_EQ(co_await device->call<&Device::next>({.deadline = deadline}), 1);
        in_time = true;
      } catch (const ChildHung&) {
        in_time = false;  // the host was busy: again, with more time
      }
    }
    // The timer fires during the next call, which may take longer, and is set anew for it.
    co_await device->call<&Device::rest>({.deadline = 1h}, 2 * deadline.count());
    EXPECT_EQ(co_await device->call<&Device::next>(), 2);
    EXPECT_THROW(co_await device->call<&Device::hang>({.deadline = 1ms}), ChildHung);
  });
}

}  // namespace
}  // namespace takt::async
