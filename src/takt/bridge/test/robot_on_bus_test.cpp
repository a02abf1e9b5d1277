#include "takt/bridge/robot_on_bus.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include "takt/bridge/test/rig.hpp"
#include "takt/core/error.hpp"
#include "takt/messages/packages/std_srvs.hpp"
#include "takt/node/client.hpp"

namespace takt::bridge {
namespace {

using namespace testing;

/// Is where the test puts it, and remembers where it was sent.
class TestRobot final : public MovableRobot {
 public:
  TestRobot() {
    control::JointLimits limits;
    limits.position_min_rad = -2.0;
    limits.position_max_rad = 2.0;
    limits.velocity_rad_s = 1.0;
    joints_ = {.names = {"pan", "lift"}, .limits = {limits, limits}};
  }
  [[nodiscard]] const Joints& joints() const noexcept override { return joints_; }
  [[nodiscard]] std::optional<messages::RobotState> state() override { return now; }
  [[nodiscard]] std::optional<control::JointPath::Reference> standing() override {
    if (!now) {
      return std::nullopt;
    }
    return control::JointPath::Reference{.q_rad = now->joint_positions, .dq_rad_s = core::JointVector::zero(2)};
  }
  [[nodiscard]] Task<void> follow(Plan plan) override {
    co_await sleep_for(1ms);
    if (busy) {
      throw DeviceError("somebody else moves it");
    }
    if (meanwhile) {
      meanwhile();
    }
    const control::JointPath path = plan(*standing());
    path_begin = path.at(path.begin_ns()).q_rad;
    path_end = path.at(path.end_ns()).q_rad;
  }

  void stand_at(core::JointVector q_rad) {
    now.emplace();
    now->stamp_ns = core::monotonic_now_ns();
    now->joint_positions = q_rad;
  }

  std::optional<messages::RobotState> now;
  [[nodiscard]] Task<bool> halt() override {
    ++halts;
    co_return std::exchange(path_end, std::nullopt).has_value();
  }

  std::function<void()> meanwhile;  ///< happens while it takes command
  std::optional<core::JointVector> path_begin;
  std::optional<core::JointVector> path_end;
  int halts{0};
  bool busy{false};

 private:
  Joints joints_;
};

class RobotOnBusTest : public ::testing::Test {
 protected:
  void run(const std::function<Task<void>()>& body) { loop_.run(node::with_node(node_, desk_.node, body)); }
  /// Sends a trajectory, which is refused with these words.
  Task<void> expect_refused(JointTrajectory message, std::string words) {
    const auto before = shown_.counts().refused;
    desk_.said.clear();
    EXPECT_TRUE(desk_.trajectories.publish(message));
    EXPECT_TRUE(co_await until([&] { return desk_.said.find(words) != std::string::npos; }))
        << "want " << words << ", said: " << desk_.said;
    EXPECT_EQ(shown_.counts().refused, before + 1);
    EXPECT_FALSE(robot_.path_end);
    co_await sleep_for(100ms);  // the next refusal is said, too
  }

