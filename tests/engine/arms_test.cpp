#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "rig.hpp"

// In real time, so nothing here says how long anything may take.
namespace takt::engine_tests {
namespace {

using teleop::replay::Place;
using teleop::replay::TwinPhase;

/// Where recordings of real arms are: TAKT_DATA; "" where that is not set.
std::string data() {
  const char* folder = std::getenv("TAKT_DATA");
  return folder == nullptr ? "" : folder;
}

class ArmsTest : public ::testing::TestWithParam<const char*> {
 protected:
  void expect_all_frames_once(std::size_t from = 0) {
    const auto timeline = rig_.twin->timeline();
    ASSERT_EQ(rig_.frames.size(), timeline->size() - from);
    for (std::size_t i = 0; i < rig_.frames.size(); ++i) {
      ASSERT_EQ(rig_.frames[i].index, from + i);
      ASSERT_EQ(rig_.frames[i].due_ns - rig_.frames[0].due_ns, timeline->time_ns(from + i) - timeline->time_ns(from));
    }
    EXPECT_EQ(rig_.twin->status().altered, 0U);
    EXPECT_EQ(rig_.left, "");
  }
  void report(const char* what) {
    const Tracking tracking = rig_.tracking();
    fmt::print("{} {}: lag {:.0f} ms, error rms {:.5f} worst {:.5f} rad, ripple {:.2f} rad/s², {:.0f} % of its speed\n",
               GetParam(), what, 1e3 * tracking.lag_s, tracking.rms_rad, tracking.worst_rad, tracking.ripple_rad_s2,
               100.0 * rig_.largest_velocity_share());
  }

  ArmRig rig_{GetParam()};
};

TEST_P(ArmsTest, FollowsATrajectoryOfThirtyFramesPerSecondWithinItsLimits) {
  const auto loaded = rig_.twin->load({rig_.wave(30.0, 3.0, 0.4)}, {.stretch_to_fit = true});
  ASSERT_TRUE(loaded) << loaded.error();
  ASSERT_TRUE(rig_.twin->play());
  rig_.play_to_end();
  expect_all_frames_once();
  report("30 Hz");
  EXPECT_LT(rig_.tracking().worst_rad, 0.1);
  EXPECT_LT(rig_.largest_velocity_share(), 1.0);
}

TEST_P(ArmsTest, FollowsRecordingsOfARealOneOfItsKind) {
  if (data().empty()) {
    GTEST_SKIP() << "TAKT_DATA names no folder of recordings";
  }
  const robots::RobotInfo& info = rig_.node->robot().info();
  std::vector<trajectory::Trajectory> sequence;
  trajectory::SequenceOptions options{.stretch_to_fit = true, .smooth_s = 0.1};
  if (info.type == messages::RobotType::kFr3) {
    for (int segment = 0; segment < 4; ++segment) {
      sequence.push_back(recorded(data() + "/franka_fr3_impedance/sysid.csv", "q_des", segment, info));
    }
  } else {
    sequence.push_back(recorded(data() + "/so101_follower_tracking/circle.csv", "command", -1, info));
    options.to_s = 8.0;
  }
  const auto loaded = rig_.twin->load(std::move(sequence), options);
  ASSERT_TRUE(loaded) << loaded.error();
  ASSERT_TRUE(rig_.twin->play());
  rig_.play_to_end();
  expect_all_frames_once();
  report("recorded");
  EXPECT_LT(rig_.largest_velocity_share(), 1.0);
}

INSTANTIATE_TEST_SUITE_P(Arms, ArmsTest, ::testing::Values("sim:fr3", "sim:so101"),
                         [](const auto& info) { return std::string(info.param).substr(4); });

}  // namespace
}  // namespace takt::engine_tests
