#include "takt/controller/internal/remote_arm.hpp"

#include <chrono>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/controller/test/remote_rig.hpp"

// Requests that end otherwise than with their answer: nobody is left with half of one.
namespace takt::controller::testing {
namespace {

class RemoteArmTest : public ::testing::Test {
 public:
  RemoteArmTest() { world.pace = 1000us; }

  void run(std::function<Task<void>(Server&)> body) {
    async::EventLoop loop;
    loop.run(with_server(world, test_options(world), "test", std::move(body)));
  }
  Task<std::unique_ptr<RemoteController>> connect(RemoteOptions options = {}) {
    options.clock = &world.clock;
    return RemoteController::connect("test", std::move(options));
  }

  test::OwnFolder folder;
  TestWorld world;
};

TEST_F(RemoteArmTest, ACancelledSetToolLeavesBothSidesWithTheSameTool) {
  run([this](Server& server) -> Task<void> {
    world.pace = 3000us;  // so that the cycle does not take it up before the time is over
    const auto arm = co_await connect();
    co_await arm->start();
    core::Pose X_FE = core::Pose::Identity();
    X_FE.translation().z() = 0.2;
    EXPECT_FALSE(co_await async::with_timeout(2ms, arm->set_tool(X_FE)));
    EXPECT_EQ(arm->model().tool().matrix(), X_FE.matrix());
    EXPECT_EQ(server.controller().model().tool().matrix(), X_FE.matrix());
  });
}

TEST_F(RemoteArmTest, ACancelledSetPayloadLeavesBothSidesWithTheSamePayload) {
  run([this](Server& server) -> Task<void> {
    world.pace = 3000us;
    const auto arm = co_await connect();
    co_await arm->start();
    control::LinkInertia payload;
    payload.mass_kg = 0.5;
    payload.I_C_kg_m2 = 0.001 * Eigen::Matrix3d::Identity();
    EXPECT_FALSE(co_await async::with_timeout(2ms, arm->set_payload(payload)));
    EXPECT_EQ(arm->model().payload()->mass_kg, 0.5);
    EXPECT_EQ(server.controller().model().payload()->mass_kg, 0.5);
  });
}

TEST_F(RemoteArmTest, InACancelledScopeTheToolStaysAsItIs) {
  run([this](Server& server) -> Task<void> {
    const auto arm = co_await connect();
    core::Pose X_FE = core::Pose::Identity();
    X_FE.translation().z() = 0.2;
    async::CancelScope scope;
    scope.cancel("before it begins");
    EXPECT_FALSE(co_await scope.run(arm->set_tool(X_FE)));
    EXPECT_EQ(arm->model().tool().matrix(), core::Pose::Identity().matrix());
    EXPECT_EQ(server.controller().model().tool().matrix(), core::Pose::Identity().matrix());
  });
}

TEST_F(RemoteArmTest, AStartThatIsGivenUpLeavesNoArmBehindThatStarts) {
  run([this](Server&) -> Task<void> {
    const auto observer = co_await connect({.observe = true});
    const auto arm = co_await connect({.request_limit = 50ms});
    world.on_start = [] { std::this_thread::sleep_for(300ms); };
    static_cast<void>(co_await error_of<DeviceError>(arm->start()));
    EXPECT_THROW(arm->set(home()), ServerDiedError);
    co_await until([&] { return !observer->commander(); });
    co_await until([&] { return world.stops >= 1 && observer->state().mode == CycleMode::kStopped; });
    EXPECT_EQ(world.starts, 1);
    EXPECT_TRUE(world.brakes_on);
    const auto next = co_await connect();  // the server goes on
    world.on_start = nullptr;
    co_await next->start();
  });
}

TEST_F(RemoteArmTest, WhoCommandedOnceMayStillStopTheArmSafely) {
  run([this](Server&) -> Task<void> {
    const auto first = co_await connect({.holder = "first"});
    const auto second = co_await connect({.take_over = true, .holder = "second"});
    co_await second->start();
    first->safe_stop();
    co_await until([&] { return second->fault().fault == Fault::kRequested; });
  });
}

TEST_F(RemoteArmTest, WhatAFormerCommanderDoesToItsMemoryIsNothingToTheNext) {
  run([this](Server&) -> Task<void> {
    const auto vandal = co_await internal::RemoteArm::connect("test", {.holder = "vandal", .clock = &world.clock});
    co_await vandal->begin(internal::Start{});
    control::CommandPort& port = *vandal->told.read()->port;
    std::memset(static_cast<void*>(&port.commands), 0xff, sizeof(port.commands));
    const auto next = co_await connect({.take_over = true});
    co_await next->move(home_but(0.1));
    std::memset(static_cast<void*>(&port), 0xff, sizeof(port));
    co_await next->move(home_but(-0.1));
    next->halt();
    co_await cycles(*next, 5);
    EXPECT_EQ(next->fault().fault, Fault::kNone);
  });
}

TEST_F(RemoteArmTest, HoweverOftenAStoppedArmPassesFromHandToHandTheServerKeepsNoMoreMemory) {
  const auto mappings = [] {
    std::ifstream maps("/proc/self/maps");
    std::size_t count = 0;
    for (std::string line; std::getline(maps, line);) {
      count += line.find("takt.test.command") != std::string::npos ? 1U : 0U;
    }
    return count;
  };
  run([&](Server&) -> Task<void> {
    for (int i = 0; i < 40; ++i) {
      static_cast<void>(co_await connect({.take_over = true}));
    }
    EXPECT_LE(mappings(), 5U);
    const auto last = co_await connect({.take_over = true});
    co_await last->start();
    co_await last->move(home_but(0.1));
  });
}

}  // namespace
}  // namespace takt::controller::testing
