#include "takt/core/csv/recording.hpp"

#include <cstdlib>
#include <fstream>
#include <numbers>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/core/error.hpp"

namespace takt::core::csv {
namespace {

using Names = std::vector<std::string>;

/// The message of the ConfigError that parsing must end in; it must be one line.
std::string refusal(std::string_view text, const RecordingOptions& options = {}) {
  try {
    static_cast<void>(parse_recording(text, "a.csv", options));
  } catch (const ConfigError& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find_first_of("\r\n"), std::string::npos) << message;
    return message;
  }
  return "accepted";
}

TEST(CsvRecordingTest, ReadsRadiansDegreesAndPercent) {
  const Recording recording = parse_recording(
      "t_s,target_pan_rad,target_lift_deg,target_gripper_pct,note\n"
      "0.5,0.25,180,25,hello\n"
      "0.75,-1e-3,-90,100,\n",
      "a.csv");
  EXPECT_EQ(recording.joint_names, (Names{"pan", "lift"}));
  ASSERT_EQ(recording.rows.size(), 2U);
  EXPECT_EQ(recording.rows[0].t_s, 0.5);
  EXPECT_EQ(recording.rows[0].positions_rad[0], 0.25);
  EXPECT_NEAR(recording.rows[0].positions_rad[1], std::numbers::pi, 1e-15);
  EXPECT_EQ(recording.rows[0].gripper, 0.25);
  EXPECT_EQ(recording.rows[1].positions_rad[0], -0.001);
  EXPECT_NEAR(recording.rows[1].positions_rad[1], -std::numbers::pi / 2, 1e-15);
  EXPECT_EQ(recording.rows[1].gripper, 1.0);
  EXPECT_EQ(recording.duration_s(), 0.25);
}

TEST(CsvRecordingTest, TakesLineEndsByteOrderMarksBlanksAndEmptyLastLinesAsTheyCome) {
  const Recording plain = parse_recording("t_s,target_a_rad\n0,1\n1,2", "a.csv");
  for (const std::string_view text :
       {"t_s,target_a_rad\n0,1\n1,2\n", "t_s,target_a_rad\r\n0,1\r\n1,2\r\n\r\n",
        "\xEF\xBB\xBFt_s,target_a_rad\n0,1\n1,2\n\n\n", "t_s , target_a_rad\n0,\t1\n 1 ,2 \n"}) {
    EXPECT_EQ(parse_recording(text, "a.csv").rows, plain.rows) << text;
  }
  EXPECT_EQ(plain.rows.size(), 2U);
}

TEST(CsvRecordingTest, ChoosesAGroup) {
  const std::string_view text = "t_s,target_a_rad,command_a_rad,command_b_rad\n0,1,2,3\n";
  EXPECT_EQ(parse_recording(text, "a.csv", {.group = "command"}).rows[0].positions_rad, (core::JointVector{2.0, 3.0}));
  EXPECT_EQ(parse_recording(text, "a.csv").rows[0].positions_rad, (core::JointVector{1.0}));
}

TEST(CsvRecordingTest, ShowsAnotherGroupsFirstRow) {
  const Recording recording = parse_recording(
      "t_s,target_a_rad,target_gripper_rad,actual_a_deg,actual_gripper_pct\n"
      "0.1,1,0,90,50\n"
      "0.2,2,0,,\n",
      "a.csv");
  EXPECT_EQ(recording.joint_names, (Names{"a", "gripper"})) << "a gripper in radians is a joint";
  EXPECT_FALSE(recording.rows[0].gripper.has_value());
  const auto first = recording.first_row("actual");
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->t_s, 0.1);
  ASSERT_EQ(first->positions_rad.size(), 1U);
  EXPECT_NEAR(first->positions_rad[0], std::numbers::pi / 2, 1e-15);
  EXPECT_EQ(first->gripper, 0.5);
  EXPECT_FALSE(recording.first_row("observed").has_value());
}

TEST(CsvRecordingTest, JudgesAnotherGroupsFieldsOnlyWhenAskedForThem) {
  const Recording recording = parse_recording("t_s,target_a_rad,actual_a_rad\n0,1,\n", "a.csv");
  try {
    static_cast<void>(recording.first_row("actual"));
    FAIL() << "accepted";
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(), "a.csv:2: actual_a_rad: the field is empty, expected a number");
  }
}

