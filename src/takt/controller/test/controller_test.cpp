#include "takt/controller/controller.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>

#include <gtest/gtest.h>

#include "takt/controller.hpp"
#include "takt/controller/test/controller_contract.hpp"

// What is not in the contract: how it is made, laws of one's own, the lease, destruction.

namespace takt::controller {
namespace {

using namespace testing;

class ControllerTest : public ::testing::Test {
 protected:
  std::unique_ptr<Controller> make() { return std::make_unique<Controller>(std::make_unique<TestArm>(world), options); }
  template <class F>
  void run(F body) {
    async::EventLoop loop;
    loop.run(body());
  }

  TestWorld world;
  ControllerOptions options{test_options(world)};
};

TEST_F(ControllerTest, CannotBeMadeOfNothing) {
  EXPECT_THROW(Controller(nullptr), LogicError);
}

TEST_F(ControllerTest, RefusesOptionsThatMakeNoSense) {
  options.valid_for = 0ms;
  EXPECT_THROW(make(), LogicError);
  options = test_options(world);
  options.cycle.budget_fraction = 2.0;
  EXPECT_THROW(make(), LogicError);
  options = test_options(world);
  options.X_FE.linear() *= 3.0;
  EXPECT_THROW(make(), LogicError);
  options = test_options(world);
  options.payload_F = control::LinkInertia{.mass_kg = -1.0};
  EXPECT_THROW(make(), LogicError);
  options = test_options(world);
  options.cycle.self_collision_margin_m = 0.01;  // of an arm without capsules
  EXPECT_THROW(make(), LogicError);
  options = test_options(world);
  options.law = control::JointPid{.proportional_nm_rad = core::JointVector::constant(7, -3.0)};
  EXPECT_THROW(make(), ConfigError);
}

TEST_F(ControllerTest, ToolAndPayloadMayBeThereFromTheBeginning) {
  options.X_FE.translation().z() = 0.1;
  options.payload_F = control::LinkInertia{.mass_kg = 0.4, .I_C_kg_m2 = 1e-3 * Eigen::Matrix3d::Identity()};
  const auto controller = make();
  EXPECT_EQ(controller->model().tool().translation().z(), 0.1);
  EXPECT_EQ(controller->model().payload()->mass_kg, 0.4);
}

TEST_F(ControllerTest, DestructionStopsTheArm) {
  run([this]() -> Task<void> {
    auto controller = make();
    co_await controller->start();
    controller->set(home_but(0.5));
    co_await until([&] { return controller->state().measured.dq_rad_s[0] > 0.05; });
    controller.reset();
    EXPECT_TRUE(world.brakes_on);
    EXPECT_EQ(world.stops, 1);
  });
}

/// A spring and a damper at each joint, with the arm's own inertia fed forward.
struct Springs {
  static constexpr std::string_view kName = "springs";
  double stiffness_nm_rad{200.0};
  void step(const control::LawInput& input, core::JointVector& tau_nm) noexcept {
    const core::JointVector feed = input.model.tracking_nm(input.measured.q_rad, input.measured.dq_rad_s,
                                                           input.setpoint.dq_rad_s, input.setpoint.ddq_rad_s2);
    tau_nm.eigen() = stiffness_nm_rad * (input.setpoint.q_rad.eigen() - input.measured.q_rad.eigen()) +
                     20.0 * (input.setpoint.dq_rad_s.eigen() - input.measured.dq_rad_s.eigen()) + feed.eigen();
  }
};

TEST_F(ControllerTest, ALawOfOnesOwnLeadsTheArm) {
  run([this]() -> Task<void> {
    const auto controller = make();
    co_await controller->start();
    co_await controller->use(Springs{.stiffness_nm_rad = 150.0});
    EXPECT_EQ(controller->state().law.view(), "springs");
    co_await controller->move(home_but(0.2));
    EXPECT_EQ(controller->state().law.view(), "springs");
  });
}

TEST_F(ControllerTest, WhoDoesNotHoldTheLeaseIsToldWhoDoes) {
  control::Lease lease;
  options.ports.lease = &lease;
  run([this, &lease]() -> Task<void> {
    const auto controller = make();
    co_await controller->start();
    EXPECT_THROW(controller->set(home()), NotCommanderError);
    const core::Nanoseconds now_ns = world.clock.now_ns();
    const auto epoch = lease.acquire("teleop", now_ns, control::kUnlimited);
    EXPECT_TRUE(epoch.has_value());
    const std::string said = co_await error_of<NotCommanderError>(controller->move(home_but(0.1)));
    EXPECT_NE(said.find("teleop"), std::string::npos) << said;
    controller->command_as(*epoch);
    co_await controller->move(home_but(0.1));
    EXPECT_EQ(controller->state().epoch, *epoch);
    lease.revoke();
    EXPECT_THROW(controller->set(home()), NotCommanderError);
  });
}

TEST_F(ControllerTest, RequestsTakeTurns) {
  world.on_start = [] { std::this_thread::sleep_for(5ms); };
  run([this]() -> Task<void> {
    const auto controller = make();
    co_await async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
      nursery.start("start", [&]() -> Task<void> { co_await controller->start(); });
      nursery.start("use", [&]() -> Task<void> { co_await controller->use(control::JointPid{}); });
      nursery.start("stop", [&]() -> Task<void> { co_await controller->stop(); });
      nursery.start("again", [&]() -> Task<void> { co_await controller->start(); });
      co_return async::kJoin;
    });
    EXPECT_EQ(world.starts, 2);
    EXPECT_EQ(controller->state().law.view(), "joint_pid");
    EXPECT_FALSE(world.brakes_on);
  });
}

