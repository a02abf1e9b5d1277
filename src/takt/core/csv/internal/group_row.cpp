#include "takt/core/csv/internal/group_row.hpp"

#include <algorithm>
#include <numbers>
#include <utility>

#include "takt/core/csv/fields.hpp"
#include "takt/core/error.hpp"

namespace takt::core::csv::internal {
namespace {

constexpr double kPercentSlack = 5.0;

/// Percent of opening to 0 … 1.
double parse_gripper(std::string_view field, const Place& place) {
  const double percent = parse_finite(field, place);
  if (percent < -kPercentSlack || percent > 100.0 + kPercentSlack) {
    place.refuse(in_quotes(field) + " is not a percentage, expected 0 … 100");
  }
  return std::clamp(percent / 100.0, 0.0, 1.0);
}

}  // namespace

RecordingRow read_group(const std::vector<GroupColumn>& group, std::span<const std::string_view> fields,
                        const Recording& recording, std::size_t line) {
  RecordingRow row;
  for (const GroupColumn& column : group) {
    const Place place{recording.name, line, recording.columns.names()[column.index]};
    const std::string_view field = fields[column.index];
    if (column.unit == ColumnUnit::kPercent) {
      row.gripper = parse_gripper(field, place);
      continue;
    }
    const double value = parse_finite(field, place);
    const std::size_t joint = row.positions_rad.size();
    row.positions_rad.resize(joint + 1);
    row.positions_rad[joint] = column.unit == ColumnUnit::kDegrees ? value * (std::numbers::pi / 180.0) : value;
  }
  return row;
}

std::vector<std::string> checked_joint_names(const std::vector<GroupColumn>& group, std::string_view group_name,
                                             const Recording& recording) {
  std::vector<std::string> names;
  bool gripper = false;
  for (const GroupColumn& column : group) {
    const Place place{recording.name, 1, recording.columns.names()[column.index]};
    if (column.unit == ColumnUnit::kPercent) {
      if (column.joint != "gripper" || std::exchange(gripper, true)) {
        place.refuse("only one column named gripper may be in percent; joints are in _rad or _deg");
      }
    } else if (std::ranges::find(names, column.joint) != names.end()) {
      place.refuse("joint " + column.joint + " stands in another column already");
    } else {
      names.push_back(column.joint);
    }
  }
  if (names.empty() || names.size() > core::kMaxJoints) {
    throw ConfigError(recording.name, 1, std::string(group_name),
                      "the group has " + std::to_string(names.size()) + " joints, a robot has 1 … " +
                          std::to_string(core::kMaxJoints));
  }
  return names;
}

std::vector<VelocityColumn> velocity_columns(const Recording& recording) {
  std::vector<VelocityColumn> found;
  std::string missing;
  for (const std::string& joint : recording.joint_names) {
    const std::string stem = "d" + recording.group + "_" + joint;
    if (const auto radians = recording.columns.find(stem + "_rad_s")) {
      found.push_back({.index = *radians});
    } else if (const auto degrees = recording.columns.find(stem + "_deg_s")) {
      found.push_back({.index = *degrees, .scale = std::numbers::pi / 180.0});
    } else {
      missing = stem + "_rad_s";
    }
  }
  if (!found.empty() && !missing.empty()) {
    throw ConfigError(recording.name, 1, missing, "no such column, but other joints have their velocity");
  }
  return found;
}

}  // namespace takt::core::csv::internal
