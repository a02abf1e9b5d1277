#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace takt::test {

/// The whole chunks of an MCAP file, found by nothing but the layout of its records (https://mcap.dev/spec): what a
/// reader must recover of a file that ends anywhere.
struct RawChunks {
  std::uint64_t chunks{0};
  std::uint64_t messages{0};  ///< in those that are not compressed
  bool compressed{false};     ///< one of them is
};

namespace internal {

inline std::uint64_t number_at(std::span<const std::byte> bytes, std::size_t offset, std::size_t size) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data() + offset, size);  // little endian, as every host that takt runs on
  return value;
}

/// Calls `record(opcode, body)` for each whole record.
template <class Record>
void visit_records(std::span<const std::byte> bytes, Record&& record) {
  while (bytes.size() >= 9) {
    const std::uint64_t length = number_at(bytes, 1, 8);
    if (length > bytes.size() - 9) {
      return;
    }
    record(static_cast<unsigned>(bytes[0]), bytes.subspan(9, length));
    bytes = bytes.subspan(9 + length);
  }
}

}  // namespace internal

inline RawChunks raw_chunks(std::span<const std::byte> file) {
  constexpr std::size_t kMagicBytes = 8;
  constexpr unsigned kMessage = 0x05;
  constexpr unsigned kChunk = 0x06;
  RawChunks found;
  if (file.size() < kMagicBytes) {
    return found;
  }
  internal::visit_records(file.subspan(kMagicBytes), [&](unsigned opcode, std::span<const std::byte> body) {
    if (opcode != kChunk) {
      return;
    }
    ++found.chunks;
    const std::size_t name = internal::number_at(body, 28, 4);  // of the compression, behind times, size and CRC
    found.compressed = found.compressed || name != 0;
    if (name == 0) {
      internal::visit_records(body.subspan(28 + 4 + 8), [&](unsigned inner, std::span<const std::byte> /*message*/) {
        found.messages += inner == kMessage ? 1 : 0;
      });
    }
  });
  return found;
}

}  // namespace takt::test
