#include "takt/control/laws/run_law.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include "takt/control/laws/settings.hpp"
#include "takt/core/error.hpp"
#include "takt/robots/models/models.hpp"

#include "commands.hpp"

namespace takt::app {
namespace {

using control::LawSettings;
using control::Model;
using control::Vector6;
using core::JointVector;

struct Options {
  std::string law;
  std::string model{"fr3"};
  std::optional<std::string> gains;
  std::vector<std::string> set;
  std::vector<std::string> step;
  std::vector<std::string> step_tool;
  std::vector<std::string> push_tool;
  std::vector<std::string> torque;
  double detune{1.0};
  double duration_s{1.0};
  int delay_periods{1};
  double position_noise_rad{0.0};
  double velocity_noise_rad_s{0.0};
  std::optional<std::string> csv;
};

/// "name=1,2" taken apart.
struct Assignment {
  std::string name;
  std::vector<double> values;
};

Assignment parse_assignment(const std::string& option, const std::string& text) {
  const std::size_t equals = text.find('=');
  Assignment made;
  std::string_view rest = text;
  if (equals != std::string::npos) {
    made.name = text.substr(0, equals);
    rest.remove_prefix(equals + 1);
  }
  while (!made.name.empty() && !rest.empty()) {
    double value = 0.0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    const auto used = static_cast<std::size_t>(end - rest.data());
    if (error != std::errc{} || (used < rest.size() && (rest[used] != ',' || used + 1 == rest.size()))) {
      break;
    }
    made.values.push_back(value);
    rest.remove_prefix(std::min(used + 1, rest.size()));
  }
  if (made.values.empty() || !rest.empty()) {
    throw ConfigError(option, 0, "", fmt::format("'{}' is not name=number or name=number,number,…", text));
  }
  return made;
}

Assignment parse_number(const std::string& option, const std::string& text) {
  Assignment made = parse_assignment(option, text);
  if (made.values.size() != 1 || !std::isfinite(made.values[0])) {
    throw ConfigError(option, 0, made.name, fmt::format("'{}' is not name=number", text));
  }
  return made;
}

/// One number per joint, zero but for the joints named, by number from 1 or by name.
JointVector per_joint(const std::string& option, const std::vector<std::string>& texts, const Model& model) {
  JointVector made = JointVector::zero(model.dof());
  for (const std::string& text : texts) {
    const Assignment given = parse_number(option, text);
    std::size_t found = model.dof();
    std::vector<std::string> names;
    for (std::size_t i = 0; i < model.dof(); ++i) {
      names.push_back(model.data().joints[i].name);
      found = given.name == names.back() || given.name == std::to_string(i + 1) ? i : found;
    }
    if (found == model.dof()) {
      throw ConfigError(option, 0, given.name,
                        fmt::format("no such joint; there are 1 to {}: {}", model.dof(), fmt::join(names, ", ")));
    }
    made[found] = given.values[0];
  }
  return made;
}

/// Along and about the base's axes.
Vector6 per_axis(const std::string& option, const std::vector<std::string>& texts) {
  static constexpr std::array<std::string_view, 6> kAxes = {"x", "y", "z", "rx", "ry", "rz"};
  Vector6 made = Vector6::Zero();
  for (const std::string& text : texts) {
    const Assignment given = parse_number(option, text);
    const auto* const found = std::ranges::find(kAxes, given.name);
    if (found == kAxes.end()) {
      throw ConfigError(option, 0, given.name, fmt::format("no such axis; there are {}", fmt::join(kAxes, ", ")));
    }
    made[found - kAxes.begin()] = given.values[0];
  }
  return made;
}

std::vector<double> numbers_of(const toml::node& node, const std::string& file, const std::string& key) {
  std::vector<double> numbers;
  const auto take = [&](const toml::node& one) {
    const auto value = one.value<double>();
    if (!one.is_number() || !value) {
      throw ConfigError(file, one.source().begin.line, key, "must be a number or a list of numbers");
    }
    numbers.push_back(*value);
  };
  if (const toml::array* list = node.as_array()) {
    for (const toml::node& one : *list) {
      take(one);
    }
  } else {
    take(node);
  }
  return numbers;
}

/// Every key of the file is a field of the law's settings.
void read_gains(const std::string& file, LawSettings& settings) {
  toml::table table;
  try {
    table = toml::parse_file(file);
  } catch (const toml::parse_error& error) {
    throw ConfigError(file, error.source().begin.line, "", std::string(error.description()));
  }
  for (const auto& [key, node] : table) {
    const std::vector<double> numbers = numbers_of(node, file, std::string(key.str()));
    try {
      control::set_field(settings, key.str(), numbers);
    } catch (const ConfigError& error) {
      throw ConfigError(file, node.source().begin.line, "", error.what());
    }
  }
}

LawSettings settings_of(const Options& options) {
  std::optional<LawSettings> settings = control::find_law(options.law);
  if (!settings) {
    throw ConfigError("LAW", 0, "",
                      fmt::format("'{}' is none of {}", options.law, fmt::join(control::law_names(), ", ")));
  }
  if (options.gains) {
    read_gains(*options.gains, *settings);
  }
  for (const std::string& text : options.set) {
    const Assignment given = parse_assignment("--set", text);
    control::set_field(*settings, given.name, given.values);
  }
  return *settings;
}

control::ModelData model_of(const Options& options) {
  auto found = robots::models::find_model(options.model);
  if (!found) {
    throw ConfigError("--model", 0, "",
                      fmt::format("'{}' is none of {}", options.model, fmt::join(robots::models::model_names(), ", ")));
  }
  return *std::move(found);
}

control::RunLawOptions run_options_of(const Options& options, const Model& model) {
  const auto within = [](const char* option, double value, double low, double high) {
    if (!(value >= low && value <= high)) {
      throw ConfigError(option, 0, "", fmt::format("must be from {} to {}, is {}", low, high, value));
    }
    return value;
  };
  control::RunLawOptions made;
  made.duration_s = within("--duration", options.duration_s, 0.01, 600.0);
  made.delay_periods = static_cast<int>(within("--delay-periods", options.delay_periods, 0, 10));
  made.position_noise_rad = within("--position-noise", options.position_noise_rad, 0.0, 1.0);
  made.velocity_noise_rad_s = within("--velocity-noise", options.velocity_noise_rad_s, 0.0, 10.0);
  made.push = per_axis("--push-tool", options.push_tool);
  made.tau_target_nm = per_joint("--torque", options.torque, model);
  const JointVector home = model.home_rad();
  if (options.step_tool.empty()) {
    made.goal_rad = per_joint("--step", options.step, model);
    made.goal_rad.eigen() += home.eigen();
  } else {
    made.goal_rad = control::goal_of_tool_step(model, home, per_axis("--step-tool", options.step_tool));
  }
  return made;
}

void write_csv(const std::string& path, const Model& model, const control::LawRun& run) {
  std::ofstream out(path);
  out << "time_s";
  for (const std::string_view what : {"q_rad", "dq_rad_s", "setpoint_rad", "tau_nm"}) {
    for (const control::JointData& joint : model.data().joints) {
      out << fmt::format(",{}.{}", what, joint.name);
    }
  }
  out << '\n';
  for (const control::LawRunRow& row : run.rows) {
    out << fmt::format("{:.6g}", row.time_s);
    for (const JointVector* vector : {&row.q_rad, &row.dq_rad_s, &row.setpoint_rad, &row.tau_nm}) {
      out << fmt::format(",{:.9g}", fmt::join(*vector, ","));
    }
    out << '\n';
  }
  out.flush();
  if (!out) {
    throw SystemError("cannot write " + path, errno);
  }
}

void print(const control::LawRunSummary& summary) {
  const auto line = [](const char* name, double value, const char* unit) {
    if (std::isnan(value)) {
      fmt::print("{:<14}{:>10}\n", name, "-");
    } else {
      fmt::print("{:<14}{:>10.4g} {}\n", name, value, unit);
    }
  };
  line("rise", summary.rise_s, "s, from 10 to 90 %");
  line("overshoot", summary.overshoot * 100.0, "%");
  line("settling", summary.settling_s, "s, to 2 %");
  line("steady error", summary.steady_error_rad * 1e3, "mrad, of the worst joint");
  line("", summary.steady_error_m * 1e3, "mm, of the tool");
  line("peak torque", summary.peak_torque_nm, "N·m");
  line("limited", summary.saturated_share * 100.0, "% of the periods");
}

int run_run_law(const Options& options) {
  const Model believed(model_of(options));
  if (!(options.detune >= 0.1 && options.detune <= 10.0)) {
    throw ConfigError("--detune", 0, "", fmt::format("must be from 0.1 to 10, is {}", options.detune));
  }
  const Model plant(control::detuned(believed.data(), options.detune));
  const auto law = control::make_law(settings_of(options), believed);
  const control::LawRun run = control::run_law(*law, believed, plant, run_options_of(options, believed));
  if (options.csv) {
    write_csv(*options.csv, believed, run);
  }
  if (!run.summary.completed) {
    throw Error(
        fmt::format("{} gave no finite torque after {} periods; lower its gains", options.law, run.rows.size()));
  }
  fmt::print("{} on {}, {:g} s at 1 kHz, torque {} periods late, masses times {:g}\n", options.law, options.model,
             options.duration_s, options.delay_periods, options.detune);
  print(run.summary);
  return 0;
}

}  // namespace

Command add_run_law(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("LAW", options->law, fmt::format("{}", fmt::join(control::law_names(), ", ")))->required();
  app.add_option("--model", options->model, "whose data the law believes in")->capture_default_str();
  app.add_option("--gains", options->gains, "TOML file, a line for each field of the law's settings");
  app.add_option("--set", options->set, "field=value or field=value,value,…; after --gains");
  CLI::Option* step = app.add_option("--step", options->step, "JOINT=RAD: the setpoint jumps by that, 0.1 s in");
  app.add_option("--step-tool", options->step_tool, "x=M, y, z, rx=RAD, ry, rz: the tool's setpoint jumps by that")
      ->excludes(step);
  app.add_option("--push-tool", options->push_tool, "x=N, y, z, rx=N·m, ry, rz: what then pushes the tool");
  app.add_option("--torque", options->torque, "JOINT=N·m: what then is asked of joint_torque");
  app.add_option("--detune", options->detune, "the arm's masses and inertias times this")->capture_default_str();
  app.add_option("--duration", options->duration_s, "s")->capture_default_str();
  app.add_option("--delay-periods", options->delay_periods, "how late a torque reaches the arm")->capture_default_str();
  app.add_option("--position-noise", options->position_noise_rad, "rad, standard deviation")->capture_default_str();
  app.add_option("--velocity-noise", options->velocity_noise_rad_s, "rad/s, standard deviation")->capture_default_str();
  app.add_option("--csv", options->csv, "where the rows go, one per period");
  return [options] { return run_run_law(*options); };
}

}  // namespace takt::app
