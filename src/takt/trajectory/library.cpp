#include "takt/trajectory/library.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <system_error>
#include <utility>

#include <boost/describe.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/core/file_names.hpp"
#include "takt/core/file_replace.hpp"
#include "takt/messages/json.hpp"

namespace takt::trajectory {

BOOST_DESCRIBE_STRUCT(LibraryEntry, (),
                      (name, robot, task, joint_names, success, frames, duration_s, start_wall_ns, bytes, written_ns,
                       error))

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName =
    100;  // with the extension and what FileReplacement adds far below a name's 255 bytes
constexpr const char* kIndex = "index.json";
constexpr const char* kLock = ".lock";
constexpr const char* kMark = "library";  // of files that are written under the lock

struct Index {
  std::vector<LibraryEntry> entries;
};
BOOST_DESCRIBE_STRUCT(Index, (), (entries))

/// What the index knows, by name; nothing when there is none or it makes no sense.
std::map<std::string, LibraryEntry> read_index(const fs::path& folder) {
  std::ifstream in(folder / kIndex, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  std::map<std::string, LibraryEntry> known;
  if (auto index = messages::from_json<Index>(text)) {
    for (LibraryEntry& entry : index->entries) {
      std::string name = entry.name;
      known.insert_or_assign(std::move(name), std::move(entry));
    }
  }
  return known;
}

struct FileFacts {
  std::uint64_t bytes{0};
  std::int64_t written_ns{0};
};

/// Nothing: there is no such file, or it is not a regular one, or an empty one: what a process left that died while it
/// gave a file this name (core::rename_new()).
std::optional<FileFacts> facts_of(const fs::path& file) {
  struct stat found{};
  if (stat(file.c_str(), &found) != 0 || !S_ISREG(found.st_mode) || found.st_size == 0) {
    return std::nullopt;
  }
  return FileFacts{.bytes = static_cast<std::uint64_t>(found.st_size),
                   .written_ns = found.st_mtim.tv_sec * core::kNanosecondsPerSecond + found.st_mtim.tv_nsec};
}

/// Makes a name free that an empty file holds. Under the lock.
void clear_empty(const fs::path& file) {
  struct stat found{};
  if (lstat(file.c_str(), &found) == 0 && S_ISREG(found.st_mode) && found.st_size == 0) {
    unlink(file.c_str());
  }
}

/// A name that may hold anything, fit for one line.
std::string shown(std::string_view name) {
  std::string text = messages::to_valid_utf8(name.substr(0, kLongestName));
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
  return text;
}

core::FileDescriptor try_lock(const fs::path& folder, int how) {
  core::FileDescriptor file(open((folder / kLock).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  while (file && flock(file.get(), how) != 0) {
    if (errno != EINTR) {
      file.reset();
    }
  }
  return file;
}

}  // namespace

std::optional<std::string> objection_to_name(std::string_view name) {
  if (name.empty() || name.size() > kLongestName) {
    return fmt::format("it has {} bytes, must have 1 … {}", name.size(), kLongestName);
  }
  if (messages::to_valid_utf8(name) != name) {
    return "it is not UTF-8";
  }
  const bool forbidden = std::ranges::any_of(
      name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '/' || c == '\\'; });
  if (forbidden) {
    return "it has a '/', a '\\' or a control character";
  }
  if (name.front() == '.' || name.front() == '-' || name.front() == ' ' || name.back() == ' ') {
    return "it begins with '.', '-' or a blank, or ends with a blank";
  }
  return std::nullopt;
}

Library::Library(fs::path folder, const TrajectoryCodec& codec) : folder_(std::move(folder)), codec_(codec) {
  std::error_code failed;
  fs::create_directories(folder_, failed);
  if (failed || !fs::is_directory(folder_, failed)) {
    throw SystemError(fmt::format("library {}: cannot be made a folder: {}", folder_.string(),
                                  failed ? failed.message() : "something else is there"));
  }
}

fs::path Library::file_of(std::string_view name) const {
  if (const auto why = objection_to_name(name)) {
    throw ConfigError(
        fmt::format("library {}: '{}' cannot be a trajectory's name: {}", folder_.string(), shown(name), *why));
  }
  return folder_ / (std::string(name) + codec_.extension());
}

bool Library::has(std::string_view name) const {
  return facts_of(file_of(name)).has_value();
}

void Library::require_entry(std::string_view name) const {
  if (!has(name)) {
    throw ConfigError(
        fmt::format("library {}: there is no trajectory '{}' ({})", folder_.string(), name, file_of(name).string()));
  }
}

Trajectory Library::load(std::string_view name) const {
  require_entry(name);
  try {
    Trajectory trajectory = codec_.read(file_of(name));
    TrajectoryInfo info = trajectory.info();
    info.name = name;
    trajectory.set_info(std::move(info));
    return trajectory;
  } catch (const ConfigError& error) {
    throw ConfigError(fmt::format("library {}: trajectory '{}': {}", folder_.string(), name, error.what()));
  }
}

void Library::save(const Trajectory& trajectory, bool replace) const {
  const std::string& name = trajectory.info().name;
  const fs::path file = file_of(name);
  const core::FileDescriptor held = lock();
  clear_unfinished();
  core::FileReplacement replacement(file, kMark);
  codec_.write(trajectory, replacement.unfinished());
  clear_empty(file);
  if (replace) {
    replacement.commit();
  } else if (!replacement.commit_new()) {
    throw ConfigError(
        fmt::format("library {}: there is a trajectory '{}' already ({})", folder_.string(), name, file.string()));
  }
}

void Library::remove(std::string_view name) const {
  const core::FileDescriptor held = lock();
  require_entry(name);
  const fs::path file = file_of(name);
  if (unlink(file.c_str()) != 0) {
    throw SystemError(fmt::format("library {}: cannot remove '{}'", folder_.string(), name), errno);
  }
  core::sync_name(file);
}

void Library::rename(std::string_view from, std::string_view to) const {
  const fs::path target = file_of(to);
  const core::FileDescriptor held = lock();
  require_entry(from);
  clear_empty(target);
  if (!core::rename_new(file_of(from), target)) {
    throw ConfigError(
        fmt::format("library {}: there is a trajectory '{}' already ({})", folder_.string(), to, target.string()));
  }
  core::sync_name(target);
}

std::vector<LibraryEntry> Library::list() const {
  const std::map<std::string, LibraryEntry> known = read_index(folder_);
  std::vector<LibraryEntry> entries;
  bool changed = false;
  std::error_code failed;
  for (fs::directory_iterator at(folder_, failed), end; !failed && at != end; at.increment(failed)) {
    const std::string file = at->path().filename().string();
    const std::string extension = codec_.extension();
    const std::string name = file.ends_with(extension) ? file.substr(0, file.size() - extension.size()) : "";
    const auto facts = objection_to_name(name) ? std::nullopt : facts_of(at->path());
    if (!facts) {
      continue;
    }
    const auto entry = known.find(name);
    const bool current =
        entry != known.end() && entry->second.bytes == facts->bytes && entry->second.written_ns == facts->written_ns;
    changed = changed || !current;
    entries.push_back(current ? entry->second : read_entry(name, facts->bytes, facts->written_ns));
  }
  if (failed) {
    throw SystemError(fmt::format("library {}: cannot be read: {}", folder_.string(), failed.message()));
  }
  std::ranges::sort(entries, {}, &LibraryEntry::name);
  if (changed || entries.size() != known.size()) {
    write_index(entries);
  }
  return entries;
}

LibraryEntry Library::read_entry(const std::string& name, std::uint64_t bytes, std::int64_t written_ns) const {
  LibraryEntry entry{.name = name, .bytes = bytes, .written_ns = written_ns};
  try {
    const Trajectory trajectory = codec_.read(file_of(name));
    const TrajectoryInfo& info = trajectory.info();
    entry.robot = info.robot;
    entry.task = info.task;
    entry.joint_names = info.joint_names;
    entry.success = info.success;
    entry.frames = trajectory.size();
    entry.duration_s = core::to_seconds(trajectory.duration_ns());
    entry.start_wall_ns = info.start_wall_ns;
  } catch (const Error& error) {
    entry.error = error.what();
  }
  return entry;
}

/// Where it cannot be written the library works without: somebody is changing the library, or only reading is allowed.
void Library::write_index(const std::vector<LibraryEntry>& entries) const {
  const core::FileDescriptor held = try_lock(folder_, LOCK_EX | LOCK_NB);
  if (!held) {
    return;
  }
  try {
    core::replace_file(folder_ / kIndex, messages::to_json(Index{.entries = entries}) + "\n", kMark);
  } catch (const SystemError&) {
    // Nothing to do: the next reader tries again.
  }
}

core::FileDescriptor Library::lock() const {
  core::FileDescriptor held = try_lock(folder_, LOCK_EX);
  if (!held) {
    throw SystemError(fmt::format("library {}: cannot be changed", folder_.string()), errno);
  }
  return held;
}

/// Under the lock an unfinished file with our mark is that of a process that died. Others write here without the lock,
/// and may live.
void Library::clear_unfinished() const {
  std::error_code ignored;
  for (fs::directory_iterator at(folder_, ignored), end; !ignored && at != end; at.increment(ignored)) {
    if (core::is_unfinished(at->path(), kMark)) {
      unlink(at->path().c_str());
    }
  }
}

}  // namespace takt::trajectory
