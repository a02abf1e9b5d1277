#include "takt/async/isolate.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/describe.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/async/test/isolate_helpers.hpp"

namespace takt::async {

using namespace internal;

using namespace std::chrono_literals;

struct Reading {
  int number{0};
  std::string text;

  friend bool operator==(const Reading&, const Reading&) = default;
};
BOOST_DESCRIBE_STRUCT(Reading, (), (number, text))

class Device {
 public:
  explicit Device(int offset) : offset_(offset) {}

  [[nodiscard]] Reading read(const Reading& reading) const { return {reading.number + offset_, reading.text}; }
  int next() { return ++count_; }
  int next_slowly() {
    usleep(2'000);
    return ++count_;
  }
  void fail(const std::string& text) { throw std::out_of_range(text); }
  void fault() { raise(SIGSEGV); }
  void leave(int code) { _exit(code); }
  void hang() {
    while (true) {
      pause();
    }
  }
  [[nodiscard]] int count() const { return count_; }

 private:
  int offset_;
  int count_{0};
};

namespace {

Device make_device(int offset) {
  return Device(offset);
}

/// Runs a test's body on a loop of its own.
template <class Body>
void run_on_loop(Body body) {
  EventLoop loop;
  loop.run(body());
}

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
    const FileDescriptor watched = watch_process(device.process());
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

TEST(IsolateTest, AHungChildIsKilledAtTheCallsDeadline) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate(make_device, 0);
    const FileDescriptor watched = watch_process(device.process());
    EXPECT_THROW(co_await device.call<&Device::hang>({.deadline = 20ms}), ChildHung);
    EXPECT_TRUE(ends(watched));
    EXPECT_THROW(co_await device.call<&Device::next>(), ChildHung);
  });
}

TEST(IsolateTest, ADeadlineCountsFromWhenTheChildHasTheCall) {
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

TEST(IsolateTest, ACancelledCallThatWaitsNeverReachesTheChild) {
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

TEST(IsolateTest, ACancelledCallThatRunsKeepsItsAnswer) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate({.grace = 20s}, make_device, 0);
    const auto answer = co_await with_timeout(0s, device.call<&Device::next_slowly>());
    EXPECT_EQ(answer, 1);
    EXPECT_EQ(co_await device.call<&Device::count>(), 1);
  });
}

TEST(IsolateTest, ACancelledCallThatDoesNotEndIsGivenUpAfterItsGrace) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate({.grace = 10ms}, make_device, 0);
    const bool finished = co_await with_timeout(1ms, device.call<&Device::hang>());
    EXPECT_FALSE(finished);  // Cancelled, and the scope took it
    EXPECT_THROW(co_await device.call<&Device::next>(), ChildHung);
  });
}

TEST(IsolateTest, AFactoryThatHangsIsLimitedByATimeoutAround) {
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

TEST(IsolateTest, StoppingWaitsForTheCallsBeforeItAndEndsTheProcess) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate(make_device, 0);
    const FileDescriptor watched = watch_process(device.process());
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

TEST(IsolateTest, StoppingAChildThatHangsKillsItAfterItsGrace) {
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
    const FileDescriptor watched = watch_process(sticky.process());
    EXPECT_THROW(co_await sticky.stop(), ChildHung);
    EXPECT_TRUE(ends(watched));
  });
}

TEST(IsolateTest, DestroyingTheProxyKillsTheChildAndTellsWhoWaits) {
  run_on_loop([]() -> Task<void> {
    auto device = std::make_unique<Isolated<Device>>(co_await isolate(make_device, 0));
    const FileDescriptor watched = watch_process(device->process());
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

TEST(IsolateTest, AMovedFromProxyIsALogicError) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate(make_device, 0);
    auto owner = std::move(device);
    EXPECT_THROW((void)device.call<&Device::next>(), LogicError);  // NOLINT(bugprone-use-after-move): that is the test
    EXPECT_EQ(co_await owner.call<&Device::next>(), 1);
  });
}

TEST(IsolateTest, AnotherThreadsLoopMayNotCall) {
  run_on_loop([]() -> Task<void> {
    auto device = co_await isolate(make_device, 0);
    std::thread([&device] {
      run_on_loop([&device]() -> Task<void> { EXPECT_THROW(co_await device.call<&Device::next>(), LogicError); });
    }).join();
    EXPECT_EQ(co_await device.call<&Device::next>(), 1);
  });
}

TEST(IsolateTest, OneThousandObjectsComeAndGoWithoutATrace) {
  run_on_loop([]() -> Task<void> {
    const std::vector<int> before = open_descriptors();
    for (int cycle = 0; cycle < 1000; ++cycle) {
      auto device = co_await isolate({.max_message_bytes = 4096}, make_device, cycle);
      co_await device.stop();
    }
    EXPECT_EQ(open_descriptors(), before);
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
