#include "takt/teleop/command_pipeline.hpp"

#include <memory>

#include <gtest/gtest.h>

#include "takt/teleop/test/fake_robots.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::teleop {
namespace {

using test::FakeFollower;

constexpr core::Nanoseconds kTick = 10'000'000;

class CommandPipelineTest : public ::testing::Test {
 protected:
  void make(double smoothing_tau_s = 0.0) {
    auto robot = std::make_unique<FakeFollower>(1, clock_);
    robot_ = robot.get();
    node_ = std::make_unique<RobotNode>(bus_, std::move(robot), RobotNodeOptions{.name = "follower"}, clock_);
    CommandPipelineOptions options;
    options.guard.limits = robot_->info().limits;
    options.smoothing_tau_s = smoothing_tau_s;
    pipeline_ = std::make_unique<CommandPipeline>(options, *node_);
    node_->turn();
  }

  /// What one target becomes; the fake follower goes there at once.
  double process(double target) {
    clock_.advance_ns(kTick);
    messages::RobotState command;
    command.stamp_ns = clock_.now_ns();
    command.joint_positions = {target};
    EXPECT_NE(pipeline_->process(command), Verdict::kRejected);
    robot_->set_positions(command.joint_positions);
    node_->turn();
    return command.joint_positions[0];
  }

  bus::Bus bus_;
  core::ManualClock clock_{1'000'000'000};
  FakeFollower* robot_{nullptr};
  std::unique_ptr<RobotNode> node_;
  std::unique_ptr<CommandPipeline> pipeline_;
};

TEST_F(CommandPipelineTest, WaitsAlignsAndEngages) {
  make();
  EXPECT_EQ(pipeline_->phase(), Phase::kWaiting);
  process(0.5);
  EXPECT_EQ(pipeline_->phase(), Phase::kAligning);
  double last = 0.0;
  for (int i = 0; i < 500 && pipeline_->phase() != Phase::kEngaged; ++i) {
    last = process(0.5);
  }
  EXPECT_EQ(pipeline_->phase(), Phase::kEngaged);
  EXPECT_EQ(last, 0.5);
}

TEST_F(CommandPipelineTest, EngagesOnlyWhenTheFollowerItselfIsClose) {
  make();
  for (int i = 0; i < 500; ++i) {
    process(0.5);
    robot_->set_positions({0.3});
    node_->turn();
  }
  EXPECT_EQ(pipeline_->phase(), Phase::kAligning);
  process(0.5);
  process(0.5);
  EXPECT_EQ(pipeline_->phase(), Phase::kEngaged);
}

TEST_F(CommandPipelineTest, FollowsALeaderThatMovesWhileItAligns) {
  make();
  double target = 0.5;
  for (int i = 0; i < 500 && pipeline_->phase() != Phase::kEngaged; ++i) {
    target += 0.001;
    process(target);
  }
  EXPECT_EQ(pipeline_->phase(), Phase::kEngaged);
  EXPECT_EQ(process(target + 0.001), target + 0.001);
}

TEST_F(CommandPipelineTest, ARestartStartsFromWhereTheFollowerIs) {
  make();
  while (pipeline_->phase() != Phase::kEngaged) {
    process(0.0);
  }
  pipeline_->restart();
  EXPECT_EQ(pipeline_->phase(), Phase::kWaiting);
  robot_->set_positions({-1.0});
  node_->turn();
  EXPECT_NEAR(process(1.0), -1.0, 0.01);
}

TEST_F(CommandPipelineTest, SmoothsAfterTheGuards) {
  make(0.1);
  for (int i = 0; i < 100; ++i) {
    process(0.0);
  }
  ASSERT_EQ(pipeline_->phase(), Phase::kEngaged);
  const double first = process(0.001);
  EXPECT_GT(first, 0.0);
  EXPECT_LT(first, 0.001);
}

TEST_F(CommandPipelineTest, RefusesATargetWhoseFollowerHasOtherJoints) {
  make();
  messages::RobotState command;
  command.stamp_ns = clock_.now_ns();
  command.joint_positions = {0.0, 0.0};
  EXPECT_EQ(pipeline_->process(command), Verdict::kRejected);
  EXPECT_EQ(node_->guards().of(Guard::kFollowerLost), 1U);
  EXPECT_EQ(pipeline_->phase(), Phase::kWaiting);
}

TEST_F(CommandPipelineTest, AllocatesNothing) {
  make(0.02);
  process(0.5);
  messages::RobotState command;
  command.joint_positions = {0.5};
  const testing::AllocationGuard guard;
  for (int i = 1; i < 100; ++i) {
    command.stamp_ns = clock_.now_ns() + i * 1'000'000;
    static_cast<void>(pipeline_->process(command));
  }
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::teleop
