#include "takt/trajectory/mcap/source.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "takt/core/error.hpp"

namespace takt::trajectory::mcap {
namespace {

[[noreturn]] void throw_cannot_open(const std::string& name, int error) {
  if (error == ENOENT || error == ENOTDIR) {
    throw ConfigError(name, 0, "", "there is no such file");
  }
  throw SystemError("cannot read " + name, error);
}

}  // namespace

FileSource::FileSource(const std::filesystem::path& path)
    : name_(path.string()), file_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (!file_) {
    throw_cannot_open(name_, errno);
  }
  struct stat status{};
  if (fstat(file_.get(), &status) != 0) {
    throw SystemError("cannot read " + name_, errno);
  }
  if (!S_ISREG(status.st_mode)) {
    throw ConfigError(name_, 0, "", "is no file");
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

void FileSource::read(std::uint64_t offset, std::span<std::byte> into) {
  while (!into.empty()) {
    const ssize_t got = pread(file_.get(), into.data(), into.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      throw SystemError("cannot read " + name_, errno);
    }
    if (got == 0) {
      throw SystemError("cannot read " + name_ + ": it was cut to " + std::to_string(offset) + " bytes meanwhile");
    }
    into = into.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
}

MemorySource::MemorySource(std::span<const std::byte> bytes, std::string name)
    : bytes_(bytes), name_(std::move(name)) {}

void MemorySource::read(std::uint64_t offset, std::span<std::byte> into) {
  if (offset > bytes_.size() || into.size() > bytes_.size() - offset) {
    throw LogicError("read " + std::to_string(into.size()) + " bytes at " + std::to_string(offset) + " of " +
                     std::to_string(bytes_.size()));
  }
  std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), into.size(), into.begin());
}

}  // namespace takt::trajectory::mcap
