#include "takt/robots/playback/playback_robot.hpp"

#include <atomic>
#include <functional>
#include <limits>
#include <thread>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::robots::playback {
namespace {

using core::csv::parse_recording;

constexpr core::Nanoseconds kMillisecond = 1'000'000;

/// Virtual time for one thread: whoever sleeps takes the clock along. What is due on the way happens at its time.
class LeapClock final : public core::Clock {
 public:
  [[nodiscard]] core::Nanoseconds now_ns() const noexcept override { return now_ns_; }
  void sleep_until_ns(core::Nanoseconds deadline_ns) noexcept override {
    if (event_ && event_at_ns_ <= deadline_ns) {
      now_ns_ = std::max(now_ns_, event_at_ns_);
      std::exchange(event_, nullptr)();
    }
    now_ns_ = std::max(now_ns_, deadline_ns);
  }
  void advance(core::Nanoseconds duration_ns) { now_ns_ += duration_ns; }
  void at(core::Nanoseconds when_ns, std::function<void()> event) {
    event_at_ns_ = when_ns;
    event_ = std::move(event);
  }

 private:
  core::Nanoseconds now_ns_{1000 * kMillisecond};
  core::Nanoseconds event_at_ns_{0};
  std::function<void()> event_;
};

/// Five rows at uneven times: 0, 20, 50, 60 and 200 ms after 7 s; joint = row number.
Recording uneven_recording() {
  return parse_recording("t_s,target_a_rad,target_gripper_pct\n7,0,0\n7.02,1,10\n7.05,2,20\n7.06,3,30\n7.2,4,40\n",
                         "uneven");
}

class PlaybackTest : public ::testing::Test {
 protected:
  messages::RobotState read() {
    messages::RobotState state;
    robot().read(state);
    return state;
  }
  PlaybackRobot& robot() { return *robot_; }
  void make(const PlaybackOptions& options, Recording recording = uneven_recording()) {
    robot_ = std::make_unique<PlaybackRobot>(std::move(recording), options, clock_);
    robot_->start();
  }
  void expect_row(const messages::RobotState& state, double row, core::Nanoseconds stamp_ns) {
    EXPECT_EQ(state.joint_positions, core::JointVector{row});
    EXPECT_NEAR(state.gripper_position.value(), row / 10.0, 1e-12);
    EXPECT_EQ(state.stamp_ns, stamp_ns) << "row " << row;
  }

  LeapClock clock_;
  core::Nanoseconds t0_{clock_.now_ns()};
  std::unique_ptr<PlaybackRobot> robot_;
};

TEST_F(PlaybackTest, DescribesALeaderThatPacesItself) {
  make({});
  EXPECT_TRUE(robot().info().self_paced);
  EXPECT_FALSE(robot().info().can_write);
  EXPECT_TRUE(robot().info().has_gripper);
  EXPECT_EQ(robot().info().joint_names, std::vector<std::string>{"a"});
  EXPECT_EQ(robot().info().limits.size(), 1U);
  EXPECT_THROW(robot().write({}), LogicError);
  EXPECT_THROW(robot().start(), LogicError);
}

TEST_F(PlaybackTest, GivesEveryRowOnceAtItsOwnTime) {
  make({});
  robot().set_engaged(true);
  const std::vector<core::Nanoseconds> due_ms{0, 20, 50, 60, 200};
  const std::vector<double> source_s{7.0, 7.02, 7.05, 7.06, 7.2};
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(robot().health(), RobotHealth::kOk);
    const messages::RobotState state = read();
    expect_row(state, static_cast<double>(i), t0_ + due_ms[i] * kMillisecond);
    EXPECT_EQ(state.source_t_s, source_s[i]);
  }
  EXPECT_EQ(robot().health(), RobotHealth::kFinished);
  EXPECT_EQ(robot().rows_played(), 5U);
  EXPECT_EQ(robot().shifts(), 0U);
}

TEST_F(PlaybackTest, RepeatsTheLastRowWithItsOldStampWhenFinishedAndDoesNotSpin) {
  make({});
  robot().set_engaged(true);
  messages::RobotState last;
  for (int i = 0; i < 5; ++i) {
    last = read();
  }
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(read(), last);
    EXPECT_EQ(clock_.now_ns(), last.stamp_ns + i * 10 * kMillisecond);
  }
  EXPECT_EQ(robot().rows_played(), 5U);
}

