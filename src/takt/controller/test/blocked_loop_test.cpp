#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <fstream>
#include <functional>
#include <limits>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "takt/async/loop_watch.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/controller/controller.hpp"
#include "takt/controller/test/controller_contract.hpp"
#include "takt/testing/lock_guard.hpp"

// What docs/guide/why-your-loop-is-safe.md says of a loop that is blocked: the arm goes on, and what comes too late
// ends in a hold, a halt and a safe stop.

namespace takt::controller {
namespace {

using namespace testing;

/// Blocks whoever calls it until `done()`.
using Block = std::function<void(const std::function<bool()>& done)>;

void compute(const std::function<bool()>& done) {
  volatile double sum = 0.0;
  while (!done()) {
    for (int i = 1; i < 1000; ++i) {
      sum = sum + std::sqrt(static_cast<double>(i));
    }
  }
}

void sleep(const std::function<bool()>& done) {
  while (!done()) {
    std::this_thread::sleep_for(20ms);
  }
}

void read_disk(const std::function<bool()>& done) {
  while (!done()) {
    std::ifstream file("/proc/self/exe", std::ios::binary);
    std::vector<char> bytes(1 << 20);
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
}

void ask_network(const std::function<bool()>& done) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  std::thread server([&] {
    while (!done()) {
      std::this_thread::sleep_for(1ms);
    }
    EXPECT_EQ(::write(ends[1], "!", 1), 1);
  });
  char answer = 0;
  while (::read(ends[0], &answer, 1) < 0 && errno == EINTR) {
  }
  server.join();
  ::close(ends[0]);
  ::close(ends[1]);
}

struct Kind {
  std::string name;
  Block block;
};
void PrintTo(const Kind& kind, std::ostream* out) {
  *out << kind.name;
}

class BlockedLoop : public ::testing::Test {
 protected:
  std::unique_ptr<Controller> make() { return std::make_unique<Controller>(std::make_unique<TestArm>(world), options); }
  /// With the arm started.
  void run(const std::function<Task<void>(Controller&)>& body) {
    async::EventLoop loop;
    const auto app = [this, &body]() -> Task<void> {
      const auto controller = make();
      co_await controller->start();
      co_await body(*controller);
    };
    loop.run(app());
  }

  /// Commands until the cycle has taken a command up: the world's time runs on, and a host that takes the CPU now may
  /// let one go stale on its way.
  static Task<void> command(Controller& controller, std::function<void()> give) {
    const std::uint64_t before = controller.state().command;
    while (controller.state().command == before) {
      give();
      co_await cycles(controller, 3);
    }
  }

  TestWorld world;
  ControllerOptions options{test_options(world)};
};

class BlockedLoopBy : public BlockedLoop, public ::testing::WithParamInterface<Kind> {};

TEST_P(BlockedLoopBy, TheArmArrivesWhileTheLoopStandsStill) {
  run([](Controller& controller) -> Task<void> {
    const std::uint64_t before = controller.state().cycle;
    controller.set(home_but(0.5));
    GetParam().block([&] {
      const CycleState state = controller.state();
      return state.cycle > before + 1000 && state.at_rest;
    });
    EXPECT_EQ(controller.state().setpoint.q_rad, home_but(0.5));
    EXPECT_NEAR(controller.state().measured.q_rad[0], 0.5, 0.01);
    EXPECT_EQ(controller.fault().fault, Fault::kNone);
    co_return;
  });
}

INSTANTIATE_TEST_SUITE_P(Guide, BlockedLoopBy,
                         ::testing::Values(Kind{"AModel", compute}, Kind{"ASleep", sleep}, Kind{"ADisk", read_disk},
                                           Kind{"ANetwork", ask_network}),
                         [](const auto& kind) { return kind.param.name; });

TEST_F(BlockedLoop, TheTaskThatBlocksIsNamedAndTheArmGoesOn) {
  std::atomic<bool> named{false};
  run([&](Controller& controller) -> Task<void> {
    const async::LoopWatch watch({.on_report = [&](const async::BlockReport& report) {
      if (report.task.ends_with("policy")) {
        named = true;
      }
    }});
    controller.set(home_but(0.5));
    co_await async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
      nursery.start("policy", [&]() -> Task<void> {
        while (!named) {
          std::this_thread::sleep_for(10ms);
          co_await async::sleep_for(1ms);
        }
      });
      co_return async::kJoin;
    });
    co_await until([&] { return controller.state().at_rest; });
    EXPECT_EQ(controller.state().setpoint.q_rad, home_but(0.5));
    EXPECT_EQ(controller.fault().fault, Fault::kNone);
  });
}

