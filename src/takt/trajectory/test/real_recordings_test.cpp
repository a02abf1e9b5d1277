#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <sstream>

#include <gtest/gtest.h>

#include "takt/trajectory/check.hpp"
#include "takt/trajectory/edit.hpp"
#include "takt/trajectory/test/motions.hpp"
#include "takt/trajectory/timeline.hpp"

namespace takt::trajectory {
namespace {

using core::JointVector;

constexpr double kDegree = std::numbers::pi / 180.0;

/// The real recordings, where the environment variable TAKT_DATA names their folder.
class RealRecordingsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("TAKT_DATA");
    if (folder == nullptr) {
      GTEST_SKIP() << "skipped: no recordings (TAKT_DATA is not set)";
    }
    folder_ = folder;
  }

  /// The columns `<group>_<joint>_<unit>` of a file, or of its rows whose first column is `segment`.
  [[nodiscard]] Trajectory read(const std::string& file, const std::vector<std::string>& columns, double unit,
                                const std::string& segment = "") const {
    std::ifstream in(folder_ / file);
    EXPECT_TRUE(in) << file;
    std::string line;
    std::getline(in, line);
    const std::vector<std::string> names = split(line);
    const auto column = [&names](const std::string& name) {
      return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
    };
    Trajectory trajectory(info_of(columns.size(), file));
    double begin_s = -1.0;
    while (std::getline(in, line)) {
      const std::vector<std::string> cells = split(line);
      if (!segment.empty() && cells[0] != segment) {
        continue;
      }
      const double t_s = std::stod(cells[column("t_s")]);
      begin_s = begin_s < 0.0 ? t_s : begin_s;
      Frame frame{.t_ns = core::from_seconds(t_s - begin_s), .q_rad = JointVector::zero(columns.size())};
      for (std::size_t i = 0; i < columns.size(); ++i) {
        frame.q_rad[i] = unit * std::stod(cells.at(column(columns[i])));
      }
      trajectory.append(frame);
    }
    return trajectory;
  }

  [[nodiscard]] Trajectory so101(const std::string& file, const std::string& group, const std::string& unit) const {
    std::vector<std::string> columns;
    for (const char* joint : {"shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll"}) {
      columns.push_back(group + "_" + joint + "_" + unit);
    }
    return read(file, columns, unit == "deg" ? kDegree : 1.0);
  }

  [[nodiscard]] Trajectory fr3(int segment) const {
    std::vector<std::string> columns;
    for (int joint = 1; joint <= 7; ++joint) {
      columns.push_back("q_" + std::to_string(joint) + "_rad");
    }
    return read("franka_fr3_impedance/sysid.csv", columns, 1.0, std::to_string(segment));
  }

 private:
  static std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> cells;
    std::istringstream in(line);
    for (std::string cell; std::getline(in, cell, ',');) {
      cells.push_back(cell);
    }
    return cells;
  }

  std::filesystem::path folder_;
};

/// What robots/models says of the SO-101: 6 rad/s, 60 rad/s², 3000 rad/s³.
ArmDescription so101_arm() {
  return {.name = "so101",
          .type = messages::RobotType::kSo101,
          .joint_names = {},
          .limits = std::vector<control::JointLimits>(5, limits_of(1.92, 6, 60, 3000))};
}

ArmDescription fr3_arm() {
  ArmDescription arm{.name = "fr3", .type = messages::RobotType::kFr3, .joint_names = {}, .limits = {}};
  const double numbers[7][5] = {{-2.9007, 2.9007, 2.62, 0.6599, 6.0},  {-1.8361, 1.8361, 2.62, 0.2517, 2.585},
                                {-2.9007, 2.9007, 2.62, 0.2, 3.5},     {-3.0770, -0.1169, 2.62, 0.3533, 4.0},
                                {-2.8763, 2.8763, 5.26, 0.5757, 17.0}, {0.4398, 4.6216, 4.18, 0.4878, 5.5},
                                {-3.0508, 3.0508, 5.26, 0.4628, 17.0}};
  for (const auto& n : numbers) {
    control::JointLimits limits = limits_of(0, n[2], 10.0, 5000.0);
    limits.position_min_rad = n[0];
    limits.position_max_rad = n[1];
    limits.envelope_velocity_offset_rad_s = n[3];
    limits.envelope_deceleration_rad_s2 = n[4];
    arm.limits.push_back(limits);
  }
  return arm;
}

