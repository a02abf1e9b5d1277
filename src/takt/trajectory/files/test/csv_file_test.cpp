#include "takt/trajectory/files/csv_file.hpp"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <numbers>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/core/error.hpp"

namespace takt::trajectory::files {
namespace {

Trajectory sample(bool velocities, bool gripper) {
  Trajectory made({.name = "wave", .robot = "fr3", .joint_names = {"shoulder_pan", "2"}});
  for (int i = 0; i < 50; ++i) {
    Frame frame{.t_ns = i * 1'000'003LL, .q_rad = {std::sin(i * 0.1), -std::sqrt(i + 0.1) * 1e-7}};
    if (velocities) {
      frame.dq_rad_s = {std::cos(i * 0.1), 1.0 / (i + 3)};
    }
    if (gripper) {
      frame.gripper = i / 49.0;
    }
    made.append(frame);
  }
  return made;
}

std::string refusal(std::string_view text, const CsvOptions& options = {}) {
  try {
    static_cast<void>(parse_csv(text, "a.csv", options));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(CsvFileTest, WhatIsExportedIsImportedToTheLastBit) {
  for (const bool velocities : {false, true}) {
    const Trajectory made = sample(velocities, false);
    Trajectory found = parse_csv(csv_text(made), "folder/wave.csv", {.robot = "fr3"});
    EXPECT_EQ(found.info().name, "wave");
    EXPECT_EQ(found.info().source, "folder/wave.csv, columns q");
    found.set_info(made.info());
    EXPECT_EQ(found, made);
  }
}

TEST(CsvFileTest, TheGripperComesBackToAPartInAMillionMillions) {
  const Trajectory made = sample(true, true);
  const Trajectory found = parse_csv(csv_text(made), "wave.csv");
  ASSERT_EQ(found.size(), made.size());
  for (std::size_t i = 0; i < made.size(); ++i) {
    EXPECT_NEAR(found.frame(i).gripper.value(), made.frame(i).gripper.value(), 1e-12);
    EXPECT_EQ(found.frame(i).q_rad, made.frame(i).q_rad);
  }
}

TEST(CsvFileTest, TheTableIsAsItsPageSays) {
  Trajectory made({.name = "a", .joint_names = {"pan", "lift"}});
  made.append({.t_ns = 0, .q_rad = {0.5, -0.25}, .dq_rad_s = {0, 1e-9}, .gripper = 0.5});
  made.append({.t_ns = 12'345'678'901, .q_rad = {0.1, 0}, .dq_rad_s = {0, 0}, .gripper = 1.0});
  EXPECT_EQ(csv_text(made),
            "t_s,q_pan_rad,q_lift_rad,dq_pan_rad_s,dq_lift_rad_s,q_gripper_pct\n"
            "0.000000000,0.5,-0.25,0,1e-09,50\n"
            "12.345678901,0.1,0,0,0,100\n");
}

TEST(CsvFileTest, ForeignTimesBeginAtZeroAndDegreesBecomeRadians) {
  const Trajectory found =
      parse_csv("t_s,target_pan_deg,target_gripper_pct\n1700000000.5,180,25\n1700000000.75,-90,50\n", "x/pick.csv");
  EXPECT_EQ(found.info().name, "pick");
  EXPECT_EQ(found.time_ns(1), 250'000'000);
  EXPECT_NEAR(found.q_rad(0)[0], std::numbers::pi, 1e-15);
  EXPECT_EQ(found.frame(1).gripper, 0.5);
}

TEST(CsvFileTest, WhatIsNoTrajectoryIsRefusedWithThePlace) {
  EXPECT_EQ(refusal("t_s,q_1_rad\n0,1\n0,2\n"),
            "a.csv:3: t_s: time must increase: '0' does not come after the row before");
  EXPECT_EQ(refusal("t_s,q_1_rad\n0,nan\n"), "a.csv:2: q_1_rad: 'nan' is not finite");
  EXPECT_EQ(refusal("t_s,q_1_rad\n"), "a.csv:1: a header but no rows");
  EXPECT_EQ(refusal("t_s,q_1_rad,p_1_rad\n0,0,0\n"), "a.csv:1: there is a choice of column groups, say which: q, p");
  EXPECT_EQ(refusal("t_s,q_1_rad\n0,0\n1e-10,0\n"),
            "trajectory 'a': frame 1 is at 0.000000000 s, not after the one before it at 0.000000000 s");
}

TEST(CsvFileTest, NamesThatAHeaderCannotHoldAreRefused) {
  for (const std::vector<std::string>& names :
       {std::vector<std::string>{"a,b"}, {"a\n"}, {std::string(51, 'x')}, {"1", "2", "des_1", "des_2"}}) {
    Trajectory made({.name = "odd", .joint_names = names});
    made.append({.t_ns = 0, .q_rad = core::JointVector::zero(names.size())});
    EXPECT_THROW(static_cast<void>(csv_text(made)), ConfigError) << names.front();
  }
  EXPECT_THROW(static_cast<void>(csv_text(Trajectory({.name = "empty", .joint_names = {"a"}}))), ConfigError);
}

class RealCsv : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("TAKT_DATA");
    if (folder == nullptr) {
      GTEST_SKIP() << "skipped: no recordings (TAKT_DATA is not set)";
    }
    folder_ = folder;
  }

  std::filesystem::path folder_;
};

TEST_F(RealCsv, TheFr3RecordingIsFourTrajectoriesWithVelocities) {
  const auto path = folder_ / "franka_fr3_impedance" / "sysid.csv";
  EXPECT_EQ(csv_segments(path), (std::vector<std::int64_t>{0, 1, 2, 3}));
  for (const std::int64_t segment : csv_segments(path)) {
    const Trajectory found = read_csv(path, {.group = "q", .segment = segment, .robot = "fr3"});
    EXPECT_EQ(found.size(), 200U);
    EXPECT_EQ(found.duration_ns(), 3'980'000'000);
    EXPECT_TRUE(found.has_velocities());
    EXPECT_EQ(found.joints(), 7U);
  }
  EXPECT_THROW(static_cast<void>(read_csv(path, {.group = "q"})), ConfigError);
  EXPECT_FALSE(read_csv(path, {.group = "q_des", .segment = 0}).has_velocities());
}

TEST_F(RealCsv, TheSo101RecordingsKeepTheirUnevenTimes) {
  const auto path = folder_ / "so101_follower_tracking" / "circle.csv";
  const Trajectory target = read_csv(path, {.group = "target"});
  EXPECT_EQ(target.size(), 1500U);
  EXPECT_EQ(target.time_ns(1), 16'732'000);
  EXPECT_EQ(target.joints(), 6U);
  const Trajectory actual = read_csv(path, {.group = "actual"});
  EXPECT_EQ(actual.joints(), 5U);
  EXPECT_TRUE(actual.has_gripper());
  EXPECT_TRUE(csv_segments(path).empty());
}

}  // namespace
}  // namespace takt::trajectory::files