TEST(CsvRecordingTest, PlaysOneSegmentWhereTimeRestarts) {
  const std::string_view text =
      "segment,t_s,q_1_rad,q_2_rad,q_des_1_rad,q_des_2_rad\n"
      "0,0,1,2,3,4\n0,1,1,2,3,4\n1,0,5,6,7,8\n1,1,9,10,11,12\n";
  const Recording recording = parse_recording(text, "a.csv", {.group = "q_des", .segment = 1});
  ASSERT_EQ(recording.rows.size(), 2U);
  EXPECT_EQ(recording.rows[0].positions_rad, (core::JointVector{7.0, 8.0}));
  EXPECT_EQ(recording.first_row("q")->positions_rad, (core::JointVector{5.0, 6.0}));
  EXPECT_EQ(recording.first_line, 4U);
  EXPECT_EQ(refusal(text, {.group = "q"}),
            "a.csv:4: t_s: time restarts with segment '1'; choose one segment (option `segment`)");
  EXPECT_EQ(refusal(text, {.group = "q", .segment = 7}),
            "a.csv: segment: no row of segment 7; the last one in the file is 1");
  EXPECT_EQ(refusal("t_s,q_1_rad\n0,1\n", {.group = "q", .segment = 0}),
            "a.csv:1: segment: no such column, so no segment 0 can be chosen");
  EXPECT_EQ(refusal("segment,t_s,q_1_rad\nx,0,1\n", {.group = "q", .segment = 0}),
            "a.csv:2: segment: 'x' is not a number");
}

TEST(CsvRecordingTest, ClampsAGripperThatIsALittleOutOfCalibration) {
  const Recording recording = parse_recording("t_s,target_a_rad,target_gripper_pct\n0,0,-0.4\n1,0,103\n", "a.csv");
  EXPECT_EQ(recording.rows[0].gripper, 0.0);
  EXPECT_EQ(recording.rows[1].gripper, 1.0);
}

struct BadText {
  std::string text;
  std::string message;
};

