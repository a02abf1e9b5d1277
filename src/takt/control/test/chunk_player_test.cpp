#include "takt/control/chunk_player.hpp"

#include <cmath>
#include <memory>

#include <gtest/gtest.h>

#include "takt/testing/allocation_guard.hpp"

namespace takt::control {
namespace {

constexpr core::Nanoseconds kStep_ns = 20'000'000;

/// 16 actions of two joints at 50 Hz: q(t) = offset + slope · t and its double.
Command ramp(core::Nanoseconds start_ns, double offset, double slope) {
  Command command;
  command.kind = CommandKind::kChunk;
  command.count = 16;
  for (std::size_t k = 0; k < command.count; ++k) {
    const core::Nanoseconds due = start_ns + static_cast<core::Nanoseconds>(k) * kStep_ns;
    const double q = offset + slope * core::to_seconds(due);
    command.actions[k] = {.due_ns = due, .q_rad = {q, 2.0 * q}};
  }
  return command;
}

const ChunkPlayer::Reference kZero = {.q_rad = {0.0, 0.0}, .dq_rad_s = {0.0, 0.0}};

TEST(ChunkPlayerTest, PassesThroughEachActionAtItsTime) {
  ChunkPlayer player;
  Command chunk = ramp(kStep_ns, 0.0, 0.0);
  for (std::size_t k = 0; k < chunk.count; ++k) {
    chunk.actions[k].q_rad = {std::sin(0.3 * static_cast<double>(k)), std::cos(0.2 * static_cast<double>(k))};
  }
  ASSERT_TRUE(player.load(chunk, 0, kZero));
  for (std::size_t k = 0; k < chunk.count; ++k) {
    const auto reference = player.at(chunk.actions[k].due_ns);
    EXPECT_NEAR(reference.q_rad[0], chunk.actions[k].q_rad[0], 1e-12);
    EXPECT_NEAR(reference.q_rad[1], chunk.actions[k].q_rad[1], 1e-12);
  }
}

TEST(ChunkPlayerTest, TheVelocityIsTheSlopeOfThePositions) {
  ChunkPlayer player;
  Command chunk = ramp(kStep_ns, 0.0, 0.0);
  for (std::size_t k = 0; k < chunk.count; ++k) {
    chunk.actions[k].q_rad = {std::sin(0.3 * static_cast<double>(k)), 0.0};
  }
  ASSERT_TRUE(player.load(chunk, 0, kZero));
  Command second = ramp(8 * kStep_ns, 0.4, 0.1);
  ASSERT_TRUE(player.load(second, 7 * kStep_ns, player.at(7 * kStep_ns)));  // blending counts, too
  constexpr core::Nanoseconds kDelta = 1000;
  for (core::Nanoseconds t = 7 * kStep_ns + 500'000; t < 24 * kStep_ns; t += 1'000'000) {
    const double slope =
        (player.at(t + kDelta).q_rad[0] - player.at(t - kDelta).q_rad[0]) / core::to_seconds(2 * kDelta);
    EXPECT_NEAR(player.at(t).dq_rad_s[0], slope, 1e-3) << t;
  }
}

TEST(ChunkPlayerTest, RestsAtTheLastAction) {
  ChunkPlayer player;
  ASSERT_TRUE(player.load(ramp(0, 0.0, 1.0), 0, kZero));
  const auto end = player.at(player.end_ns() + kStep_ns);
  EXPECT_DOUBLE_EQ(end.q_rad[0], core::to_seconds(15 * kStep_ns));
  EXPECT_EQ(end.dq_rad_s[0], 0.0);
}

TEST(ChunkPlayerTest, DropsAndCountsTheActionsThatAreDue) {
  ChunkPlayer player;
  const ChunkPlayer::Reference as_meant = {.q_rad = {0.1, 0.2}, .dq_rad_s = {1.0, 2.0}};
  ASSERT_TRUE(player.load(ramp(0, 0.0, 1.0), 5 * kStep_ns + 1, as_meant));
  EXPECT_EQ(player.counts().late_actions, 6U);
  EXPECT_EQ(player.counts().late_chunks, 0U);
  EXPECT_NEAR(player.at(8 * kStep_ns).q_rad[0], core::to_seconds(8 * kStep_ns), 1e-8);
}

TEST(ChunkPlayerTest, RefusesAChunkThatIsLateAsAWhole) {
  ChunkPlayer player;
  ASSERT_TRUE(player.load(ramp(100 * kStep_ns, 0.0, 0.0), 99 * kStep_ns, kZero));
  EXPECT_FALSE(player.load(ramp(0, 7.0, 0.0), 100 * kStep_ns, kZero));
  EXPECT_EQ(player.counts().late_chunks, 1U);
  EXPECT_EQ(player.counts().late_actions, 16U);
  EXPECT_EQ(player.at(101 * kStep_ns).q_rad[0], 0.0) << "the chunk before goes on";
}

TEST(ChunkPlayerTest, AnOverlappingChunkTakesOverSmoothly) {
  ChunkPlayer player;
  ASSERT_TRUE(player.load(ramp(0, 0.0, 1.0), 0, kZero));
  const core::Nanoseconds now = 5 * kStep_ns;
  const auto before = player.at(now);
  ASSERT_TRUE(player.load(ramp(5 * kStep_ns, 0.05, 1.0), now, before));  // five hundredths of a radian to the side
  EXPECT_EQ(player.counts().blended_chunks, 1U);
  EXPECT_NEAR(player.at(now).q_rad[0], before.q_rad[0], 1e-12);
  EXPECT_NEAR(player.at(now).dq_rad_s[0], before.dq_rad_s[0], 1e-9);
  double last = player.at(now).q_rad[0];
  for (core::Nanoseconds t = now; t < 15 * kStep_ns; t += 1'000'000) {
    const double q = player.at(t).q_rad[0];
    EXPECT_LT(std::abs(q - last), 2e-3) << "1 rad/s and what the sidestep adds";
    last = q;
  }
  EXPECT_NEAR(player.at(18 * kStep_ns).q_rad[0], 0.05 + core::to_seconds(18 * kStep_ns), 1e-12);
}

TEST(ChunkPlayerTest, AChunkThatBeginsLaterLeavesWhatIsDueBeforeIt) {
  ChunkPlayer player;
  Command first = ramp(kStep_ns, 0.0, 0.0);  // 20 … 320 ms
  for (std::size_t k = 0; k < first.count; ++k) {
    first.actions[k].q_rad = {std::sin(0.7 * static_cast<double>(k)), 0.0};
  }
  ASSERT_TRUE(player.load(first, 0, kZero));
  const core::Nanoseconds now = 60'000'000;
  const double wanted = player.at(240'000'000).q_rad[0];
  ASSERT_TRUE(player.load(ramp(17 * kStep_ns, 0.3, 0.0), now, player.at(now)));  // from 340 ms
  EXPECT_NEAR(player.at(240'000'000).q_rad[0], wanted, 1e-12);
  EXPECT_NEAR(player.at(17 * kStep_ns).q_rad[0], 0.3, 1e-12);
}

TEST(ChunkPlayerTest, TheReferenceIsSmoothHoweverOftenAChunkTakesOver) {
  ChunkPlayer player;
  ASSERT_TRUE(player.load(ramp(0, 0.0, 0.0), 0, kZero));
  double side = 0.1;
  ChunkPlayer::Reference last = player.at(0);
  for (core::Nanoseconds now = 1'000'000; now < 2'000'000'000; now += 1'000'000) {
    if (now % 50'000'000 == 0) {  // four times within one blend
      ASSERT_TRUE(player.load(ramp(now, side, 0.0), now, player.at(now)));
      side = -side;
    }
    const ChunkPlayer::Reference here = player.at(now);
    ASSERT_NEAR(here.q_rad[0], last.q_rad[0] + 0.5e-3 * (here.dq_rad_s[0] + last.dq_rad_s[0]), 1e-5) << now;
    ASSERT_LT(std::abs(here.dq_rad_s[0] - last.dq_rad_s[0]), 0.2) << now;
    last = here;
  }
}

TEST(ChunkPlayerTest, AChunkAfterAPauseBeginsWhereTheReferenceStands) {
  ChunkPlayer player;
  ASSERT_TRUE(player.load(ramp(10 * kStep_ns, 1.0, 0.0), 0, {.q_rad = {0.25, 0.5}, .dq_rad_s = {0.1, 0.2}}));
  EXPECT_DOUBLE_EQ(player.at(0).q_rad[0], 0.25);
  EXPECT_DOUBLE_EQ(player.at(0).dq_rad_s[1], 0.2);
}

TEST(ChunkPlayerTest, AllocatesNothing) {
  const auto player = std::make_unique<ChunkPlayer>();
  const Command chunk = ramp(0, 0.0, 1.0);
  const testing::AllocationGuard guard;
  ASSERT_TRUE(player->load(chunk, 0, kZero));
  ASSERT_TRUE(player->load(chunk, kStep_ns, player->at(kStep_ns)));
  static_cast<void>(player->at(2 * kStep_ns));
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::control
