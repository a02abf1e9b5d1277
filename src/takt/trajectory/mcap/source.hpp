#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "takt/core/file_descriptor.hpp"

namespace takt::trajectory::mcap {

/// Where a Reader's bytes come from. One thread at a time.
class Source {
 public:
  virtual ~Source() = default;

  /// For error texts: the file's path.
  [[nodiscard]] virtual const std::string& name() const noexcept = 0;

  /// In bytes, as it was when the source was opened.
  [[nodiscard]] virtual std::uint64_t size() const noexcept = 0;

  /// Fills `into` with the bytes from `offset` on. @pre they are within size(). @throws SystemError, also where the
  /// file has been cut meanwhile.
  virtual void read(std::uint64_t offset, std::span<std::byte> into) = 0;
};

/// A file.
class FileSource final : public Source {
 public:
  /// @throws ConfigError naming the file when it is not there or no file; SystemError when it cannot be read.
  explicit FileSource(const std::filesystem::path& path);

  [[nodiscard]] const std::string& name() const noexcept override { return name_; }
  [[nodiscard]] std::uint64_t size() const noexcept override { return size_; }
  void read(std::uint64_t offset, std::span<std::byte> into) override;

 private:
  std::string name_;
  core::FileDescriptor file_;
  std::uint64_t size_{0};
};

/// Memory, which must outlive the source.
class MemorySource final : public Source {
 public:
  explicit MemorySource(std::span<const std::byte> bytes, std::string name = "memory");

  [[nodiscard]] const std::string& name() const noexcept override { return name_; }
  [[nodiscard]] std::uint64_t size() const noexcept override { return bytes_.size(); }
  void read(std::uint64_t offset, std::span<std::byte> into) override;

 private:
  std::span<const std::byte> bytes_;
  std::string name_;
};

}  // namespace takt::trajectory::mcap
