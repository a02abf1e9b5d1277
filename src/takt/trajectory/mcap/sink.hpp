#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "takt/core/file_descriptor.hpp"

namespace takt::trajectory::mcap {

/// Where a Writer's bytes go. One thread at a time.
class Sink {
 public:
  using Parts = std::span<const std::span<const std::byte>>;

  virtual ~Sink() = default;

  /// Appends all parts, one after the other, or throws SystemError; what the end is like then is the sink's to say.
  virtual void write(Parts parts) = 0;

  /// Returns when what was written survives a loss of power. @throws SystemError
  virtual void sync() = 0;
};

/// A file. Each write() is one system call where the kernel takes it at once; nothing is kept in the process, so that
/// what was written survives the process's death. After a failed write (disk full) the file ends where it ended before.
class FileSink final : public Sink {
 public:
  enum class Existing : std::uint8_t { kRefuse, kReplace };

  /// @throws SystemError naming the file: it cannot be made, or is there and may not be replaced.
  explicit FileSink(const std::filesystem::path& path, Existing existing = Existing::kRefuse);

  void write(Parts parts) override;
  void sync() override;  ///< fdatasync

 private:
  std::filesystem::path path_;
  core::FileDescriptor file_;
  std::uint64_t size_{0};
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
