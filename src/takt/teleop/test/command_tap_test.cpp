#include "takt/teleop/command_tap.hpp"

#include <atomic>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/teleop/orchestrator.hpp"
#include "takt/teleop/test/fake_robots.hpp"
#include "takt/teleop/test/orchestrator_fixture.hpp"
#include "takt/testing/allocation_guard.hpp"

// What a recorder sees of a command on its way.
namespace takt::teleop {
namespace {

struct Seen {
  std::vector<messages::RobotState> mapped;
  std::vector<messages::RobotState> guarded;
  std::vector<messages::RobotState> sent;
  std::vector<Phase> phases;
  std::vector<ControlMode> modes;
  std::vector<std::string> faults;
};

class KeepingTap final : public CommandTap {
 public:
  KeepingTap(Seen& seen, std::mutex& mutex) : seen_(seen), mutex_(mutex) {}
  void mapped(const messages::RobotState& wanted) noexcept override { keep(seen_.mapped, wanted); }
  void guarded(const messages::RobotState& command) noexcept override { keep(seen_.guarded, command); }
  void sent(const messages::RobotState& command) noexcept override { keep(seen_.sent, command); }
  void phase_changed(Phase phase) noexcept override { keep(seen_.phases, phase); }
  void mode_changed(ControlMode mode) noexcept override { keep(seen_.modes, mode); }
  void failed(const std::string& fault) noexcept override { keep(seen_.faults, fault); }

 private:
  template <class T>
  void keep(std::vector<T>& values, const T& value) {
    const std::scoped_lock lock(mutex_);
    values.push_back(value);
  }

  Seen& seen_;
  std::mutex& mutex_;
};

class CountingTap final : public CommandTap {
 public:
  void mapped(const messages::RobotState& /*wanted*/) noexcept override { ++count; }
  void guarded(const messages::RobotState& /*command*/) noexcept override { ++count; }
  void sent(const messages::RobotState& /*command*/) noexcept override { ++count; }
  void phase_changed(Phase /*phase*/) noexcept override {}
  void mode_changed(ControlMode /*mode*/) noexcept override {}
  void failed(const std::string& /*fault*/) noexcept override {}

  std::atomic<std::uint64_t> count{0};
};

class CommandTapTest : public OrchestratorTest {
 protected:
  void make_tapped(PairOptions options = {}) {
    make(std::move(options));
    follower_->set_tap(std::make_unique<KeepingTap>(seen_, mutex_));
  }

