#include "takt/registry/robots.hpp"

#include <map>
#include <utility>

#include "takt/control/cycle.hpp"
#include "takt/control/laws/settings.hpp"
#include "takt/control/motion/joint_generator.hpp"
#include "takt/core/csv/recording.hpp"
#include "takt/core/error.hpp"
#include "takt/core/time.hpp"
#include "takt/robots/cycle_robot.hpp"
#include "takt/robots/models/models.hpp"
#include "takt/robots/playback/playback_robot.hpp"
#include "takt/robots/sim/sim_arm.hpp"
#include "takt/robots/sim/sim_servo_arm.hpp"
#include "takt/robots/synthetic/operator.hpp"

namespace takt::registry {
namespace {

using robots::RobotOptions;
using Opened = std::unique_ptr<robots::Robot>;

constexpr std::string_view kPlayback = "playback";
constexpr std::string_view kSim = "sim";
constexpr std::string_view kSynthetic = "synthetic";

struct Uri {
  std::string scheme;
  std::string rest;
};

Uri split(const std::string& uri) {
  const auto colon = uri.find(':');
  return colon == std::string::npos ? Uri{uri, ""} : Uri{uri.substr(0, colon), uri.substr(colon + 1)};
}

[[noreturn]] void refuse(const std::string& uri, const std::string& what) {
  throw ConfigError(uri, 0, "", what);
}

control::ModelData model_named(const std::string& uri, const std::string& name) {
  auto model = robots::models::find_model(name);
  if (!model) {
    std::string known;
    for (const auto each : robots::models::model_names()) {
      known += (known.empty() ? "" : ", ") + std::string(each);
    }
    refuse(uri, "there is no model '" + name + "' (there are " + known + ")");
  }
  return *std::move(model);
}

std::vector<double> asked_start_pose(const RobotOptions& options, const control::ModelData& model) {
  if (!options.start_pose) {
    return {};
  }
  robots::RobotInfo info;
  info.name = model.name;
  for (const auto& joint : model.joints) {
    info.joint_names.push_back(joint.name);
    info.limits.push_back(control::within_envelope(joint.limits));  // all that its cycle lets it go to
    info.limits.back().envelope_velocity_offset_rad_s = 0.0;
    info.limits.back().envelope_deceleration_rad_s2 = 0.0;
  }
  return options.start_pose(info);
}

Opened open_servo_arm(control::ModelData model, const RobotOptions& options) {
  robots::sim::SimServoArmOptions made;
  made.name = options.label.empty() ? model.name : options.label;
  made.start_rad = asked_start_pose(options, model);
  return std::make_unique<robots::sim::SimServoArm>(std::move(model), std::move(made));
}

Opened open_torque_arm(const control::ModelData& model, const RobotOptions& options) {
  robots::sim::SimArmOptions made;
  made.name = options.label.empty() ? model.name : options.label;
  made.start_rad = asked_start_pose(options, model);
  made.missed_to_fault = 200;  // a virtual machine's host may take a core for 30 ms: no reason to fall over
  control::Model believed(model);
  auto law = control::make_law(control::JointImpedance{}, believed);
  control::CycleOptions cycle;
  cycle.freshness = options.freshness;
  cycle.max_timeouts = 10;      // the same the other way round: the simulation's thread has stood still
  cycle.budget_fraction = 1.0;  // who commands has limits of its own; here a small budget is only lag
  return std::make_unique<robots::CycleRobot>(
      std::make_unique<control::Cycle>(std::make_unique<robots::sim::SimArm>(model, std::move(made)), std::move(law),
                                       std::move(believed), cycle),
      &core::steady_clock());
}

Opened open_sim(const std::string& uri, const std::string& name, const RobotOptions& options) {
  control::ModelData model = model_named(uri, name);
  return name == "so101" ? open_servo_arm(std::move(model), options) : open_torque_arm(model, options);
}

core::csv::Recording load(const std::string& file, const RobotOptions& options) {
  return core::csv::load_recording(file, {.group = options.columns, .segment = options.segment});
}

Opened open_playback(const std::string& /*uri*/, const std::string& file, const RobotOptions& options) {
  return std::make_unique<robots::playback::PlaybackRobot>(load(file, options),
                                                           robots::playback::PlaybackOptions{.speed = options.speed});
}

Opened open_synthetic(const std::string& uri, const std::string& name, const RobotOptions& options) {
  const std::string model = name.empty() ? split(options.like).rest : name;
  return std::make_unique<robots::synthetic::SyntheticOperator>(
      model_named(uri, model), robots::synthetic::OperatorOptions{.seed = options.seed});
}

using Open = Opened (*)(const std::string& uri, const std::string& rest, const RobotOptions& options);

const std::map<std::string_view, Open>& schemes() {
  static const std::map<std::string_view, Open> table = {
      {kPlayback, open_playback}, {kSim, open_sim}, {kSynthetic, open_synthetic}};
  return table;
}

}  // namespace

std::unique_ptr<robots::Robot> open_robot(const std::string& uri, const RobotOptions& options) {
  const Uri parts = split(uri);
  const auto found = schemes().find(parts.scheme);
  if (found == schemes().end()) {
    refuse(uri, "no such kind of robot: want sim:MODEL, playback:FILE.csv or synthetic");
  }
  return found->second(uri, parts.rest, options);
}

std::optional<messages::RobotState> Robots::recorded_start(const std::string& uri, const RobotOptions& options) {
  const Uri parts = split(uri);
  if (parts.scheme != kPlayback) {
    return std::nullopt;
  }
  const auto recording = load(parts.rest, options);
  const auto stood = recording.first_row(options.start_columns);
  if (!stood) {
    if (options.start_columns != RobotOptions{}.start_columns) {
      refuse(uri, "there are no columns " + options.start_columns + "_<joint>_rad to start from");
    }
    return std::nullopt;
  }
  // A joint that the start columns lack stands where the leader's first row has it.
  messages::RobotState state;
  state.joint_positions = recording.rows.front().positions_rad;
  std::size_t next = 0;
  for (const auto& column : recording.columns.group(options.start_columns)) {
    if (column.unit == core::csv::ColumnUnit::kPercent) {
      state.gripper_position = stood->gripper;
      continue;
    }
    const double position = stood->positions_rad[next++];
    for (std::size_t i = 0; i < recording.joint_names.size(); ++i) {
      if (recording.joint_names[i] == column.joint) {
        state.joint_positions[i] = position;
      }
    }
  }
  return state;
}

}  // namespace takt::registry