TEST(CsvRecordingTest, SaysInOneLineWithFileLineAndColumnWhatIsWrong) {
  const std::string head = "t_s,target_a_rad,target_b_rad\n";
  std::string many = "t_s";
  for (int i = 0; i < 17; ++i) {
    many += ",target_" + std::to_string(i) + "_rad";
  }
  const std::vector<BadText> all{
      {"", "a.csv: the file is empty"},
      {"\r\n\n", "a.csv: the file is empty"},
      {head, "a.csv:1: a header but no rows"},
      {"time,target_a_rad\n0,1\n", "a.csv:1: t_s: no such column; it is the time in seconds"},
      {"t_s,command_a_rad,actual_a_deg\n0,1,2\n",
       "a.csv:1: target: no columns target_<joint>_rad or _deg; groups of this file: command, actual"},
      {"t_s,x\n0,1\n", "a.csv:1: target: no columns target_<joint>_rad or _deg; groups of this file: none"},
      {head + "0,1,2\n1,2\n", "a.csv:3: the row has 2 fields, the header 3"},
      {head + "0,1,2,3\n", "a.csv:2: the row has 4 fields, the header 3"},
      {head + "0,1,2\n\n1,2,3\n", "a.csv:3: the row has 1 fields, the header 3"},
      {head + "0,1,two\n", "a.csv:2: target_b_rad: 'two' is not a number"},
      {head + "0,1,2x\n", "a.csv:2: target_b_rad: '2x' is not a number"},
      {head + "0,1,\n", "a.csv:2: target_b_rad: the field is empty, expected a number"},
      {head + "0,1,\x01\x1b[2J\n", "a.csv:2: target_b_rad: '??[2J' is not a number"},
      {head + "0,nan,2\n", "a.csv:2: target_a_rad: 'nan' is not finite"},
      {head + "0,1,-inf\n", "a.csv:2: target_b_rad: '-inf' is not finite"},
      {head + "0,1,1e999\n", "a.csv:2: target_b_rad: '1e999' is out of range"},
      {head + "nan,1,2\n", "a.csv:2: t_s: 'nan' is not finite"},
      {head + "1e300,1,2\n", "a.csv:2: t_s: '1e300' is out of range"},
      {head + "0,1,2\n0.5,1,2\n0.5,1,2\n",
       "a.csv:4: t_s: time must increase: '0.5' does not come after the row before"},
      {head + "0,1,2\n-1,1,2\n", "a.csv:3: t_s: time must increase: '-1' does not come after the row before"},
      {head + "0,1," + std::string(100000, '1') + "\n",
       "a.csv:2: target_b_rad: a field of 100000 characters, a number has at most 64"},
      {many + "\n", "a.csv:1: target: the group has 17 joints, a robot has 1 … 16"},
      {"t_s,target_gripper_pct\n0,1\n", "a.csv:1: target: the group has 0 joints, a robot has 1 … 16"},
      {"t_s,target_a_pct,target_b_rad\n0,1,2\n",
       "a.csv:1: target_a_pct: only one column named gripper may be in percent; joints are in _rad or _deg"},
      {"t_s,target_a_rad,target_gripper_pct\n0,1,250\n",
       "a.csv:2: target_gripper_pct: '250' is not a percentage, expected 0 … 100"},
      {"t_s,target_a_rad,target_a_deg\n0,1,2\n", "a.csv:1: target_a_deg: joint a stands in another column already"},
      {"t_s,target_a_rad,target_a_rad\n0,1,2\n", "a.csv:1: target_a_rad: the column stands twice"},
      {"t_s," + std::string(70, 'x') + "\n0,1\n",
       "a.csv:1: the column name '" + std::string(64, 'x') + "…' is too long or not text"},
      {std::string(600, ',') + "\n", "a.csv:1: 601 columns, at most 512 are read"},
  };
  for (const BadText& bad : all) {
    EXPECT_EQ(refusal(bad.text), bad.message);
  }
}

class RecordingFile : public ::testing::Test {
 protected:
  RecordingFile()
      : path_(std::filesystem::temp_directory_path() / ("takt_recording_" + std::to_string(getpid()) + ".csv")) {}
  ~RecordingFile() override { std::filesystem::remove(path_); }