TEST_F(PlaybackTest, PlaysFasterAndSlower) {
  make({.speed = 2.0});
  robot().set_engaged(true);
  read();
  expect_row(read(), 1, t0_ + 10 * kMillisecond);
  make({.speed = 0.5});
  t0_ = clock_.now_ns();
  robot().set_engaged(true);
  read();
  expect_row(read(), 1, t0_ + 40 * kMillisecond);
}

TEST_F(PlaybackTest, WaitsAtTheFirstRowWithFreshStampsUntilEngaged) {
  make({});
  for (int i = 0; i < 50; ++i) {
    const messages::RobotState state = read();
    expect_row(state, 0, t0_ + i * 10 * kMillisecond);
    EXPECT_EQ(state.source_t_s, 7.0);
  }
  EXPECT_EQ(robot().rows_played(), 0U);
  robot().set_engaged(true);
  // The first row itself is played as well, from now, and the others at their distance from it.
  clock_.advance(kMillisecond);
  const core::Nanoseconds begin = clock_.now_ns();
  expect_row(read(), 0, begin);
  expect_row(read(), 1, begin + 20 * kMillisecond);
  EXPECT_EQ(robot().rows_played(), 2U);
}

TEST_F(PlaybackTest, PausesWhereEngagementIsLostAndGoesOnAFullIntervalAfterItIsBack) {
  make({});
  robot().set_engaged(true);
  read();
  read();  // row 1 at 20 ms; row 2 would be due at 50 ms
  clock_.at(t0_ + 35 * kMillisecond, [this] { robot().set_engaged(false); });
  const messages::RobotState held = read();
  EXPECT_EQ(held.joint_positions, core::JointVector{1.0});
  EXPECT_GE(held.stamp_ns, t0_ + 35 * kMillisecond);
  EXPECT_LE(held.stamp_ns, t0_ + 50 * kMillisecond) << "noticed within a poll interval";
  const messages::RobotState again = read();
  EXPECT_EQ(again.joint_positions, core::JointVector{1.0});
  EXPECT_EQ(again.source_t_s, 7.02);
  EXPECT_EQ(again.stamp_ns, held.stamp_ns + 10 * kMillisecond);
  EXPECT_EQ(robot().rows_played(), 2U) << "held rows are not played rows";

  robot().set_engaged(true);
  expect_row(read(), 2, again.stamp_ns + 30 * kMillisecond);
  expect_row(read(), 3, again.stamp_ns + 40 * kMillisecond);
  expect_row(read(), 4, again.stamp_ns + 180 * kMillisecond);
  EXPECT_EQ(robot().rows_played(), 5U);
}

TEST_F(PlaybackTest, KeepsItsPaceWhenTheReaderIsALittleLate) {
  make({});
  robot().set_engaged(true);
  read();
  clock_.advance(28 * kMillisecond);
  expect_row(read(), 1, t0_ + 28 * kMillisecond);
  expect_row(read(), 2, t0_ + 50 * kMillisecond);
  EXPECT_EQ(robot().shifts(), 0U);
}

TEST_F(PlaybackTest, ShiftsInsteadOfHurryingWhenTheReaderWasAwayForLong) {
  make({});
  robot().set_engaged(true);
  read();
  clock_.advance(1000 * kMillisecond);
  expect_row(read(), 1, t0_ + 1000 * kMillisecond);
  expect_row(read(), 2, t0_ + 1030 * kMillisecond);
  EXPECT_EQ(robot().shifts(), 1U);
}

TEST_F(PlaybackTest, DoesNotDriftOverAThousandRows) {
  std::string text = "t_s,target_a_rad,target_gripper_pct\n";
  for (int i = 0; i < 1000; ++i) {
    text += std::to_string(i * 0.016949) + "," + std::to_string(i) + ",0\n";
  }
  make({}, parse_recording(text, "long"));
  robot().set_engaged(true);
  for (int i = 0; i < 1000; ++i) {
    const messages::RobotState state = read();
    ASSERT_EQ(state.joint_positions, core::JointVector{static_cast<double>(i)}) << "no row is skipped";
    ASSERT_NEAR(static_cast<double>(state.stamp_ns - t0_), i * 0.016949e9, 2000.0);
    clock_.advance(100'000 + 7'000 * (i % 11));  // the reader's own work
  }
}

TEST_F(PlaybackTest, PlaysWithoutWaitingWhenToldSo) {
  make({.wait_for_engaged = false});
  expect_row(read(), 0, t0_);
  robot().set_engaged(false);
  expect_row(read(), 1, t0_ + 20 * kMillisecond);
}

