#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "takt/control/motion/limits.hpp"
#include "takt/trajectory/library.hpp"
#include "takt/trajectory/trajectory.hpp"

namespace CLI {
class App;
}
namespace takt::teleop::replay {
struct TrajectoryShelf;
}

/// Where the words that name trajectories lead: for the commands of `takt traj`, for `takt replay` and `takt serve`.
namespace takt::app::traj {

/// `--episode` is not greater.
inline constexpr std::int64_t kMaxEpisode = 1'000'000'000;

/// Which trajectory is meant where a file holds several. Options of the command line.
struct Reading {
  std::string group{};                    ///< of a table's columns
  std::optional<std::int64_t> segment{};  ///< of a table
  std::string robot{};                    ///< of a recording: whose states; of the others: the arm it is made for
  std::string kind{};                     ///< of a recording's states: "sent", "read_back" …
  std::optional<std::int64_t> episode{};  ///< of a recording or a dataset
  std::string column{"action"};           ///< of a dataset
  std::string units{};                    ///< of a dataset of others: "rad" or "deg"
  std::optional<double> from_s{};         ///< the part from there, in its own time
  std::optional<double> to_s{};           ///< up to there
};

/// `--group`, `--kind`, `--column`, `--units`.
void add_format_options(CLI::App& app, Reading& reading);
/// `--segment`, `--episode`: where one file is read.
void add_choice_options(CLI::App& app, Reading& reading);
/// Those of both, and `--robot`; where `many`, without the choice.
void add_reading_options(CLI::App& app, Reading& reading, bool many = false);

/// `--arm`, whose limits a command keeps.
void add_arm_option(CLI::App& app, std::string& arm);

/// Limits of the arm of a URI for `joints` joints; without a URI those of a modest walk (trajectory::modest_limits).
/// @throws ConfigError for another number of joints.
[[nodiscard]] std::vector<control::JointLimits> limits_of(const std::string& arm, std::size_t joints);

/// As that arm has its joints: where the arm's jaw is one, and the trajectory has an opening instead, it becomes that
/// joint. Without a URI as it is.
[[nodiscard]] trajectory::Trajectory for_arm(trajectory::Trajectory trajectory, const std::string& arm);

/// A table, a recording, or the folder of a dataset: by its name or what is in it.
[[nodiscard]] bool is_file(const std::string& word);

/// What such a file holds; without a name in it, it is called as the file. @throws ConfigError, SystemError naming it
[[nodiscard]] trajectory::Trajectory load_file(const std::string& word, const Reading& reading);

/// The library in this folder, for who is asked for names. @param make  whether it may be a new folder, which is made.
/// @throws ConfigError when it is not there and may not be new; SystemError when it cannot be made
[[nodiscard]] teleop::replay::TrajectoryShelf open_shelf(const std::filesystem::path& folder, bool make);

/// Words of the command line that name trajectories: entries of a library, whose folder is the first word, and files. A
/// first word that is a file means that there is no library.
class Shelf {
 public:
  /// @param make  whether the library may be a new folder, which it becomes when something is saved. @throws
  /// ConfigError without words, and for a library that is not there.
  Shelf(std::vector<std::string> words, bool make);

  [[nodiscard]] const std::vector<std::string>& words() const noexcept { return words_; }  ///< without the library
  /// Made when it is new. @throws ConfigError when no library was named.
  [[nodiscard]] trajectory::Library library() const;

  /// @throws ConfigError naming the word and what is there.
  [[nodiscard]] trajectory::Trajectory load(const std::string& word, const Reading& reading) const;

  /// Under the name of the word. @throws ConfigError when there is one already and `replace` is false; SystemError.
  void save(trajectory::Trajectory trajectory, const std::string& word, bool replace) const;

  /// @throws ConfigError, saying `usage`, unless there are `least` … `most` words.
  void require_words(std::size_t least, std::size_t most, const std::string& usage) const;

 private:
  std::vector<std::string> words_;
  std::optional<std::filesystem::path> folder_;
};

/// "1500 frames, 25.388 s, mean 59.04 Hz".
[[nodiscard]] std::string size_text(const trajectory::Trajectory& trajectory);

}  // namespace takt::app::traj