TEST_F(ControllerTest, TheLoopTurnsWhileTheArmStartsAndStops) {
  constexpr int kTurns = 6;
  std::atomic<int> turns{0};
  int gave_up = 0;
  bool ended = false;
  world.on_start = world.on_stop = [&] {  // go on only when the loop has turned meanwhile
    const int before = turns;
    int patience_ms = 30'000;
    while (turns < before + kTurns && --patience_ms > 0) {
      std::this_thread::sleep_for(1ms);
    }
    gave_up += patience_ms == 0 ? 1 : 0;
  };
  run([&]() -> Task<void> {
    const auto controller = make();
    co_await async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
      nursery.start("others", [&]() -> Task<void> {
        while (!ended) {
          co_await async::sleep_for(1ms);
          ++turns;
        }
      });
      co_await controller->start();
      co_await controller->stop();
      ended = true;
      co_return async::kJoin;
    });
  });
  EXPECT_EQ(gave_up, 0);
}

TEST_F(ControllerTest, AMoveThatLosesTheLeaseIsToldToWhom) {
  control::Lease lease;
  options.ports.lease = &lease;
  run([this, &lease]() -> Task<void> {
    const auto controller = make();
    co_await controller->start();
    controller->command_as(*lease.acquire("policy", world.clock.now_ns(), control::kUnlimited));
    co_await async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
      nursery.start("operator", [&]() -> Task<void> {
        co_await until([&] { return controller->state().setpoint.dq_rad_s[0] > 0.05; });
        lease.revoke();
        EXPECT_TRUE(lease.acquire("operator", world.clock.now_ns(), control::kUnlimited).has_value());
        controller->halt();
      });
      const std::string said = co_await error_of<NotCommanderError>(controller->move(home_but(2.0)));
      EXPECT_NE(said.find("operator"), std::string::npos) << said;
      co_return async::kJoin;
    });
  });
}

TEST_F(ControllerTest, TheWordsOfTheHouseAreThese) {
  using namespace takt::literals;
  EXPECT_TRUE((std::is_same_v<takt::Controller, controller::Controller>));
  EXPECT_TRUE((std::is_same_v<takt::OperationalSpace, control::OperationalSpace>));
  EXPECT_TRUE((std::is_same_v<takt::Task<void>, async::Task<void>>));
  EXPECT_EQ((50_hz).hz, 50.0);
}

}  // namespace
}  // namespace takt::controller
