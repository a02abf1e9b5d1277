#include "takt/teleop/config_text.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "takt/messages/enum_name.hpp"

namespace takt::teleop {
namespace {

/// A basic string of TOML.
std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04X}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string value_of(double value) {
  return fmt::format("{}", value);
}
std::string value_of(int value) {
  return fmt::format("{}", value);
}
std::string value_of(std::int64_t value) {
  return fmt::format("{}", value);
}
std::string value_of(std::uint64_t value) {
  return fmt::format("{}", value);
}
std::string value_of(bool value) {
  return value ? "true" : "false";
}
std::string value_of(const std::string& value) {
  return toml_string(value);
}
template <class E>
  requires std::is_enum_v<E>
std::string value_of(E value) {
  return toml_string(messages::enum_name(value).view());
}
template <class T>
std::string value_of(const std::vector<T>& values) {
  std::string out = "[";
  for (const T& value : values) {
    out += (out.size() == 1 ? "" : ", ") + value_of(value);
  }
  return out + "]";
}

/// Lines `key = value`.
class Lines {
 public:
  void table(std::string_view header) { text_ += fmt::format("\n{}\n", header); }

  template <class T>
  void put(std::string_view key, const T& value) {
    text_ += fmt::format("{} = {}\n", key, value_of(value));
  }
  template <class T>
  void put(std::string_view key, const std::optional<T>& value) {
    if (value) {
      put(key, *value);
    }
  }
  /// Nothing for an empty list: that is how it is said that there is none.
  template <class T>
  void put_some(std::string_view key, const std::vector<T>& values) {
    if (!values.empty()) {
      put(key, values);
    }
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void put_map(Lines& lines, const JointMapOptions& map) {
  lines.table("[pair.map]");
  lines.put_some("reindex", map.reindex);
  lines.put_some("scale", map.scale);
  lines.put_some("matrix", map.matrix);
  lines.put_some("offset_rad", map.offset_rad);
  lines.table("[pair.map.gripper]");
  lines.put("scale", map.gripper.scale);
  lines.put("offset", map.gripper.offset);
  std::vector<double> lowest;
  std::vector<double> highest;
  for (const PositionRange& range : map.limits) {
    lowest.push_back(range.min_rad);
    highest.push_back(range.max_rad);
  }
  lines.table("[pair.map.limits]");
  lines.put_some("min_rad", lowest);
  lines.put_some("max_rad", highest);
  lines.put("policy", map.limit_policy);
}

void put_guards(Lines& lines, const GuardConfig& guards) {
  lines.table("[pair.guards]");
  lines.put("position", guards.position);
  lines.put("velocity", guards.velocity);
  lines.put("acceleration", guards.acceleration);
  lines.put("limit_fraction", guards.limit_fraction);
  lines.put("hold_after_s", guards.freshness.hold_after_s);
  lines.put("halt_after_s", guards.freshness.halt_after_s);
  lines.put("tracking_error_rad", guards.tracking.error_rad);
  lines.put("tracking_error_for_s", guards.tracking.error_for_s);
  lines.put("lost_after_s", guards.lost_after_s);
  lines.put("deadman", guards.deadman);
  lines.put("trajectories", guards.trajectories);
}

void put_pair(Lines& lines, const PairConfig& pair) {
  lines.table("[[pair]]");
  if (!pair.name.empty()) {
    lines.put("name", pair.name);
  }
  lines.put("leader", pair.leader);
  lines.put("follower", pair.follower);
  lines.put("leader_rate_hz", pair.leader_rate_hz);
  lines.put("follower_rate_hz", pair.follower_rate_hz);
  lines.put("columns", pair.columns);
  lines.put("start_columns", pair.start_columns);
  lines.put("segment", pair.segment);
  lines.put("speed", pair.speed);
  lines.put("seed", pair.seed);
  lines.put("delivery", pair.delivery);
  lines.put("alignment_fraction", pair.alignment_fraction);
  lines.put("aligned_within_rad", pair.aligned_within_rad);
  lines.put("smoothing_tau_s", pair.smoothing_tau_s);
  put_map(lines, pair.map);
  put_guards(lines, pair.guards);
}

}  // namespace

std::string to_toml(const TeleopConfig& config) {
  Lines lines;
  lines.put("duration_s", config.duration_s);
  if (config.report) {
    lines.put("report", config.report->string());
  }
  if (config.trace) {
    lines.put("trace", config.trace->string());
  }
  lines.put_some("bus", config.bus);
  lines.put("insecure", config.insecure);
  lines.put("quiet", config.quiet);
  for (const PairConfig& pair : config.pairs) {
    put_pair(lines, pair);
  }
  return lines.take();
}

}  // namespace takt::teleop