TEST_F(BlockedLoop, TargetsThatComeTooLateEndInARestAndTheNextOneGoesOn) {
  options.cycle.freshness.stop_after_s = std::numeric_limits<double>::infinity();
  run([](Controller& controller) -> Task<void> {
    core::JointVector velocity = core::JointVector::zero(7);
    velocity[0] = 0.2;
    co_await command(controller,
                     [&] { controller.set(Joints{.q_rad = home(), .dq_rad_s = velocity}, {.valid_for = 100ms}); });
    compute([&, from = controller.state().cycle] { return controller.state().cycle > from + 1000; });
    const CycleState late = controller.state();
    EXPECT_EQ(late.mode, CycleMode::kHolding);
    EXPECT_TRUE(late.at_rest);
    EXPECT_GT(late.setpoint.q_rad[0], 0.0);
    EXPECT_LT(late.setpoint.q_rad[0], 0.2 * 0.4);
    EXPECT_EQ(controller.fault().fault, Fault::kNone);
    controller.set(home_but(0.2));
    co_await until([&] { return controller.state().setpoint.q_rad == home_but(0.2); });
  });
}

TEST_F(BlockedLoop, ByDefaultItIsAHoldAfter200MillisecondsAHaltAfter400AndASafeStopAfter2400) {
  const ControllerOptions defaults;
  options.valid_for = defaults.valid_for;
  options.cycle.freshness = defaults.cycle.freshness;
  options.cycle.evidence_cycles = 10'000;
  run([](Controller& controller) -> Task<void> {
    co_await command(controller, [&] { controller.set(home_but(2.0)); });
    const core::Nanoseconds set_ns = controller.state().command_stamp_ns;
    co_await until([&] { return controller.state().measured.brakes_engaged; });
    EXPECT_EQ(controller.fault().fault, Fault::kStale);
    const std::vector<CycleState> kept = co_await controller.evidence();
    const auto age_ms = [&kept, set_ns](const std::function<bool(const CycleState&)>& first) {
      for (const CycleState& state : kept) {
        if (state.following == control::CommandKind::kJoint && first(state)) {
          return static_cast<double>(state.measured.stamp_ns - set_ns) * 1e-6;
        }
      }
      return -1.0;
    };
    using control::Freshness;
    EXPECT_NEAR(age_ms([](const CycleState& s) { return s.freshness == Freshness::kHold; }), 200.0, 2.0);
    EXPECT_NEAR(age_ms([](const CycleState& s) { return s.mode == CycleMode::kHalting; }), 400.0, 2.0);
    EXPECT_NEAR(age_ms([](const CycleState& s) { return s.fault == Fault::kStale; }), 2400.0, 2.0);
    EXPECT_EQ(kept.back().mode, CycleMode::kFaulted);
  });
  EXPECT_TRUE(world.brakes_on);
}

TEST_F(BlockedLoop, AChunkIsPlayedToItsEndAndThenGrowsStale) {
  const ControllerOptions defaults;
  options.valid_for = defaults.valid_for;
  options.cycle.freshness = defaults.cycle.freshness;
  options.cycle.evidence_cycles = 20'000;
  run([this](Controller& controller) -> Task<void> {
    std::vector<core::JointVector> targets;
    for (int k = 1; k <= 64; ++k) {
      targets.push_back(home_but(0.005 * k));
    }
    core::Nanoseconds end_ns = 0;
    co_await command(controller, [&] {
      const core::Nanoseconds begin_ns = world.clock.now_ns();
      controller.play(ActionChunk::evenly(begin_ns, 20ms, targets));
      end_ns = begin_ns + 63 * 20'000'000;
    });
    co_await until([&] { return controller.state().measured.brakes_engaged; });
    EXPECT_EQ(controller.fault().fault, Fault::kStale);
    EXPECT_NEAR(static_cast<double>(controller.fault().stamp_ns - end_ns) * 1e-6, 2400.0, 5.0);
    const std::vector<CycleState> kept = co_await controller.evidence();
    const auto at_end =
        std::find_if(kept.begin(), kept.end(), [&](const CycleState& s) { return s.measured.stamp_ns > end_ns; });
    EXPECT_TRUE(at_end != kept.end() && at_end->freshness == control::Freshness::kFresh);
    EXPECT_NEAR(kept.back().setpoint.q_rad[0], 0.32, 1e-6);
  });
}

TEST_F(BlockedLoop, SettingATargetTakesNoLock) {
  if (!takt::testing::LockGuard::counts()) {
    GTEST_SKIP() << "under a sanitizer";
  }
  run([](Controller& controller) -> Task<void> {
    const core::JointVector q_rad = home_but(0.1);
    core::Pose X_BE = controller.model().tool_pose(home());
    X_BE.translation().z() -= 0.02;
    const takt::testing::LockGuard locks;
    controller.set(q_rad);
    controller.set(X_BE);
    static_cast<void>(controller.state());
    static_cast<void>(controller.stats());
    static_cast<void>(controller.fault());
    controller.halt();
    EXPECT_EQ(locks.count(), 0U);
    co_return;
  });
}

}  // namespace
}  // namespace takt::controller