  [[nodiscard]] std::string refusal_of_file(const std::filesystem::path& path) const {
    try {
      static_cast<void>(load_recording(path));
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "accepted";
  }

  std::filesystem::path path_;
};

TEST_F(RecordingFile, IsReadWhole) {
  std::ofstream file(path_);
  file << "t_s,target_a_rad\n";
  for (int i = 0; i < 20000; ++i) {
    file << i << "," << i * 0.5 << "\n";
  }
  file.close();
  const Recording recording = load_recording(path_);
  EXPECT_EQ(recording.name, path_.string());
  ASSERT_EQ(recording.rows.size(), 20000U);
  EXPECT_EQ(recording.rows.back().positions_rad, core::JointVector{9999.5});
}

TEST_F(RecordingFile, IsRefusedWhenMissing) {
  EXPECT_EQ(refusal_of_file(path_), path_.string() + ": cannot be read: No such file or directory");
}

TEST_F(RecordingFile, IsRefusedWhenItIsADirectory) {
  const auto folder = std::filesystem::temp_directory_path();
  EXPECT_EQ(refusal_of_file(folder), folder.string() + ": is a directory, not a file");
}

TEST(CsvRecordingTest, ReadsVelocitiesOnRequest) {
  const std::string_view text = "t_s,q_1_rad,q_2_rad,dq_1_rad_s,dq_2_deg_s\n0,1,2,3,180\n1,1,2,4,90\n";
  const Recording with = parse_recording(text, "a.csv", {.group = "q", .velocities = true});
  ASSERT_EQ(with.velocities_rad_s.size(), 4U);
  EXPECT_EQ(with.velocities_rad_s[0], 3.0);
  EXPECT_NEAR(with.velocities_rad_s[3], std::numbers::pi / 2, 1e-15);
  EXPECT_TRUE(parse_recording(text, "a.csv", {.group = "q"}).velocities_rad_s.empty());
  EXPECT_TRUE(
      parse_recording("t_s,q_1_rad\n0,1\n", "a.csv", {.group = "q", .velocities = true}).velocities_rad_s.empty());
}

TEST(CsvRecordingTest, RefusesVelocitiesOfSomeJointsOnly) {
  EXPECT_EQ(refusal("t_s,q_1_rad,q_2_rad,dq_1_rad_s\n0,1,2,3\n", {.group = "q", .velocities = true}),
            "a.csv:1: dq_2_rad_s: no such column, but other joints have their velocity");
}

TEST(CsvRecordingTest, TakesTheOnlyGroupWhenNoneIsNamed) {
  EXPECT_EQ(parse_recording("t_s,arm_a_rad\n0,1\n", "a.csv", {.group = ""}).group, "arm");
  EXPECT_EQ(refusal("t_s,arm_a_rad,leg_b_rad\n0,1,2\n", {.group = ""}),
            "a.csv:1: there is a choice of column groups, say which: arm, leg");
}

TEST(CsvRecordingTest, ListsSegmentsInOrderOfAppearance) {
  using Segments = std::vector<std::int64_t>;
  EXPECT_EQ(list_segments("t_s,segment,q_a_rad\n0,3,x\n0,3,x\n0,-1,x\n", "a.csv"), (Segments{3, -1}));
  EXPECT_EQ(list_segments("t_s,q_a_rad\n0,1\n", "a.csv"), Segments{});
  EXPECT_THROW(static_cast<void>(list_segments("t_s,segment\n0,one\n", "a.csv")), ConfigError);
}

/// The real recordings, where the environment variable TAKT_DATA names their folder.
class RealRecording : public ::testing::Test {
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

TEST_F(RealRecording, OfAnSo101FollowerIsRead) {
  for (const char* file : {"circle.csv", "wobble_line.csv"}) {
    for (const char* group : {"target", "command"}) {
      const Recording recording = load_recording(folder_ / "so101_follower_tracking" / file, {.group = group});
      EXPECT_EQ(recording.rows.size(), 1500U);
      EXPECT_EQ(recording.joint_names,
                (Names{"shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll", "gripper"}));
      EXPECT_EQ(recording.columns.groups(), (Names{"target", "command", "actual"}));
      const auto start = recording.first_row("actual");
      ASSERT_TRUE(start.has_value());
      EXPECT_EQ(start->positions_rad.size(), 5U);
      EXPECT_NEAR(start->gripper.value(), 0.005996, 1e-9);
      EXPECT_NEAR(start->positions_rad[1], -1.741, 2e-3);
    }
  }
}

TEST_F(RealRecording, OfAnSo101LeaderIsReadInDegrees) {
  const Recording recording =
      load_recording(folder_ / "so101_leader_teleop_excerpt" / "startled_first_32.csv", {.group = "action"});
  ASSERT_EQ(recording.rows.size(), 32U);
  EXPECT_EQ(recording.joint_names.size(), 5U);
  EXPECT_NEAR(recording.rows[0].positions_rad[0], 42.285714 * std::numbers::pi / 180.0, 1e-12);
  EXPECT_NEAR(recording.rows[0].gripper.value(), 0.00082237, 1e-12);
}

TEST_F(RealRecording, OfAnFr3IsReadSegmentBySegment) {
  const auto path = folder_ / "franka_fr3_impedance" / "sysid.csv";
  for (const char* group : {"q", "q_des"}) {
    for (const int segment : {0, 1, 2, 3}) {
      const Recording recording = load_recording(path, {.group = group, .segment = segment});
      EXPECT_EQ(recording.rows.size(), 200U);
      EXPECT_EQ(recording.joint_names, (Names{"1", "2", "3", "4", "5", "6", "7"}));
    }
  }
  EXPECT_THROW(static_cast<void>(load_recording(path, {.group = "q"})), ConfigError);
  EXPECT_EQ(load_recording(path, {.group = "q", .segment = 0}).columns.groups(), (Names{"q", "q_des"}));
}

}  // namespace
}  // namespace takt::core::csv
