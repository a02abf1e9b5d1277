#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "takt/async/isolate.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/async/test/isolate_device.hpp"
#include "takt/async/test/isolate_helpers.hpp"

namespace takt::async {

using namespace internal;

using namespace std::chrono_literals;

namespace {

TEST(IsolateLifetimeTest, StoppingWaitsForTheCallsBeforeItAndEndsTheProcess) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate(make_device, 0);
    const core::FileDescriptor watched = watch_process(device.process());
    const auto slow = [&]() -> Task<void> { EXPECT_EQ(co_await device.call<&Device::next_slowly>(), 1); };
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("slow", slow());
      co_await yield();
      co_await device.stop();
      co_return kJoin;
    });
    EXPECT_TRUE(ends(watched));
    co_await device.stop();  // again: nothing to do
    EXPECT_THROW(co_await device.call<&Device::next>(), LogicError);
  });
}

TEST(IsolateLifetimeTest, DestroyingTheProxyKillsTheChildAndTellsWhoWaits) {
  run_on_loop([]() -> Task<void> {
    auto device = std::make_unique<Isolated<Device>>(co_await isolate(make_device, 0));
    const core::FileDescriptor watched = watch_process(device->process());
    int told = 0;
    const auto wait = [&]() -> Task<void> {
      try {
        co_await device->call<&Device::hang>();
      } catch (const LogicError&) {
        ++told;
      }
    };
    co_await with_nursery([&](Nursery& nursery) -> Task<Join> {
      nursery.start("running", wait());
      nursery.start("waiting", wait());
      co_await yield();
      device.reset();
      co_return kJoin;
    });
    EXPECT_EQ(told, 2);
    EXPECT_TRUE(ends(watched));
  });
}

TEST(IsolateLifetimeTest, AMovedFromProxyIsALogicError) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate(make_device, 0);
    auto owner = std::move(device);
    EXPECT_THROW((void)device.call<&Device::next>(), LogicError);  // NOLINT(bugprone-use-after-move): that is the test
    EXPECT_EQ(co_await owner.call<&Device::next>(), 1);
  });
}

TEST(IsolateLifetimeTest, AnotherThreadsLoopMayNotCall) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate(make_device, 0);
    std::thread([&device] {
      run_on_loop([&device]() -> Task<void> { EXPECT_THROW(co_await device.call<&Device::next>(), LogicError); });
    }).join();
    EXPECT_EQ(co_await device.call<&Device::next>(), 1);
  });
}

TEST(IsolateLifetimeTest, OneThousandObjectsComeAndGoWithoutATrace) {
  run_on_loop([]() -> Task<void> {
    const std::vector<int> before = open_descriptors();
    for (int cycle = 0; cycle < 1000; ++cycle) {
      auto device = co_await isolate({.max_message_bytes = 4096}, make_device, cycle);
      co_await device.stop();
    }
    EXPECT_EQ(open_descriptors(), before);
  });
}

TEST(IsolateLifetimeTest, ACallThatIsAwaitedAfterTheProxysEndIsALogicErrorThatNamesTheObject) {
  run_on_loop([]() -> Task<void> {
    std::optional<Isolated<Device>> device = co_await isolate({.name = "camera"}, make_device, 0);
    auto call = device->call<&Device::next>();
    auto stop = device->stop();
    const core::FileDescriptor watched = watch_process(device->process());
    device.reset();
    EXPECT_TRUE(ends(watched));  // although the calls are there
    try {
      co_await std::move(call);
      ADD_FAILURE() << "there is nobody to call";
    } catch (const LogicError& error) {
      EXPECT_TRUE(contains(error.what(), "'camera'"));
    }
    EXPECT_THROW(co_await std::move(stop), LogicError);
  });
}

TEST(IsolateLifetimeTest, AssigningToAProxyKillsTheChildThatItHad) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate(make_device, 1);
    const auto call = device.call<&Device::next>();  // keeps nothing alive
    const core::FileDescriptor watched = watch_process(device.process());
    device = co_await isolate(make_device, 2);
    EXPECT_TRUE(ends(watched));
    EXPECT_EQ(co_await device.call<&Device::next>(), 1);
  });
}

TEST(IsolateLifetimeTest, AProxyMayOutliveItsLoopAndThenEndsItsChild) {
  const std::vector<int> before = open_descriptors();
  std::optional<Isolated<Device>> device;
  run_on_loop([&]() -> Task<void> { device = co_await isolate(make_device, 0); });
  {
    const core::FileDescriptor watched = watch_process(device->process());
    run_on_loop([&]() -> Task<void> { EXPECT_THROW(co_await device->call<&Device::next>(), LogicError); });
    device.reset();
    EXPECT_TRUE(ends(watched));
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST(IsolateLifetimeTest, AnotherLoopOfTheSameThreadMayNotCall) {
  EventLoop own;
  std::optional<Isolated<Device>> device;
  const auto make = [&]() -> Task<void> { device = co_await isolate(make_device, 0); };
  const auto call = [&]() -> Task<void> { EXPECT_EQ(co_await device->call<&Device::next>(), 1); };
  own.run(make());
  run_on_loop([&]() -> Task<void> { EXPECT_THROW(co_await device->call<&Device::next>(), LogicError); });
  own.run(call());
}

}  // namespace
}  // namespace takt::async
