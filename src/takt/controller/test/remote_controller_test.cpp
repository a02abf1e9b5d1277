#include "takt/controller/remote_controller.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "takt/async/offload.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/controller/internal/segments.hpp"
#include "takt/controller/internal/server_link.hpp"
#include "takt/controller/test/raw_client.hpp"
#include "takt/controller/test/remote_rig.hpp"

// What a RemoteController has beside the contract: the lease, its server's death, and what it does with a server that
// is none.
namespace takt::controller::testing {
namespace {

using internal::FileDescriptor;

class RemoteControllerTest : public ::testing::Test {
 public:
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

TEST_F(RemoteControllerTest, OneCommandsAndOthersLookOn) {
  run([this](Server&) -> Task<void> {
    const auto first = co_await connect({.holder = "first"});
    co_await first->start();
    const auto observer = co_await connect({.observe = true, .holder = "observer"});
    EXPECT_EQ(observer->commander()->name, "first");
    EXPECT_GE(observer->state().cycle, 1U);
    const std::string said = co_await error_of<NotCommanderError>(observer->move(home()));
    EXPECT_NE(said.find("first"), std::string::npos) << said;
    EXPECT_THROW(observer->set(home()), NotCommanderError);
    static_cast<void>(co_await error_of<NotCommanderError>(observer->stop()));
    const std::string refused = co_await error_of<NotCommanderError>(connect({.holder = "second"}));
    EXPECT_NE(refused.find("first"), std::string::npos) << refused;
    first->set(home_but(0.1));
    EXPECT_EQ((co_await observer->status()).clients, 2U);
  });
}

TEST_F(RemoteControllerTest, WhoIsTakenOverHearsItFromTheNextCommandOn) {
  run([this](Server&) -> Task<void> {
    const auto first = co_await connect({.holder = "first"});
    co_await first->start();
    first->set(home_but(0.5));
    const auto second = co_await connect({.take_over = true, .holder = "second"});
    try {
      first->set(home_but(0.6));
      ADD_FAILURE() << "nothing was thrown";
    } catch (const NotCommanderError& error) {
      EXPECT_NE(std::string(error.what()).find("second"), std::string::npos) << error.what();
    }
    first->halt();  // is no longer its to say
    co_await second->move(home_but(-0.1));
    EXPECT_LT(core::max_abs_difference(second->state().setpoint.q_rad, home_but(-0.1)), 1e-9);
    co_await first->acquire(true);
    EXPECT_THROW(second->set(home()), NotCommanderError);
    first->set(home());
  });
}

TEST_F(RemoteControllerTest, ATakeOverHaltsWhatTheOtherCommanded) {
  run([this](Server&) -> Task<void> {
    const auto first = co_await connect({.holder = "first"});
    co_await first->start();
    first->set(home_but(1.5));
    co_await until([&] { return !first->state().at_rest; });
    const auto second = co_await connect({.take_over = true});
    co_await until([&] { return second->state().at_rest; });
    EXPECT_LT(second->state().setpoint.q_rad[0], 1.4);
    EXPECT_EQ(second->state().following, control::CommandKind::kNone);
  });
}

TEST_F(RemoteControllerTest, WhenTheCommanderGoesTheArmHaltsAndIsHeldForTheNext) {
  run([this](Server&) -> Task<void> {
    auto first = co_await connect();
    const auto observer = co_await connect({.observe = true});
    co_await first->start();
    first->set(home_but(1.5));
    co_await until([&] { return !first->state().at_rest; });
    first.reset();
    co_await until([&] { return !observer->commander(); });
    co_await until([&] { return observer->state().at_rest; });
    EXPECT_FALSE(world.brakes_on);
    EXPECT_LT(observer->state().setpoint.q_rad[0], 1.4);
    const auto next = co_await connect();
    co_await next->move(home());
  });
}

TEST_F(RemoteControllerTest, ReleasedAndAcquiredAgainItCommandsAgain) {
  run([this](Server&) -> Task<void> {
    const auto arm = co_await connect();
    co_await arm->start();
    co_await arm->release();
    EXPECT_EQ(arm->commander(), std::nullopt);
    EXPECT_THROW(arm->set(home()), NotCommanderError);
    static_cast<void>(co_await error_of<NotCommanderError>(arm->release()));
    co_await arm->acquire(false);
    arm->set(home());
  });
}

TEST_F(RemoteControllerTest, TheNextCommanderBelievesInTheToolOfTheOneBefore) {
  run([this](Server&) -> Task<void> {
    core::Pose X_FE = core::Pose::Identity();
    X_FE.translation().z() = 0.2;
    {
      const auto first = co_await connect();
      co_await first->set_tool(X_FE);
    }
    co_await until([&] { return true; });
    const auto next = co_await connect({.take_over = true});
    EXPECT_EQ(next->model().tool().matrix(), X_FE.matrix());
  });
}

TEST_F(RemoteControllerTest, AnObserverMayStopTheArmSafely) {
  run([this](Server&) -> Task<void> {
    const auto arm = co_await connect();
    co_await arm->start();
    const auto observer = co_await connect({.observe = true});
    observer->safe_stop();
    co_await until([&] { return arm->fault().fault == Fault::kRequested; });
    EXPECT_THROW(arm->set(home()), FaultError);
    co_await until([&] { return arm->state().mode == CycleMode::kFaulted; });
    co_await arm->recover();
    arm->set(home());
  });
}

TEST_F(RemoteControllerTest, WhoAsksForTheStatusReadsTheStatisticsOfNow) {
  run([this](Server& server) -> Task<void> {
    const auto arm = co_await connect();
    co_await arm->start();
    co_await cycles(*arm, 3);
    const std::uint64_t least = server.controller().stats().cycles;
    static_cast<void>(co_await arm->status());
    EXPECT_GE(arm->stats().cycles, least);
  });
}

TEST_F(RemoteControllerTest, RequestsSideBySideEachGetTheirOwnAnswer) {
  run([this](Server&) -> Task<void> {
    const auto arm = co_await connect();
    co_await async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
      for (int i = 0; i < 12; ++i) {
        nursery.start("asks", [&arm = *arm, i]() -> Task<void> {
          for (int k = 0; k < 20; ++k) {
            if (i % 3 == 0) {
              EXPECT_EQ((co_await arm.status()).clients, 1U);
            } else if (i % 3 == 1) {
              EXPECT_TRUE((co_await arm.evidence()).empty());
            } else {
              static_cast<void>(co_await error_of<ConfigError>(arm.use(control::JointTorque{{-1.0}})));
            }
          }
        });
      }
      co_return async::kJoin;
    });
  });
}

TEST_F(RemoteControllerTest, ARequestThatIsCancelledLeavesTheOthersTheirAnswers) {
  run([this](Server&) -> Task<void> {
    const auto arm = co_await connect();
    for (int i = 0; i < 50; ++i) {
      co_await async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
        nursery.start("cancelled", [&arm = *arm]() -> Task<void> {
          static_cast<void>(co_await async::with_timeout(0s, arm.status()));
        });
        nursery.start("waits", [&arm = *arm]() -> Task<void> { EXPECT_EQ((co_await arm.status()).clients, 1U); });
        co_return async::kJoin;
      });
    }
  });
}