  Hosts hosts_;
  TestRobot robot_;
  node::Node node_{"robot", hosts_.robot};
  RobotOnBus shown_{node_, "arm", robot_};
  Desk desk_{hosts_.desk, "arm"};
  async::EventLoop loop_;
};

TEST_F(RobotOnBusTest, ShowsEachNewStateOnce) {
  run([this]() -> Task<void> {
    co_await sleep_for(30ms);
    EXPECT_EQ(desk_.states, 0) << "nothing is known yet";
    robot_.stand_at({0.1, -0.2});
    robot_.now->joint_velocities = {0.5, 0.6};
    robot_.now->joint_efforts = {7.0, 8.0};
    EXPECT_TRUE(co_await until([this] { return desk_.states > 0; }));
    co_await sleep_for(50ms);
    EXPECT_EQ(desk_.states, 1) << "and not again";
    EXPECT_EQ(desk_.last->name, (std::vector<std::string>{"pan", "lift"}));
    EXPECT_EQ(desk_.last->position, (std::vector<double>{0.1, -0.2}));
    EXPECT_EQ(desk_.last->velocity, (std::vector<double>{0.5, 0.6}));
    EXPECT_EQ(desk_.last->effort, (std::vector<double>{7.0, 8.0}));
    robot_.stand_at({0.2, -0.2});
    EXPECT_TRUE(co_await until([this] { return desk_.states == 2; }));
    EXPECT_TRUE(desk_.last->velocity.empty()) << "a robot that does not know its velocities says none";
  });
}

TEST_F(RobotOnBusTest, ARobotFasterThanTheShowIsShownAtItsRate) {
  run([this]() -> Task<void> {
    for (int i = 0; i < 500; ++i) {
      robot_.stand_at({0.001 * i, 0.0});
      co_await sleep_for(1ms);
    }
    EXPECT_GT(desk_.states, 1);
    EXPECT_LE(static_cast<std::uint64_t>(desk_.states), shown_.counts().shown);
  });
}

TEST_F(RobotOnBusTest, TakesATrajectoryAndSaysSo) {
  run([this]() -> Task<void> {
    robot_.stand_at({0.0, 0.0});
    EXPECT_TRUE(desk_.trajectories.publish(trajectory_to({"lift", "pan"}, {0.3, -0.3}, 1.0)));
    EXPECT_TRUE(co_await until([this] { return shown_.counts().taken == 1; }));
    EXPECT_EQ(*robot_.path_end, (core::JointVector{-0.3, 0.3}));
    EXPECT_TRUE(co_await until([this] { return desk_.said.find("moves along") != std::string::npos; }));
  });
}

TEST_F(RobotOnBusTest, RefusesABadTrajectoryCountsItAndSaysWhy) {
  run([this]() -> Task<void> {
    co_await expect_refused(trajectory_to({"lift", "pan"}, {0.3, 0.3}, 1.0), "it does not run");
    robot_.stand_at({0.0, 0.0});
    co_await expect_refused(trajectory_to({"lift", "wrist"}, {0.3, 0.3}, 1.0),
                            "arm: trajectory refused: there is no joint");
    co_await expect_refused(trajectory_to({"lift", "pan"}, {0.3, std::nan("")}, 1.0), "not finite");
    co_await expect_refused(trajectory_to({"lift", "pan"}, {0.3, 3.0}, 9.0), "would go to 3.0");
    co_await expect_refused(trajectory_to({"lift", "pan"}, {0.3, 1.0}, 0.1), "would move at 15.");
    robot_.busy = true;
    co_await expect_refused(trajectory_to({"lift", "pan"}, {0.3, 0.3}, 1.0), "somebody else moves it");
    EXPECT_EQ(shown_.counts().taken, 0U);
  });
}

TEST_F(RobotOnBusTest, PlansFromWhereItStandsUnderCommand) {
  run([this]() -> Task<void> {
    robot_.stand_at({0.0, 0.0});
    robot_.meanwhile = [this] { robot_.stand_at({0.1, 0.0}); };
    EXPECT_TRUE(desk_.trajectories.publish(trajectory_to({"lift", "pan"}, {0.3, -0.3}, 2.0)));
    EXPECT_TRUE(co_await until([this] { return shown_.counts().taken == 1; }));
    EXPECT_EQ(*robot_.path_begin, (core::JointVector{0.1, 0.0}));
    robot_.path_end.reset();
    robot_.meanwhile = [this] { robot_.stand_at({1.9, 0.0}); };
    co_await expect_refused(trajectory_to({"lift", "pan"}, {0.3, -0.3}, 2.0), "would move at");
  });
}

TEST_F(RobotOnBusTest, AServiceHaltsItAndATrajectoryWithoutPointsDoes) {
  run([this]() -> Task<void> {
    auto client = desk_.node.client<std_srvs::Trigger>("/arm/halt");
    robot_.stand_at({0.0, 0.0});
    const auto idle = co_await client.call({});
    EXPECT_TRUE(idle && !idle->success);
    EXPECT_TRUE(desk_.trajectories.publish(trajectory_to({"lift", "pan"}, {0.3, -0.3}, 2.0)));
    EXPECT_TRUE(co_await until([this] { return robot_.path_end.has_value(); }));
    const auto halted = co_await client.call({});
    EXPECT_TRUE(halted && halted->success);
    EXPECT_FALSE(robot_.path_end);
    EXPECT_TRUE(desk_.trajectories.publish(trajectory_to({"lift", "pan"}, {0.3, -0.3}, 2.0)));
    EXPECT_TRUE(co_await until([this] { return robot_.path_end.has_value(); }));
    EXPECT_TRUE(desk_.trajectories.publish({}));
    EXPECT_TRUE(co_await until([this] { return robot_.halts == 3; }));
    EXPECT_FALSE(robot_.path_end);
    EXPECT_EQ(shown_.counts().refused, 0U);
  });
}

TEST(JointStateTest, IsStampedWithTheWallTimeOfTheMeasurement) {
  messages::RobotState state;
  state.stamp_ns = 5'000'000'000;
  state.joint_positions = {1.0};
  const auto shown = joint_state(state, {.names = {"pan"}, .limits = {{}}},
                                 {.monotonic_ns = 5'250'000'000, .wall_ns = 1'700'000'000'100'000'000});
  EXPECT_EQ(shown.header.stamp.sec, 1'699'999'999);
  EXPECT_EQ(shown.header.stamp.nanosec, 850'000'000U);
}

}  // namespace
}  // namespace takt::bridge
