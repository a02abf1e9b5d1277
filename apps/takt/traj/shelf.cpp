#include "shelf.hpp"

#include <memory>
#include <system_error>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/core/file_replace.hpp"
#include "takt/messages/enum_name.hpp"
#include "takt/registry/robots.hpp"
#include "takt/teleop/replay/twin_commands.hpp"
#include "takt/trajectory/bridge.hpp"
#include "takt/trajectory/edit.hpp"
#include "takt/trajectory/files/csv_file.hpp"
#include "takt/trajectory/files/lerobot_reader.hpp"
#include "takt/trajectory/files/mcap_codec.hpp"
#include "takt/trajectory/gripper_joint.hpp"
#include "takt/trajectory/recorder/recording.hpp"
#include "takt/trajectory/recorder/trajectory_file.hpp"

namespace takt::app::traj {
namespace {

namespace files = trajectory::files;
namespace recorder = trajectory::recorder;
using trajectory::Trajectory;

bool has_extension(const std::string& word, std::string_view extension) {
  return std::filesystem::path(word).extension() == extension;
}

std::string named_after_file(const std::string& word) {
  return std::filesystem::path(word).stem().string();
}

std::optional<recorder::StateKind> kind_of(const std::string& text) {
  if (text.empty()) {
    return std::nullopt;
  }
  const auto kind = messages::enum_from_name<recorder::StateKind>(text);
  if (!kind) {
    throw ConfigError("--kind", 0, "",
                      fmt::format("'{}': want leader, mapped, guarded, sent, read_back or trajectory", text));
  }
  return kind;
}

std::optional<files::LerobotUnits> units_of(const std::string& text) {
  if (text.empty()) {
    return std::nullopt;
  }
  if (text != "rad" && text != "deg") {
    throw ConfigError("--units", 0, "", fmt::format("'{}': want rad or deg", text));
  }
  return text == "deg" ? files::LerobotUnits::kDegrees : files::LerobotUnits::kRadians;
}

Trajectory load_recording(const std::string& word, const Reading& reading) {
  recorder::ReadOptions options{
      .robot = reading.robot, .kind = kind_of(reading.kind), .from_s = reading.from_s, .to_s = reading.to_s};
  if (reading.episode) {
    options.episode = static_cast<std::uint32_t>(*reading.episode);
  }
  Trajectory loaded = recorder::read_states(word, options);
  if (loaded.info().name.empty()) {
    trajectory::TrajectoryInfo info = loaded.info();
    info.name = named_after_file(word);
    loaded.set_info(std::move(info));
  }
  return loaded;
}

Trajectory load_dataset(const std::string& word, const Reading& reading) {
  const auto all = files::list_lerobot(word).episodes.size();
  if (!reading.episode && all != 1) {
    throw ConfigError(word, 0, "", fmt::format("has {} episodes from 0; choose one (--episode)", all));
  }
  return files::read_lerobot(word, {.episode = reading.episode.value_or(0),
                                    .column = reading.column,
                                    .units = units_of(reading.units),
                                    .robot = reading.robot});
}

Trajectory part_of(Trajectory whole, const Reading& reading) {
  return reading.from_s || reading.to_s ? trajectory::trim(whole, reading.from_s, reading.to_s) : std::move(whole);
}

[[noreturn]] void refuse_taken(const std::string& word) {
  throw ConfigError(word, 0, "", "is there already (--replace writes over it)");
}

void save_file(const Trajectory& trajectory, const std::string& word, bool replace) {
  std::error_code ignored;
  if (!replace && std::filesystem::exists(word, ignored)) {
    refuse_taken(word);  // before it is written, beside it
  }
  core::FileReplacement file(word);
  if (has_extension(word, ".csv")) {
    files::write_csv(file.unfinished(), trajectory);
  } else {
    recorder::write_trajectory(file.unfinished(), trajectory);
  }
  if (replace) {
    file.commit();
  } else if (!file.commit_new()) {
    refuse_taken(word);
  }
}

}  // namespace

void add_format_options(CLI::App& app, Reading& reading) {
  app.add_option("--group", reading.group, "of a CSV table: the group of columns, such as q, target, actual")
      ->type_name("NAME");
  app.add_option("--kind", reading.kind,
                 "of a recording: its states leader, mapped, guarded, sent, read_back or trajectory")
      ->type_name("KIND");
  app.add_option("--column", reading.column, "of a LeRobot dataset: action or observation.state")
      ->capture_default_str()
      ->type_name("NAME");
  app.add_option("--units", reading.units, "of a LeRobot dataset that takt did not write: rad or deg")
      ->type_name("UNIT");
}

void add_choice_options(CLI::App& app, Reading& reading) {
  app.add_option("--segment", reading.segment, "of a CSV table: the rows whose column `segment` says so")
      ->type_name("N");
  app.add_option("--episode", reading.episode, "of a recording, from 1; of a LeRobot dataset, from 0")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{0}, kMaxEpisode));
}

