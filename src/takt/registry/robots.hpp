#pragma once

#include <memory>
#include <optional>
#include <string>

#include "takt/robots/options.hpp"
#include "takt/robots/robot.hpp"
#include "takt/teleop/session.hpp"

namespace takt::registry {

/// Opens a robot by its URI; it is not started.
///
///   sim:fr3            Franka Research 3 in MuJoCo: a 1 kHz torque arm behind its control cycle
///   sim:so101          SO-101 in MuJoCo: six position servos on one half-duplex bus
///   playback:FILE.csv  a recording as leader
///   synthetic[:MODEL]  a seeded operator as leader, with the joints of MODEL, or of options.like
///
/// @throws ConfigError for another URI, a model or file that does not exist, or an option out of range.
[[nodiscard]] std::unique_ptr<robots::Robot> open_robot(const std::string& uri,
                                                        const robots::RobotOptions& options = {});

/// The robots of this registry for a teleoperation session.
class Robots final : public teleop::RobotProvider {
 public:
  [[nodiscard]] std::unique_ptr<robots::Robot> open(const std::string& uri,
                                                    const robots::RobotOptions& options) override {
    return open_robot(uri, options);
  }
  [[nodiscard]] std::optional<messages::RobotState> recorded_start(const std::string& uri,
                                                                   const robots::RobotOptions& options) override;
};

}  // namespace takt::registry
