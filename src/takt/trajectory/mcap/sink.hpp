#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include <sys/uio.h>

#include "takt/core/file_descriptor.hpp"

namespace takt::trajectory::mcap {

/// Where a Writer's bytes go. One thread at a time.
class Sink {
 public:
  using Parts = std::span<const std::span<const std::byte>>;

  virtual ~Sink() = default;

  /// Appends all parts, one after the other, or throws SystemError; what the end is like then is the sink's to say.
  virtual void write(Parts parts) = 0;

  /// Returns when what was written survives the death of this process. @throws SystemError
  virtual void flush() {}

  /// Returns when what was flushed survives a loss of power. @throws SystemError
  virtual void sync() = 0;
};

/// A file. A write is one system call where the kernel takes it at once, up to the last whole block of 256 KiB: the
/// kernel's memory of files is made of pages and of groups of them, and writing parts of these, or small groups, costs
/// it up to a third of its speed. The rest is kept until the next write or flush(). After a failed write (disk full)
/// the file ends where it ended before.
class FileSink final : public Sink {
 public:
  enum class Existing : std::uint8_t { kRefuse, kReplace };

  /// @throws SystemError naming the file: it cannot be made, or is there and may not be replaced.
  explicit FileSink(const std::filesystem::path& path, Existing existing = Existing::kRefuse);
  /// Flushes, and keeps silent about what fails.
  ~FileSink() override;
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  void write(Parts parts) override;
  void flush() override;
  /// fdatasync. The first also brings the file's name to the disk, by its folder where that may be read; else by fsync
  /// of the file, with which ext4, xfs and btrfs write the name of a new one.
  void sync() override;

 private:
  [[nodiscard]] std::size_t unflushed_page() const noexcept;
  void keep_rest(Parts parts, std::size_t size);
  [[noreturn]] void give_up(int error);

  std::filesystem::path path_;
  core::FileDescriptor file_;
  std::uint64_t start_{0};       // of the first block that is not whole
  std::vector<std::byte> rest_;  // what is in it
  std::size_t flushed_{0};       // so much of rest_ is in the file
  bool named_{false};            // its name is on the disk
  std::vector<iovec> vectors_;
};

/// Memory. The vector must outlive the sink.
class MemorySink final : public Sink {
 public:
  explicit MemorySink(std::vector<std::byte>& bytes) noexcept : bytes_(&bytes) {}

  void write(Parts parts) override;
  void sync() override {}

 private:
  std::vector<std::byte>* bytes_;
};

}  // namespace takt::trajectory::mcap
