// Any bytes are either a teleoperation with sound numbers or refused by a ConfigError of one line that names the file.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "takt/core/error.hpp"
#include "takt/teleop/config.hpp"

namespace {

using takt::teleop::GuardConfig;
using takt::teleop::JointMapOptions;
using takt::teleop::PairConfig;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void require_finite(const std::vector<double>& values) {
  for (const double value : values) {
    require(std::isfinite(value));
  }
}

void require_sound(const JointMapOptions& map) {
  require_finite(map.scale);
  require_finite(map.offset_rad);
  require_finite({map.gripper.scale, map.gripper.offset});
  for (const auto& row : map.matrix) {
    require_finite(row);
  }
  for (const auto& range : map.limits) {
    require_finite({range.min_rad, range.max_rad});
  }
  // Whatever the file says, a map of these options is made or refused by name.
  for (const std::size_t joints : {std::size_t{1}, std::size_t{6}, std::size_t{7}}) {
    if (const auto problem = takt::teleop::JointMap::find_problem(map, joints, joints)) {
      require(!problem->field.empty() && !problem->what.empty());
    } else {
      static_cast<void>(takt::teleop::JointMap(map, joints, joints));
    }
  }
}

void require_sound(const GuardConfig& guards) {
  require(guards.limit_fraction > 0.0 && guards.limit_fraction <= 1.0);
  require(guards.freshness.hold_after_s > 0.0 && guards.freshness.halt_after_s >= guards.freshness.hold_after_s);
  require_finite(
      {guards.freshness.halt_after_s, guards.tracking.error_rad, guards.tracking.error_for_s, guards.lost_after_s});
}

void require_sound(const PairConfig& pair) {
  require(pair.leader_rate_hz > 0.0 && pair.follower_rate_hz > 0.0 && pair.speed > 0.0);
  require_finite(
      {pair.leader_rate_hz, pair.follower_rate_hz, pair.speed, pair.aligned_within_rad, pair.smoothing_tau_s});
  require(pair.alignment_fraction > 0.0 && pair.alignment_fraction <= 1.0);
  require_sound(pair.map);
  require_sound(pair.guards);
  for (const char* field : {"leader", "follower", "map"}) {
    require(pair.place_of(field).file == "fuzz" && pair.place_of(field).line > 0);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto config = takt::teleop::parse_teleop_config(text, "fuzz");
    require(!config.pairs.empty() && (!config.duration_s || *config.duration_s > 0.0));
    for (const PairConfig& pair : config.pairs) {
      require_sound(pair);
    }
  } catch (const takt::ConfigError& error) {
    const std::string_view said(error.what());
    require(said.starts_with("fuzz:") && said.find_first_of("\r\n") == std::string_view::npos);
  }
  return 0;
}
