#pragma once

#include <filesystem>

namespace takt::core {

/// Gives the file `from` the name `to` in the same file system, unless something is there. One step where the file
/// system knows it; else (NFS, 9p, some of FUSE) a second name and the end of the first, so that a process which dies
/// between them leaves both; where a file has one name only (exFAT, others of FUSE), it takes the place of an empty
/// file that held the name, and a process which dies between leaves that one. There alone, and between two system calls
/// only, a file that another process puts in the place of the empty one is lost. Any thread; blocks.
/// @return false when something is there: nothing has changed then. @throws SystemError; nothing has changed then
/// either.
[[nodiscard]] bool rename_new(const std::filesystem::path& from, const std::filesystem::path& to);

/// Returns when it survives a loss of power that there is a file `path`, or that there is none any more: its folder is
/// on the disk. Where a file system does not offer that, or the folder may not be read, nothing is done. Any thread;
/// blocks. @throws SystemError
void sync_name(const std::filesystem::path& path);

/// "." for a name alone.
[[nodiscard]] std::filesystem::path folder_of(const std::filesystem::path& path);

}  // namespace takt::core
