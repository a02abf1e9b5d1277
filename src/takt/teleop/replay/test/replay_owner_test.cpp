#include "takt/teleop/replay/replay_owner.hpp"

#include <memory>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/teleop/replay/test/recordings.hpp"
#include "takt/teleop/test/fake_robots.hpp"

namespace takt::teleop::replay {
namespace {

std::unique_ptr<robots::Robot> arm() {
  return std::make_unique<teleop::test::FakeFollower>(2, core::steady_clock());
}

TEST(ReplayOwnerTest, ARobotIsPlayedWithoutALeader) {
  ReplayOwner owner(arm(), {.name = "left"});
  owner.start();
  const auto loaded = owner.twin().load({test::recording(100.0, 0.5, 0.01, 0.0)});
  ASSERT_TRUE(loaded) << loaded.error();
  EXPECT_EQ(owner.node().counters().applied, 0) << "nothing moves without play";
  ASSERT_TRUE(owner.twin().play());
  while (owner.twin().status().phase >= TwinPhase::kApproaching) {
    core::steady_clock().sleep_until_ns(core::monotonic_now_ns() + test::kMs);
  }
  EXPECT_EQ(owner.twin().status().left, "");
  EXPECT_EQ(owner.twin().status().emitted, owner.twin().timeline()->size());
  EXPECT_GE(owner.node().counters().applied, owner.twin().timeline()->size());
  EXPECT_EQ(owner.node().state_topic().name(), "/left/state");
  owner.stop();
  owner.stop();
}

TEST(ReplayOwnerTest, LimitsAreAShareOfTheArms) {
  ReplayOwnerOptions options;
  options.guards.limit_fraction = 0.5;
  ReplayOwner owner(arm(), options);
  EXPECT_EQ(owner.orchestrator().options(0).pipeline.guard.limits[1].velocity_rad_s, 1.0);
}

TEST(ReplayOwnerTest, ARobotThatTakesNoCommandsIsRefused) {
  EXPECT_THROW(ReplayOwner(std::make_unique<teleop::test::FakeLeader>(2, core::steady_clock()), {}), ConfigError);
}

}  // namespace
}  // namespace takt::teleop::replay
