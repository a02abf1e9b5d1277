#include "takt/async/internal/isolated_segment.hpp"

#include <cerrno>
#include <new>
#include <string>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/core/file_descriptor.hpp"

namespace takt::async::internal {
namespace {

constexpr std::size_t kPageBytes = 4096;
static_assert(sizeof(SegmentHeader) <= kPageBytes);

std::size_t whole_pages(std::size_t bytes) noexcept {
  return (bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
}

}  // namespace

std::size_t Segment::file_bytes(std::size_t area_bytes) noexcept {
  return kPageBytes + 2 * whole_pages(area_bytes);
}

Segment::Segment(int file, std::size_t area_bytes) : area_bytes_(area_bytes) {
  void* begin = mmap(nullptr, file_bytes(area_bytes), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (begin == MAP_FAILED) {
    throw SystemError("isolate: cannot map " + std::to_string(file_bytes(area_bytes)) + " bytes of shared memory",
                      errno);
  }
  begin_ = static_cast<std::byte*>(begin);
}

Segment::~Segment() {
  munmap(begin_, file_bytes(area_bytes_));
}

SegmentHeader& Segment::header() const noexcept {
  // The file is zero at first, which is what a new header holds.
  return *std::launder(reinterpret_cast<SegmentHeader*>(begin_));
}

std::span<std::byte> Segment::request_area() const noexcept {
  return {begin_ + kPageBytes, area_bytes_};
}

std::span<std::byte> Segment::reply_area() const noexcept {
  return {begin_ + kPageBytes + whole_pages(area_bytes_), area_bytes_};
}

int make_segment_file(std::size_t area_bytes) {
  core::FileDescriptor file(memfd_create("takt.isolate", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file || ftruncate(file.get(), static_cast<off_t>(Segment::file_bytes(area_bytes))) != 0 ||
      fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    throw SystemError("isolate: cannot make " + std::to_string(Segment::file_bytes(area_bytes)) +
                          " bytes of shared memory; lower max_message_bytes",
                      errno);
  }
  return file.release();
}

}  // namespace takt::async::internal