TEST_F(RemoteControllerTest, WhenTheServerIsGoneEverythingSaysSo) {
  async::EventLoop loop;
  loop.run([](RemoteControllerTest& its) -> Task<void> {
    std::unique_ptr<RemoteController> arm;
    co_await with_server(its.world, test_options(its.world), "test", [&](Server&) -> Task<void> {
      arm = co_await its.connect();
      co_await arm->start();
    });
    co_await async::sleep_for(std::chrono::nanoseconds(internal::ServerLink::kLook_ns));
    EXPECT_THROW(arm->set(home()), ServerDiedError);
    EXPECT_THROW((void)arm->state(), ServerDiedError);
    EXPECT_THROW((void)arm->fault(), ServerDiedError);
    EXPECT_THROW((void)arm->stats(), ServerDiedError);
    static_cast<void>(co_await error_of<ServerDiedError>(arm->start()));
    static_cast<void>(co_await error_of<ServerDiedError>(arm->stop()));
    static_cast<void>(co_await error_of<ServerDiedError>(arm->move(home())));
    static_cast<void>(co_await error_of<ServerDiedError>(arm->evidence()));
    static_cast<void>(co_await error_of<DeviceError>(its.connect()));
    arm->halt();
    arm->safe_stop();
  }(*this));
}

TEST_F(RemoteControllerTest, WhatIsAwaitedWhenTheServerGoesEndsThen) {
  async::EventLoop loop;
  loop.run([](RemoteControllerTest& its) -> Task<void> {
    std::unique_ptr<RemoteController> arm;
    int ended = 0;
    co_await async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
      co_await with_server(its.world, test_options(its.world), "test", [&](Server&) -> Task<void> {
        arm = co_await its.connect();
        co_await arm->start();
        its.world.blocked = true;  // so that the move does not arrive
        nursery.start("moves", [&]() -> Task<void> {
          static_cast<void>(co_await error_of<DeviceError>(arm->move(home_but(1.0))));
          ++ended;
        });
        co_await cycles(*arm, 3);
      });
      co_return async::kJoin;
    });
    EXPECT_EQ(ended, 1);
  }(*this));
}

TEST_F(RemoteControllerTest, LeaksNoDescriptorsHoweverOftenOneConnects) {
  const auto open = [] {
    std::size_t count = 0;
    for (int i = 0; i < 1024; ++i) {
      count += fcntl(i, F_GETFD) >= 0 ? 1U : 0U;
    }
    return count;
  };
  run([this, &open](Server& server) -> Task<void> {
    static_cast<void>(co_await (co_await connect())->evidence());
    co_await until([&] { return server.controller().state().cycle == 0; });
    const std::size_t before = open();
    for (int i = 0; i < 30; ++i) {
      const auto arm = co_await connect({.take_over = true});
      static_cast<void>(co_await arm->evidence());
    }
    const auto last = co_await connect({.observe = true});
    while ((co_await last->status()).clients > 1) {
      co_await async::sleep_for(1ms);
    }
    EXPECT_LE(open(), before + 2);
  });
}

}  // namespace
}  // namespace takt::controller::testing
