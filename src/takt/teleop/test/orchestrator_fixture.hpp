#pragma once

#include <memory>
#include <utility>

#include <gtest/gtest.h>

#include "takt/teleop/orchestrator.hpp"
#include "takt/teleop/test/fake_robots.hpp"

namespace takt::teleop {

inline constexpr core::Nanoseconds kMs = 1'000'000;
inline constexpr core::Nanoseconds kTick = 10 * kMs;

/// A leader and a follower of two joints on a manual clock.
class OrchestratorTest : public ::testing::Test {
 protected:
  void make(PairOptions options = {}) {
    leader_ = make_node<test::FakeLeader>("leader", leader_robot_);
    follower_ = make_node<test::FakeFollower>("follower", follower_robot_);
    options.pipeline.guard.limits = follower_robot_->info().limits;
    orchestrator_ = std::make_unique<Orchestrator>(system_state_, clock_);
    orchestrator_->add_pair(*leader_, *follower_, std::move(options));
    follower_->turn();
  }

  template <class Robot>
  std::unique_ptr<RobotNode> make_node(const char* name, Robot*& fake) {
    auto robot = std::make_unique<Robot>(2, clock_);
    fake = robot.get();
    RobotNodeOptions options;
    options.name = name;
    options.keep_trace = 1024;
    options.lost_after_s = lost_after_s_;
    return std::make_unique<RobotNode>(bus_, std::move(robot), options, clock_);
  }

  /// One period: the leader reads and everything happens on this stack; then the follower's owner has its turn.
  void tick() {
    clock_.advance_ns(kTick);
    leader_->turn();
    follower_->turn();
  }

  void tick_until_engaged() {
    for (int i = 0; i < 2000 && orchestrator_->phase(0) != Phase::kEngaged; ++i) {
      tick();
    }
    ASSERT_EQ(orchestrator_->phase(0), Phase::kEngaged);
  }

  [[nodiscard]] std::uint64_t hits(Guard guard) { return follower_->guards().of(guard); }

  double lost_after_s_{0.5};
  bus::Bus bus_;
  core::ManualClock clock_{1'000'000'000};
  SystemState system_state_{bus_};
  test::FakeLeader* leader_robot_{nullptr};
  test::FakeFollower* follower_robot_{nullptr};
  std::unique_ptr<RobotNode> leader_;
  std::unique_ptr<RobotNode> follower_;
  std::unique_ptr<Orchestrator> orchestrator_;
};

}  // namespace takt::teleop
