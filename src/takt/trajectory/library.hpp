#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "takt/core/file_descriptor.hpp"
#include "takt/trajectory/trajectory.hpp"

namespace takt::trajectory {

/// How a trajectory is a file. An interface; any thread.
class TrajectoryCodec {
 public:
  virtual ~TrajectoryCodec() = default;

  /// Of the files, with the dot: ".mcap".
  [[nodiscard]] virtual std::string extension() const = 0;

  /// Makes the file, or writes over it. What is there when this returns is complete; it need not be on the disk yet.
  /// @throws SystemError naming the file.
  virtual void write(const Trajectory& trajectory, const std::filesystem::path& file) const = 0;

  /// @throws ConfigError naming the file and what is wrong with it; SystemError when it cannot be read.
  [[nodiscard]] virtual Trajectory read(const std::filesystem::path& file) const = 0;
};

/// What the index says of an entry.
struct LibraryEntry {
  std::string name{};
  std::string robot{};
  std::string task{};
  std::vector<std::string> joint_names{};
  std::optional<bool> success{};
  std::uint64_t frames{0};
  double duration_s{0.0};
  std::int64_t start_wall_ns{0};
  std::uint64_t bytes{0};      ///< of the file
  std::int64_t written_ns{0};  ///< wall time of the file
  std::string error{};         ///< why it cannot be read; "": it can

  friend bool operator==(const LibraryEntry&, const LibraryEntry&) = default;
};

/// A folder of named trajectories, one file `<name><extension>` each, and an index beside them, `index.json`.
///
/// A file appears under its name by a rename, whole and on the disk, or not at all: what a writer left that died, an
/// empty file too, is no entry and is cleared away by the next one. Changes are made one at a time, under a lock of the
/// folder (`.lock`, flock), which goes with the process that held it; reading takes no lock. The index only saves
/// opening every file: an entry of it counts while its file has the size and time that it says, all else is read anew,
/// so it may be lost or old. An entry's name is its file's, whatever the file calls it. Any number of processes and
/// threads.
class Library {
 public:
  /// Makes the folder when it is not there. The codec must outlive this. @throws SystemError.
  Library(std::filesystem::path folder, const TrajectoryCodec& codec);

  /// By name. A file that cannot be read is listed with its error. @throws SystemError.
  [[nodiscard]] std::vector<LibraryEntry> list() const;

  [[nodiscard]] bool has(std::string_view name) const;

  /// @throws ConfigError naming the entry and its file when there is none, or it cannot be read.
  [[nodiscard]] Trajectory load(std::string_view name) const;

  /// Under trajectory.info().name. @throws ConfigError when the name is not a good one, or is taken and `replace` is
  /// false; SystemError. Nothing has changed then.
  void save(const Trajectory& trajectory, bool replace = false) const;

  /// @throws ConfigError when there is none; for rename also when the new name is not good or taken; SystemError.
  /// Nothing has changed then.
  void remove(std::string_view name) const;
  void rename(std::string_view from, std::string_view to) const;

  /// @throws ConfigError when the name is not a good one.
  [[nodiscard]] std::filesystem::path file_of(std::string_view name) const;
  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }

 private:
  [[nodiscard]] core::FileDescriptor lock() const;
  void clear_unfinished() const;
  void require_entry(std::string_view name) const;
  [[nodiscard]] LibraryEntry read_entry(const std::string& name, std::uint64_t bytes, std::int64_t written_ns) const;
  void write_index(const std::vector<LibraryEntry>& entries) const;

  std::filesystem::path folder_;
  const TrajectoryCodec& codec_;
};

/// Why this cannot be an entry's name; nothing: it can. A good name has 1 … 100 bytes of UTF-8 and no control
/// character,
/// '/' or '\\', does not begin with '.' or '-', and neither begins nor ends with a blank.
[[nodiscard]] std::optional<std::string> objection_to_name(std::string_view name);

}  // namespace takt::trajectory
