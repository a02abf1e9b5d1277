#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace takt::core {

/// A file that appears whole or not at all: it is written beside its place under a name of its own (`.NAME.XXXX.part`),
/// and a rename puts it there when it is complete and on the disk. Whoever opens `path` meanwhile, in this process or
/// another, sees the old file or the new one. A process that dies leaves the old one, and a `.part` that nobody reads
/// (is_unfinished()). Several may replace one file at a time: the last rename wins.
///
/// A resource; one thread at a time. Blocks. A symbolic link at `path` is replaced, not followed.
class FileReplacement {
 public:
  /// Makes the empty file beside `path`, in its folder, which must be there. @throws SystemError
  /// @param mark  of who makes it, in its name, `.NAME.XXXX.MARK.part`: so that he can tell what is his from what is
  /// not.
  explicit FileReplacement(std::filesystem::path path, std::string_view mark = {});
  /// Removes what was not put in its place.
  ~FileReplacement();
  FileReplacement(const FileReplacement&) = delete;
  FileReplacement& operator=(const FileReplacement&) = delete;

  /// Where to write; with the mode of any new file (0666 and the umask). It may be closed and opened again.
  [[nodiscard]] const std::filesystem::path& unfinished() const noexcept { return unfinished_; }

  /// Brings the contents to the disk (fsync), puts the file in its place, and brings that to the disk.
  /// @throws SystemError; the old file is as it was then, but for a failure of the last step, which the text names.
  void commit();

  /// As commit(), but leaves a file that is there (rename_new(), which on some file systems puts an empty one there
  /// first). @return false then: nothing has changed, and nothing will.
  [[nodiscard]] bool commit_new();

 private:
  void sync_contents() const;
  void finish();

  std::filesystem::path path_;
  std::filesystem::path unfinished_;
  bool done_{false};
};

/// Makes `contents` the file `path`, all of it or nothing, on the disk when this returns. Blocks. @throws SystemError
/// @param mark  as of a FileReplacement.
void replace_file(const std::filesystem::path& path, std::span<const std::byte> contents, std::string_view mark = {});
void replace_file(const std::filesystem::path& path, std::string_view contents, std::string_view mark = {});

/// Whether this is the name of a file that a FileReplacement has not put in its place (yet): of any, or of one with
/// this mark.
[[nodiscard]] bool is_unfinished(const std::filesystem::path& path, std::string_view mark = {});

}  // namespace takt::core
