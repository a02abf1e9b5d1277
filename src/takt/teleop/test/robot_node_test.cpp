#include "takt/teleop/robot_node.hpp"

#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "takt/teleop/test/fake_robots.hpp"

namespace takt::teleop {
namespace {

using test::FakeFollower;
using test::FakeLeader;

constexpr core::Nanoseconds kMs = 1'000'000;

class RobotNodeTest : public ::testing::Test {
 protected:
  RobotNodeTest() {
    auto robot = std::make_unique<FakeFollower>(2, clock_);
    robot_ = robot.get();
    RobotNodeOptions options;
    options.name = "follower";
    options.keep_trace = 64;
    node_ = std::make_unique<RobotNode>(bus_, std::move(robot), options, clock_);
    epoch_ = node_->lease().acquire("test", clock_.now_ns(), control::kUnlimited).value();
    node_->turn();
  }

  messages::RobotState command(double position) const {
    messages::RobotState state;
    state.stamp_ns = clock_.now_ns();
    state.joint_positions = {position, position};
    state.lease_epoch = epoch_;
    return state;
  }
  void send(const messages::RobotState& state) { node_->action_topic().publish(state); }

  bus::Bus bus_;
  core::ManualClock clock_{1'000'000'000};
  FakeFollower* robot_{nullptr};
  std::unique_ptr<RobotNode> node_;
  control::LeaseEpoch epoch_{0};
};

TEST_F(RobotNodeTest, PublishesItsStateWithSequenceTraceAndFirstHop) {
  node_->turn();
  const auto state = node_->state_topic().latest();
  ASSERT_TRUE(state);
  EXPECT_EQ(state->sequence, 2U);
  EXPECT_NE(state->trace_id, 0U);
  ASSERT_EQ(state->hops.size(), 1U);
  EXPECT_EQ(state->hops[0].point, messages::HopPoint::kGotState);
  EXPECT_EQ(node_->state_topic().name(), "/follower/state");
}

TEST_F(RobotNodeTest, AppliesACommandOnThePublishersThread) {
  std::jthread publisher([&] {
    send(command(0.5));
    EXPECT_EQ(robot_->writer(), std::this_thread::get_id());
  });
  publisher.join();
  EXPECT_EQ(robot_->write_count(), 1U);
  EXPECT_EQ(node_->counters().applied, 1U);
}

TEST_F(RobotNodeTest, RefusesACommandOfAnEpochThatDoesNotHoldTheLease) {
  auto stale = command(0.5);
  epoch_ = node_->lease().hand_over(epoch_, "other", clock_.now_ns(), control::kUnlimited).value();
  send(stale);
  EXPECT_EQ(robot_->write_count(), 0U);
  EXPECT_EQ(node_->guards().of(Guard::kStaleLease), 1U);
  send(command(0.5));
  EXPECT_EQ(robot_->write_count(), 1U);
}

TEST_F(RobotNodeTest, RefusesACommandThatIsTooOldWhenItArrives) {
  auto old = command(0.5);
  clock_.advance_ns(600 * kMs);
  send(old);
  EXPECT_EQ(robot_->write_count(), 0U);
  EXPECT_EQ(node_->guards().of(Guard::kStaleCommand), 1U);
}

TEST_F(RobotNodeTest, HoldsThenHaltsWhenCommandsStopComing) {
  send(command(0.5));
  clock_.advance_ns(99 * kMs);
  node_->turn();
  EXPECT_EQ(node_->guards().of(Guard::kStaleLeaderHold), 0U);
  clock_.advance_ns(50 * kMs);
  node_->turn();
  node_->turn();
  EXPECT_EQ(node_->guards().of(Guard::kStaleLeaderHold), 1U);
  EXPECT_EQ(robot_->halts(), 0);
  clock_.advance_ns(400 * kMs);
  node_->turn();
  node_->turn();
  EXPECT_EQ(node_->guards().of(Guard::kStaleLeaderHalt), 1U);
  EXPECT_EQ(robot_->halts(), 1);
  EXPECT_FALSE(node_->faulted());
}

TEST_F(RobotNodeTest, ExpectsNoCommandsAfterARelease) {
  send(command(0.5));
  node_->release();
  EXPECT_EQ(robot_->halts(), 1);
  clock_.advance_ns(10'000 * kMs);
  node_->turn();
  EXPECT_EQ(node_->guards().of(Guard::kStaleLeaderHold), 0U);
}

TEST_F(RobotNodeTest, ACommandFromBeforeTheReleaseComesTooLate) {
  const auto waiting = command(0.5);
  clock_.advance_ns(kMs);
  node_->release();
  send(waiting);
  EXPECT_EQ(robot_->write_count(), 0U);
  EXPECT_EQ(node_->guards().of(Guard::kStaleCommand), 1U);
  clock_.advance_ns(kMs);
  send(command(0.5));
  EXPECT_EQ(robot_->write_count(), 1U);
}

TEST_F(RobotNodeTest, JudgesFreshnessAlsoWhileTheFollowerIsSilent) {
  send(command(0.5));
  robot_->silence(true);
  clock_.advance_ns(499 * kMs);
  node_->turn();
  EXPECT_EQ(node_->guards().of(Guard::kStaleLeaderHold), 1U);
  clock_.advance_ns(2 * kMs);
  node_->turn();
  EXPECT_EQ(robot_->halts(), 1);
}

TEST_F(RobotNodeTest, NotesTheFateOfARowWhereItIsDecided) {
  auto row = command(0.5);
  row.source_t_s = 1.5;
  row.mark = messages::CommandMark::kClamped;
  send(row);
  row.lease_epoch = 0;
  row.source_t_s = 2.5;
  send(row);
  EXPECT_TRUE(node_->rows().drain().empty()) << "keeps none unless told to";
  EXPECT_EQ(node_->counters().clamped, 1U);
}

TEST_F(RobotNodeTest, AWriteThatThrowsIsAFaultWithASafeStop) {
  robot_->fail_writes(true);
  send(command(0.5));
  EXPECT_TRUE(node_->faulted());
  EXPECT_EQ(node_->fault(), "follower: write failed: overheated");
  EXPECT_EQ(robot_->safe_stop_reason(), "write failed: overheated");
  EXPECT_EQ(node_->guards().of(Guard::kWriteFailed), 1U);
  robot_->fail_writes(false);
  send(command(0.5));
  EXPECT_EQ(robot_->write_count(), 0U) << "a fault stays";
}

TEST_F(RobotNodeTest, ABusThatIsTakenRefusesOneCommandAndIsNoFault) {
  robot_->occupy(true);
  send(command(0.5));
  robot_->occupy(false);
  send(command(0.6));
  EXPECT_FALSE(node_->faulted());
  EXPECT_EQ(node_->guards().of(Guard::kWriteBusy), 1U);
  EXPECT_EQ(robot_->write_count(), 1U);
}

TEST_F(RobotNodeTest, ARobotThatReportsAFaultIsStoppedSafely) {
  robot_->make_sick();
  node_->turn();
  EXPECT_EQ(node_->fault(), "follower: joint 2 overheated");
  EXPECT_EQ(robot_->safe_stop_reason(), "joint 2 overheated");
}

TEST_F(RobotNodeTest, ARobotThatCannotBeReadIsLostAfterAWhileNotAtOnce) {
  robot_->silence(true);
  node_->turn();
  EXPECT_FALSE(node_->faulted());
  clock_.advance_ns(501 * kMs);
  node_->turn();
  EXPECT_TRUE(node_->faulted());
  EXPECT_EQ(node_->guards().of(Guard::kFollowerLost), 1U);
  EXPECT_NE(node_->fault().find("no answer"), std::string::npos);
}

TEST_F(RobotNodeTest, AFollowerThatDoesNotFollowIsStoppedSafely) {
  robot_->stick(true);
  for (int i = 0; i < 60 && !node_->faulted(); ++i) {
    send(command(1.0));
    clock_.advance_ns(10 * kMs);
    node_->turn();
  }
  EXPECT_TRUE(node_->faulted());
  EXPECT_EQ(node_->guards().of(Guard::kTrackingError), 1U);
  EXPECT_FALSE(robot_->safe_stop_reason().empty());
}

TEST_F(RobotNodeTest, TracksOnlyWhatIsScored) {
  auto approach = command(0.1);
  approach.mark = messages::CommandMark::kAligning;
  send(approach);
  node_->turn();
  EXPECT_TRUE(node_->tracking().rms_rad.empty());
  auto engaged = command(0.1);
  engaged.mark = messages::CommandMark::kEngaged;
  send(engaged);
  robot_->set_positions({0.0, 0.0});
  node_->turn();
  ASSERT_EQ(node_->tracking().max_rad.size(), 2U);
  EXPECT_DOUBLE_EQ(node_->tracking().max_rad[0], 0.1);
}

TEST_F(RobotNodeTest, EndsTheTraceOfACommandWithItsApplication) {
  auto state = command(0.5);
  messages::stamp_hop(state, messages::HopPoint::kGotState);
  messages::stamp_hop(state, messages::HopPoint::kPublished);
  send(state);
  const auto traced = node_->trace().drain();
  ASSERT_EQ(traced.size(), 1U);
  EXPECT_EQ(traced[0].hops.back().point, messages::HopPoint::kApplied);
  EXPECT_EQ(node_->trace().end_to_end().count, 1U);
}

/// Two commanders whose writes collide: the second waits a bounded time and is refused then.
TEST_F(RobotNodeTest, AWriteThatTakesTooLongRefusesTheOneThatWaits) {
  std::atomic<bool> inside{false};
  std::atomic<bool> leave{false};
  robot_->on_write = [&] {
    inside = true;
    while (!leave) {
      std::this_thread::yield();
    }
  };
  std::jthread first([&] { send(command(0.1)); });
  while (!inside) {
    std::this_thread::yield();
  }
  send(command(0.2));
  EXPECT_EQ(node_->guards().of(Guard::kWriteBusy), 1U);
  leave = true;
}

TEST(RobotNodeThreadTest, RunsOnItsOwnNamedThreadUntilStopped) {
  bus::Bus bus;
  auto robot = std::make_unique<FakeFollower>(1, core::steady_clock());
  FakeFollower& fake = *robot;
  RobotNodeOptions options;
  options.name = "follower";
  options.rate_hz = 1000;
  RobotNode node(bus, std::move(robot), options);
  std::atomic<int> states{0};
  const auto subscription = node.state_topic().subscribe("count", [&](const messages::RobotState&) { ++states; });
  node.start();
  while (states < 5) {
    std::this_thread::yield();
  }
  node.stop();
  const int at_stop = states;
  EXPECT_TRUE(fake.stopped());
  EXPECT_EQ(node.counters().published, static_cast<std::uint64_t>(at_stop));
}

TEST(RobotNodeQueueTest, AReleaseEmptiesTheQueueAndNotesEveryRowsFate) {
  bus::Bus bus;
  core::ManualClock clock(1'000'000'000);
  auto robot = std::make_unique<FakeFollower>(1, clock);
  FakeFollower& fake = *robot;
  RobotNodeOptions options;
  options.name = "follower";
  options.delivery = Delivery::kFifo;
  options.keep_rows = 16;
  RobotNode node(bus, std::move(robot), options, clock);
  messages::RobotState command;
  command.lease_epoch = node.lease().acquire("test", clock.now_ns(), control::kUnlimited).value();
  command.joint_positions = {0.1};
  command.mark = messages::CommandMark::kEngaged;
  for (int i = 0; i < 3; ++i) {
    command.stamp_ns = clock.now_ns();
    command.source_t_s = i;
    node.action_topic().publish(command);
  }
  node.release();
  EXPECT_EQ(node.guards().of(Guard::kDeliveryDropped), 3U);
  const auto rows = node.rows().drain();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].fate, RowFate::kDropped);
  EXPECT_EQ(fake.write_count(), 0U);
}

/// A leader that freezes: its thread is stuck inside read, and the follower's own thread must notice.
TEST(RobotNodeThreadTest, AFrozenLeaderIsNoticedByTheFollowersOwnThread) {
  bus::Bus bus;
  core::ManualClock clock(1'000'000'000);
  RobotNodeOptions leader_options;
  leader_options.name = "leader";
  auto leader_robot = std::make_unique<FakeLeader>(1, clock);
  FakeLeader& leader_fake = *leader_robot;
  RobotNode leader(bus, std::move(leader_robot), leader_options, core::steady_clock());
  RobotNodeOptions follower_options;
  follower_options.name = "follower";
  auto follower_robot = std::make_unique<FakeFollower>(1, clock);
  FakeFollower& follower_fake = *follower_robot;
  RobotNode follower(bus, std::move(follower_robot), follower_options, clock);
  const auto epoch = follower.lease().acquire("teleop", clock.now_ns(), control::kUnlimited).value();
  const auto wire = leader.state_topic().subscribe("wire", [&](const messages::RobotState& state) {
    messages::RobotState command = state;
    command.lease_epoch = epoch;
    follower.action_topic().publish(command);
  });
  follower.start();
  leader.start();
  while (follower_fake.write_count() < 3) {
    std::this_thread::yield();
  }
  leader_fake.freeze(true);
  while (!leader_fake.in_read()) {
    std::this_thread::yield();
  }
  // Only the follower's clock and thread move. Time stands until the thread has seen the first stage, or it could miss
  // it.
  const control::FreshnessPolicy& freshness = follower_options.freshness;
  while (clock.sleepers() == 0) {
    std::this_thread::yield();
  }
  clock.advance_ns(core::from_seconds((freshness.hold_after_s + freshness.halt_after_s) / 2));
  while (follower.guards().of(Guard::kStaleLeaderHold) == 0) {
    std::this_thread::yield();
  }
  while (follower.guards().of(Guard::kStaleLeaderHalt) == 0) {
    clock.advance_ns(10 * kMs);
    std::this_thread::yield();
  }
  EXPECT_EQ(follower.guards().of(Guard::kStaleLeaderHold), 1U);
  EXPECT_EQ(follower_fake.halts(), 1);
  leader_fake.freeze(false);
  leader.stop();
  const std::jthread ticking([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      clock.advance_ns(kMs);
      std::this_thread::yield();
    }
  });
  follower.stop();
}

}  // namespace
}  // namespace takt::teleop