TEST_F(RealRecordingsTest, AllFourOfTheFr3PlayInOneLoopAtTheirPaceOnceTheNoiseIsOff) {
  const std::vector<Trajectory> segments{fr3(0), fr3(1), fr3(2), fr3(3)};
  const Standing start{.q_rad = {0, -0.785, 0, -2.356, 0, 1.571, 0.785}};
  for (int k = 0; k < 3; ++k) {
    EXPECT_EQ(segments[k].size(), 200U);
    const CheckReport report = check(segments[k], fr3_arm().limits);
    EXPECT_TRUE(report.passed()) << k << ": " << report.text();
  }
  // The softest of the four arms swings: between two frames its first joint has 12 rad/s², the arm's limit is 10.
  const auto raw = Timeline::build(fr3_arm(), start, segments, {.loop = true});
  ASSERT_FALSE(raw);
  EXPECT_NE(raw.error().find("acceleration -12.1 rad/s² at 3.160 s, limit 10 rad/s²"), std::string::npos)
      << raw.error();
  const auto stretched = Timeline::build(fr3_arm(), start, segments, {.loop = true, .stretch_to_fit = true});
  ASSERT_TRUE(stretched) << stretched.error();
  EXPECT_NEAR(stretched->stretch(), 1.1, 0.01);
  const auto smoothed =
      Timeline::build(fr3_arm(), start, segments, {.loop = true, .smooth_s = 0.08, .recorded_jerk = true});
  ASSERT_TRUE(smoothed) << smoothed.error();
  EXPECT_EQ(smoothed->pieces().size(), 9U);  // entry, four, three bridges, seam
  EXPECT_EQ(smoothed->stretch(), 1.0);
}

TEST_F(RealRecordingsTest, TheSo101sReadBackIsRefusedRawAndPlaysSmoothedOrStretched) {
  for (const char* file : {"so101_follower_tracking/circle.csv", "so101_follower_tracking/wobble_line.csv"}) {
    const std::vector<Trajectory> raw{so101(file, "actual", "rad")};
    ASSERT_EQ(raw[0].size(), 1500U);
    const Standing start{.q_rad = JointVector::zero(5)};
    const auto refused = Timeline::build(so101_arm(), start, raw, {});
    ASSERT_FALSE(refused) << file << ": half an encoder step at 60 Hz is 5 rad/s²; its noise passes 60 rad/s²";
    EXPECT_NE(refused.error().find("acceleration"), std::string::npos) << refused.error();
    EXPECT_NE(refused.error().find("limit 60 rad/s²"), std::string::npos) << refused.error();
    const auto smoothed = Timeline::build(so101_arm(), start, raw, {.smooth_s = 0.1, .recorded_jerk = true});
    EXPECT_TRUE(smoothed) << file << ": " << smoothed.error();
    const auto stretched = Timeline::build(so101_arm(), start, raw, {.stretch_to_fit = true});
    ASSERT_TRUE(stretched) << file << ": " << stretched.error();
    EXPECT_GT(stretched->stretch(), 1.0);
    EXPECT_LT(stretched->stretch(), 3.0);
    RecordProperty(std::string(file) + " stretch", std::to_string(stretched->stretch()));
  }
}

TEST_F(RealRecordingsTest, TheLargeWayToAnUnsafeStartIsABridgeWithinTheLimits) {
  // The first target of the circle is 142° from where the arm stands in its shoulder lift.
  const Trajectory targets = so101("so101_follower_tracking/circle.csv", "target", "rad");
  const Trajectory actual = so101("so101_follower_tracking/circle.csv", "actual", "rad");
  const Standing start{.q_rad = actual.q_rad(0)};
  EXPECT_NEAR(core::max_abs_difference(start.q_rad, targets.q_rad(0)), 141.5 * kDegree, 0.5 * kDegree);
  const auto timeline =
      Timeline::build(so101_arm(), start, std::vector{targets}, {.stretch_to_fit = true, .smooth_s = 0.1});
  ASSERT_TRUE(timeline) << timeline.error();
  EXPECT_EQ(timeline->frame(0).frame.q_rad, start.q_rad);
  EXPECT_GT(core::to_seconds(timeline->entry_ns()), 1.0);
  EXPECT_EQ(timeline->pieces().front().part, Part::kEntry);
  for (std::size_t i = 1; i <= timeline->entry_frames(); ++i) {
    const double dt = core::to_seconds(timeline->time_ns(i) - timeline->time_ns(i - 1));
    EXPECT_LE(core::max_abs_difference(timeline->frame(i).frame.q_rad, timeline->frame(i - 1).frame.q_rad) / dt, 6.0);
  }
}

TEST_F(RealRecordingsTest, AHandDrivenStartOfALeaderPlaysWithItsUnevenStamps) {
  const Trajectory leader = so101("so101_leader_teleop_excerpt/startled_first_32.csv", "action", "deg");
  ASSERT_EQ(leader.size(), 32U);
  const auto raw = Timeline::build(so101_arm(), {.q_rad = JointVector::zero(5)}, std::vector{leader}, {});
  const auto smoothed = Timeline::build(so101_arm(), {.q_rad = JointVector::zero(5)}, std::vector{leader},
                                        {.stretch_to_fit = true, .smooth_s = 0.1});
  ASSERT_TRUE(smoothed) << smoothed.error();
  EXPECT_LT(smoothed->stretch(), 2.0);
  EXPECT_TRUE(raw || raw.error().find("joint 'j") != std::string::npos) << raw.error();
}

}  // namespace
}  // namespace takt::trajectory
