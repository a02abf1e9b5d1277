#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "takt/control/motion_source.hpp"
#include "takt/control/test/motion_source_fixture.hpp"
#include "takt/core/geometry.hpp"

// Commands that are well formed and mad.

namespace takt::control {
namespace {

class MotionSourceAbuseTest : public MotionSourceFixture {
 protected:
  Setpoint step(int n = 1) {
    for (int i = 0; i < n; ++i) {
      now += 1'000'000;
      source->step(model, now, 1e-3);
    }
    return source->setpoint();
  }
  bool take(const Command& command) {
    EXPECT_TRUE(is_well_formed(command, source->lowest_rad(), source->highest_rad()));
    return source->take(command, model, now);
  }
  static Command to(const core::Pose& X_BE, double speed = 1.0) {
    return to_command(PoseTarget{.X_BE = core::to_array(X_BE), .terms = {.speed = speed}});
  }
};

TEST_F(MotionSourceAbuseTest, OnePoseOfATinySpeedDoesNotPoisonThosesThatFollow) {
  for (const double speed : {1e-6, 1e-100, 1e-300}) {
    begin();
    core::Pose end = pose();
    end.translation().z() += 0.1;
    static_cast<void>(take(to(end)));
    step(150);  // in motion
    static_cast<void>(take(to(end, speed)));
    const Setpoint a = step(20);
    static_cast<void>(take(to(end, 1.0)));
    step(6000);
    EXPECT_LT((pose().translation() - end.translation()).norm(), 1e-3)
        << "speed " << speed << " then: dq[1] " << a.dq_rad_s[1] << ", now " << source->setpoint().dq_rad_s[1];
    source->hold();
    step(3000);
    EXPECT_LT(std::abs(source->setpoint().dq_rad_s[1]), 1e-3);
  }
}

TEST_F(MotionSourceAbuseTest, APoseFarAwayDoesNotPoisonThoseThatFollow) {
  for (const double far : {1e3, 1e9, 1e100, 1e300, 1.7e308}) {
    begin();
    const core::Pose begin = pose();
    core::Pose end = begin;
    end.translation().z() += 0.05;
    static_cast<void>(take(to(end)));
    step(100);
    core::Pose away = begin;
    away.translation().x() = far;
    static_cast<void>(take(to(away)));
    step(50);
    static_cast<void>(take(to(end)));
    step(8000);
    EXPECT_LT((pose().translation() - end.translation()).norm(), 1e-3) << "after a pose " << far << " m away";
  }
}

TEST_F(MotionSourceAbuseTest, ARefusedCommandChangesNothing) {
  core::JointVector q = home;
  q[0] += 1.0;
  ASSERT_TRUE(take(to_command(JointTarget{.q_rad = q, .terms = {.speed = 0.01}})));
  step(2000);
  const double slow = std::abs(source->setpoint().dq_rad_s[0]);
  core::JointVector fast = core::JointVector::zero(7);
  fast[0] = 1.9;
  ASSERT_FALSE(take(to_command(JointTarget{.q_rad = q, .dq_rad_s = fast, .terms = {.speed = 1.0}})));
  double fastest = 0.0;
  for (int i = 0; i < 1500; ++i) {
    fastest = std::max(fastest, std::abs(step().dq_rad_s[0]));
  }
  EXPECT_LT(fastest, slow * 1.01) << "a motion of 1 % goes on at full speed: " << slow << " → " << fastest << " rad/s";
}

TEST_F(MotionSourceAbuseTest, NothingThatIsWellFormedMakesTheSetpointLeaveItsLimits) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> unit(-1.0, 1.0);
  const auto pick = [&random](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  Setpoint last = source->setpoint();
  int bad = 0;
  for (int i = 0; i < 400'000 && bad < 5; ++i) {
    std::string what = "nothing";
    if (pick(40) == 0) {
      const double speed =
          pick(3) == 0 ? std::pow(10.0, -300.0 * std::abs(unit(random))) : 0.5 + 0.5 * std::abs(unit(random));
      Command c;
      switch (pick(6)) {
        case 0: {
          core::JointVector q = core::JointVector::zero(7);
          for (double& v : q) v = 2.7 * unit(random);
          core::JointVector dq = core::JointVector::zero(7);
          for (double& v : dq) v = (pick(4) == 0 ? 1e308 : 0.9) * unit(random);
          c = to_command(
              JointTarget{.q_rad = q, .dq_rad_s = pick(2) == 0 ? dq : core::JointVector{}, .terms = {.speed = speed}});
          what = "joint";
          break;
        }
        case 1:
        case 2: {
          core::Pose X = pose();
          const double far = pick(3) == 0 ? std::pow(10.0, 308.0 * std::abs(unit(random))) : 0.2;
          X.translation() += far * Eigen::Vector3d(unit(random), unit(random), unit(random));
          X.linear() =
              Eigen::Quaterniond(unit(random), unit(random), unit(random), 1.1).normalized().toRotationMatrix();
          PoseTarget t{.X_BE = core::to_array(X), .terms = {.speed = speed}};
          if (pick(2) == 0) {
            for (double& v : t.V_BE) v = (pick(6) == 0 ? 1e308 : 0.1) * unit(random);
          }
          if (pick(2) == 0) {
            t.posture_rad = core::JointVector::zero(7);
            for (double& v : t.posture_rad) v = (pick(3) == 0 ? 1.7e308 : 2.7) * unit(random);
          }
          c = to_command(t);
          what = "pose";
          break;
        }
        case 3: {
          c.kind = CommandKind::kChunk;
          c.terms.speed = speed;
          c.count = 1 + static_cast<unsigned>(pick(64));
          core::Nanoseconds due = std::max<core::Nanoseconds>(0, now - 50'000'000);
          for (std::size_t k = 0; k < c.count; ++k) {
            due += pick(3) == 0 ? 1 : 1 + pick(60'000'000);
            core::JointVector q = core::JointVector::zero(7);
            for (double& v : q) v = 2.7 * unit(random);
            c.actions[k] = {
                .due_ns = k + 1 == c.count && pick(8) == 0 ? std::numeric_limits<core::Nanoseconds>::max() : due,
                .q_rad = q};
          }
          what = "chunk";
          break;
        }
        case 4:
          pick(2) == 0 ? source->hold() : source->halt();
          what = "hold/halt";
          break;
        default:
          model.set_tool(core::Pose(Eigen::Translation3d(0.1 * unit(random), 0.0, 0.2 * unit(random))));
          what = "tool";
          break;
      }
      if (c.kind != CommandKind::kNone && is_well_formed(c, source->lowest_rad(), source->highest_rad())) {
        static_cast<void>(source->take(c, model, now));
      }
    }
    const int periods = pick(50) == 0 ? 1 + pick(21) : 1;
    now += periods * 1'000'000;
    const double dt = 1e-3 * periods;
    const Setpoint s = source->step(model, now, dt);
    for (std::size_t j = 0; j < 7; ++j) {
      const double moved = (s.q_rad[j] - last.q_rad[j]) / dt;
      const bool good = std::isfinite(s.q_rad[j]) && std::abs(s.q_rad[j]) <= 2.7 + 1e-9 &&
                        std::abs(s.dq_rad_s[j]) <= 2.0 * (1 + 1e-6) && std::abs(s.ddq_rad_s2[j]) <= 10.0 * (1 + 1e-6) &&
                        std::abs(moved) <= 2.0 * (1 + 1e-6) &&
                        std::abs(s.dq_rad_s[j] - last.dq_rad_s[j]) <= 10.0 * dt * (1 + 1e-6) + 1e-9 &&
                        std::abs(s.ddq_rad_s2[j] - last.ddq_rad_s2[j]) <= 5000.0 * dt * (1 + 1e-6) + 1e-9;
      if (!good) {
        ++bad;
        ADD_FAILURE() << "step " << i << " joint " << j << " after " << what << " dt " << dt << " following "
                      << static_cast<int>(source->following()) << ": q " << last.q_rad[j] << " → " << s.q_rad[j]
                      << ", dq " << last.dq_rad_s[j] << " → " << s.dq_rad_s[j] << ", ddq " << last.ddq_rad_s2[j]
                      << " → " << s.ddq_rad_s2[j];
        break;
      }
    }
    last = s;
  }
}

}  // namespace
}  // namespace takt::control
