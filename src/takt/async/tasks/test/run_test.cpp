#include "takt/async/tasks/run.hpp"

#include <csignal>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"

namespace takt::async {
namespace {

using namespace std::chrono_literals;

template <class E>
Task<void> throws(std::string what) {
  co_await yield();
  throw E(what);
}

Task<void> ends() {
  co_await yield();
}

class RunTest : public testing::Test {
 protected:
  // A shell's background job ignores SIGINT.
  void SetUp() override {
    for (const int signal : {SIGINT, SIGTERM}) {
      std::signal(signal, SIG_DFL);
    }
  }
};

TEST_F(RunTest, GivesZeroOrWhatTheTaskReturned) {
  EXPECT_EQ(run(ends()), 0);
  const auto three = []() -> Task<int> { co_return 3; };
  EXPECT_EQ(run(three()), 3);
}

TEST_F(RunTest, AFailureIsOneAndSaidOnStandardError) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(run(throws<DeviceError>("no answer from the arm")), 1);
  EXPECT_EQ(run(throws<LogicError>("a bug")), 1);
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("no answer from the arm"), std::string::npos) << text;
}

TEST_F(RunTest, AConfigurationErrorIsTwoAlsoOutOfANursery) {
  EXPECT_EQ(run(throws<ConfigError>("robot.toml:3: rate_hz: 0")), 2);
  const auto app = []() -> Task<void> {
    co_await with_nursery([](Nursery& nursery) -> Task<Join> {
      nursery.start("child", throws<ConfigError>("robot.toml:3: rate_hz: 0"));
      co_return kJoin;
    });
  };
  EXPECT_EQ(run(app()), 2);
}

TEST_F(RunTest, ASignalCancelsAndCleanupRuns) {
  for (const int signal : {SIGINT, SIGTERM}) {
    bool cleaned_up = false;
    std::string reason;
    const auto app = [&]() -> Task<void> {
      const auto work = [&]() -> Task<void> {
        raise(signal);
        co_await sleep_for(1h);
      };
      const auto cleanup = [&]() -> Task<void> {
        reason = "set";
        co_await sleep_for(1ms);
        cleaned_up = true;
      };
      co_await with_cleanup(work(), 10s, cleanup);
    };
    EXPECT_EQ(run(app()), 128 + signal);
    EXPECT_TRUE(cleaned_up);
  }
}

TEST_F(RunTest, ASignalOnAnotherThreadCancelsToo) {
  const auto app = []() -> Task<void> {
    std::jthread([] { raise(SIGTERM); }).join();
    co_await sleep_for(1h);
  };
  EXPECT_EQ(run(app()), 128 + SIGTERM);
}

TEST_F(RunTest, ASecondSignalEndsTheProcess) {
  const auto app = []() -> Task<void> {
    raise(SIGINT);
    raise(SIGINT);
    co_await sleep_for(1h);
  };
  EXPECT_EXIT(run(app()), testing::KilledBySignal(SIGINT), "");
}

TEST_F(RunTest, TheHandlersOfBeforeComeBack) {
  static volatile std::sig_atomic_t seen = 0;
  const auto before = std::signal(SIGINT, [](int) { seen = 1; });
  EXPECT_EQ(run(ends()), 0);
  raise(SIGINT);
  EXPECT_EQ(seen, 1);
  std::signal(SIGINT, before);
}

TEST_F(RunTest, ASignalThatIsIgnoredStaysSo) {
  const auto before = std::signal(SIGINT, SIG_IGN);
  const auto app = []() -> Task<void> {
    raise(SIGINT);
    co_await sleep_for(1ms);
  };
  EXPECT_EQ(run(app()), 0);
  EXPECT_EQ(std::signal(SIGINT, before), SIG_IGN);
}

TEST_F(RunTest, ACancellationWithoutASignalIsAFailureAndSaid) {
  const auto interrupted = []() -> Task<void> {
    raise(SIGTERM);
    co_await sleep_for(1h);
  };
  EXPECT_EQ(run(interrupted()), 128 + SIGTERM);
  const auto app = []() -> Task<void> {
    this_loop().cancel("from inside");
    co_await sleep_for(1h);
  };
  for (const bool handle_signals : {true, false}) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(run(app(), {.handle_signals = handle_signals}), 1);
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_NE(text.find("not by a signal"), std::string::npos) << text;
  }
}

TEST_F(RunTest, InsideARunningLoopItIsRefused) {
  const auto app = []() -> Task<void> {
    try {
      run(ends());
      ADD_FAILURE();
    } catch (const LogicError& error) {
      EXPECT_NE(std::string(error.what()).find("'outer'"), std::string::npos) << error.what();
    }
    co_return;
  };
  EXPECT_EQ(run(app(), {.name = "outer"}), 0);
}

TEST_F(RunTest, OnlyOneRunOfAProcessHandlesSignals) {
  const auto app = []() -> Task<void> {
    std::jthread([] {
      EXPECT_EQ(run(ends(), {.handle_signals = false}), 0);
      EXPECT_THROW(run(ends()), LogicError);
    }).join();
    co_return;
  };
  EXPECT_EQ(run(app()), 0);
}

}  // namespace
}  // namespace takt::async