TEST_F(PlaybackTest, BeginsAgainWhenLooped) {
  make({.loop = true});
  robot().set_engaged(true);
  for (int i = 0; i < 5; ++i) {
    read();
  }
  EXPECT_EQ(robot().health(), RobotHealth::kOk);
  expect_row(read(), 0, t0_ + 340 * kMillisecond);
  expect_row(read(), 1, t0_ + 360 * kMillisecond);
  EXPECT_EQ(robot().rows_played(), 7U);
}

TEST_F(PlaybackTest, FinishesARecordingOfOneRow) {
  make({}, parse_recording("t_s,target_a_rad,target_gripper_pct\n3,0,0\n", "one"));
  expect_row(read(), 0, t0_);
  EXPECT_EQ(robot().health(), RobotHealth::kOk);
  robot().set_engaged(true);
  read();
  EXPECT_EQ(robot().health(), RobotHealth::kFinished);
}

TEST_F(PlaybackTest, GivesEveryStateAStampOfItsOwnEvenOnACoarseClock) {
  make({.wait_for_engaged = false},
       parse_recording("t_s,target_a_rad,target_gripper_pct\n0,0,0\n1e-10,1,0\n2e-10,2,0\n", "dense"));
  const core::Nanoseconds first = read().stamp_ns;
  EXPECT_EQ(read().stamp_ns, first + 1);
  EXPECT_EQ(read().stamp_ns, first + 2);
}

TEST_F(PlaybackTest, PlaysFromTheFirstRowWhenStartedAnew) {
  make({.wait_for_engaged = false});
  read();
  read();
  robot().stop();
  robot().stop();
  robot().start();
  const core::Nanoseconds begin = clock_.now_ns();
  EXPECT_EQ(read().joint_positions, core::JointVector{0.0});
  expect_row(read(), 1, begin + 20 * kMillisecond);
}

TEST_F(PlaybackTest, AllocatesNothingWhileItPlays) {
  make({.loop = true});
  robot().set_engaged(true);
  messages::RobotState state;
  const testing::AllocationGuard guard;
  for (int i = 0; i < 1000; ++i) {
    robot().set_engaged(i % 7 != 0);
    robot().read(state);
  }
  EXPECT_EQ(guard.count(), 0U);
}

TEST(PlaybackOptionsTest, AreRefusedWhenTheyCannotBePlayed) {
  for (const double speed :
       {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), 1e-300}) {
    EXPECT_THROW(PlaybackRobot(uneven_recording(), {.speed = speed}), ConfigError) << speed;
  }
  EXPECT_THROW(PlaybackRobot(uneven_recording(), {.poll_interval_ns = 0}), ConfigError);
  EXPECT_THROW(PlaybackRobot(Recording{}, {}), LogicError);
}

TEST(PlaybackThreadsTest, AReaderOnItsOwnThreadGetsEveryRowWhileOthersEngageAndAsk) {
  core::ManualClock clock(kMillisecond);
  PlaybackRobot robot(uneven_recording(), {}, clock);
  robot.start();
  std::vector<double> played;
  std::jthread reader([&] {
    while (robot.health() != RobotHealth::kFinished) {
      const std::uint64_t before = robot.rows_played();
      messages::RobotState state;
      robot.read(state);
      if (robot.rows_played() > before) {
        played.push_back(state.joint_positions[0]);
      }
    }
  });
  for (int step = 0; robot.health() != RobotHealth::kFinished;) {
    if (clock.sleepers() > 0) {
      clock.advance_ns(5 * kMillisecond);
      robot.set_engaged(++step % 50 > 5);  // long enough for the longest interval, 140 ms
    }
    std::this_thread::yield();
  }
  reader.join();
  EXPECT_EQ(played, (std::vector<double>{0, 1, 2, 3, 4}));
}

TEST(PlaybackThreadsTest, AStopWakesAReaderThatWaitsForAFarRow) {
  core::ManualClock clock(kMillisecond);
  PlaybackRobot robot(parse_recording("t_s,target_a_rad\n0,0\n1e6,1\n", "far"), {.wait_for_engaged = false}, clock);
  robot.start();
  std::atomic<bool> returned{false};
  std::jthread reader([&] {
    messages::RobotState state;
    robot.read(state);
    robot.read(state);
    EXPECT_EQ(state.joint_positions, core::JointVector{0.0});
    returned = true;
  });
  while (clock.sleepers() == 0) {
    std::this_thread::yield();
  }
  EXPECT_FALSE(returned);
  robot.stop();
  clock.advance_ns(10 * kMillisecond);
  reader.join();
  EXPECT_TRUE(returned);
}

}  // namespace
}  // namespace takt::robots::playback
