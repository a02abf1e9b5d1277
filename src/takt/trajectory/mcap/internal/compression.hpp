#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "takt/core/error.hpp"
#include "takt/trajectory/mcap/internal/bytes.hpp"
#include "takt/trajectory/mcap/values.hpp"

namespace takt::trajectory::mcap::internal {

/// Memory that is not zeroed first.
struct Buffer {
  std::unique_ptr<std::byte[]> bytes{};
  std::size_t size{0};

  [[nodiscard]] static Buffer of(std::size_t size) { return {std::make_unique_for_overwrite<std::byte[]>(size), size}; }
  [[nodiscard]] ByteView view() const noexcept { return {bytes.get(), size}; }
  [[nodiscard]] std::span<std::byte> span() noexcept { return {bytes.get(), size}; }
};

/// Compresses chunks. Keeps its memory from one to the next.
class Compressor {
 public:
  explicit Compressor(Compression compression);
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  /// @return valid until the next call; empty when it would not be smaller, or nothing is asked for.
  [[nodiscard]] ByteView compress(ByteView bytes);

 private:
  struct Contexts;
  Compression compression_;
  std::unique_ptr<Contexts> contexts_;
  Buffer room_;
};

/// Decompresses chunks. Keeps its memory from one to the next.
class Decompressor {
 public:
  Decompressor();
  ~Decompressor();
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  /// Exactly `size` bytes, or what is wrong. A size that lies costs no memory to speak of: room is made for what
  /// `bytes` are likely to hold, and more only when that is full.
  [[nodiscard]] Expected<Buffer, std::string> decompress(Compression compression, ByteView bytes, std::uint64_t size);

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

}  // namespace takt::trajectory::mcap::internal
