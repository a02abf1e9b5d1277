#include "takt/bridge/teleop_on_bus.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "takt/async/tasks/nursery.hpp"
#include "takt/bridge/test/rig.hpp"
#include "takt/messages/packages/std_srvs.hpp"
#include "takt/node/client.hpp"
#include "takt/teleop/robot_node.hpp"
#include "takt/teleop/system_state.hpp"
#include "takt/teleop/test/fake_robots.hpp"

// In real time, with the threads that a teleoperation has.
namespace takt::bridge {
namespace {

using namespace testing;
using teleop::ControlMode;
using teleop::Phase;
using teleop::RobotNode;
using teleop::test::FakeFollower;
using teleop::test::FakeLeader;

class TeleopOnBusTest : public ::testing::Test {
 protected:
  TeleopOnBusTest() {
    auto follower = std::make_unique<FakeFollower>(2, core::steady_clock());
    auto leader = std::make_unique<FakeLeader>(2, core::steady_clock());
    follower_robot_ = follower.get();
    follower_robot_->on_write = [this] {
      for (int i = 0; i < 5000 && hang_; ++i) {
        hanging_ = true;
        std::this_thread::sleep_for(1ms);
      }
      hanging_ = false;
    };
    leader_robot_ = leader.get();
    follower_ = std::make_unique<RobotNode>(bus_, std::move(follower), options("follower"));
    leader_ = std::make_unique<RobotNode>(bus_, std::move(leader), options("leader"));
    teleop::PairOptions pair;
    pair.pipeline.guard.limits = follower_robot_->info().limits;
    for (auto& limits : pair.pipeline.guard.limits) {
      limits.velocity_rad_s *= 0.5;  // the pair's share of them
    }
    pair.pipeline.realign_after_s = 1e6;  // whatever the host does to these threads
    orchestrator_.add_pair(*leader_, *follower_, std::move(pair));
  }
  ~TeleopOnBusTest() override {
    leader_->stop();
    follower_->stop();
  }

  static teleop::RobotNodeOptions options(const char* name) {
    teleop::RobotNodeOptions made;
    made.name = name;
    made.lost_after_s = 1e6;
    made.tracking.error_for_s = 1e6;
    made.freshness = {.hold_after_s = 10.0, .halt_after_s = 20.0};
    return made;
  }

  /// Both robots run, on the bus, and the desk sees them.
  void run(std::function<Task<void>()> body) {
    follower_->start();
    leader_->start();
    on_bus_ = std::make_unique<TeleopOnBus>(orchestrator_, hosts_.robot);
    const auto inside = [this, body = std::move(body)]() -> Task<void> {
      EXPECT_TRUE(co_await until([this] { return desk_.states > 0; }));
      co_await body();
    };
    async::EventLoop loop;
    loop.run(on_bus_->run([this, inside] { return node::with_node(desk_.node, inside); }));
    on_bus_.reset();
  }

  void send(double first, double second, double t_s) {
    EXPECT_TRUE(desk_.trajectories.publish(trajectory_to({"joint1", "joint0"}, {second, first}, t_s)));
  }
  [[nodiscard]] Task<bool> until_said(std::string words) {
    return until([this, words = std::move(words)] { return desk_.said.find(words) != std::string::npos; });
  }
  /// @return the service's success
  Task<bool> ask_for_clutch(bool closed) {
    auto client = desk_.node.client<std_srvs::SetBool>("/follower/clutch");
    std_srvs::SetBool::Request request;
    request.data = closed;
    const auto response = co_await client.call(request);
    EXPECT_TRUE(response);
    co_return response && response->success;
  }
  Task<void> open_clutch_while_it_hangs() {
    EXPECT_TRUE(co_await ask_for_clutch(false));
    EXPECT_FALSE(hang_) << "it is told when the follower halts";
  }
  [[nodiscard]] const RobotOnBus::Counts& counts() const { return on_bus_->robot(1).counts(); }
  [[nodiscard]] double commanded() const {
    const auto writes = follower_robot_->writes();
    return writes.empty() ? 0.0 : writes.back()[0];
  }

