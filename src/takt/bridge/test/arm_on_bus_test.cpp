#include "takt/bridge/arm_on_bus.hpp"

#include <chrono>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "takt/async/tasks/nursery.hpp"
#include "takt/bridge/test/rig.hpp"
#include "takt/controller/test/remote_rig.hpp"
#include "takt/messages/packages/std_srvs.hpp"
#include "takt/node/client.hpp"

// A server with an arm that needs as much real time as it has virtual, a bus client beside it, and a desk.
namespace takt::bridge {
namespace {

using namespace testing;
using controller::RemoteController;
using controller::Server;

class ArmOnBusTest : public ::testing::Test {
 protected:
  ArmOnBusTest() { world_.pace = std::chrono::microseconds(1000); }

  /// `body` has another client of the server, which does not command.
  void run(std::function<Task<void>(RemoteController&)> body) {
    const auto beside_server = [this, &body](Server&) -> Task<void> {
      const auto arm =
          co_await RemoteController::connect("test", {.observe = true, .holder = "the bus", .clock = &world_.clock});
      const auto other = co_await RemoteController::connect(
          "test", {.observe = true, .holder = "an operator", .clock = &world_.clock});
      ArmOnBus on_bus(*arm, hosts_.robot, world_.clock);
      on_bus_ = &on_bus;
      co_await async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
        nursery.start("bus", on_bus.run());
        co_await node::with_node(desk_.node, [&] { return body(*other); });
        co_return async::kCancel;
      });
    };
    async::EventLoop loop;
    loop.run(
        controller::testing::with_server(world_, controller::testing::test_options(world_), "test", beside_server));
  }
  /// Where the home posture has its first joint turned to.
  void send(double first_rad, double t_s) {
    std::vector<std::string> names;
    std::vector<double> positions = controller::testing::test_model_data().home_rad;
    for (int i = 1; i <= 7; ++i) {
      names.push_back("joint" + std::to_string(i));
    }
    positions[0] = first_rad;
    EXPECT_TRUE(desk_.trajectories.publish(trajectory_to(names, positions, t_s)));
  }
  /// In command, started, at home, and let go again.
  static Task<void> bring_home(RemoteController& other) {
    co_await other.acquire(false);
    co_await other.start();
    co_await other.move(other.model().home_rad());
    co_await other.release();
  }
  [[nodiscard]] Task<bool> until_said(std::string words) {
    return until([this, words = std::move(words)] { return desk_.said.find(words) != std::string::npos; });
  }
  [[nodiscard]] double first() const { return desk_.last ? desk_.last->position.at(0) : 0.0; }

  controller::test::OwnFolder folder_;
  controller::testing::TestWorld world_;
  Hosts hosts_;
  Desk desk_{hosts_.desk, "test"};
  ArmOnBus* on_bus_{nullptr};
};

TEST_F(ArmOnBusTest, ShowsTheArmAndMovesItByLease) {
  run([this](RemoteController& other) -> Task<void> {
    send(0.1, 1.0);
    EXPECT_TRUE(co_await until_said("trajectory refused: where the robot stands is not known"));
    co_await bring_home(other);
    EXPECT_TRUE(co_await until([this] { return desk_.states > 3; }));
    EXPECT_EQ(desk_.last->name.at(0), "joint1");
    EXPECT_EQ(desk_.last->effort.size(), 7U);

    send(0.5, 4.5);  // longer than what is played ahead at once
    EXPECT_TRUE(co_await until([this] { return on_bus_->robot().counts().taken == 1; })) << desk_.said;
    EXPECT_EQ(other.commander()->name, "the bus");
    EXPECT_TRUE(co_await until([this] { return std::abs(first() - 0.5) < 0.02; }));
    EXPECT_TRUE(co_await until([&] { return !other.commander(); })) << "at its end the lease is free";
    EXPECT_EQ(other.stats().late_chunks, 0U);
  });
}

TEST_F(ArmOnBusTest, IsRefusedWhileSomebodyCommandsAndEndsWhenSomebodyTakesOver) {
  run([this](RemoteController& other) -> Task<void> {
    co_await bring_home(other);
    EXPECT_TRUE(co_await until([this] { return desk_.states > 0; }));
    co_await other.acquire(false);
    send(0.5, 2.0);
    EXPECT_TRUE(co_await until_said("an operator")) << desk_.said;
    EXPECT_EQ(on_bus_->robot().counts().refused, 1U);
    co_await other.release();

    send(1.5, 10.0);
    EXPECT_TRUE(co_await until([this] { return first() > 0.02; }));
    co_await other.acquire(true);
    EXPECT_TRUE(co_await until_said("left its trajectory"));
    EXPECT_LT(first(), 1.0);
    EXPECT_EQ(other.commander()->name, "an operator");
  });
}

TEST_F(ArmOnBusTest, AServiceHaltsItAndGivesTheArmBack) {
  run([this](RemoteController& other) -> Task<void> {
    auto client = desk_.node.client<std_srvs::Trigger>("/test/halt");
    co_await bring_home(other);
    EXPECT_TRUE(co_await until([this] { return desk_.states > 0; }));
    const auto idle = co_await client.call({});
    EXPECT_TRUE(idle && !idle->success);
    send(1.5, 10.0);
    EXPECT_TRUE(co_await until([this] { return first() > 0.02; }));
    const auto halted = co_await client.call({});
    EXPECT_TRUE(halted && halted->success);
    EXPECT_FALSE(other.commander());
    EXPECT_LT(first(), 1.0);
    send(0.0, 3.0);  // and it is moved again
    EXPECT_TRUE(co_await until([this] { return on_bus_->robot().counts().taken == 2; })) << desk_.said;
    EXPECT_TRUE(co_await until([&] { return !other.commander(); }));
    EXPECT_NEAR(first(), 0.0, 0.02);
  });
}

TEST_F(ArmOnBusTest, AnotherTrajectoryTakesThePlaceOfTheOneBefore) {
  run([this](RemoteController& other) -> Task<void> {
    co_await bring_home(other);
    EXPECT_TRUE(co_await until([this] { return desk_.states > 0; }));
    send(1.5, 10.0);
    EXPECT_TRUE(co_await until([this] { return first() > 0.02; }));
    send(0.0, 1.5);
    EXPECT_TRUE(co_await until([this] { return on_bus_->robot().counts().taken == 2; })) << desk_.said;
    EXPECT_TRUE(co_await until([&] { return !other.commander(); }));
    EXPECT_NEAR(first(), 0.0, 0.02);
  });
}

TEST(ShowArmTest, AFailureEndsItAlone) {
  controller::test::OwnFolder folder;
  bool served_on = false;
  async::EventLoop loop;
  loop.run(async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
    nursery.start("bus", show_arm("nobody", std::make_shared<bus::Bus>()));
    co_await sleep_for(50ms);
    served_on = true;
    co_return async::kJoin;
  }));
  EXPECT_TRUE(served_on);
}

}  // namespace
}  // namespace takt::bridge
