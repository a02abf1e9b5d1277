#include "takt/teleop/config.hpp"

#include <filesystem>
#include <fstream>
#include <numbers>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/core/error.hpp"

namespace takt::teleop {
namespace {

TeleopConfig parse(const std::string& text) {
  return parse_teleop_config(text, "run.toml");
}

/// What a configuration is refused with; "" when it is accepted.
std::string complaint(const std::string& text) {
  try {
    static_cast<void>(parse(text));
    return "";
  } catch (const ConfigError& error) {
    return error.what();
  }
}

/// The complaint begins with the place and is one line.
void expect_complaint(const std::string& text, const std::string& place, const std::string& what = "") {
  const std::string said = complaint(text);
  EXPECT_TRUE(said.starts_with(place + ": ")) << "want " << place << ", said: " << said << "\nabout\n" << text;
  EXPECT_NE(said.find(what), std::string::npos) << said;
  EXPECT_EQ(said.find('\n'), std::string::npos) << said;
}

constexpr const char* kEverything = R"(duration_s = 12.5
report = "out/report.json"
trace = "trace.json"
bus = ["dds://?domain=3", "udp://239.255.0.7:7400"]
insecure = true
quiet = true

[[pair]]
name = "left"
leader = "playback:rows.csv"
follower = "sim:so101"
leader_rate_hz = 59
follower_rate_hz = 200.0
columns = "command"
start_columns = "measured"
segment = 3
speed = 0.5
seed = 42
delivery = "drain-newest"
alignment_fraction = 0.2
aligned_within_rad = 0.05
smoothing_tau_s = 0.0

[pair.map]
reindex = [1, 0, -1]
scale = [1.0, -1, 0.5]
matrix = [[1, 0], [0, 1]]
offset_deg = [90, 0, -45.0]
gripper = { scale = 1.7, offset = -0.1 }

[pair.map.limits]
min_rad = [-1, -2, -3]
max_deg = [180.0, 90, 45]
policy = "clamp"

[pair.guards]
position = "reject"
velocity = "off"
acceleration = "clamp"
limit_fraction = 0.7
hold_after_s = 0.2
halt_after_s = 0.9
tracking_error_rad = 0.4
tracking_error_for_s = 0.3
lost_after_s = 0.6
deadman = true
trajectories = true

[[pair]]
)";

TEST(TeleopConfigTest, ReadsTheKeysOfARun) {
  const TeleopConfig config = parse(kEverything);
  EXPECT_EQ(config.duration_s, 12.5);
  EXPECT_EQ(config.report, std::filesystem::path("out/report.json"));
  EXPECT_EQ(config.trace, std::filesystem::path("trace.json"));
  EXPECT_TRUE(config.quiet);
  EXPECT_TRUE(config.insecure);
  EXPECT_EQ(config.bus, (std::vector<std::string>{"dds://?domain=3", "udp://239.255.0.7:7400"}));
  EXPECT_EQ(config.bus_place.line, 4U);
  EXPECT_EQ(config.bus_place.field, "bus");
  EXPECT_EQ(config.pairs.size(), 2U);
}

TEST(TeleopConfigTest, ReadsTheKeysOfAPair) {
  const PairConfig pair = parse(kEverything).pairs[0];
  EXPECT_EQ(pair.name, "left");
  EXPECT_EQ(pair.leader, "playback:rows.csv");
  EXPECT_EQ(pair.follower, "sim:so101");
  EXPECT_EQ(pair.leader_rate_hz, 59.0);
  EXPECT_EQ(pair.follower_rate_hz, 200.0);
  EXPECT_EQ(pair.columns, "command");
  EXPECT_EQ(pair.start_columns, "measured");
  EXPECT_EQ(pair.segment, 3);
  EXPECT_EQ(pair.speed, 0.5);
  EXPECT_EQ(pair.seed, 42U);
  EXPECT_EQ(pair.delivery, Delivery::kDrainNewest);
  EXPECT_EQ(pair.alignment_fraction, 0.2);
  EXPECT_EQ(pair.aligned_within_rad, 0.05);
  EXPECT_EQ(pair.smoothing_tau_s, 0.0);
}

TEST(TeleopConfigTest, ReadsTheKeysOfAMapInRadians) {
  const JointMapOptions map = parse(kEverything).pairs[0].map;
  constexpr double kPi = std::numbers::pi;
  EXPECT_EQ(map.reindex, (std::vector<int>{1, 0, -1}));
  EXPECT_EQ(map.scale, (std::vector<double>{1.0, -1.0, 0.5}));
  EXPECT_EQ(map.matrix, (std::vector<std::vector<double>>{{1, 0}, {0, 1}}));
  ASSERT_EQ(map.offset_rad.size(), 3U);
  EXPECT_DOUBLE_EQ(map.offset_rad[0], kPi / 2);
  EXPECT_DOUBLE_EQ(map.offset_rad[2], -kPi / 4);
  EXPECT_EQ(map.gripper, (GripperMap{.scale = 1.7, .offset = -0.1}));
  EXPECT_EQ(map.limit_policy, LimitPolicy::kClamp);
  ASSERT_EQ(map.limits.size(), 3U);
  EXPECT_EQ(map.limits[1].min_rad, -2.0);
  EXPECT_DOUBLE_EQ(map.limits[1].max_rad, kPi / 2);
}

TEST(TeleopConfigTest, ReadsTheKeysOfTheGuards) {
  const GuardConfig guards = parse(kEverything).pairs[0].guards;
  EXPECT_EQ(guards.position, LimitPolicy::kReject);
  EXPECT_EQ(guards.velocity, LimitPolicy::kOff);
  EXPECT_EQ(guards.acceleration, LimitPolicy::kClamp);
  EXPECT_EQ(guards.limit_fraction, 0.7);
  EXPECT_EQ(guards.freshness.hold_after_s, 0.2);
  EXPECT_EQ(guards.freshness.halt_after_s, 0.9);
  EXPECT_EQ(guards.tracking.error_rad, 0.4);
  EXPECT_EQ(guards.tracking.error_for_s, 0.3);
  EXPECT_EQ(guards.lost_after_s, 0.6);
  EXPECT_TRUE(guards.deadman);
  EXPECT_EQ(guards.trajectories, true);
}

TEST(TeleopConfigTest, ReadsAnglesInRadiansAsTheyStand) {
  const auto map =
      parse("[[pair]]\nmap = { offset_rad = [0.1, 0.2], limits = { min_deg = [-180], max_rad = [2.5] } }\n")
          .pairs[0]
          .map;
  EXPECT_EQ(map.offset_rad, (std::vector<double>{0.1, 0.2}));
  EXPECT_DOUBLE_EQ(map.limits.at(0).min_rad, -std::numbers::pi);
  EXPECT_EQ(map.limits.at(0).max_rad, 2.5);
}

TEST(TeleopConfigTest, LeavesTheDefaultsWhereNothingIsSaid) {
  const TeleopConfig config = parse("[[pair]]\n");
  EXPECT_FALSE(config.duration_s);
  EXPECT_FALSE(config.report);
  EXPECT_FALSE(config.trace);
  EXPECT_FALSE(config.quiet);
  const PairConfig& pair = config.pairs.at(0);
  const PairConfig untouched;
  EXPECT_EQ(pair.leader, "synthetic");
  EXPECT_EQ(pair.follower, "sim:fr3");
  EXPECT_EQ(pair.leader_rate_hz, untouched.leader_rate_hz);
  EXPECT_EQ(pair.columns, "target");
  EXPECT_EQ(pair.start_columns, "actual");
  EXPECT_FALSE(pair.segment);
  EXPECT_EQ(pair.speed, 1.0);
  EXPECT_EQ(pair.seed, 1U);
  EXPECT_EQ(pair.delivery, Delivery::kInline);
  EXPECT_EQ(pair.map, JointMapOptions{});
  EXPECT_EQ(pair.guards.position, LimitPolicy::kClamp);
  EXPECT_EQ(pair.guards.limit_fraction, 1.0);
  EXPECT_EQ(pair.guards.freshness.hold_after_s, untouched.guards.freshness.hold_after_s);
  EXPECT_FALSE(pair.guards.deadman);
  EXPECT_FALSE(pair.guards.trajectories.has_value()) << "as the deadman says";
  EXPECT_EQ(pair.smoothing_tau_s, untouched.smoothing_tau_s);
}

TEST(TeleopConfigTest, RemembersWhereLeaderFollowerAndMapWereSet) {
  const TeleopConfig config = parse(kEverything);
  const ConfigPlace leader = config.pairs[0].place_of("leader");
  EXPECT_EQ(leader.file, "run.toml");
  EXPECT_EQ(leader.line, 10U);
  EXPECT_EQ(leader.field, "pair[0].leader");
  EXPECT_EQ(config.pairs[0].place_of("map").line, 24U);
  EXPECT_EQ(config.pairs[0].place_of("map").field, "pair[0].map");
  const ConfigPlace absent = config.pairs[1].place_of("follower");
  EXPECT_EQ(absent.line, 49U) << "the table's, where the key is absent";
  EXPECT_EQ(absent.field, "pair[1].follower");
  EXPECT_EQ(PairConfig{}.place_of("leader").line, 0U) << "of the command line";
}

TEST(TeleopConfigTest, SpellsNamesWithDashesOrUnderscores) {
  for (const char* name : {"drain-newest", "drain_newest"}) {
    EXPECT_EQ(parse("[[pair]]\ndelivery = \"" + std::string(name) + "\"\n").pairs[0].delivery, Delivery::kDrainNewest);
  }
  expect_complaint("[[pair]]\ndelivery = \"pigeon\"\n", "run.toml:2: pair[0].delivery",
                   "inline, fifo, mailbox, drain_newest");
  expect_complaint("[[pair]]\n[pair.guards]\nvelocity = \"Clamp\"\n", "run.toml:3: pair[0].guards.velocity",
                   "clamp, reject, off");
}

TEST(TeleopConfigTest, RefusesAnUnknownKeyAtEveryLevel) {
  expect_complaint("speed = 1.0\n[[pair]]\n", "run.toml:1: speed", "unknown key");
  expect_complaint("[pairs]\n[[pair]]\n", "run.toml:1: pairs", "unknown key");
  expect_complaint("[[pair]]\n\nleder = \"synthetic\"\n", "run.toml:3: pair[0].leder", "unknown key");
  expect_complaint("[[pair]]\n[[pair]]\nmapp = 1\n", "run.toml:3: pair[1].mapp", "unknown key");
  expect_complaint("[[pair]]\n[pair.map]\noffsets = [1]\n", "run.toml:3: pair[0].map.offsets", "unknown key");
  expect_complaint("[[pair]]\n[pair.map.gripper]\nscal = 1\n", "run.toml:3: pair[0].map.gripper.scal", "unknown key");
  expect_complaint("[[pair]]\n[pair.map.limits]\nmin = [1]\n", "run.toml:3: pair[0].map.limits.min", "unknown key");
  expect_complaint("[[pair]]\n[pair.guards]\n\n\njerk = \"off\"\n", "run.toml:5: pair[0].guards.jerk", "unknown key");
}

TEST(TeleopConfigTest, RefusesAValueOfTheWrongKind) {
  const auto in_pair = [](const std::string& line) { return "[[pair]]\n" + line + "\n"; };
  expect_complaint("duration_s = \"long\"\n[[pair]]\n", "run.toml:1: duration_s", "must be a number");
  expect_complaint("duration_s = 1979-05-27\n[[pair]]\n", "run.toml:1: duration_s", "must be a number");
  expect_complaint("bus = \"dds://\"\n[[pair]]\n", "run.toml:1: bus", "must be a list");
  expect_complaint("quiet = 1\n[[pair]]\n", "run.toml:1: quiet", "must be true or false");
  expect_complaint("report = 7\n[[pair]]\n", "run.toml:1: report", "must be a text");
  expect_complaint("pair = 3\n", "run.toml:1: pair", "[[pair]]");
  expect_complaint("pair = [1, {}]\n", "run.toml:1: pair", "[[pair]]");
  expect_complaint("[pair]\nleader = \"synthetic\"\n", "run.toml:1: pair", "[[pair]]");
  expect_complaint(in_pair("leader = 1"), "run.toml:2: pair[0].leader", "must be a text");
  expect_complaint(in_pair("delivery = 1"), "run.toml:2: pair[0].delivery", "must be a text");
  expect_complaint(in_pair("leader_rate_hz = true"), "run.toml:2: pair[0].leader_rate_hz", "must be a number");
  expect_complaint(in_pair("segment = 1.5"), "run.toml:2: pair[0].segment", "must be a whole number");
  expect_complaint(in_pair("seed = -1"), "run.toml:2: pair[0].seed", "not negative");
  expect_complaint(in_pair("map = 1"), "run.toml:2: pair[0].map", "must be a table");
  expect_complaint(in_pair("guards = []"), "run.toml:2: pair[0].guards", "must be a table");
  expect_complaint(in_pair("map.scale = 1"), "run.toml:2: pair[0].map.scale", "must be a list");
  expect_complaint(in_pair("map.scale = [1, \"a\"]"), "run.toml:2: pair[0].map.scale[1]", "must be a number");
  expect_complaint(in_pair("map.matrix = [[1, 0], 2]"), "run.toml:2: pair[0].map.matrix[1]", "must be a list");
  expect_complaint(in_pair("map.matrix = [[1, 0], [2, false]]"), "run.toml:2: pair[0].map.matrix[1][1]",
                   "must be a number");
  expect_complaint(in_pair("map.reindex = [0,\n 1.0]"), "run.toml:3: pair[0].map.reindex[1]", "must be a whole number");
  expect_complaint(in_pair("map.reindex = [3000000000]"), "run.toml:2: pair[0].map.reindex[0]",
                   "must be a whole number");
}

TEST(TeleopConfigTest, RefusesAValueOutOfItsRange) {
  const auto refuse = [](const std::string& key, const std::string& value) {
    expect_complaint("[[pair]]\n" + key + " = " + value + "\n", "run.toml:2: pair[0]." + key, "must be from");
  };
  expect_complaint("duration_s = 0\n[[pair]]\n", "run.toml:1: duration_s", "must be from");
  refuse("leader_rate_hz", "0");
  refuse("leader_rate_hz", "10001");
  refuse("follower_rate_hz", "-5");
  refuse("speed", "0.0");
  refuse("alignment_fraction", "1.01");
  refuse("alignment_fraction", "0");
  refuse("aligned_within_rad", "0");
  refuse("smoothing_tau_s", "-0.1");
  refuse("guards.limit_fraction", "1.5");
  refuse("guards.hold_after_s", "0");
  refuse("guards.halt_after_s", "0.01");
  refuse("guards.tracking_error_rad", "0");
  refuse("guards.tracking_error_for_s", "-1");
  refuse("guards.lost_after_s", "0");
}

TEST(TeleopConfigTest, RefusesToHaltBeforeItHolds) {
  expect_complaint("[[pair]]\n[pair.guards]\nhold_after_s = 0.8\n", "run.toml:3: pair[0].guards.hold_after_s",
                   "longer than halt_after_s");
  EXPECT_EQ(complaint("[[pair]]\n[pair.guards]\nhold_after_s = 0.8\nhalt_after_s = 0.8\n"), "");
}

TEST(TeleopConfigTest, RefusesNumbersThatAreNotFinite) {
  for (const char* value : {"nan", "+inf", "-inf"}) {
    const std::string text = value;
    expect_complaint("duration_s = " + text + "\n[[pair]]\n", "run.toml:1: duration_s", "must be finite");
    expect_complaint("[[pair]]\nspeed = " + text + "\n", "run.toml:2: pair[0].speed", "must be finite");
    expect_complaint("[[pair]]\nmap.offset_deg = [0, " + text + "]\n", "run.toml:2: pair[0].map.offset_deg[1]",
                     "must be finite");
    expect_complaint("[[pair]]\nmap.gripper.scale = " + text + "\n", "run.toml:2: pair[0].map.gripper.scale",
                     "must be finite");
  }
}

TEST(TeleopConfigTest, RefusesAnglesInBothUnits) {
  expect_complaint("[[pair]]\n[pair.map]\noffset_rad = [1]\noffset_deg = [1]\n", "run.toml:4: pair[0].map.offset_deg",
                   "offset_rad");
  expect_complaint("[[pair]]\n[pair.map.limits]\nmin_rad = [1]\nmin_deg = [1]\nmax_rad = [2]\n",
                   "run.toml:4: pair[0].map.limits.min_deg", "min_rad");
  expect_complaint("[[pair]]\n[pair.map.limits]\nmin_rad = [1]\nmax_deg = [1]\nmax_rad = [2]\n",
                   "run.toml:4: pair[0].map.limits.max_deg", "max_rad");
}

TEST(TeleopConfigTest, RefusesLimitsOfDifferentLengths) {
  expect_complaint("[[pair]]\n[pair.map.limits]\nmin_rad = [1, 2]\nmax_rad = [1]\n",
                   "run.toml:3: pair[0].map.limits.min_rad", "2 entries, max has 1");
  expect_complaint("[[pair]]\n[pair.map.limits]\nmax_rad = [9]\nmin_deg = []\n",
                   "run.toml:4: pair[0].map.limits.min_deg", "0 entries, max has 1");
  expect_complaint("[[pair]]\n[pair.map.limits]\nmax_deg = [1]\n", "run.toml:2: pair[0].map.limits.min_rad",
                   "0 entries, max has 1");
}

TEST(TeleopConfigTest, RefusesARunWithoutPairs) {
  expect_complaint("", "run.toml:1: pair", "there is no [[pair]]");
  expect_complaint("quiet = true\n", "run.toml:1: pair", "there is no [[pair]]");
  expect_complaint("pair = []\n", "run.toml:1: pair", "[[pair]]");
}

TEST(TeleopConfigTest, RefusesWhatIsNoTomlAndNamesTheLine) {
  expect_complaint("[[pair]]\nleader = synthetic\n", "run.toml:2", "not TOML");
  expect_complaint("[[pair]]\n\n\nspeed = 1\nspeed = 2\n", "run.toml:5", "not TOML");
  expect_complaint("[[pair]\n", "run.toml:1", "not TOML");
  expect_complaint("[[pair]]\nleader = \"\xff\xfe\"\n", "run.toml:2", "not TOML");
  expect_complaint("[[pair]]\nseed = 99999999999999999999\n", "run.toml:2", "not TOML");
  expect_complaint("quiet = " + std::string(100'000, '['), "run.toml:1", "not TOML");
}

TEST(TeleopConfigTest, SaysInOneLineWhatIsWrongWithNamesThatHoldLineBreaks) {
  expect_complaint("\"a\\nb\" = 1\n[[pair]]\n", "run.toml:1: a?b", "unknown key");
  expect_complaint("[[pair]]\ndelivery = \"in\\nline\\r\\u0000\"\n", "run.toml:2: pair[0].delivery", "'in?line");
}

class ConfigFileTest : public ::testing::Test {
 protected:
  ConfigFileTest()
      : path_(std::filesystem::temp_directory_path() / ("takt_config_" + std::to_string(getpid()) + ".toml")) {}
  ~ConfigFileTest() override { std::filesystem::remove(path_); }

  static std::string complaint_about(const std::filesystem::path& path) {
    try {
      static_cast<void>(load_teleop_config(path));
      return "";
    } catch (const ConfigError& error) {
      return error.what();
    }
  }

  std::filesystem::path path_;
};

TEST_F(ConfigFileTest, IsReadFromDisk) {
  std::ofstream(path_) << std::string(10'000, '#') << "\n" << kEverything;
  const TeleopConfig config = load_teleop_config(path_);
  EXPECT_EQ(config.pairs.at(0).name, "left");
  EXPECT_EQ(config.pairs.at(0).place_of("leader").file, path_.string());
  EXPECT_EQ(config.pairs.at(0).place_of("leader").line, 11U);
}

TEST_F(ConfigFileTest, MayHaveAByteOrderMarkAndLineEndsOfWindows) {
  std::ofstream(path_, std::ios::binary) << "\xef\xbb\xbfquiet = true\r\n[[pair]]\r\n";
  EXPECT_TRUE(load_teleop_config(path_).quiet);
}

TEST_F(ConfigFileTest, IsNamedInComplaints) {
  std::ofstream(path_) << "[[pair]]\nspeed = 0\n";
  EXPECT_TRUE(complaint_about(path_).starts_with(path_.string() + ":2: pair[0].speed: ")) << complaint_about(path_);
  std::ofstream(path_).close();
  EXPECT_TRUE(complaint_about(path_).starts_with(path_.string() + ":1: pair: ")) << complaint_about(path_);
}

TEST_F(ConfigFileTest, IsRefusedWhenItIsMissingOrAFolder) {
  EXPECT_EQ(complaint_about("/nowhere/run.toml"), "/nowhere/run.toml: cannot be read");
  EXPECT_EQ(complaint_about(std::filesystem::temp_directory_path()),
            std::filesystem::temp_directory_path().string() + ": cannot be read");
}

TEST_F(ConfigFileTest, IsRefusedWhenItMayNotBeRead) {
  std::ofstream(path_) << "[[pair]]\n";
  std::filesystem::permissions(path_, std::filesystem::perms::none);
  if (std::ifstream(path_).is_open()) {
    GTEST_SKIP() << "this user may read everything";
  }
  EXPECT_EQ(complaint_about(path_), path_.string() + ": cannot be read");
}

}  // namespace
}  // namespace takt::teleop
