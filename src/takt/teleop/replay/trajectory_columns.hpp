#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe.hpp>

#include "takt/messages/robot_state.hpp"
#include "takt/trajectory/trajectory.hpp"

namespace takt::teleop::replay {

/// A trajectory as commands carry it (docs/formats/commands.md): a column per joint, no object per frame. A value that
/// may be anything: what came from elsewhere is a trajectory only when to_trajectory() says so.
struct TrajectoryColumns {
  std::string name{};
  std::string robot{};
  messages::RobotType robot_type{messages::RobotType::kUnknown};
  std::string task{};
  std::optional<bool> success{};
  std::int64_t start_wall_ns{0};
  std::string source{};
  std::vector<std::string> joints{};            ///< names, base to tip
  std::vector<std::int64_t> t_ns{};             ///< one per frame
  std::vector<std::vector<double>> q_rad{};     ///< per joint, one per frame
  std::vector<std::vector<double>> dq_rad_s{};  ///< the same; empty: none
  std::vector<double> gripper{};                ///< one per frame; empty: none

  friend bool operator==(const TrajectoryColumns&, const TrajectoryColumns&) = default;
};
BOOST_DESCRIBE_STRUCT(TrajectoryColumns, (),
                      (name, robot, robot_type, task, success, start_wall_ns, source, joints, t_ns, q_rad, dq_rad_s,
                       gripper))

/// Exactly what the trajectory holds.
[[nodiscard]] TrajectoryColumns to_columns(const trajectory::Trajectory& trajectory);

/// `count` frames of it from `first` on, as many as there are; their times as in the whole.
[[nodiscard]] TrajectoryColumns to_columns(const trajectory::Trajectory& trajectory, std::size_t first,
                                           std::size_t count);

/// @throws ConfigError naming the trajectory, and the column or frame: columns of different lengths, and what
/// trajectory::Trajectory refuses.
[[nodiscard]] trajectory::Trajectory to_trajectory(const TrajectoryColumns& columns);

}  // namespace takt::teleop::replay
