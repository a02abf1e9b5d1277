// What shows trajectories: list, info, plot.

#include <algorithm>
#include <cmath>
#include <ctime>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "takt/core/file_replace.hpp"
#include "takt/messages/enum_name.hpp"
#include "takt/trajectory/check.hpp"
#include "takt/trajectory/edit.hpp"
#include "takt/trajectory/files/lerobot_reader.hpp"
#include "takt/trajectory/plot.hpp"
#include "takt/trajectory/recorder/recording.hpp"

#include "../commands.hpp"
#include "shelf.hpp"

namespace takt::app {
namespace {

namespace files = trajectory::files;
namespace recorder = trajectory::recorder;
using traj::Reading;
using traj::Shelf;
using trajectory::Trajectory;

constexpr double kDegrees = 180.0 / std::numbers::pi;
constexpr std::size_t kAnyNumber = 10'000;

const char* success_text(const std::optional<bool>& success) {
  return !success ? "" : *success ? "success" : "failure";
}

std::string wall_text(std::int64_t wall_ns) {
  const auto seconds = static_cast<std::time_t>(wall_ns / 1'000'000'000);
  return wall_ns == 0 ? "" : fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(seconds));
}

// --- list ------------------------------------------------------------------------------------------------------------

int run_list(const std::vector<std::string>& words) {
  const Shelf shelf(words, false);
  shelf.require_words(0, 0, "LIBRARY");
  const std::vector<trajectory::LibraryEntry> entries = shelf.library().list();
  std::size_t widest = 4;
  for (const auto& entry : entries) {
    widest = std::max(widest, entry.name.size());
  }
  fmt::print("{:<{}}  {:<8}  joints  frames  duration  what\n", "name", widest, "robot");
  for (const auto& entry : entries) {
    if (!entry.error.empty()) {
      fmt::print("{:<{}}  cannot be read: {}\n", entry.name, widest, entry.error);
      continue;
    }
    const std::string success = success_text(entry.success);
    std::string what = entry.task;
    what += (!what.empty() && !success.empty() ? ", " : "") + success;
    fmt::print("{:<{}}  {:<8}  {:>6}  {:>6}  {:>6.2f} s{}{}\n", entry.name, widest,
               entry.robot.empty() ? "-" : entry.robot, entry.joint_names.size(), entry.frames, entry.duration_s,
               what.empty() ? "" : "  ", what);
  }
  return 0;
}

// --- info ------------------------------------------------------------------------------------------------------------

void show_line(const char* label, const std::string& text) {
  if (!text.empty()) {
    fmt::print("  {:<10} {}\n", fmt::format("{}:", label), text);
  }
}

/// Range and largest speed of a joint, in degrees.
void show_joint(const Trajectory& trajectory, std::size_t joint) {
  double lowest = trajectory.q_rad(0)[joint];
  double highest = lowest;
  double fastest = 0.0;
  for (std::size_t i = 1; i < trajectory.size(); ++i) {
    const double before = trajectory.q_rad(i - 1)[joint];
    const double here = trajectory.q_rad(i)[joint];
    lowest = std::min(lowest, here);
    highest = std::max(highest, here);
    fastest = std::max(fastest,
                       std::abs(here - before) / core::to_seconds(trajectory.time_ns(i) - trajectory.time_ns(i - 1)));
  }
  fmt::print("  {:<16} {:>9.2f} {:>9.2f} {:>9.2f} {:>9.2f} {:>9.1f}\n", trajectory.info().joint_names[joint],
             trajectory.q_rad(0)[joint] * kDegrees, trajectory.q_rad(trajectory.size() - 1)[joint] * kDegrees,
             lowest * kDegrees, highest * kDegrees, fastest * kDegrees);
}

void show_limits(const Trajectory& said, const std::string& arm) {
  const Trajectory trajectory = traj::for_arm(said, arm);
  const auto limits = traj::limits_of(arm, trajectory.joints());
  const trajectory::CheckReport report = trajectory::check(trajectory, limits, {.jerk = false});
  if (report.passed()) {
    show_line("limits", fmt::format("{} keeps them, played at most {:.2f} times as fast", arm, report.speed_headroom));
    return;
  }
  const auto stretch = trajectory::stretch_to_fit(trajectory, limits);
  show_line("limits", fmt::format("{} cannot: {}; {}", arm, report.text(trajectory.info().joint_names),
                                  stretch ? fmt::format("stretched {:.3f} times it can", *stretch)
                                          : std::string("no other times help")));
}

std::string gap_text(const Trajectory& trajectory) {
  core::Nanoseconds longest = 0;
  for (std::size_t i = 1; i < trajectory.size(); ++i) {
    longest = std::max(longest, trajectory.time_ns(i) - trajectory.time_ns(i - 1));
  }
  return trajectory.size() < 2 ? "" : fmt::format(", at most {:.2f} ms apart", core::to_seconds(longest) * 1e3);
}

void show_trajectory(const Trajectory& trajectory, const std::string& arm) {
  const trajectory::TrajectoryInfo& info = trajectory.info();
  fmt::print("{}\n", info.name);
  show_line("robot", info.robot);
  show_line("frames", traj::size_text(trajectory) + gap_text(trajectory));
  show_line("holds",
            fmt::format("{} joints{}{}", trajectory.joints(), trajectory.has_velocities() ? ", velocities" : "",
                        trajectory.has_gripper() ? ", gripper" : ""));
  show_line("task", info.task);
  show_line("success", success_text(info.success));
  show_line("recorded", wall_text(info.start_wall_ns));
  show_line("source", info.source);
  if (!arm.empty()) {
    show_limits(trajectory, arm);
  }
  fmt::print("  {:<16} {:>9} {:>9} {:>9} {:>9} {:>9}\n", "joint", "first", "last", "lowest", "highest", "fastest/s");
  for (std::size_t joint = 0; joint < trajectory.joints(); ++joint) {
    show_joint(trajectory, joint);
  }
}

void show_recording(const std::string& word) {
  const recorder::Recording recording = recorder::list_recording(word);
  fmt::print("{}: a recording, {:.3f} s\n", word, core::to_seconds(recording.duration_ns));
  show_line(recording.recovered ? "recovered" : "lacks", recording.missing);
  for (const auto& channel : recording.channels) {
    show_line("states", fmt::format("{} {}: {} frames, {} dropped", channel.info.robot,
                                    messages::enum_name(channel.info.kind).view(), channel.frames, channel.dropped));
  }
  for (const auto& episode : recording.episodes) {
    show_line("episode", fmt::format("{}: {:.3f} s{}{}{}{}{}", episode.number, core::to_seconds(episode.duration_ns),
                                     episode.task.empty() ? "" : ", ", episode.task, episode.success ? ", " : "",
                                     success_text(episode.success),
                                     episode.discarded ? ", discarded"
                                     : episode.ended   ? ""
                                                       : ", broken off"));
  }
}

void show_dataset(const std::string& word) {
  const files::LerobotDataset dataset = files::list_lerobot(word);
  fmt::print("{}: a LeRobot dataset, {} frames at {:g} per second\n", word, dataset.info.frames, dataset.info.fps);
  show_line("robot", dataset.info.robot_type);
  for (const auto& [name, feature] : dataset.info.features) {
    show_line("column", fmt::format("{}: {} {}{}{}", name, feature.dtype, fmt::join(feature.shape, "×"),
                                    feature.names.empty() ? "" : ", ", fmt::join(feature.names, " ")));
  }
  for (const auto& episode : dataset.episodes) {
    show_line("episode", fmt::format("{}: {} frames{}{}", episode.index, episode.frames,
                                     episode.task.empty() ? "" : ", ", episode.task));
  }
}

bool holds_several(const std::string& word, const Reading& reading) {
  if (files::is_lerobot(word)) {
    return !reading.episode;
  }
  if (std::filesystem::path(word).extension() != ".mcap" || reading.episode || !reading.kind.empty()) {
    return false;
  }
  return recorder::list_recording(word).trajectory.empty();
}

int run_info(const std::vector<std::string>& words, const Reading& reading, const std::string& arm) {
  const Shelf shelf(words, false);
  shelf.require_words(1, kAnyNumber, "[LIBRARY] SOURCE …");
  for (const std::string& word : shelf.words()) {
    if (!holds_several(word, reading)) {
      show_trajectory(shelf.load(word, reading), arm);
    } else if (files::is_lerobot(word)) {
      show_dataset(word);
    } else {
      show_recording(word);
    }
  }
  return 0;
}

// --- plot ------------------------------------------------------------------------------------------------------------

struct PlotWishes {
  std::vector<std::string> words;
  Reading reading;
  std::string replayed_kind;
  trajectory::PlotOptions options;
};

int run_plot(const PlotWishes& wishes) {
  const Shelf shelf(wishes.words, false);
  shelf.require_words(3, 3, "[LIBRARY] RECORDED REPLAYED FILE.svg");
  const Trajectory recorded = shelf.load(shelf.words()[0], wishes.reading);
  Reading reading = wishes.reading;
  if (!wishes.replayed_kind.empty()) {
    reading.kind = wishes.replayed_kind;
  }
  const Trajectory replayed = shelf.load(shelf.words()[1], reading);
  core::replace_file(shelf.words()[2], trajectory::plot_svg(recorded, replayed, wishes.options));
  fmt::print("{}: {} joints, {:.3f} s\n", shelf.words()[2], recorded.joints(),
             core::to_seconds(recorded.duration_ns()));
  return 0;
}

}  // namespace

Command add_traj_list(CLI::App& traj) {
  const auto words = std::make_shared<std::vector<std::string>>();
  traj.add_option("library", *words, "the folder of its entries")->required()->type_name("LIBRARY")->expected(1);
  return [words] { return run_list(*words); };
}

Command add_traj_info(CLI::App& traj) {
  struct Wishes {
    std::vector<std::string> words;
    Reading reading;
    std::string arm;
  };
  const auto wishes = std::make_shared<Wishes>();
  traj.add_option("words", wishes->words,
                  "[LIBRARY] SOURCE …: entries of the library, files that end in .csv or .mcap, LeRobot datasets")
      ->required()
      ->type_name("");
  traj::add_reading_options(traj, wishes->reading);
  traj.add_option("--arm", wishes->arm, "an arm such as sim:fr3: can it do this?")->type_name("URI");
  return [wishes] { return run_info(wishes->words, wishes->reading, wishes->arm); };
}

Command add_traj_plot(CLI::App& traj) {
  const auto wishes = std::make_shared<PlotWishes>();
  traj.add_option("words", wishes->words,
                  "[LIBRARY] RECORDED REPLAYED FILE.svg: two trajectories of the same joints, and where to draw them")
      ->required()
      ->type_name("");
  traj::add_reading_options(traj, wishes->reading);
  traj.add_option("--replayed-kind", wishes->replayed_kind, "of a recording: which states REPLAYED is, when not --kind")
      ->type_name("KIND");
  traj.add_option("--later", wishes->options.replayed_later_s, "where REPLAYED begins in RECORDED's time")
      ->type_name("S");
  traj.add_option("--title", wishes->options.title, "default: the trajectory's name")->type_name("TEXT");
  return [wishes] { return run_plot(*wishes); };
}

}  // namespace takt::app
