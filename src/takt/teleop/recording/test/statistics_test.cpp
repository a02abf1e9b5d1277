#include "takt/teleop/recording/statistics.hpp"

#include <gtest/gtest.h>

#include "takt/messages/json.hpp"
#include "takt/teleop/test/orchestrator_fixture.hpp"

namespace takt::teleop::recording {
namespace {

using StatisticsTest = OrchestratorTest;

TEST_F(StatisticsTest, TellOfEachPairWhatWasCountedAndWhichGuardsWereHit) {
  make();
  orchestrator_->set_mode(ControlMode::kTeleop);
  tick_until_engaged();
  follower_->fail("it smokes");
  const trajectory::recorder::RecorderState recorder{
      .bytes = 7, .records = 8, .dropped = 9, .waiting = 10, .longest_turn_ns = 11'000'000};
  const Statistics statistics = statistics_of(*orchestrator_, recorder, clock_.now_ns());
  EXPECT_EQ(statistics.stamp_ns, clock_.now_ns());
  EXPECT_EQ(statistics.mode, "teleop");
  ASSERT_EQ(statistics.pairs.size(), 1U);
  const PairStatistics& pair = statistics.pairs[0];
  EXPECT_EQ(pair.follower, "follower");
  EXPECT_EQ(pair.phase, "engaged");
  EXPECT_EQ(pair.aligning, orchestrator_->counters(0).aligning);
  EXPECT_EQ(pair.applied, follower_->counters().applied);
  EXPECT_GT(pair.applied, 0U);
  EXPECT_GT(pair.guards.at("start_alignment"), 0U);
  EXPECT_FALSE(pair.guards.contains("not_finite")) << "never hit";
  EXPECT_EQ(pair.fault, "follower: it smokes");
  EXPECT_EQ(statistics.recorder.records, 8U);
  EXPECT_EQ(statistics.recorder.bytes, 7U);
  EXPECT_EQ(statistics.recorder.dropped, 9U);
  EXPECT_EQ(statistics.recorder.waiting, 10U);
  EXPECT_DOUBLE_EQ(statistics.recorder.longest_turn_ms, 11.0);
  EXPECT_NE(messages::to_json(statistics).find(R"("follower":"follower")"), std::string::npos);
}

}  // namespace
}  // namespace takt::teleop::recording
