#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "takt/core/csv/columns.hpp"
#include "takt/core/csv/recording.hpp"

/// What a line of a recording says of one group. `recording` gives name and columns, for messages.
namespace takt::core::csv::internal {

struct VelocityColumn {
  std::size_t index{0};
  double scale{1.0};  ///< to rad/s
};

/// Joints and gripper of one group from one line's fields; t_s stays 0. @throws ConfigError.
[[nodiscard]] RecordingRow read_group(const std::vector<GroupColumn>& group, std::span<const std::string_view> fields,
                                      const Recording& recording, std::size_t line);

/// Refuses a group that cannot be a robot: two columns for one joint, percent of a joint, no joint, too many.
/// @throws ConfigError.
[[nodiscard]] std::vector<std::string> checked_joint_names(const std::vector<GroupColumn>& group,
                                                           std::string_view group_name, const Recording& recording);

/// Columns of the joints' velocities, one for each joint or none at all. Those of some joints only are refused: they
/// would be lost silently. @throws ConfigError.
[[nodiscard]] std::vector<VelocityColumn> velocity_columns(const Recording& recording);

}  // namespace takt::core::csv::internal
