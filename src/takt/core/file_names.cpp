#include "takt/core/file_names.hpp"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/core/file_descriptor.hpp"

namespace takt::core {
namespace {

bool is_not_offered(int error) {
  return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP;
}

}  // namespace

bool rename_new(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
    return true;
  }
  int error = errno;
  if (is_not_offered(error)) {
    error = link(from.c_str(), to.c_str()) == 0 ? 0 : errno;
    if (error == 0 && unlink(from.c_str()) != 0) {
      error = errno;
      unlink(to.c_str());
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
  if (!opened || (fsync(opened.get()) != 0 && !is_not_offered(errno))) {
    throw SystemError("cannot bring the folder " + folder.string() + " to the disk", errno);
  }
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

}  // namespace takt::core
