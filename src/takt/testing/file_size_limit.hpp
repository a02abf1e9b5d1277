#pragma once

#include <cstdint>

#include <sys/resource.h>

namespace takt::testing {

/// While it lives, no write of this process makes a file greater: a disk that is full. One at a time.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(std::uint64_t bytes) noexcept;
  ~FileSizeLimit();
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*signal_)(int);
};

}  // namespace takt::testing
