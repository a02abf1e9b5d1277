// What makes other trajectories of trajectories: trim, cut, join, smooth, retime.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/edit.hpp"

#include "../commands.hpp"
#include "shelf.hpp"

namespace takt::app {
namespace {

using traj::Reading;
using traj::Shelf;
using trajectory::Trajectory;

constexpr std::size_t kAnyNumber = 10'000;

struct EditOptions {
  std::vector<std::string> words;
  Reading reading;
  bool replace{false};
  std::string arm;
  std::optional<double> from_s;
  std::optional<double> to_s;
  bool apart{false};
  double width_s{0.1};
  double stretch{1.0};
  bool fit{false};
  std::optional<double> rate_hz;
};

std::shared_ptr<EditOptions> common_options(CLI::App& app, const char* words) {
  auto options = std::make_shared<EditOptions>();
  app.add_option("words", options->words, words)->required()->type_name("");
  traj::add_reading_options(app, options->reading);
  app.add_flag("--replace", options->replace, "write over what has the target's name");
  return options;
}

void save(const Shelf& shelf, const EditOptions& options, Trajectory made, const std::string& target) {
  const std::string text = traj::size_text(made);
  shelf.save(std::move(made), target, options.replace);
  fmt::print("{}: {}\n", target, text);
}

/// A command of one source and one target.
Command one_to_one(const std::shared_ptr<EditOptions>& options, std::function<Trajectory(const Trajectory&)> edit) {
  return [options, edit = std::move(edit)] {
    const Shelf shelf(options->words, false);
    shelf.require_words(2, 2, "[LIBRARY] SOURCE TARGET");
    save(shelf, *options, edit(shelf.load(shelf.words()[0], options->reading)), shelf.words()[1]);
    return 0;
  };
}

/// "pick.csv", 2 becomes "pick_2.csv".
std::string numbered(const std::string& target, std::size_t number) {
  const std::filesystem::path path(target);
  const bool file = traj::is_file(target);
  const std::string stem = file ? (path.parent_path() / path.stem()).string() : target;
  return fmt::format("{}_{}{}", stem, number, file ? path.extension().string() : "");
}

int run_cut(const EditOptions& options) {
  const Shelf shelf(options.words, false);
  shelf.require_words(2, 2, "[LIBRARY] SOURCE TARGET");
  const Trajectory source = traj::for_arm(shelf.load(shelf.words()[0], options.reading), options.arm);
  std::vector<Trajectory> left = trajectory::cut(source, options.from_s.value_or(0.0), options.to_s.value_or(0.0));
  const std::string& target = shelf.words()[1];
  if (!options.apart || left.size() == 1) {
    const auto limits = traj::limits_of(options.arm, source.joints());
    save(shelf, options, left.size() == 1 ? std::move(left.front()) : trajectory::join(left, limits), target);
    return 0;
  }
  for (std::size_t i = 0; i < left.size(); ++i) {
    save(shelf, options, std::move(left[i]), numbered(target, i + 1));
  }
  return 0;
}

int run_join(const EditOptions& options) {
  const Shelf shelf(options.words, false);
  shelf.require_words(3, kAnyNumber, "[LIBRARY] SOURCE SOURCE … TARGET");
  std::vector<Trajectory> sources;
  for (std::size_t i = 0; i + 1 < shelf.words().size(); ++i) {
    sources.push_back(traj::for_arm(shelf.load(shelf.words()[i], options.reading), options.arm));
  }
  const auto limits = traj::limits_of(options.arm, sources.front().joints());
  save(shelf, options, trajectory::join(sources, limits), shelf.words().back());
  return 0;
}

Trajectory retimed(const EditOptions& options, const Trajectory& said) {
  const Trajectory source = traj::for_arm(said, options.arm);
  double stretch = options.stretch;
  if (options.fit) {
    if (options.arm.empty()) {
      throw ConfigError("--fit", 0, "", "needs the arm whose limits it is to fit (--arm)");
    }
    const auto fitting = trajectory::stretch_to_fit(source, traj::limits_of(options.arm, source.joints()));
    if (!fitting) {
      throw ConfigError(
          fmt::format("trajectory '{}' leaves the range of {}: no other times help", source.info().name, options.arm));
    }
    stretch = *fitting;
    fmt::print("stretched {:.3f} times\n", stretch);
  }
  return trajectory::retime(source, {.stretch = stretch, .rate_hz = options.rate_hz});
}

constexpr const char* kOneToOne = "[LIBRARY] SOURCE TARGET: entries of the library, or files that end in .csv or .mcap";

}  // namespace

// The part is taken where the source is read: also of a recording that is too long to be held.
Command add_traj_trim(CLI::App& traj) {
  const auto options = common_options(traj, kOneToOne);
  traj.add_option("--from", options->reading.from_s, "where it is to begin")->type_name("S");
  traj.add_option("--to", options->reading.to_s, "where it is to end")->type_name("S");
  return one_to_one(options, [options](const Trajectory& part) {
    if (!options->reading.from_s && !options->reading.to_s) {
      throw ConfigError("say where it is to begin (--from), to end (--to), or both");
    }
    return part;
  });
}

Command add_traj_cut(CLI::App& traj) {
  const auto options = common_options(traj, kOneToOne);
  traj.add_option("--from", options->from_s, "where what is taken out begins")->required()->type_name("S");
  traj.add_option("--to", options->to_s, "where it ends")->required()->type_name("S");
  traj.add_flag("--apart", options->apart, "make TARGET_1 and TARGET_2 of what is left, instead of one with a bridge");
  traj::add_arm_option(traj, options->arm);
  return [options] { return run_cut(*options); };
}

Command add_traj_join(CLI::App& traj) {
  const auto options = common_options(
      traj, "[LIBRARY] SOURCE SOURCE … TARGET: entries of the library, or files that end in .csv or .mcap");
  traj::add_arm_option(traj, options->arm);
  return [options] { return run_join(*options); };
}

Command add_traj_smooth(CLI::App& traj) {
  const auto options = common_options(traj, kOneToOne);
  traj.add_option("--width", options->width_s, "how far frames before and after count")
      ->capture_default_str()
      ->type_name("S");
  return one_to_one(options,
                    [options](const Trajectory& source) { return trajectory::smooth(source, options->width_s); });
}

Command add_traj_retime(CLI::App& traj) {
  const auto options = common_options(traj, kOneToOne);
  auto* stretch = traj.add_option("--stretch", options->stretch, "of all times: 2 takes twice as long")->type_name("X");
  traj.add_flag("--fit", options->fit, "as slow as the limits of --arm ask for")->excludes(stretch);
  traj.add_option("--rate", options->rate_hz, "frames at this rate instead of the recorded ones")->type_name("HZ");
  traj::add_arm_option(traj, options->arm);
  return one_to_one(options, [options](const Trajectory& source) { return retimed(*options, source); });
}

}  // namespace takt::app
