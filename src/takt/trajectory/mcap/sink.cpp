#include "takt/trajectory/mcap/sink.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "takt/core/error.hpp"

namespace takt::trajectory::mcap {
namespace {

constexpr mode_t kMode = 0666;
constexpr std::size_t kPartsAtOnce = 64;  // the kernel takes 1024; a chunk has two, and one for each of its channels

using Vectors = std::array<iovec, kPartsAtOnce>;

// Steps over what was written. @return the vectors that are left, moved to the front.
std::size_t drop_written(Vectors& vectors, std::size_t count, std::size_t written) {
  std::size_t first = 0;
  while (first < count && written >= vectors[first].iov_len) {
    written -= vectors[first++].iov_len;
  }
  std::move(vectors.begin() + static_cast<std::ptrdiff_t>(first), vectors.begin() + static_cast<std::ptrdiff_t>(count),
            vectors.begin());
  if (first < count) {
    vectors[0].iov_base = static_cast<std::byte*>(vectors[0].iov_base) + written;
    vectors[0].iov_len -= written;
  }
  return count - first;
}

/// @return errno, 0 when all is written; `end` moves on by what is.
int write_at(int file, Vectors& vectors, std::size_t count, std::uint64_t& end) {
  while (count > 0) {
    const ssize_t written = pwritev(file, vectors.data(), static_cast<int>(count), static_cast<off_t>(end));
    if (written < 0 && errno != EINTR) {
      return errno;
    }
    if (written > 0) {
      end += static_cast<std::uint64_t>(written);
      count = drop_written(vectors, count, static_cast<std::size_t>(written));
    }
  }
  return 0;
}

}  // namespace

FileSink::FileSink(const std::filesystem::path& path, Existing existing) : path_(path) {
  const int how = existing == Existing::kRefuse ? O_EXCL : O_TRUNC;
  file_ = core::FileDescriptor(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | how, kMode));
  if (!file_) {
    throw SystemError("cannot write " + path.string(), errno);
  }
}

void FileSink::write(Parts parts) {
  std::uint64_t end = size_;
  while (!parts.empty()) {
    const std::size_t count = std::min(parts.size(), kPartsAtOnce);
    Vectors vectors;
    std::size_t used = 0;
    for (const auto part : parts.first(count)) {
      if (!part.empty()) {
        vectors[used++] = {const_cast<std::byte*>(part.data()), part.size()};  // as writev wants it; it only reads
      }
    }
    if (const int error = write_at(file_.get(), vectors, used, end); error != 0) {
      // Without the half record: the file ends where it did. Should this fail too, a reader recovers it all the same.
      static_cast<void>(ftruncate(file_.get(), static_cast<off_t>(size_)));
      throw SystemError("cannot write " + path_.string(), error);
    }
    parts = parts.subspan(count);
  }
  size_ = end;
}

void FileSink::sync() {
  if (fdatasync(file_.get()) != 0) {
    throw SystemError("cannot bring " + path_.string() + " to the disk", errno);
  }
}

void MemorySink::write(Parts parts) {
  for (const auto part : parts) {
    bytes_->insert(bytes_->end(), part.begin(), part.end());
  }
}

}  // namespace takt::trajectory::mcap
