#include "takt/control/motion_source.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "takt/control/test/motion_source_fixture.hpp"
#include "takt/core/geometry.hpp"
#include "takt/testing/allocation_guard.hpp"

// Whatever is commanded, and whenever: the setpoint stays inside every joint's limits.

namespace takt::control {
namespace {

constexpr core::Nanoseconds kPeriod_ns = 1'000'000;
constexpr double kPeriod_s = 1e-3;

class MotionSourceTest : public MotionSourceFixture {
 protected:
  Setpoint step() {
    now += kPeriod_ns;
    return source->step(model, now, kPeriod_s);
  }
  bool take(const Command& command) { return source->take(command, model, now); }
  [[nodiscard]] static Command to(const core::Pose& X_BE) {
    return to_command(PoseTarget{.X_BE = core::to_array(X_BE)});
  }
};

TEST_F(MotionSourceTest, GoesToAPoseOnAStraightLineWithinItsBudget) {
  const core::Pose begin = pose();
  core::Pose end = begin;
  end.translation() += Eigen::Vector3d(0.1, -0.08, 0.05);
  end.linear() = begin.linear() * Eigen::AngleAxisd(0.3, Eigen::Vector3d(1, 2, 3).normalized());
  ASSERT_TRUE(take(to(end)));
  const Eigen::Vector3d line = (end.translation() - begin.translation()).normalized();
  Eigen::Vector3d last = begin.translation();
  double fastest = 0.0;
  for (int i = 0; i < 6000; ++i) {  // the tool is there after 1 s; the null space comes to rest at 1 /s
    step();
    const Eigen::Vector3d here = pose().translation();
    const Eigen::Vector3d off = here - begin.translation();
    ASSERT_LT((off - line * line.dot(off)).norm(), 1e-4) << i;
    fastest = std::max(fastest, (here - last).norm() / kPeriod_s);
    last = here;
  }
  EXPECT_LT((pose().translation() - end.translation()).norm(), 1e-6);
  EXPECT_LT(Eigen::AngleAxisd(pose().linear().transpose() * end.linear()).angle(), 1e-6);
  EXPECT_TRUE(source->at_rest());
  EXPECT_LE(fastest, options.pose_budget.velocity_m_s * 1.001);
}

TEST_F(MotionSourceTest, OneKindOfCommandFollowsAnotherWithoutAStep) {
  core::Pose away = pose();
  away.translation() += Eigen::Vector3d(0.2, 0.0, 0.0);
  ASSERT_TRUE(take(to(away)));
  Setpoint last = source->setpoint();
  double jerk = 0.0;
  for (int i = 0; i < 3000; ++i) {
    if (i == 300) {
      ASSERT_TRUE(take(to_command(JointTarget{.q_rad = home})));
    }
    if (i == 500) {
      ASSERT_TRUE(take(to(away)));
    }
    if (i == 700) {
      Command chunk;
      chunk.kind = CommandKind::kChunk;
      chunk.count = 2;
      chunk.actions[0] = {.due_ns = now + 400'000'000, .q_rad = home};
      chunk.actions[1] = {.due_ns = now + 800'000'000, .q_rad = home};
      ASSERT_TRUE(take(chunk));
    }
    const Setpoint next = step();
    for (std::size_t k = 0; k < 7; ++k) {
      jerk = std::max(jerk, std::abs(next.ddq_rad_s2[k] - last.ddq_rad_s2[k]) / kPeriod_s);
    }
    last = next;
  }
  EXPECT_LE(jerk, 5000.0 * 1.001);
}

TEST_F(MotionSourceTest, AnyCommandsAtAnyTimeStayInsideTheLimits) {
  std::mt19937 random(11);
  std::uniform_real_distribution<double> unit(-1.0, 1.0);
  Setpoint last = source->setpoint();
  for (int i = 0; i < 60'000; ++i) {
    if (std::uniform_int_distribution<int>(0, 149)(random) == 0) {
      core::JointVector q_rad = home;
      for (double& q : q_rad) {
        q = 2.6 * unit(random);
      }
      Command command;
      switch (std::uniform_int_distribution<int>(0, 4)(random)) {
        case 0:
          command = to_command(JointTarget{.q_rad = q_rad});
          break;
        case 1:
          command =
              to_command(JointTarget{.q_rad = q_rad, .dq_rad_s = core::JointVector::constant(7, 0.5 * unit(random))});
          break;
        case 2:
          command = to(model.tool_pose(q_rad));
          break;
        case 3:
          command.kind = CommandKind::kChunk;
          for (; command.count < 8; ++command.count) {
            command.actions[command.count] = {.due_ns = now + 20'000'000 * (command.count + 1), .q_rad = q_rad};
            for (double& q : q_rad) {
              q = std::clamp(q + 0.1 * unit(random), -2.6, 2.6);
            }
          }
          break;
        default:
          source->halt();
      }
      if (command.kind != CommandKind::kNone) {
        command.terms.speed = 0.2 + 0.4 * (1.0 + unit(random));
        static_cast<void>(take(command));
      }
    }
    const Setpoint next = step();
    for (std::size_t k = 0; k < 7; ++k) {
      ASSERT_LE(std::abs(next.q_rad[k]), 2.7 + 1e-9) << i;
      ASSERT_LE(std::abs(next.dq_rad_s[k]), 2.0 * (1.0 + 1e-6)) << i;
      ASSERT_LE(std::abs(next.ddq_rad_s2[k]), 10.0 * (1.0 + 1e-6)) << i;
      ASSERT_NEAR(next.q_rad[k], last.q_rad[k] + 0.5 * kPeriod_s * (next.dq_rad_s[k] + last.dq_rad_s[k]), 1e-6) << i;
    }
    last = next;
  }
}

TEST_F(MotionSourceTest, BrakingEndsWhereItSays) {
  core::JointVector away = home;
  away[0] = 1.5;
  ASSERT_TRUE(take(to_command(JointTarget{.q_rad = away})));
  for (int i = 0; i < 400; ++i) {
    step();
  }
  const core::JointVector ends = source->braking_posture_rad();
  source->halt();
  for (int i = 0; i < 2000; ++i) {
    step();
  }
  EXPECT_LT(max_abs_difference(source->setpoint().q_rad, ends), 1e-9);
}

TEST_F(MotionSourceTest, RestsAfterAChunkOnlyOnceItStaysWhereItIs) {
  for (int gap_ms = 40; gap_ms <= 120; gap_ms += 5) {
    begin();
    Command chunk;
    chunk.kind = CommandKind::kChunk;
    chunk.count = 10;
    core::JointVector q_rad = home;
    for (std::uint32_t k = 0; k < chunk.count; ++k) {
      chunk.actions[k] = {.due_ns = now + (k + 1) * gap_ms * kPeriod_ns, .q_rad = q_rad};
      q_rad[0] += 0.01;
    }
    ASSERT_TRUE(take(chunk));
    while (step(), !source->at_rest()) {
    }
    for (int i = 0; i < 20; ++i) {
      ASSERT_EQ(source->setpoint().q_rad, chunk.actions[9].q_rad) << gap_ms << " ms, cycle " << i;
      step();
    }
  }
}

TEST_F(MotionSourceTest, AllocatesNothing) {
  core::Pose away = pose();
  away.translation() += Eigen::Vector3d(0.2, 0.0, 0.0);
  const Command command = to(away);
  const ::takt::testing::AllocationGuard guard;
  ASSERT_TRUE(take(command));
  for (int i = 0; i < 100; ++i) {
    step();
    static_cast<void>(source->braking_posture_rad());
  }
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::control