  std::mutex mutex_;
  Seen seen_;
};

/// The same command at two points of its way, with the stamp of its own that each point gave it.
void expect_later(const messages::RobotState& earlier, messages::HopPoint from, const messages::RobotState& later,
                  messages::HopPoint to) {
  ASSERT_FALSE(earlier.hops.empty());
  ASSERT_FALSE(later.hops.empty());
  EXPECT_EQ(earlier.hops.back().point, from);
  EXPECT_EQ(later.hops.back().point, to);
  EXPECT_LE(earlier.hops.back().stamp_ns, later.hops.back().stamp_ns);
  EXPECT_EQ(earlier.trace_id, later.trace_id);
  EXPECT_EQ(earlier.stamp_ns, later.stamp_ns) << "when the leader was read, never written again";
}

TEST_F(CommandTapTest, SeesTheSameCommandMappedGuardedAndSentWithStampsOfTheirOwn) {
  PairOptions options;
  options.map.scale = {0.5, 0.5};
  make_tapped(std::move(options));
  leader_robot_->set_positions({0.4, -0.2});
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  leader_robot_->set_positions({1.6, -0.2});
  tick();
  ASSERT_FALSE(seen_.sent.empty());
  ASSERT_EQ(seen_.mapped.size(), seen_.sent.size());
  ASSERT_EQ(seen_.guarded.size(), seen_.sent.size());
  for (std::size_t i = 0; i < seen_.sent.size(); ++i) {
    using enum messages::HopPoint;
    expect_later(seen_.mapped[i], kConverted, seen_.guarded[i], kGuarded);
    expect_later(seen_.guarded[i], kGuarded, seen_.sent[i], kApplied);
  }
  EXPECT_EQ(seen_.mapped.back().joint_positions, (core::JointVector{0.8, -0.1})) << "before the guards";
  EXPECT_LT(seen_.guarded.back().joint_positions[0], 0.4) << "after them";
  EXPECT_EQ(seen_.guarded.back().mark, messages::CommandMark::kClamped);
  EXPECT_EQ(seen_.sent.back().joint_positions, follower_robot_->writes().back());
  EXPECT_EQ(seen_.sent.back().joint_positions, seen_.guarded.back().joint_positions);
}

TEST_F(CommandTapTest, SeesOfARefusedCommandWhatWasWantedAndNoMore) {
  PairOptions options;
  options.pipeline.guard.velocity = LimitPolicy::kReject;
  make_tapped(std::move(options));
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  const Seen before = seen_;
  leader_robot_->set_positions({1.0, 0.0});
  tick();
  EXPECT_EQ(seen_.mapped.size(), before.mapped.size() + 1);
  EXPECT_EQ(seen_.guarded.size(), before.guarded.size());
  EXPECT_EQ(seen_.sent.size(), before.sent.size());
}

TEST_F(CommandTapTest, SeesNothingOfAStateThatIsNoNumber) {
  make_tapped();
  orchestrator_->set_mode(ControlMode::kTeleop);
  leader_robot_->set_positions({std::numeric_limits<double>::quiet_NaN(), 0.0});
  tick();
  EXPECT_TRUE(seen_.mapped.empty()) << "the map refuses it: there is no such value in the follower's joints";
}

TEST_F(CommandTapTest, SeesAsSentOnlyWhatTheRobotTook) {
  make_tapped();
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick();
  const auto sent = seen_.sent.size();
  follower_robot_->occupy(true);
  tick();
  EXPECT_EQ(seen_.sent.size(), sent);
  EXPECT_EQ(seen_.guarded.size(), sent + 1);
}

TEST_F(CommandTapTest, SeesAPolicysActionsAndAMotions) {
  make_tapped();
  orchestrator_->set_mode(ControlMode::kPolicy);
  messages::RobotState action;
  action.joint_positions = {0.1, 0.0};
  action.stamp_ns = clock_.now_ns();
  orchestrator_->submit_policy_action(0, action);
  ASSERT_EQ(seen_.sent.size(), 1U);
  EXPECT_EQ(seen_.mapped[0].joint_positions, (core::JointVector{0.1, 0.0}));
  EXPECT_EQ(seen_.mapped[0].hops.back().point, messages::HopPoint::kEnter);

  orchestrator_->set_mode(ControlMode::kIdle);
  const auto epoch = orchestrator_->begin_motion(0, "somebody");
  ASSERT_TRUE(epoch);
  clock_.advance_ns(kTick);
  messages::RobotState step;
  step.joint_positions = {0.0, 0.2};
  step.stamp_ns = clock_.now_ns();
  ASSERT_TRUE(orchestrator_->submit_motion(0, *epoch, step));
  ASSERT_EQ(seen_.sent.size(), 2U);
  EXPECT_EQ(seen_.mapped[1].joint_positions, (core::JointVector{0.0, 0.2}));
  EXPECT_EQ(seen_.guarded.size(), 2U);
}

TEST_F(CommandTapTest, HearsOfModesPhasesAndTheFirstFaultOnce) {
  make_tapped();
  leader_robot_->set_positions({0.5, 0.0});
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  tick();
  orchestrator_->set_clutch(0, false);
  orchestrator_->set_mode(ControlMode::kIdle);
  EXPECT_EQ(seen_.modes, (std::vector{ControlMode::kTeleop, ControlMode::kIdle}));
  EXPECT_EQ(seen_.phases, (std::vector{Phase::kAligning, Phase::kEngaged, Phase::kWaiting}));
  EXPECT_TRUE(seen_.faults.empty());
  follower_->fail("it smokes");
  follower_->fail("it burns");
  EXPECT_EQ(seen_.faults, std::vector<std::string>{"follower: it smokes"});
}

TEST_F(CommandTapTest, CostsNoAllocation) {
  make();
  auto owned = std::make_unique<CountingTap>();
  CountingTap& tap = *owned;
  follower_->set_tap(std::move(owned));
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  follower_robot_->reserve(2000);
  const std::uint64_t before = tap.count;
  messages::RobotState target;
  target.joint_positions = {0.0, 0.0};
  std::uint64_t allocations = 0;
  for (int i = 0; i < 1000; ++i) {
    clock_.advance_ns(kTick);
    target.stamp_ns = clock_.now_ns();
    target.hops.clear();
    {
      const testing::AllocationGuard guard;
      leader_->state_topic().publish(target);
      allocations += guard.count();
    }
    follower_->turn();
  }
  EXPECT_EQ(tap.count - before, 3000U);
  EXPECT_EQ(allocations, 0U);
}

/// Commands, mode changes and faults from threads of their own (run under ThreadSanitizer).
TEST_F(CommandTapTest, MayBeCalledByAllThreadsOfATeleoperation) {
  lost_after_s_ = 1e6;
  make_tapped();
  std::atomic<bool> done{false};
  std::atomic<int> led{0};
  std::atomic<int> owned{0};
  std::jthread leading([&] {
    while (!done) {
      clock_.advance_ns(kMs);
      leader_->turn();
      ++led;
    }
  });
  std::jthread owning([&] {
    while (!done) {
      follower_->turn();
      ++owned;
      std::this_thread::yield();
    }
  });
  for (int i = 0; i < 50; ++i) {
    orchestrator_->set_mode(i % 2 == 0 ? ControlMode::kTeleop : ControlMode::kIdle);
    const int led_before = led;
    const int owned_before = owned;
    while (led < led_before + 2 || owned < owned_before + 2) {  // ctest ends a test for which that never is
      std::this_thread::yield();
    }
  }
  follower_->fail("enough");
  done = true;
  leading.join();
  owning.join();
  EXPECT_FALSE(seen_.sent.empty());
  EXPECT_EQ(seen_.modes.size(), 50U);
  EXPECT_EQ(seen_.faults.size(), 1U);
}

}  // namespace
}  // namespace takt::teleop
