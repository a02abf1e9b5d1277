#include "takt/teleop/config.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <numbers>
#include <utility>

#include "takt/bus/bus.hpp"
#include "takt/teleop/config_reader.hpp"
#include "takt/teleop/toml_reader.hpp"

namespace takt::teleop {
namespace {

constexpr double kTiny = 1e-6;
constexpr double kHuge = 1e6;
constexpr double kRadiansPerDegree = std::numbers::pi / 180.0;

/// A list of angles under `<key>_rad` or `<key>_deg`, not both.
void read_angles(TomlReader& reader, const std::string& key, std::vector<double>& angles_rad) {
  if (reader.has(key + "_deg") && reader.has(key + "_rad")) {
    reader.fail_at(key + "_deg", "stands beside " + key + "_rad; give one of them");
  }
  reader.read(key + "_rad", angles_rad);
  if (reader.has(key + "_deg")) {
    reader.read(key + "_deg", angles_rad);
    for (double& angle : angles_rad) {
      angle *= kRadiansPerDegree;
    }
  }
}

void read_map_limits(TomlReader reader, JointMapOptions& map) {
  std::vector<double> lowest;
  std::vector<double> highest;
  read_angles(reader, "min", lowest);
  read_angles(reader, "max", highest);
  reader.read("policy", map.limit_policy);
  reader.finish();
  if (lowest.size() != highest.size()) {
    reader.fail_at(reader.has("min_deg") ? "min_deg" : "min_rad",
                   std::to_string(lowest.size()) + " entries, max has " + std::to_string(highest.size()));
  }
  for (std::size_t i = 0; i < lowest.size(); ++i) {
    map.limits.push_back({.min_rad = lowest[i], .max_rad = highest[i]});
  }
}

void read_map(TomlReader reader, JointMapOptions& map) {
  reader.read("reindex", map.reindex);
  reader.read("scale", map.scale);
  reader.read("matrix", map.matrix);
  read_angles(reader, "offset", map.offset_rad);
  if (auto gripper = reader.table("gripper")) {
    gripper->read("scale", map.gripper.scale);
    gripper->read("offset", map.gripper.offset);
    gripper->finish();
  }
  if (auto limits = reader.table("limits")) {
    read_map_limits(std::move(*limits), map);
  }
  reader.finish();
}

PairConfig read_pair(TomlReader& reader) {
  PairConfig pair;
  reader.read("name", pair.name);
  if (!pair.name.empty() && !bus::is_legal_topic_name("/" + pair.name)) {
    reader.fail_at("name", "'" + pair.name + "' is no topic name: letters, digits and '_', not beginning with a digit");
  }
  reader.read("leader", pair.leader);
  reader.read("follower", pair.follower);
  reader.read_in("leader_rate_hz", pair.leader_rate_hz, 0.1, 10'000.0);
  reader.read_in("follower_rate_hz", pair.follower_rate_hz, 0.1, 10'000.0);
  reader.read("columns", pair.columns);
  reader.read("start_columns", pair.start_columns);
  reader.read("segment", pair.segment);
  reader.read_in("speed", pair.speed, kTiny, kHuge);
  reader.read("seed", pair.seed);
  reader.read("delivery", pair.delivery);
  reader.read_in("alignment_fraction", pair.alignment_fraction, kTiny, 1.0);
  reader.read_in("aligned_within_rad", pair.aligned_within_rad, kTiny, kHuge);
  reader.read_in("smoothing_tau_s", pair.smoothing_tau_s, 0.0, kHuge);
  if (auto map = reader.table("map")) {
    read_map(std::move(*map), pair.map);
  }
  if (auto guards = reader.table("guards")) {
    read_guards(std::move(*guards), pair.guards);
  }
  reader.finish();
  for (const char* field : {"leader", "follower", "map"}) {
    pair.places[field] = {.file = reader.file(), .line = reader.line_of(field), .field = reader.field(field)};
  }
  return pair;
}

TeleopConfig read_config(TomlReader reader) {
  TeleopConfig config;
  double duration_s = 0.0;
  if (reader.has("duration_s")) {
    reader.read_in("duration_s", duration_s, kTiny, kHuge);
    config.duration_s = duration_s;
  }
  std::optional<std::string> report;
  std::optional<std::string> trace;
  reader.read("report", report);
  reader.read("trace", trace);
  config.report = report;
  config.trace = trace;
  reader.read("bus", config.bus);
  config.bus_place = {.file = reader.file(), .line = reader.line_of("bus"), .field = reader.field("bus")};
  reader.read("insecure", config.insecure);
  reader.read("quiet", config.quiet);
  for (TomlReader& pair : reader.tables("pair")) {
    config.pairs.push_back(read_pair(pair));
    const bool twice = std::ranges::count(config.pairs, config.pairs.back().name, &PairConfig::name) > 1;
    if (twice && !config.pairs.back().name.empty()) {
      pair.fail_at("name", "'" + config.pairs.back().name + "' stands twice");
    }
  }
  reader.finish();
  if (config.pairs.empty()) {
    reader.fail_at("pair", "there is no [[pair]]");
  }
  return config;
}

}  // namespace

void read_guards(TomlReader reader, GuardConfig& guards) {
  reader.read("position", guards.position);
  reader.read("velocity", guards.velocity);
  reader.read("acceleration", guards.acceleration);
  reader.read_in("limit_fraction", guards.limit_fraction, kTiny, 1.0);
  reader.read_in("hold_after_s", guards.freshness.hold_after_s, kTiny, kHuge);
  reader.read_in("halt_after_s", guards.freshness.halt_after_s, guards.freshness.hold_after_s, kHuge);
  reader.read_in("tracking_error_rad", guards.tracking.error_rad, kTiny, kHuge);
  reader.read_in("tracking_error_for_s", guards.tracking.error_for_s, 0.0, kHuge);
  reader.read_in("lost_after_s", guards.lost_after_s, kTiny, kHuge);
  reader.read("deadman", guards.deadman);
  reader.read("trajectories", guards.trajectories);
  reader.finish();
  if (guards.freshness.halt_after_s < guards.freshness.hold_after_s) {
    reader.fail_at("hold_after_s", "is longer than halt_after_s");
  }
}

ConfigPlace PairConfig::place_of(const std::string& field) const {
  const auto found = places.find(field);
  return found == places.end() ? ConfigPlace{.file = field, .line = 0, .field = ""} : found->second;
}

TeleopConfig parse_teleop_config(std::string_view text, const std::string& file) {
  try {
    const toml::table table = toml::parse(text, file);
    return read_config(TomlReader(table, file, ""));
  } catch (const toml::parse_error& error) {
    throw ConfigError(file, error.source().begin.line, "", one_line("not TOML: " + std::string(error.description())));
  }
}

TeleopConfig load_teleop_config(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  std::array<char, 4096> block;
  while (file.read(block.data(), block.size()), file.gcount() > 0) {
    text.append(block.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (!file.is_open() || file.bad()) {  // a folder can be opened, but not read
    throw ConfigError(path.string(), 0, "", "cannot be read");
  }
  return parse_teleop_config(text, path.string());
}

}  // namespace takt::teleop
