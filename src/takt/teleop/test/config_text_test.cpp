#include "takt/teleop/config_text.hpp"

#include <string>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"

namespace takt::teleop {
namespace {

TeleopConfig read_back(const std::string& text) {
  try {
    return parse_teleop_config(text, "text");
  } catch (const ConfigError& error) {
    ADD_FAILURE() << error.what() << "\n" << text;
    return {};
  }
}

/// Every key that parse_teleop_config knows, and none at its default.
constexpr const char* kEverything = R"(
duration_s = 12.5
report = "a \"b\".json"
trace = "c\\d.json"
bus = ["udp://127.0.0.1:1", "dds://?domain=3"]
insecure = true
quiet = true
[[pair]]
name = "left"
leader = "playback:x.csv"
follower = "sim:so101"
leader_rate_hz = 37.125
follower_rate_hz = 250
columns = "command"
start_columns = "first"
segment = -3
speed = 0.1
seed = 77
delivery = "drain-newest"
alignment_fraction = 0.123456789012345678
aligned_within_rad = 1e-5
smoothing_tau_s = 0.5
[pair.map]
reindex = [1, 0, -1]
matrix = [[1, 0, 0], [0, 0.5, 0], [0, 0, -2]]
offset_rad = [0.1, -0.25, 3]
[pair.map.gripper]
scale = -1
offset = 1
[pair.map.limits]
min_deg = [-90, -45, 0]
max_deg = [90, 45, 10]
policy = "clamp"
[pair.guards]
position = "reject"
velocity = "off"
acceleration = "reject"
limit_fraction = 0.5
hold_after_s = 0.3
halt_after_s = 0.9
tracking_error_rad = 0.7
tracking_error_for_s = 0.8
lost_after_s = 1.5
deadman = true
trajectories = true
[[pair]]
name = "right"
[pair.map]
scale = [0.5, 2]
)";

TEST(ConfigText, SaysEveryKeyThatAFileMayGive) {
  const std::string text = to_toml(parse_teleop_config(kEverything, "file"));
  for (const char* says : {"duration_s = 12.5",
                           R"(report = "a \"b\".json")",
                           R"(trace = "c\\d.json")",
                           R"("dds://?domain=3"])",
                           "insecure = true",
                           "quiet = true",
                           R"(name = "left")",
                           "leader_rate_hz = 37.125",
                           "follower_rate_hz = 250",
                           R"(columns = "command")",
                           R"(start_columns = "first")",
                           "segment = -3",
                           "speed = 0.1",
                           "seed = 77",
                           R"(delivery = "drain_newest")",
                           "alignment_fraction = 0.12345678901234568",
                           "aligned_within_rad = 1e-05",
                           "smoothing_tau_s = 0.5",
                           "reindex = [1, 0, -1]",
                           "matrix = [[1, 0, 0], [0, 0.5, 0], [0, 0, -2]]",
                           "offset_rad = [0.1, -0.25, 3]",
                           "scale = -1",
                           "policy = \"clamp\"",
                           "position = \"reject\"",
                           "velocity = \"off\"",
                           "limit_fraction = 0.5",
                           "hold_after_s = 0.3",
                           "halt_after_s = 0.9",
                           "tracking_error_rad = 0.7",
                           "tracking_error_for_s = 0.8",
                           "lost_after_s = 1.5",
                           "deadman = true",
                           "trajectories = true",
                           "scale = [0.5, 2]"}) {
    EXPECT_NE(text.find(says), std::string::npos) << says << " is not in\n" << text;
  }
}

TEST(ConfigText, IsReadBackAsTheSameConfiguration) {
  const TeleopConfig config = parse_teleop_config(kEverything, "file");
  const std::string text = to_toml(config);
  const TeleopConfig again = read_back(text);
  EXPECT_EQ(to_toml(again), text);
  ASSERT_EQ(again.pairs.size(), 2U);
  EXPECT_EQ(again.pairs[0].map, config.pairs[0].map) << "to the last bit, also of angles that were given in degrees";
  EXPECT_EQ(again.pairs[1].map, config.pairs[1].map);
  EXPECT_EQ(again.pairs[0].alignment_fraction, config.pairs[0].alignment_fraction);
  EXPECT_EQ(again.report, config.report);
  EXPECT_EQ(again.trace, config.trace);
}

TEST(ConfigText, OfNoFileAtAllIsTheDefaults) {
  TeleopConfig config;
  config.pairs.emplace_back();
  const std::string text = to_toml(config);
  const TeleopConfig again = read_back(text);
  EXPECT_EQ(to_toml(again), text);
  EXPECT_FALSE(again.duration_s);
  EXPECT_FALSE(again.pairs[0].guards.trajectories);
  EXPECT_EQ(text.find("trajectories"), std::string::npos);
}

TEST(ConfigText, KeepsControlCharactersAndQuotesOfAName) {
  TeleopConfig config;
  config.pairs.emplace_back();
  config.pairs[0].leader = "playback:\"a\\b\"\n\t\x7f\x01.csv";
  EXPECT_EQ(read_back(to_toml(config)).pairs[0].leader, config.pairs[0].leader);
}

}  // namespace
}  // namespace takt::teleop
