#include "takt/teleop/policy_worker.hpp"

#include <memory>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/teleop/test/fake_robots.hpp"

namespace takt::teleop {
namespace {

using test::FakeFollower;
using test::FakeLeader;

class PolicyWorkerTest : public ::testing::Test {
 protected:
  PolicyWorkerTest() {
    auto robot = std::make_unique<FakeFollower>(1, core::steady_clock());
    robot_ = robot.get();
    follower_ =
        std::make_unique<RobotNode>(bus_, std::move(robot), RobotNodeOptions{.name = "follower", .lost_after_s = 1e6});
    leader_ = std::make_unique<RobotNode>(bus_, std::make_unique<FakeLeader>(1, core::steady_clock()),
                                          RobotNodeOptions{.name = "leader"});
    PairOptions options;
    options.pipeline.guard.limits = robot_->info().limits;
    orchestrator_.add_pair(*leader_, *follower_, options);
    follower_->turn();
  }

  bus::Bus bus_;
  SystemState system_state_{bus_};
  FakeFollower* robot_{nullptr};
  std::unique_ptr<RobotNode> leader_;
  std::unique_ptr<RobotNode> follower_;
  Orchestrator orchestrator_{system_state_};
};

TEST_F(PolicyWorkerTest, ActsOnItsOwnThreadOnlyWhileTheModeIsPolicy) {
  std::atomic<int> asked{0};
  PolicyWorker worker(orchestrator_, 0, 1000.0, [&](const messages::RobotState&, messages::RobotState& action) {
    ++asked;
    action.joint_positions = {0.0};
    return true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(asked, 0);
  orchestrator_.set_mode(ControlMode::kPolicy);
  while (robot_->write_count() < 3) {
    std::this_thread::yield();
  }
  EXPECT_NE(robot_->writer(), std::this_thread::get_id());
}

TEST_F(PolicyWorkerTest, AnExceptionIsCountedAndThePolicyAskedAgain) {
  PolicyWorker worker(orchestrator_, 0, 1000.0, [](const messages::RobotState&, messages::RobotState&) -> bool {
    throw std::runtime_error("out of memory on the GPU");
  });
  orchestrator_.set_mode(ControlMode::kPolicy);
  while (worker.failures() < 3) {
    std::this_thread::yield();
  }
  EXPECT_EQ(robot_->write_count(), 0U);
}

TEST_F(PolicyWorkerTest, NoActionMeansNoCommand) {
  std::atomic<int> asked{0};
  PolicyWorker worker(orchestrator_, 0, 1000.0, [&](const messages::RobotState&, messages::RobotState&) {
    ++asked;
    return false;
  });
  orchestrator_.set_mode(ControlMode::kPolicy);
  while (asked < 3) {
    std::this_thread::yield();
  }
  EXPECT_EQ(robot_->write_count(), 0U);
  EXPECT_EQ(worker.actions(), 0U);
}

TEST_F(PolicyWorkerTest, RefusesARateThatIsNotPositive) {
  EXPECT_THROW(PolicyWorker(orchestrator_, 0, 0.0, nullptr), LogicError);
}

}  // namespace
}  // namespace takt::teleop
