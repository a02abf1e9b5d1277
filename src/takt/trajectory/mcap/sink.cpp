#include "takt/trajectory/mcap/sink.hpp"

#include <algorithm>
#include <cerrno>
#include <string>

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/core/file_names.hpp"

namespace takt::trajectory::mcap {
namespace {

constexpr mode_t kMode = 0666;
constexpr std::uint64_t kBlock = 256 * 1024;
constexpr std::size_t kPage = 4096;
constexpr std::size_t kVectorsAtOnce = 1024;  // the kernel takes no more (IOV_MAX)

/// Writes all vectors from `offset` on; steps over what was written. @return errno, 0 when all is.
int write_at(int file, std::span<iovec> vectors, std::uint64_t offset) {
  while (!vectors.empty()) {
    const auto count = static_cast<int>(std::min(vectors.size(), kVectorsAtOnce));
    ssize_t written = pwritev(file, vectors.data(), count, static_cast<off_t>(offset));
    if (written < 0 && errno != EINTR) {
      return errno;
    }
    written = std::max<ssize_t>(written, 0);
    offset += static_cast<std::uint64_t>(written);
    while (!vectors.empty() && static_cast<std::size_t>(written) >= vectors.front().iov_len) {
      written -= static_cast<ssize_t>(vectors.front().iov_len);
      vectors = vectors.subspan(1);
    }
    if (written > 0) {
      vectors.front().iov_base = static_cast<std::byte*>(vectors.front().iov_base) + written;
      vectors.front().iov_len -= static_cast<std::size_t>(written);
    }
  }
  return 0;
}

iovec vector_of(std::span<const std::byte> bytes) {
  return {const_cast<std::byte*>(bytes.data()), bytes.size()};  // as writev wants it; it only reads
}

}  // namespace

FileSink::FileSink(const std::filesystem::path& path, Existing existing) : path_(path) {
  const int how = existing == Existing::kRefuse ? O_EXCL : O_TRUNC;
  file_ = core::FileDescriptor(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | how, kMode));
  if (!file_) {
    throw SystemError("cannot write " + path.string(), errno);
  }
  rest_.reserve(kBlock);
}

FileSink::~FileSink() {
  try {
    flush();
  } catch (const SystemError&) {  // NOLINT(bugprone-empty-catch): as the header says
  }
}

// Where in rest_ the next write begins: whole pages that were flushed are not written again, and nothing is written
// that does not begin with a page.
std::size_t FileSink::unflushed_page() const noexcept {
  return flushed_ / kPage * kPage;
}

// The file as it was before this write, or as it was flushed where the disk has no room for the rest of it: what a
// reader finds is whole.
void FileSink::give_up(int error) {
  const auto cut = [this] { static_cast<void>(ftruncate(file_.get(), static_cast<off_t>(start_ + flushed_))); };
  cut();
  const std::size_t from = unflushed_page();
  vectors_.assign(1, vector_of(std::span(rest_).subspan(from)));
  if (write_at(file_.get(), vectors_, start_ + from) == 0) {
    flushed_ = rest_.size();
  } else {
    cut();
  }
  throw SystemError("cannot write " + path_.string(), error);
}

void FileSink::write(Parts parts) {
  std::uint64_t length = rest_.size();
  for (const auto part : parts) {
    length += part.size();
  }
  const std::uint64_t whole = length / kBlock * kBlock;  // what is written now
  if (whole == 0) {
    for (const auto part : parts) {
      rest_.insert(rest_.end(), part.begin(), part.end());
    }
    return;
  }
  const std::size_t from = unflushed_page();
  vectors_.assign(1, vector_of(std::span(rest_).subspan(from)));
  std::uint64_t left = whole - rest_.size();
  for (const auto part : parts) {
    const auto now = part.first(std::min<std::uint64_t>(left, part.size()));
    left -= now.size();
    if (!now.empty()) {
      vectors_.push_back(vector_of(now));
    }
  }
  if (const int error = write_at(file_.get(), vectors_, start_ + from); error != 0) {
    give_up(error);
  }
  keep_rest(parts, length - whole);
  start_ += whole;
}

// The last `size` bytes of the parts.
void FileSink::keep_rest(Parts parts, std::size_t size) {
  rest_.clear();
  flushed_ = 0;
  std::size_t after = 0;
  for (const auto part : parts) {
    after += part.size();
  }
  for (const auto part : parts) {
    after -= part.size();
    if (after < size) {
      const auto kept = part.last(std::min(part.size(), size - after));
      rest_.insert(rest_.end(), kept.begin(), kept.end());
    }
  }
}

void FileSink::flush() {
  if (flushed_ == rest_.size()) {
    return;
  }
  const std::size_t from = unflushed_page();
  vectors_.assign(1, vector_of(std::span(rest_).subspan(from)));
  if (const int error = write_at(file_.get(), vectors_, start_ + from); error != 0) {
    give_up(error);
  }
  flushed_ = rest_.size();
}

void FileSink::sync() {
  flush();
  if ((named_ ? fdatasync(file_.get()) : fsync(file_.get())) != 0) {
    throw SystemError("cannot bring " + path_.string() + " to the disk", errno);
  }
  if (!named_) {  // a file without a name on the disk is lost with the power, whatever is in it
    core::sync_name(path_);
    named_ = true;
  }
}

void MemorySink::write(Parts parts) {
  for (const auto part : parts) {
    bytes_->insert(bytes_->end(), part.begin(), part.end());
  }
}

}  // namespace takt::trajectory::mcap
