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
         of_a.st_ino == of_b.st_ino;
}

// Three ways, each for file systems that lack the one before. What they return: 0, or why not.

int rename_at_once(const Path& from, const Path& to) {
  return renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0 ? 0 : errno;
}

// NFS may ask its server twice, and is told of the second time: that the name is there.
int rename_by_link(const Path& from, const Path& to) {
  if (link(from.c_str(), to.c_str()) != 0) {
    if (const int error = errno; error != EEXIST || !is_one_file(from, to)) {
      return error;
    }
  }
  if (unlink(from.c_str()) != 0) {
    const int error = errno;
    unlink(to.c_str());
    return error;
  }
  return 0;
}

// An empty file of our own holds the name.
int rename_over_own(const Path& from, const Path& to) {
  if (!FileDescriptor(open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR))) {
    return errno;
  }
  if (rename(from.c_str(), to.c_str()) != 0) {
    const int error = errno;
    unlink(to.c_str());
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
