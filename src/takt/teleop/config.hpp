#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "takt/control/freshness.hpp"
#include "takt/teleop/delivery.hpp"
#include "takt/teleop/joint_map.hpp"
#include "takt/teleop/limit_policy.hpp"
#include "takt/teleop/tracking_monitor.hpp"

namespace takt::teleop {

/// How a pair's commands are guarded; the limits themselves come from the follower.
struct GuardConfig {
  LimitPolicy position{LimitPolicy::kClamp};
  LimitPolicy velocity{LimitPolicy::kClamp};
  LimitPolicy acceleration{LimitPolicy::kClamp};
  double limit_fraction{1.0};  ///< of the follower's velocity and acceleration limits
  control::FreshnessPolicy freshness{.hold_after_s = 0.1, .halt_after_s = 0.5};
  TrackingOptions tracking{};
  double lost_after_s{0.5};
  bool deadman{false};
  std::optional<bool> trajectories;  ///< others may move the follower; none: where there is no deadman
};

/// Where a setting was made: a file with its line, or an option of the command line.
struct ConfigPlace {
  std::string file;
  std::size_t line{0};
  std::string field;
};

/// One leader → follower pair of a teleoperation, as a configuration file states it.
struct PairConfig {
  std::string name;                 ///< prefix of the robots' names when there are several pairs; may be empty
  std::string leader{"synthetic"};  ///< robot URI
  std::string follower{"sim:fr3"};  ///< robot URI
  double leader_rate_hz{100.0};
  double follower_rate_hz{100.0};
  std::string columns{"target"};        ///< column group of a playback leader
  std::string start_columns{"actual"};  ///< column group whose first row is the simulator's start pose
  std::optional<std::int64_t> segment;  ///< of a playback leader's recording
  double speed{1.0};                    ///< of a playback leader
  std::uint64_t seed{1};                ///< of a synthetic leader
  Delivery delivery{Delivery::kInline};
  JointMapOptions map{};
  GuardConfig guards{};
  double alignment_fraction{0.3};
  double aligned_within_rad{0.1};
  double smoothing_tau_s{0.02};

  /// Where "leader", "follower" and "map" were set, for errors that only show when robots are opened.
  std::map<std::string, ConfigPlace> places;
  [[nodiscard]] ConfigPlace place_of(const std::string& field) const;
};

/// A teleoperation run.
struct TeleopConfig {
  std::vector<PairConfig> pairs;     ///< at least one
  std::optional<double> duration_s;  ///< none: until the leaders finish or somebody interrupts
  std::optional<std::filesystem::path> report;
  std::optional<std::filesystem::path> trace;
  std::vector<std::string> bus;  ///< URIs: what shows the robots to others, and lets them move followers; none: nothing
  bool insecure{false};          ///< a bus may be open to other users, or to a network
  bool quiet{false};

  /// Where `bus` was set.
  ConfigPlace bus_place;
};

/// Reads a configuration from TOML text; docs/guide/leader-to-follower.md lists the keys. @param file  stands in
/// messages.
/// @throws ConfigError in one line with file, line and field: no TOML, an unknown key, a value of the wrong kind or out
/// of range.
[[nodiscard]] TeleopConfig parse_teleop_config(std::string_view text, const std::string& file);

/// parse_teleop_config of a file. @throws ConfigError, also when it cannot be read.
[[nodiscard]] TeleopConfig load_teleop_config(const std::filesystem::path& path);

}  // namespace takt::teleop
