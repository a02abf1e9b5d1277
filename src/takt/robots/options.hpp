#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "takt/control/freshness.hpp"
#include "takt/robots/robot.hpp"

namespace takt::robots {

/// What may be said of a robot beside its URI. Each kind of robot uses what concerns it and ignores the rest.
struct RobotOptions {
  // A recording.
  std::string columns{"target"};
  std::string start_columns{"actual"};
  std::optional<std::int64_t> segment;
  double speed{1.0};

  // A synthetic operator.
  std::uint64_t seed{1};
  std::string like;  ///< URI of the robot whose joints it moves, where its own URI names no model

  // A simulated arm.
  std::string label;  ///< name in threads; empty: the model's
  std::function<std::vector<double>(const RobotInfo&)>
      start_pose;  ///< asked once, with what the arm is; empty or an empty answer: home

  // A 1 kHz arm.
  control::FreshnessPolicy freshness{.hold_after_s = 0.1, .halt_after_s = 0.5};
};

}  // namespace takt::robots
