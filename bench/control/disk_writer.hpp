#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "takt/core/time.hpp"

namespace takt::bench {

/// A thread of normal priority that writes 64 MB/s to the disk while it lives, as a recorder does: 640 kB every 10 ms
/// into a file beside the program that has no name; after 256 MB it goes over it again. A resource.
class DiskWriter {
 public:
  /// @throws SystemError when there can be no such file.
  DiskWriter();
  ~DiskWriter();
  DiskWriter(const DiskWriter&) = delete;
  DiskWriter& operator=(const DiskWriter&) = delete;

  /// What it has come to [MB/s].
  [[nodiscard]] double rate_mb_s() const noexcept;

 private:
  void write_for_ever(const std::stop_token& stop);

  int file_;
  core::Nanoseconds began_ns_;
  std::atomic<std::uint64_t> bytes_{0};
  std::jthread thread_;
};

}  // namespace takt::bench