  std::atomic<bool> hang_{false};     // the next write, for 5 s at most
  std::atomic<bool> hanging_{false};  // it does
  bus::Bus bus_;
  teleop::SystemState system_state_{bus_};
  FakeFollower* follower_robot_{nullptr};
  FakeLeader* leader_robot_{nullptr};
  std::unique_ptr<RobotNode> leader_;
  std::unique_ptr<RobotNode> follower_;
  teleop::Orchestrator orchestrator_{system_state_};
  Hosts hosts_;
  Desk desk_{hosts_.desk, "follower"};
  std::unique_ptr<TeleopOnBus> on_bus_;
};

TEST_F(TeleopOnBusTest, ShowsLeaderAndFollowerAndTheirOwnTopics) {
  std::optional<JointState> leader;
  std::optional<messages::RobotState> action;
  desk_.node.subscribe<JointState>("/leader/joint_states", [&](const JointState& state) { leader = state; });
  desk_.node.subscribe<messages::RobotState>("/follower/action",
                                             [&](const messages::RobotState& state) { action = state; });
  leader_robot_->set_positions({0.0, 0.1});
  run([&]() -> Task<void> {
    orchestrator_.set_mode(ControlMode::kTeleop);
    EXPECT_TRUE(co_await until([&] { return leader && action && desk_.last->position.at(1) > 0.09; }));
    EXPECT_EQ(leader->name, (std::vector<std::string>{"joint0", "joint1"}));
    EXPECT_EQ(leader->position, (std::vector<double>{0.0, 0.1}));
    EXPECT_GT(action->lease_epoch, 0U);
    EXPECT_EQ(on_bus_->robots(), 2U);
  });
}

TEST_F(TeleopOnBusTest, MovesAFollowerThatNobodyLeads) {
  run([this]() -> Task<void> {
    send(0.4, 0.0, 1.5);
    EXPECT_TRUE(co_await until([this] { return desk_.last->position.at(0) > 0.399; }));
    EXPECT_EQ(counts().taken, 1U);
    EXPECT_TRUE(co_await until([this] { return follower_robot_->halts() == 1; })) << "at its end it is let go";
  });
}

TEST_F(TeleopOnBusTest, RefusesToMoveAFollowerThatIsLed) {
  run([this]() -> Task<void> {
    orchestrator_.set_mode(ControlMode::kTeleop);
    EXPECT_TRUE(co_await until([this] { return orchestrator_.phase(0) == Phase::kEngaged; }));
    send(0.4, 0.0, 1.5);
    EXPECT_TRUE(co_await until_said("trajectory refused: follower is commanded by teleop"));
    EXPECT_EQ(counts().refused, 1U);
    EXPECT_EQ(orchestrator_.phase(0), Phase::kEngaged);
    EXPECT_EQ(commanded(), 0.0);
  });
}

TEST_F(TeleopOnBusTest, AnOpenClutchLetsATrajectoryInAndTheLeaderTakesItBack) {
  run([this]() -> Task<void> {
    orchestrator_.set_mode(ControlMode::kTeleop);
    EXPECT_TRUE(co_await until([this] { return orchestrator_.phase(0) == Phase::kEngaged; }));
    EXPECT_TRUE(co_await ask_for_clutch(false));
    send(1.0, 0.0, 20.0);
    EXPECT_TRUE(co_await until([this] { return commanded() > 0.001; }));
    orchestrator_.set_clutch(0, true);
    EXPECT_TRUE(co_await until_said("left its trajectory: its leader took over"));
    EXPECT_TRUE(co_await until([this] { return orchestrator_.phase(0) == Phase::kEngaged; }));
    EXPECT_EQ(commanded(), 0.0) << "where the leader is";
  });
}

TEST_F(TeleopOnBusTest, AClutchIsNotClosedFromTheBus) {
  run([this]() -> Task<void> {
    orchestrator_.set_mode(ControlMode::kTeleop);
    EXPECT_TRUE(co_await until([this] { return orchestrator_.phase(0) == Phase::kEngaged; }));
    EXPECT_TRUE(co_await ask_for_clutch(false));
    EXPECT_FALSE(co_await ask_for_clutch(true));
    const auto hits = follower_->guards().of(teleop::Guard::kDeadman);
    EXPECT_TRUE(co_await until([&] { return follower_->guards().of(teleop::Guard::kDeadman) > hits + 2; }));
    EXPECT_EQ(orchestrator_.phase(0), Phase::kWaiting) << "the leader goes on talking, and nobody follows";
  });
}

TEST_F(TeleopOnBusTest, OpeningTheClutchEndsATrajectory) {
  run([this]() -> Task<void> {
    send(1.0, 0.0, 20.0);
    EXPECT_TRUE(co_await until([this] { return commanded() > 0.001; }));
    EXPECT_TRUE(co_await ask_for_clutch(false));
    EXPECT_GE(follower_robot_->halts(), 1);
    EXPECT_TRUE(co_await until_said("left its trajectory"));
  });
}

TEST_F(TeleopOnBusTest, RefusesABadTrajectoryAndNothingMoves) {
  run([this]() -> Task<void> {
    send(3.0, 0.0, 20.0);
    EXPECT_TRUE(co_await until_said("joint 'joint0' would go to 3.0"));
    co_await sleep_for(100ms);  // the next refusal is said, too
    EXPECT_TRUE(desk_.trajectories.publish(trajectory_to({"joint0"}, {0.1}, 1.0)));
    EXPECT_TRUE(co_await until_said("joint 'joint1' is missing"));
    EXPECT_EQ(follower_robot_->write_count(), 0U);
    EXPECT_EQ(counts().refused, 2U);
  });
}

TEST_F(TeleopOnBusTest, HoldsATrajectoryAgainstTheShareOfTheLimitsThatThePairHas) {
  run([this]() -> Task<void> {
    send(1.0, 0.0, 1.2);  // at most at 1.25 rad/s: the robot may 2, the pair 1
    EXPECT_TRUE(co_await until_said("joint 'joint0' would move at 1.250 rad/s"));
    EXPECT_TRUE(co_await until_said("its limit is 1.000"));
  });
}

TEST_F(TeleopOnBusTest, AServiceHaltsATrajectory) {
  run([this]() -> Task<void> {
    auto client = desk_.node.client<std_srvs::Trigger>("/follower/halt");
    send(1.0, 0.0, 20.0);
    EXPECT_TRUE(co_await until([this] { return commanded() > 0.001; }));
    const auto halted = co_await client.call({});
    EXPECT_TRUE(halted && halted->success);
    EXPECT_TRUE(co_await until_said("left its trajectory: it was stopped"));
    EXPECT_EQ(follower_robot_->halts(), 1);
    EXPECT_FALSE(follower_->lease().holder(core::monotonic_now_ns()));
  });
}

TEST_F(TeleopOnBusTest, TheLoopTurnsOnWhileAWriteHangs) {
  run([this]() -> Task<void> {
    send(1.0, 0.0, 20.0);
    EXPECT_TRUE(co_await until([this] { return commanded() > 0.001; }));
    hang_ = true;
    EXPECT_TRUE(co_await until([this] { return hanging_.load(); }));
    const auto meanwhile = [this](async::Nursery& nursery) -> Task<async::Join> {
      nursery.start("clutch", open_clutch_while_it_hangs());
      send(0.5, 0.0, 20.0);
      const int states = desk_.states;
      EXPECT_TRUE(co_await until([this, states] { return desk_.states > states + 5; }));
      EXPECT_TRUE(hanging_) << "the loop waited for the write";
      hang_ = false;
      co_return async::kJoin;
    };
    co_await async::with_nursery(meanwhile);
    EXPECT_GE(follower_robot_->halts(), 1);
  });
}

TEST_F(TeleopOnBusTest, ARobotThatFollowsInOnePairAndLeadsInAnotherIsShownOnceAndMoved) {
  RobotNode last(bus_, std::make_unique<FakeFollower>(2, core::steady_clock()), options("last"));
  RobotNode before(bus_, std::make_unique<FakeFollower>(2, core::steady_clock()), options("before"));
  teleop::SystemState system_state(bus_);
  teleop::Orchestrator orchestrator(system_state);
  teleop::PairOptions pair;
  pair.pipeline.guard.limits = follower_robot_->info().limits;
  orchestrator.add_pair(*follower_, last, pair);  // it leads before it is known that it follows
  orchestrator.add_pair(before, *follower_, pair);
  const TeleopOnBus on_bus(orchestrator, hosts_.robot);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < on_bus.robots(); ++i) {
    names.push_back(on_bus.robot(i).name());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"last", "before", "follower"}));
}

TEST_F(TeleopOnBusTest, ItsEndHaltsAFollowerOnItsWay) {
  run([this]() -> Task<void> {
    send(1.0, 0.0, 20.0);
    EXPECT_TRUE(co_await until([this] { return commanded() > 0.001; }));
  });
  EXPECT_EQ(follower_robot_->halts(), 1);
}

}  // namespace
}  // namespace takt::bridge
