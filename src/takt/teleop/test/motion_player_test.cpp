#include "takt/teleop/motion_player.hpp"

#include <atomic>
#include <chrono>
#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "takt/core/time.hpp"
#include "takt/teleop/test/fake_robots.hpp"

namespace takt::teleop {
namespace {

using test::FakeFollower;
using test::FakeLeader;

constexpr core::Nanoseconds kMs = 1'000'000;
constexpr core::Nanoseconds kHour_ns = 3'600'000 * kMs;

class MotionPlayerTest : public ::testing::Test {
 protected:
  MotionPlayerTest() {
    auto robot = std::make_unique<FakeFollower>(1, core::steady_clock());
    robot_ = robot.get();
    RobotNodeOptions patient;  // whatever the host does to its thread
    patient.name = "follower";
    patient.freshness = {.hold_after_s = 10.0, .halt_after_s = 20.0};
    patient.tracking.error_for_s = 1e6;
    patient.lost_after_s = 1e6;
    follower_ = std::make_unique<RobotNode>(bus_, std::move(robot), patient);
    leader_ = std::make_unique<RobotNode>(bus_, std::make_unique<FakeLeader>(1, core::steady_clock()),
                                          RobotNodeOptions{.name = "leader"});
    PairOptions options;
    options.pipeline.guard.limits = robot_->info().limits;
    options.pipeline.realign_after_s = 1e6;  // whatever the host does to the play thread
    orchestrator_.add_pair(*leader_, *follower_, options);
    robot_->on_write = [this] {
      for (int i = 0; i < 5000 && hang_; ++i) {
        hanging_ = true;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      hanging_ = false;
    };
    follower_->start();
  }

  /// To there within so long.
  static MotionPlayer::Plan path_to(double q_rad, core::Nanoseconds duration_ns) {
    return [=](const Motion::Reference& from) {
      const core::Nanoseconds now_ns = core::monotonic_now_ns();
      return std::make_shared<JointPathMotion>(
          control::JointPath({{.due_ns = now_ns, .q_rad = from.q_rad, .dq_rad_s = from.dq_rad_s},
                              {.due_ns = now_ns + duration_ns, .q_rad = {q_rad}}}));
    };
  }
  static void wait_until(const std::function<bool()>& condition) {
    while (!condition()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  bus::Bus bus_;
  SystemState system_state_{bus_};
  FakeFollower* robot_{nullptr};
  std::atomic<bool> hang_{false};     // the next write, for 5 s at most
  std::atomic<bool> hanging_{false};  // it does
  std::unique_ptr<RobotNode> leader_;
  std::unique_ptr<RobotNode> follower_;
  Orchestrator orchestrator_{system_state_};
};

TEST_F(MotionPlayerTest, PlaysAPathToItsEndOnItsOwnThreadAndLetsGo) {
  MotionPlayer player(orchestrator_, 0, {.holder = "path"});
  ASSERT_TRUE(player.play(path_to(0.2, 300 * kMs)));
  EXPECT_EQ(follower_->lease().holder(core::monotonic_now_ns())->name.view(), "path");
  wait_until([&] { return player.counts().finished == 1; });
  EXPECT_NEAR(robot_->writes().back()[0], 0.2, 1e-6);
  EXPECT_NE(robot_->writer(), std::this_thread::get_id());
  EXPECT_EQ(robot_->halts(), 1);
  EXPECT_FALSE(follower_->lease().holder(core::monotonic_now_ns()));
  EXPECT_EQ(player.counts().left, 0U);
}

TEST_F(MotionPlayerTest, AnotherPathTakesItsPlaceFromWhereItIs) {
  MotionPlayer player(orchestrator_, 0, {});
  ASSERT_TRUE(player.play(path_to(1.0, 2000 * kMs)));
  wait_until([&] { return robot_->write_count() >= 10; });
  ASSERT_TRUE(player.play(path_to(0.0, 1000 * kMs)));
  wait_until([&] { return player.counts().finished == 1; });
  EXPECT_NEAR(robot_->writes().back()[0], 0.0, 1e-6);
  double last = 0.0;
  for (const auto& write : robot_->writes()) {
    EXPECT_LT(std::abs(write[0] - last), 0.1);
    last = write[0];
  }
}

TEST_F(MotionPlayerTest, ATakeoverEndsItAndItSaysWhy) {
  std::atomic<int> left{0};
  std::string why;
  MotionPlayer player(orchestrator_, 0, {.holder = "path", .on_left = [&](const std::string& reason) {
                                           why = reason;
                                           ++left;
                                         }});
  ASSERT_TRUE(player.play(path_to(1.0, 60'000 * kMs)));
  wait_until([&] { return robot_->write_count() >= 3; });
  orchestrator_.set_mode(ControlMode::kTeleop);
  wait_until([&] { return left == 1; });
  EXPECT_NE(why.find("took over"), std::string::npos) << why;
  const auto writes = robot_->write_count();
  EXPECT_FALSE(player.play(path_to(0.5, 1000 * kMs))) << "the mode's commander has the lease";
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_EQ(robot_->write_count(), writes);
  EXPECT_EQ(player.counts().left, 1U);
}

TEST_F(MotionPlayerTest, AStopEndsItAndWhatIsAboutToBegin) {
  MotionPlayer player(orchestrator_, 0, {});
  EXPECT_FALSE(player.stop()) << "nothing to stop";
  ASSERT_TRUE(player.play(path_to(1.0, 60'000 * kMs)));
  wait_until([&] { return robot_->write_count() >= 3; });
  const auto wished_for = player.stops();
  EXPECT_TRUE(player.stop());
  wait_until([&] { return player.counts().left == 1; });
  EXPECT_EQ(robot_->halts(), 1);
  EXPECT_FALSE(follower_->lease().holder(core::monotonic_now_ns()));
  EXPECT_FALSE(player.play(path_to(1.0, 60'000 * kMs), wished_for)) << "it was wished for before the stop";
  EXPECT_FALSE(follower_->lease().holder(core::monotonic_now_ns()));
  EXPECT_TRUE(player.play(path_to(1.0, 60'000 * kMs)));
}

TEST_F(MotionPlayerTest, APlanThatThrowsGivesCommandBack) {
  MotionPlayer player(orchestrator_, 0, {});
  const auto no_plan = [this](const Motion::Reference&) -> std::shared_ptr<Motion> {
    EXPECT_TRUE(follower_->lease().holder(core::monotonic_now_ns())) << "it is planned under command";
    throw DeviceError("no way");
  };
  EXPECT_THROW(static_cast<void>(player.play(no_plan)), DeviceError);
  EXPECT_FALSE(follower_->lease().holder(core::monotonic_now_ns()));
  EXPECT_EQ(robot_->write_count(), 0U);
}

TEST_F(MotionPlayerTest, AFollowerThatDoesNotArriveIsToldOfAndAFailingListenerEndsNothing) {
  std::atomic<int> left{0};
  std::string why;
  MotionPlayer player(orchestrator_, 0, {.on_left = [&](const std::string& reason) {
                        why = reason;
                        ++left;
                        throw DeviceError("nobody listens");
                      }});
  robot_->stick(true);
  ASSERT_TRUE(player.play(path_to(0.5, 500 * kMs)));
  wait_until([&] { return left == 1; });
  EXPECT_EQ(why, "at its end joint 'joint0' is at 0.0000 rad, not at 0.5000");
  EXPECT_EQ(player.counts().finished, 0U);
  robot_->stick(false);
  ASSERT_TRUE(player.play(path_to(0.5, 500 * kMs)));
  wait_until([&] { return player.counts().finished == 1; });
}

TEST_F(MotionPlayerTest, NobodyWaitsForAWriteWhoLooksOrStops) {
  MotionPlayer player(orchestrator_, 0, {});
  ASSERT_TRUE(player.play(path_to(1.0, 60'000 * kMs)));
  hang_ = true;
  wait_until([&] { return hanging_.load(); });
  EXPECT_TRUE(player.standing());
  EXPECT_TRUE(player.stop());
  EXPECT_EQ(player.counts().left, 0U);
  EXPECT_TRUE(hanging_) << "it waited";
  hang_ = false;
  wait_until([&] { return player.counts().left == 1; });
  EXPECT_EQ(robot_->halts(), 1);
}

TEST_F(MotionPlayerTest, ItsEndHaltsTheFollower) {
  {
    MotionPlayer player(orchestrator_, 0, {});
    ASSERT_TRUE(player.play(path_to(1.0, 60'000 * kMs)));
    wait_until([&] { return robot_->write_count() >= 3; });
  }
  EXPECT_EQ(robot_->halts(), 1);
  EXPECT_FALSE(follower_->lease().holder(core::monotonic_now_ns()));
}

/// Actions at times of its own, which others may put off.
class TimedMotion final : public Motion {
 public:
  explicit TimedMotion(std::vector<core::Nanoseconds> due_ns) : due_ns_(std::move(due_ns)) {}

  [[nodiscard]] std::optional<core::Nanoseconds> due_ns(core::Nanoseconds /*now_ns*/) noexcept override {
    const std::size_t next = next_.load();
    return next < due_ns_.size() && !over ? std::optional(due_ns_[next] + put_off_ns) : std::nullopt;
  }
  void fill(core::Nanoseconds /*due_ns*/, messages::RobotState& action) noexcept override {
    action.joint_positions = {0.0};
    ++next_;
  }
  void sent(const messages::RobotState& action) noexcept override { stamps.push_back(action.stamp_ns); }
  [[nodiscard]] Reference at(core::Nanoseconds /*now_ns*/) const noexcept override {
    return {.q_rad = {0.0}, .dq_rad_s = {0.0}};
  }
  [[nodiscard]] std::string left() const override { return over ? "it had enough" : ""; }

  std::vector<core::Nanoseconds> stamps;  // of the play thread
  std::atomic<core::Nanoseconds> put_off_ns{0};
  std::atomic<bool> over{false};

 private:
  std::vector<core::Nanoseconds> due_ns_;
  std::atomic<std::size_t> next_{0};
};

TEST_F(MotionPlayerTest, ActionsAreStampedWithTheInstantsThatTheMotionNamesAndSentNoSooner) {
  std::atomic<int> over{0};
  MotionPlayer player(orchestrator_, 0, {.on_over = [&] { ++over; }});
  const core::Nanoseconds begin_ns = core::monotonic_now_ns() + 20 * kMs;
  const std::vector<core::Nanoseconds> due_ns = {begin_ns, begin_ns + 1 * kMs, begin_ns + 7 * kMs, begin_ns + 80 * kMs};
  const auto motion = std::make_shared<TimedMotion>(due_ns);
  ASSERT_TRUE(player.play([&](const Motion::Reference&) { return motion; }));
  wait_until([&] { return over == 1; });
  EXPECT_EQ(motion->stamps, due_ns);
  EXPECT_EQ(player.counts().finished, 1U);
  EXPECT_FALSE(player.playing());
  EXPECT_GE(core::monotonic_now_ns(), due_ns.back());
}

TEST_F(MotionPlayerTest, ANudgeIsHeardInTheMiddleOfALongSleep) {
  std::string why;
  std::atomic<int> over{0};
  MotionPlayer player(orchestrator_, 0,
                      {.on_left = [&](const std::string& reason) { why = reason; },
                       .on_over = [&] { ++over; },
                       .longest_sleep_ns = kHour_ns});
  const core::Nanoseconds now_ns = core::monotonic_now_ns();
  const auto motion = std::make_shared<TimedMotion>(std::vector<core::Nanoseconds>{now_ns, now_ns + kHour_ns});
  ASSERT_TRUE(player.play([&](const Motion::Reference&) { return motion; }));
  wait_until([&] { return robot_->write_count() >= 1; });
  motion->over = true;
  player.nudge();
  wait_until([&] { return over == 1; });
  EXPECT_EQ(why, "it had enough");
  EXPECT_EQ(player.counts().left, 1U);
}

TEST_F(MotionPlayerTest, AStopIsHeardInTheMiddleOfALongSleep) {
  MotionPlayer player(orchestrator_, 0, {.longest_sleep_ns = kHour_ns});
  const core::Nanoseconds now_ns = core::monotonic_now_ns();
  const auto motion = std::make_shared<TimedMotion>(std::vector<core::Nanoseconds>{now_ns, now_ns + kHour_ns});
  ASSERT_TRUE(player.play([&](const Motion::Reference&) { return motion; }));
  wait_until([&] { return robot_->write_count() >= 1; });
  EXPECT_TRUE(player.stop());
  wait_until([&] { return player.counts().left == 1; });
  EXPECT_EQ(robot_->halts(), 1);
}

TEST_F(MotionPlayerTest, AnotherMotionIsHeardInTheMiddleOfALongSleep) {
  MotionPlayer player(orchestrator_, 0, {.longest_sleep_ns = kHour_ns});
  const core::Nanoseconds now_ns = core::monotonic_now_ns();
  const auto motion = std::make_shared<TimedMotion>(std::vector<core::Nanoseconds>{now_ns, now_ns + kHour_ns});
  ASSERT_TRUE(player.play([&](const Motion::Reference&) { return motion; }));
  wait_until([&] { return robot_->write_count() >= 1; });
  ASSERT_TRUE(player.play(path_to(0.1, 50 * kMs)));
  wait_until([&] { return player.counts().finished == 1; });
}

TEST_F(MotionPlayerTest, ItSleepsForSomeTime) {
  EXPECT_THROW(MotionPlayer(orchestrator_, 0, {.longest_sleep_ns = 0}), LogicError);
}

TEST_F(MotionPlayerTest, WithoutAThreadItsTurnsAreTheTests) {
  MotionPlayer player(orchestrator_, 0, {.own_thread = false});
  EXPECT_FALSE(player.turn());
  const core::Nanoseconds now_ns = core::monotonic_now_ns();
  const auto motion = std::make_shared<TimedMotion>(std::vector<core::Nanoseconds>{now_ns, now_ns + 3'600'000 * kMs});
  ASSERT_TRUE(player.play([&](const Motion::Reference&) { return motion; }));
  EXPECT_TRUE(player.turn());
  EXPECT_EQ(player.turn(), now_ns + 3'600'000 * kMs);
  EXPECT_EQ(motion->stamps.size(), 1U);
  EXPECT_TRUE(player.stop());
  EXPECT_FALSE(player.turn());
  EXPECT_EQ(robot_->halts(), 1);
}

}  // namespace
}  // namespace takt::teleop
