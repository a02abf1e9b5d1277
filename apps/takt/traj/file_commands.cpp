// What brings trajectories in from files of others, and out into them: import, export; and what makes a broken
// recording whole: repair.

#include <charconv>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/files/csv_file.hpp"
#include "takt/trajectory/files/lerobot_reader.hpp"
#include "takt/trajectory/files/lerobot_writer.hpp"
#include "takt/trajectory/mcap/repair.hpp"
#include "takt/trajectory/recorder/recording.hpp"

#include "../commands.hpp"
#include "shelf.hpp"

namespace takt::app {
namespace {

namespace files = trajectory::files;
using traj::Reading;
using traj::Shelf;
using trajectory::Trajectory;

constexpr std::size_t kAnyNumber = 10'000;
constexpr int kSomethingLost = 3;
constexpr const char* kAll = "all";

/// "all", or the number that it is.
std::optional<std::int64_t> number_or_all(const std::string& option, const std::string& text) {
  if (text.empty() || text == kAll) {
    return std::nullopt;
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw ConfigError(option, 0, "", fmt::format("'{}': want a number, or all", text));
  }
  return number;
}

std::optional<std::int64_t> episode_or_all(const std::string& text) {
  const std::optional<std::int64_t> number = number_or_all("--episode", text);
  if (number && (*number < 0 || *number > traj::kMaxEpisode)) {
    throw ConfigError("--episode", 0, "", fmt::format("'{}': want 0 … {}, or all", text, traj::kMaxEpisode));
  }
  return number;
}

/// The episodes of a file that --episode all means: not those that were discarded.
std::vector<std::int64_t> episodes_of(const std::string& word) {
  std::vector<std::int64_t> found;
  if (files::is_lerobot(word)) {
    for (const auto& episode : files::list_lerobot(word).episodes) {
      found.push_back(episode.index);
    }
    return found;
  }
  for (const auto& episode : trajectory::recorder::list_recording(word).episodes) {
    if (!episode.discarded) {
      found.push_back(episode.number);
    }
  }
  return found;
}

/// One trajectory of a file, and what tells it from the others of that file.
struct Part {
  std::string suffix;
  Reading reading;
};

struct ManyOptions {
  Reading reading;
  std::string segment;
  std::string episode;
};

void add_many_options(CLI::App& app, ManyOptions& options) {
  traj::add_reading_options(app, options.reading, true);
  app.add_option("--segment", options.segment,
                 "of a CSV table: the rows whose column `segment` says so, or all of them")
      ->type_name("N|all");
  app.add_option("--episode", options.episode,
                 "of a recording, from 1, or of a LeRobot dataset, from 0, or all of them")
      ->type_name("N|all");
}

std::vector<Part> parts_of(const std::string& word, const ManyOptions& options) {
  Reading reading = options.reading;
  reading.segment = number_or_all("--segment", options.segment);
  reading.episode = episode_or_all(options.episode);
  if (options.segment != kAll && options.episode != kAll) {
    return {{.suffix = "", .reading = reading}};
  }
  std::vector<Part> parts;
  const bool segments = options.segment == kAll;
  for (const std::int64_t number : segments ? files::csv_segments(word) : episodes_of(word)) {
    (segments ? reading.segment : reading.episode) = number;
    parts.push_back({.suffix = fmt::format("_{}", number), .reading = reading});
  }
  if (parts.empty()) {
    throw ConfigError(word, 0, "", segments ? "has no column `segment`" : "has no episodes");
  }
  return parts;
}

// --- import ----------------------------------------------------------------------------------------------------------

struct ImportOptions {
  std::vector<std::string> words;
  ManyOptions many;
  std::string name;
  std::string task;
  bool replace{false};
};

using Named = std::pair<std::string, Trajectory>;

/// The trajectories that are meant, under the names that they are to have. Those of a dataset have names of their own.
std::vector<Named> load_all(const Shelf& shelf, const ImportOptions& options) {
  const std::string& source = shelf.words().front();
  std::vector<Named> loaded;
  for (const Part& part : parts_of(source, options.many)) {
    Trajectory one = shelf.load(source, part.reading);
    trajectory::TrajectoryInfo info = one.info();
    if (!options.name.empty() || !files::is_lerobot(source)) {
      info.name = (options.name.empty() ? std::filesystem::path(source).stem().string() : options.name) + part.suffix;
    }
    info.task = options.task.empty() ? info.task : options.task;
    loaded.emplace_back(info.name, std::move(one));
    loaded.back().second.set_info(std::move(info));
  }
  return loaded;
}

void require_free(const Shelf& shelf, const std::vector<Named>& loaded, bool replace) {
  std::set<std::string> names;
  for (const auto& [name, one] : loaded) {
    if (!names.insert(name).second) {
      throw ConfigError(fmt::format("two trajectories are called '{}'; --name numbers them", name));
    }
    if (!replace && shelf.library().has(name)) {
      throw ConfigError(fmt::format("the library has an entry '{}' already (--replace writes over it)", name));
    }
  }
}

/// Everything is read before anything is saved: a broken file adds nothing.
int run_import(const ImportOptions& options) {
  const Shelf shelf(options.words, true);
  shelf.require_words(1, 1, "LIBRARY SOURCE");
  if (const std::string& source = shelf.words().front(); !traj::is_file(source)) {
    throw ConfigError(source, 0, "", "is no CSV table, no recording (.mcap) and no folder of a LeRobot dataset");
  }
  std::vector<Named> loaded = load_all(shelf, options);
  require_free(shelf, loaded, options.replace);
  for (auto& [name, one] : loaded) {
    const std::string text = traj::size_text(one);
    shelf.save(std::move(one), name, options.replace);
    fmt::print("{}: {}\n", name, text);
  }
  return 0;
}

// --- export ----------------------------------------------------------------------------------------------------------

struct ExportOptions {
  std::vector<std::string> words;
  ManyOptions many;
  bool replace{false};
  std::string action_kind;
  double fps{0.0};
  bool degrees{false};
};

int export_dataset(const Shelf& shelf, const ExportOptions& options) {
  std::vector<files::LerobotEpisode> episodes;
  for (std::size_t i = 0; i + 1 < shelf.words().size(); ++i) {
    for (const Part& part : parts_of(shelf.words()[i], options.many)) {
      files::LerobotEpisode episode{.state = shelf.load(shelf.words()[i], part.reading)};
      if (!options.action_kind.empty()) {
        Reading action = part.reading;
        action.kind = options.action_kind;
        episode.action = shelf.load(shelf.words()[i], action);
      }
      episodes.push_back(std::move(episode));
    }
  }
  const std::string& target = shelf.words().back();
  files::write_lerobot(target, episodes, {.fps = options.fps, .degrees = options.degrees});
  std::size_t frames = 0;
  for (const auto& episode : episodes) {
    frames += episode.state.size();
  }
  fmt::print("{}: LeRobot dataset, {} episode{}, {} frames\n", target, episodes.size(), episodes.size() == 1 ? "" : "s",
             frames);
  return 0;
}

int run_export(const ExportOptions& options) {
  const Shelf shelf(options.words, false);
  shelf.require_words(2, kAnyNumber, "[LIBRARY] SOURCE … TARGET");
  const std::string extension = std::filesystem::path(shelf.words().back()).extension().string();
  if (extension != ".csv" && extension != ".mcap") {
    return export_dataset(shelf, options);
  }
  shelf.require_words(2, 2, "[LIBRARY] SOURCE TARGET: only a dataset holds several");
  const std::vector<Part> parts = parts_of(shelf.words()[0], options.many);
  if (parts.size() != 1) {
    throw ConfigError(fmt::format("{} trajectories for one file; choose one, or export a dataset", parts.size()));
  }
  Trajectory one = shelf.load(shelf.words()[0], parts.front().reading);
  const std::string text = traj::size_text(one);
  shelf.save(std::move(one), shelf.words().back(), options.replace);
  fmt::print("{}: {}\n", shelf.words().back(), text);
  return 0;
}

// --- repair ----------------------------------------------------------------------------------------------------------

int run_repair(const std::string& in, const std::string& out) {
  const trajectory::mcap::RepairReport report = trajectory::mcap::repair(in, out);
  fmt::print("{}: {} messages in {} channels, {} chunks\n", out, report.kept.messages, report.kept.messages_of.size(),
             report.kept.chunks);
  if (!report.lossless()) {
    fmt::print("lost: {}; {} bytes in which no record is, {} damaged chunks, {} other damaged records\n",
               report.recovery.first_loss, report.recovery.lost_bytes, report.recovery.broken_chunks,
               report.recovery.broken_records);
    return kSomethingLost;
  }
  fmt::print("nothing was lost\n");
  return 0;
}

}  // namespace

Command add_traj_import(CLI::App& traj) {
  const auto options = std::make_shared<ImportOptions>();
  traj.add_option("words", options->words,
                  "LIBRARY SOURCE: a folder, made when it is not there; and a CSV table, a recording (.mcap) or a "
                  "folder of a LeRobot dataset")
      ->required()
      ->type_name("");
  add_many_options(traj, options->many);
  traj.add_option("--name", options->name, "of the entry; default: the file's; of several, _N is added")
      ->type_name("NAME");
  traj.add_option("--task", options->task, "what it does, in words")->type_name("TEXT");
  traj.add_flag("--replace", options->replace, "write over entries of the same name");
  return [options] { return run_import(*options); };
}

Command add_traj_export(CLI::App& traj) {
  const auto options = std::make_shared<ExportOptions>();
  traj.add_option("words", options->words,
                  "[LIBRARY] SOURCE … TARGET: a file that ends in .csv or .mcap, or a new folder for a LeRobot dataset "
                  "of all sources")
      ->required()
      ->type_name("");
  add_many_options(traj, options->many);
  traj.add_flag("--replace", options->replace, "write over a file of that name");
  traj.add_option("--action-kind", options->action_kind,
                  "dataset: states of a recording that are its actions, such as sent, beside --kind read_back")
      ->type_name("KIND");
  traj.add_option("--fps", options->fps, "dataset: rate of its timestamps; default: the first source's mean rate")
      ->type_name("HZ");
  traj.add_flag("--degrees", options->degrees, "dataset: joints in degrees instead of radians");
  return [options] { return run_export(*options); };
}

Command add_traj_repair(CLI::App& traj) {
  struct Names {
    std::string in;
    std::string out;
  };
  const auto names = std::make_shared<Names>();
  traj.add_option("in", names->in, "a recording (.mcap) that ends anywhere")->required()->type_name("IN");
  traj.add_option("out", names->out, "a new file, with all that is whole")->required()->type_name("OUT");
  return [names] { return run_repair(names->in, names->out); };
}

}  // namespace takt::app
