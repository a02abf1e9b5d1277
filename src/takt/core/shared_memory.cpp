#include "takt/core/shared_memory.hpp"

#include <cerrno>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "takt/core/error.hpp"

namespace takt::core {
namespace {

constexpr int kSizeSeals = F_SEAL_SHRINK | F_SEAL_GROW;
constexpr mode_t kReadableByOwner = 0400;

/// Closes a descriptor unless it is let go.
struct Opened {
  explicit Opened(int descriptor) noexcept : number(descriptor) {}
  ~Opened() {
    if (number >= 0) {
      close(number);
    }
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

  int number;
};

std::string size_text(std::size_t bytes) {
  return std::to_string(bytes) + " bytes";
}

void require_size(int descriptor, std::size_t bytes) {
  struct stat status{};
  if (fstat(descriptor, &status) != 0) {
    throw SystemError("cannot look at shared memory (descriptor " + std::to_string(descriptor) + ")", errno);
  }
  if (status.st_size < 0 || static_cast<std::size_t>(status.st_size) != bytes) {
    throw SystemError("shared memory has " + std::to_string(status.st_size) + " bytes where " + size_text(bytes) +
                      " belong: its creator is another version");
  }
}

void require_seals(int descriptor) {
  const int seals = fcntl(descriptor, F_GET_SEALS);
  if (seals < 0) {
    throw SystemError("descriptor " + std::to_string(descriptor) + " is no shared memory", errno);
  }
  if ((seals & kSizeSeals) != kSizeSeals) {
    throw SystemError("shared memory may change its size (seals " + std::to_string(seals) +
                      ", of these needed: " + std::to_string(kSizeSeals) + "): a mapping could be cut off; not mapped");
  }
}

}  // namespace

SharedMemory SharedMemory::create(const std::string& name, std::size_t bytes, Locking locking) {
  if (bytes == 0) {
    throw LogicError("SharedMemory " + name + ": 0 bytes asked for");
  }
  const std::string what = "cannot create shared memory " + name + " of " + size_text(bytes);
  Opened file(memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (file.number < 0) {
    throw SystemError(what, errno);
  }
  if (ftruncate(file.number, static_cast<off_t>(bytes)) != 0 || fchmod(file.number, kReadableByOwner) != 0 ||
      fcntl(file.number, F_ADD_SEALS, kSizeSeals | F_SEAL_SEAL) != 0) {
    throw SystemError(what, errno);
  }
  SharedMemory memory(file.number, bytes, Access::kReadWrite, locking);
  memory.descriptor_ = std::exchange(file.number, -1);
  return memory;
}

SharedMemory SharedMemory::map(int descriptor, std::size_t bytes, Access access, Locking locking) {
  if (bytes == 0) {
    throw LogicError("SharedMemory: 0 bytes are to be mapped");
  }
  require_seals(descriptor);  // before the size, which may change until it is sealed
  require_size(descriptor, bytes);
  return {descriptor, bytes, access, locking};
}

SharedMemory::SharedMemory(int descriptor, std::size_t bytes, Access access, Locking locking) : size_(bytes) {
  const int protection = access == Access::kReadWrite ? PROT_READ | PROT_WRITE : PROT_READ;
  void* place = mmap(nullptr, bytes, protection, MAP_SHARED | MAP_POPULATE, descriptor, 0);
  if (place == MAP_FAILED) {
    throw SystemError("cannot map " + size_text(bytes) + " of shared memory " +
                          (access == Access::kReadWrite ? "to read and write" : "to read"),
                      errno);
  }
  data_ = place;
  locked_ = locking == Locking::kLocked && mlock(data_, size_) == 0;
}

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      locked_(std::exchange(other.locked_, false)) {}

SharedMemory& SharedMemory::operator=(SharedMemory&& other) noexcept {
  SharedMemory taken(std::move(other));
  std::swap(data_, taken.data_);
  std::swap(size_, taken.size_);
  std::swap(descriptor_, taken.descriptor_);
  std::swap(locked_, taken.locked_);
  return *this;
}

SharedMemory::~SharedMemory() {
  if (data_ != nullptr) {
    munmap(data_, size_);
  }
  if (descriptor_ >= 0) {
    close(descriptor_);
  }
}

int SharedMemory::read_only_descriptor() const {
  if (descriptor_ < 0) {
    throw LogicError("SharedMemory: a descriptor to read can be had from its creator only");
  }
  const std::string path = "/proc/self/fd/" + std::to_string(descriptor_);
  const int reader = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (reader < 0) {
    throw SystemError("cannot open shared memory to read (" + path + ")", errno);
  }
  return reader;
}

}  // namespace takt::core
