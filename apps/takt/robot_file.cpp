#include "robot_file.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include "takt/bus/bus.hpp"
#include "takt/control/cycle_options.hpp"
#include "takt/control/laws/settings.hpp"
#include "takt/core/error.hpp"
#include "takt/core/geometry.hpp"
#include "takt/core/joint_vector.hpp"
#include "takt/teleop/config_reader.hpp"
#include "takt/teleop/toml_reader.hpp"

#include "realtime_wishes.hpp"

namespace takt::app {
namespace {

using teleop::TomlReader;

constexpr double kTiny = 1e-6;
constexpr double kHuge = 1e6;

/// What `work` refuses without knowing where it stands becomes an error of this table.
template <class F>
void blame(const TomlReader& reader, std::string_view key, F work) {
  try {
    work();
  } catch (const LogicError& error) {
    reader.fail_at(key, error.what());
  } catch (const ConfigError& error) {
    reader.fail_at(key, error.what());
  }
}

template <std::size_t N>
void read_numbers(TomlReader& reader, std::string_view key, std::array<double, N>& values) {
  if (!reader.has(key)) {
    return;
  }
  std::vector<double> numbers;
  reader.read(key, numbers);
  if (numbers.size() != N) {
    reader.fail_at(key, fmt::format("{} numbers, {} are needed", numbers.size(), N));
  }
  std::copy(numbers.begin(), numbers.end(), values.begin());
}

/// One number, or a list of them.
std::vector<double> read_gain(TomlReader& reader, std::string_view key) {
  std::vector<double> values;
  if (reader.is_list(key)) {
    reader.read(key, values);
  } else {
    reader.read(key, values.emplace_back());
  }
  return values;
}

void read_law(TomlReader reader, control::LawSettings& law) {
  std::string name(control::law_name(law));
  reader.read("name", name);
  const auto found = control::find_law(name);
  if (!found) {
    reader.fail_at("name", fmt::format("'{}' is none of {}", name, fmt::join(control::law_names(), ", ")));
  }
  law = *found;
  for (const std::string& key : reader.keys()) {
    if (key != "name") {
      const std::vector<double> values = read_gain(reader, key);
      blame(reader, key, [&] { control::set_field(law, key, values); });
    }
  }
}

void read_tool(TomlReader reader, controller::ControllerOptions& options) {
  std::array<double, 7> X_FE{0, 0, 0, 0, 0, 0, 1};
  read_numbers(reader, "pose", X_FE);
  reader.finish();
  blame(reader, "pose", [&] { options.X_FE = core::pose_from_array(X_FE); });
}

void read_payload(TomlReader reader, controller::ControllerOptions& options) {
  control::LinkInertia payload;
  std::array<double, 3> center_m{};
  std::array<double, 6> inertia{};  // xx, yy, zz, xy, xz, yz
  reader.read_in("mass_kg", payload.mass_kg, kTiny, kHuge);
  read_numbers(reader, "center_m", center_m);
  read_numbers(reader, "inertia_kg_m2", inertia);
  reader.finish();
  payload.p_LC_m = Eigen::Vector3d(center_m[0], center_m[1], center_m[2]);
  const auto [xx, yy, zz, xy, xz, yz] = inertia;
  payload.I_C_kg_m2 << xx, xy, xz, xy, yy, yz, xz, yz, zz;
  blame(reader, "inertia_kg_m2", [&] { control::require_physical(payload, "the payload"); });
  options.payload_F = payload;
}

void read_limits(TomlReader reader, control::CycleOptions& cycle) {
  reader.read_in("budget_fraction", cycle.budget_fraction, 0.001, 1.0);
  if (reader.has("leash_rad")) {
    reader.read_in("leash_rad", cycle.leash_rad, kTiny, kHuge);
  }
  if (reader.has("self_collision_margin_m")) {
    reader.read_in("self_collision_margin_m", cycle.self_collision_margin_m.emplace(0.0), 0.0, 1.0);
  }
  reader.read_in("tracking_error_rad", cycle.tracking_error_rad, kTiny, kHuge);
  reader.read_in("tracking_error_s", cycle.tracking_error_s, kTiny, kHuge);
  reader.read_in("velocity_m_s", cycle.pose_budget.velocity_m_s, kTiny, kHuge);
  reader.read_in("acceleration_m_s2", cycle.pose_budget.acceleration_m_s2, kTiny, kHuge);
  reader.read_in("jerk_m_s3", cycle.pose_budget.jerk_m_s3, kTiny, kHuge);
  reader.read_in("velocity_rad_s", cycle.pose_budget.velocity_rad_s, kTiny, kHuge);
  reader.read_in("acceleration_rad_s2", cycle.pose_budget.acceleration_rad_s2, kTiny, kHuge);
  reader.read_in("jerk_rad_s3", cycle.pose_budget.jerk_rad_s3, kTiny, kHuge);
  reader.finish();
}

void read_workspace(TomlReader reader, control::CycleOptions& cycle) {
  control::Workspace box{.lowest_m = {-kHuge, -kHuge, -kHuge}, .highest_m = {kHuge, kHuge, kHuge}};
  read_numbers(reader, "lowest_m", box.lowest_m);
  read_numbers(reader, "highest_m", box.highest_m);
  reader.finish();
  for (std::size_t i = 0; i < box.lowest_m.size(); ++i) {
    if (!(box.lowest_m[i] < box.highest_m[i])) {
      reader.fail_at("lowest_m", fmt::format("number {} is {}, which is not below highest_m's {}", i + 1,
                                             box.lowest_m[i], box.highest_m[i]));
    }
  }
  cycle.workspace = box;
}

void read_freshness(TomlReader reader, controller::ControllerOptions& options) {
  control::FreshnessPolicy& policy = options.cycle.freshness;
  double valid_for_s = std::chrono::duration<double>(options.valid_for).count();
  reader.read_in("valid_for_s", valid_for_s, kTiny, kHuge);
  options.valid_for = controller::Duration(core::from_seconds(valid_for_s));
  reader.read_in("hold_after_s", policy.hold_after_s, kTiny, kHuge);
  reader.read_in("halt_after_s", policy.halt_after_s, kTiny, kHuge);
  reader.read_in("stop_after_s", policy.stop_after_s, kTiny, kHuge);
  reader.finish();
  blame(reader, "hold_after_s", [&] { control::require_valid(policy); });
}

void read_realtime(TomlReader reader, control::CycleOptions& cycle) {
  reader.read("cpu", cycle.cpu);
  if (const std::string why = cycle.cpu ? objection_to_cpu(*cycle.cpu) : ""; !why.empty()) {
    reader.fail_at("cpu", why);
  }
  reader.read("priority", cycle.fifo_priority);
  if (const std::string why = cycle.fifo_priority ? objection_to_priority(*cycle.fifo_priority) : ""; !why.empty()) {
    reader.fail_at("priority", why);
  }
  reader.read("ledger_sentinel", cycle.sentinel);
  reader.finish();
}

template <class F>
void read_table(TomlReader& reader, std::string_view key, F read) {
  if (std::optional<TomlReader> table = reader.table(key)) {
    read(*std::move(table));
  }
}

ServedRobot read_robot(TomlReader reader) {
  ServedRobot robot = default_robot("");
  controller::ControllerOptions& options = robot.server.controller;
  std::string evidence = options.evidence_folder;
  reader.read("arm", robot.arm);
  if (robot.arm.empty()) {
    reader.fail_at("arm", "which arm is it? for example arm = \"sim:fr3\"");
  }
  reader.read("name", robot.server.name);
  reader.read("tolerate_host_stalls", robot.arm_options.tolerate_host_stalls);
  reader.read("evidence", evidence);
  options.evidence_folder = evidence;
  read_table(reader, "law", [&](TomlReader table) { read_law(std::move(table), options.law); });
  read_table(reader, "tool", [&](TomlReader table) { read_tool(std::move(table), options); });
  read_table(reader, "payload", [&](TomlReader table) { read_payload(std::move(table), options); });
  read_table(reader, "limits", [&](TomlReader table) { read_limits(std::move(table), options.cycle); });
  read_table(reader, "workspace", [&](TomlReader table) { read_workspace(std::move(table), options.cycle); });
  read_table(reader, "freshness", [&](TomlReader table) { read_freshness(std::move(table), options); });
  read_table(reader, "realtime", [&](TomlReader table) { read_realtime(std::move(table), options.cycle); });
  reader.finish();
  blame(reader, "limits", [&] { control::require_valid(options.cycle); });
  return robot;
}

ServedFollower read_follower(TomlReader reader) {
  ServedFollower served;
  teleop::replay::ReplayOwnerOptions& options = served.options;
  std::string library;
  reader.read("follower", served.follower);
  reader.read("name", options.name);
  if (!bus::is_legal_topic_name("/" + options.name)) {
    reader.fail_at("name", "'" + options.name + "' is no part of a topic: letters, digits and '_'");
  }
  reader.read_in("rate_hz", options.rate_hz, 0.1, 10'000.0);
  reader.read_in("alignment_fraction", options.alignment_fraction, kTiny, 1.0);
  reader.read_in("aligned_within_rad", options.aligned_within_rad, kTiny, kHuge);
  reader.read_in("jump_fraction", options.twin.jump_fraction, 0.001, 1.0);
  reader.read("library", library);
  read_table(reader, "guards", [&](TomlReader table) { teleop::read_guards(std::move(table), options.guards); });
  reader.finish();
  if (!library.empty()) {  // as seen from the file
    served.library = std::filesystem::path(reader.file()).parent_path() / library;
  }
  return served;
}

/// Empty where the environment does not say.
std::filesystem::path state_folder() {
  const auto said = [](const char* name) -> std::filesystem::path {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets it meanwhile
    return value != nullptr && value[0] == '/' ? value : "";
  };
  if (const auto state = said("XDG_STATE_HOME"); !state.empty()) {
    return state / "takt";
  }
  const auto home = said("HOME");
  return home.empty() ? home : home / ".local" / "state" / "takt";
}

}  // namespace

ServedRobot default_robot(std::string arm) {
  ServedRobot robot{.arm = std::move(arm), .arm_options = {}, .server = {}};
  robot.server.controller.evidence_folder = state_folder();
  return robot;
}

std::variant<ServedRobot, ServedFollower> load_robot_file(const std::filesystem::path& file) {
  toml::table table;
  try {
    table = toml::parse_file(file.string());
  } catch (const toml::parse_error& error) {
    throw ConfigError(file.string(), error.source().begin.line, "", teleop::one_line(std::string(error.description())));
  }
  TomlReader reader(table, file.string(), "");
  if (!reader.has("follower")) {
    return read_robot(std::move(reader));
  }
  if (reader.has("arm")) {
    reader.fail_at("arm", "there is a follower, too: a robot is served as one of them");
  }
  return read_follower(std::move(reader));
}

}  // namespace takt::app