void add_reading_options(CLI::App& app, Reading& reading, bool many) {
  add_format_options(app, reading);
  app.add_option("--robot", reading.robot, "of a recording: whose states; else: the arm that it is made for")
      ->type_name("NAME");
  if (!many) {
    add_choice_options(app, reading);
  }
}

void add_arm_option(CLI::App& app, std::string& arm) {
  app.add_option("--arm", arm, "the arm whose limits are kept, such as sim:fr3")->type_name("URI");
}

std::vector<control::JointLimits> limits_of(const std::string& arm, std::size_t joints) {
  if (arm.empty()) {
    return trajectory::modest_limits(joints);
  }
  std::vector<control::JointLimits> limits = registry::open_robot(arm)->info().limits;
  if (limits.size() != joints) {
    throw ConfigError("--arm", 0, "", fmt::format("{} has {} joints, the trajectory {}", arm, limits.size(), joints));
  }
  return limits;
}

Trajectory for_arm(Trajectory trajectory, const std::string& arm) {
  if (arm.empty()) {
    return trajectory;
  }
  const robots::RobotInfo info = registry::open_robot(arm)->info();
  const trajectory::ArmDescription description{
      .name = info.name, .type = info.type, .joint_names = info.joint_names, .limits = info.limits};
  return trajectory::lacks_gripper_joint(trajectory, description)
             ? trajectory::with_gripper_joint(trajectory, description)
             : std::move(trajectory);
}

bool is_file(const std::string& word) {
  return has_extension(word, ".csv") || has_extension(word, ".mcap") || files::is_lerobot(word);
}

Trajectory load_file(const std::string& word, const Reading& reading) {
  if (files::is_lerobot(word)) {
    return part_of(load_dataset(word, reading), reading);
  }
  if (has_extension(word, ".csv")) {
    return part_of(files::read_csv(word, {.group = reading.group, .segment = reading.segment, .robot = reading.robot}),
                   reading);
  }
  return load_recording(word, reading);
}

teleop::replay::TrajectoryShelf open_shelf(const std::filesystem::path& folder, bool make) {
  using teleop::replay::TrajectoryItem;
  std::error_code ignored;
  if (!make && !std::filesystem::is_directory(folder, ignored)) {
    throw ConfigError(folder.string(), 0, "", "is no library, which is a folder");
  }
  const auto library = std::make_shared<const trajectory::Library>(files::open_library(folder));
  const auto list = [library] {
    std::vector<TrajectoryItem> items;
    for (const trajectory::LibraryEntry& entry : library->list()) {
      items.push_back({.name = entry.name,
                       .robot = entry.robot,
                       .task = entry.task,
                       .frames = entry.frames,
                       .duration_s = entry.duration_s});
    }
    return items;
  };
  return {.load = [library](const std::string& name) { return library->load(name); }, .list = list};
}

Shelf::Shelf(std::vector<std::string> words, bool make) : words_(std::move(words)) {
  if (words_.empty()) {
    throw ConfigError("name a library, or files that end in .csv or .mcap");
  }
  if (is_file(words_.front())) {
    return;
  }
  std::error_code ignored;
  if (!make && !std::filesystem::is_directory(words_.front(), ignored)) {
    throw ConfigError(words_.front(), 0, "",
                      "is no library, which is a folder, and no file of trajectories, which ends in .csv or .mcap");
  }
  folder_ = words_.front();
  words_.erase(words_.begin());
}

trajectory::Library Shelf::library() const {
  if (!folder_) {
    throw ConfigError("name the library first: the folder of its entries");
  }
  return files::open_library(*folder_);
}

Trajectory Shelf::load(const std::string& word, const Reading& reading) const {
  return is_file(word) ? load_file(word, reading) : part_of(library().load(word), reading);
}

void Shelf::save(Trajectory trajectory, const std::string& word, bool replace) const {
  trajectory::TrajectoryInfo info = trajectory.info();
  info.name = is_file(word) ? named_after_file(word) : word;
  trajectory.set_info(std::move(info));
  if (is_file(word)) {
    save_file(trajectory, word, replace);
  } else {
    library().save(trajectory, replace);
  }
}

void Shelf::require_words(std::size_t least, std::size_t most, const std::string& usage) const {
  if (words_.size() < least || words_.size() > most) {
    throw ConfigError("want " + usage);
  }
}

std::string size_text(const Trajectory& trajectory) {
  const double duration_s = core::to_seconds(trajectory.duration_ns());
  std::string text =
      fmt::format("{} frame{}, {:.3f} s", trajectory.size(), trajectory.size() == 1 ? "" : "s", duration_s);
  if (trajectory.size() > 1) {
    text += fmt::format(", mean {:.2f} Hz", static_cast<double>(trajectory.size() - 1) / duration_s);
  }
  return text;
}

}  // namespace takt::app::traj
