#include "takt/controller/internal/client_session.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/controller/test/raw_client.hpp"
#include "takt/controller/test/remote_rig.hpp"

// Requests that wait, and whose commander does not: it was taken over, or has died.
namespace takt::controller::testing {
namespace {

class ClientSessionTest : public ::testing::Test {
 public:
  ClientSessionTest() { world.pace = 1000us; }

  void run(std::function<Task<void>(Server&)> body) {
    async::EventLoop loop;
    loop.run(with_server(world, test_options(world), "test", std::move(body)));
  }
  Task<std::unique_ptr<RemoteController>> connect(RemoteOptions options = {}) {
    options.clock = &world.clock;
    return RemoteController::connect("test", std::move(options));
  }

  /// In command, and welcomed.
  static Task<void> take_command(RawClient& client) {
    static_cast<void>(co_await client.receive_as<internal::Welcome>(0));
    client.send(1, internal::Acquire{.holder = "raw", .take_over = false});
    static_cast<void>(co_await client.receive_as<internal::LeaseGiven>(1));
  }
  static Task<void> start(RawClient& client) {
    client.send(2, internal::Start{});
    static_cast<void>(co_await client.receive_as<internal::Done>(2));
  }
  /// The arm runs, and while it stops, two requests wait that would start it and let it go.
  static Task<void> leave_requests_behind(RawClient& client) {
    co_await take_command(client);
    co_await start(client);
    client.send(3, internal::Stop{});
    client.send(4, internal::Start{});
    client.send(5, internal::Use{.law = control::GravityCompensation{}});
    co_await async::sleep_for(5ms);
  }
  /// Once they are all through.
  static Task<void> through(const RemoteController& arm) {
    co_await until([&arm] { return arm.state().mode == CycleMode::kStopped; });
    co_await async::sleep_for(50ms);
  }

  test::OwnFolder folder;
  TestWorld world;
};

TEST_F(ClientSessionTest, ARequestThatWaitedIsNotCarriedOutForSomebodyWhoWasTakenOver) {
  run([this](Server&) -> Task<void> {
    RawClient first("test");
    co_await leave_requests_behind(first);
    const auto second = co_await connect({.take_over = true, .holder = "second"});
    EXPECT_EQ(second->commander()->name, "second");
    co_await through(*second);
    EXPECT_EQ(world.starts, 1) << "the arm was started under the lease of 'second'";
    EXPECT_TRUE(world.brakes_on);
    co_await second->start();
    co_await cycles(*second, 3);
    EXPECT_EQ(second->state().reference, control::Reference::kSetpoint) << "and let go";
  });
}

TEST_F(ClientSessionTest, ADeadClientStartsNothing) {
  run([this](Server&) -> Task<void> {
    const auto observer = co_await connect({.observe = true});
    {
      RawClient first("test");
      co_await leave_requests_behind(first);
    }  // dies
    co_await until([&] { return !observer->commander(); });
    co_await through(*observer);
    EXPECT_EQ(world.starts, 1);
    EXPECT_TRUE(world.brakes_on) << "an arm without a commander has its brakes open";
  });
}

TEST_F(ClientSessionTest, AnArmWhoseCommanderDiesWhileItStartsIsStoppedAgain) {
  run([this](Server&) -> Task<void> {
    const auto observer = co_await connect({.observe = true});
    world.on_start = [] { std::this_thread::sleep_for(100ms); };
    {
      RawClient first("test");
      co_await take_command(first);
      first.send(2, internal::Start{});
      co_await until([&] { return world.starts == 1; });
    }  // dies
    co_await until([&] { return world.stops >= 1; });
    co_await through(*observer);
    EXPECT_TRUE(world.brakes_on);
  });
}

TEST_F(ClientSessionTest, AnArmWhoseCommanderIsTakenOverWhileItStartsIsStoppedBeforeTheNextOneCommands) {
  run([this](Server&) -> Task<void> {
    world.on_start = [] { std::this_thread::sleep_for(100ms); };
    RawClient first("test");
    co_await take_command(first);
    first.send(2, internal::Start{});
    co_await until([&] { return world.starts == 1; });
    const auto second = co_await connect({.take_over = true, .holder = "second"});
    EXPECT_TRUE(world.brakes_on);
    EXPECT_EQ(second->state().mode, CycleMode::kStopped);
    EXPECT_EQ((co_await first.receive_as<internal::Failed>(2)).kind, internal::ErrorKind::kNotCommander);
    co_await second->start();
    co_await second->move(home_but(0.1));
  });
}

TEST_F(ClientSessionTest, AServerThatShutsDownStartsNothingAnyMore) {
  async::EventLoop loop;
  loop.run([](ClientSessionTest& its) -> Task<void> {
    Server server(std::make_unique<TestArm>(its.world), {.name = "test", .controller = test_options(its.world)});
    co_await async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
      nursery.start("server", server.run());
      RawClient first("test");
      co_await leave_requests_behind(first);
      const auto the_operator = co_await its.connect({.observe = true});
      co_await the_operator->shut_down();
      co_return async::kJoin;
    });
    EXPECT_EQ(its.world.starts, 1);
    EXPECT_TRUE(its.world.brakes_on);
  }(*this));
}

TEST_F(ClientSessionTest, ARefusedTakeOverTakesNothing) {
  run([this](Server&) -> Task<void> {
    const auto first = co_await connect({.holder = "first"});
    co_await first->start();
    RawClient raw("test");
    static_cast<void>(co_await raw.receive_as<internal::Welcome>(0));
    raw.send(1, internal::Acquire{.holder = "", .take_over = true});
    EXPECT_EQ((co_await raw.receive_as<internal::Failed>(1)).kind, internal::ErrorKind::kLogic);
    EXPECT_EQ(first->commander()->name, "first");
    const std::uint64_t before = first->state().command;
    first->set(home_but(0.2));
    co_await cycles(*first, 50);
    EXPECT_GT(first->state().command, before) << "set() throws nothing, and nobody follows it";
  });
}

TEST_F(ClientSessionTest, WhoIsRefusedANewTermKeepsTheOldOne) {
  run([this](Server&) -> Task<void> {
    RawClient raw("test");
    co_await take_command(raw);
    raw.send(2, internal::Acquire{.holder = "", .take_over = false});
    EXPECT_EQ((co_await raw.receive_as<internal::Failed>(2)).kind, internal::ErrorKind::kLogic);
    raw.send(3, internal::Stop{});
    static_cast<void>(co_await raw.receive_as<internal::Done>(3));
    raw.send(4, internal::Acquire{.holder = "raw again", .take_over = false});
    static_cast<void>(co_await raw.receive_as<internal::LeaseGiven>(4));
    const auto observer = co_await connect({.observe = true});
    EXPECT_EQ(observer->commander()->name, "raw again");
  });
}

TEST_F(ClientSessionTest, ASafeStopIsNotOneOfTheSixteenRequests) {
  run([](Server& server) -> Task<void> {
    RawClient first("test");
    co_await take_command(first);
    co_await start(first);
    for (std::uint64_t number = 10; number < 40; ++number) {
      first.send(number, internal::SetTool{.X_FE = internal::to_wire(core::Pose::Identity())});  // some cycles each
    }
    first.send(0, internal::SafeStop{});
    co_await until([&] { return server.controller().fault().fault == Fault::kRequested; });
  });
}

}  // namespace
}  // namespace takt::controller::testing
