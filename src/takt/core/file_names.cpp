#include "takt/core/file_names.hpp"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/core/file_descriptor.hpp"

namespace takt::core {
namespace {

using Path = std::filesystem::path;

bool is_not_offered(int error) {
  return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP;
}

bool is_one_file(const Path& a, const Path& b) {
  struct stat of_a{};
  struct stat of_b{};
  return lstat(a.c_str(), &of_a) == 0 && lstat(b.c_str(), &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
         of_a.st_ino == of_b.st_ino && of_b.st_nlink > 1;  // or it is one name, spelled in two ways
}

// Three ways, each for file systems that lack the one before. What they return: 0, or why not.

int rename_at_once(const Path& from, const Path& to) {
  return renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0 ? 0 : errno;
}

// NFS may ask its server twice, and is told of the second time: that the new name is there, that the old one is not.
int rename_by_link(const Path& from, const Path& to) {
  if (link(from.c_str(), to.c_str()) != 0) {
    if (const int error = errno; error != EEXIST || !is_one_file(from, to)) {
      return error;
    }
  }
  if (unlink(from.c_str()) != 0 && errno != ENOENT) {
    const int error = errno;
    if (is_one_file(from, to)) {  // else it was done all the same
      unlink(to.c_str());
    }
    return error == EPERM ? EACCES : error;  // EPERM would say that there are no second names here
  }
  return 0;
}

/// Whether `path` names that file, and nobody has written into it.
bool is_still_empty(const Path& path, const struct stat& file) {
  struct stat found{};
  return lstat(path.c_str(), &found) == 0 && found.st_dev == file.st_dev && found.st_ino == file.st_ino &&
         found.st_size == 0;
}

// An empty file of our own holds the name; whoever takes that for nothing and puts his there keeps it. While the file
// is open its number is no other's; closed before the rename, because hosts of shared folders do not replace what is
// open.
int rename_over_own(const Path& from, const Path& to) {
  FileDescriptor own(open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  struct stat held{};
  if (!own || fstat(own.get(), &held) != 0) {
    return errno;
  }
  if (!is_still_empty(to, held)) {
    return EEXIST;
  }
  own.reset();
  if (rename(from.c_str(), to.c_str()) != 0) {
    const int error = errno;
    if (is_still_empty(to, held)) {
      unlink(to.c_str());
    }
    return error;
  }
  return 0;
}

}  // namespace

bool rename_new(const std::filesystem::path& from, const std::filesystem::path& to) {
  int error = rename_at_once(from, to);
  if (is_not_offered(error)) {
    error = rename_by_link(from, to);
    if (is_not_offered(error) || error == EPERM) {
      error = rename_over_own(from, to);
    }
  }
  if (error != 0 && error != EEXIST) {
    throw SystemError("cannot give " + from.string() + " the name " + to.string(), error);
  }
  return error == 0;
}

void sync_name(const std::filesystem::path& path) {
  const std::filesystem::path folder = folder_of(path);
  const FileDescriptor opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened && errno == EACCES) {
    return;  // it may be written to and not read: a drop box
  }
  if (!opened || (fsync(opened.get()) != 0 && !is_not_offered(errno))) {
    throw SystemError("cannot bring the folder " + folder.string() + " to the disk", errno);
  }
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

}  // namespace takt::core
