#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "takt/core/time.hpp"
#include "takt/trajectory/mcap/internal/bytes.hpp"
#include "takt/trajectory/mcap/internal/compression.hpp"
#include "takt/trajectory/mcap/internal/crc32.hpp"
#include "takt/trajectory/mcap/internal/records.hpp"
#include "takt/trajectory/mcap/values.hpp"

namespace takt::trajectory::mcap::internal {

/// One entry of a MessageIndex record, as it is in the file.
struct IndexEntry {
  core::Nanoseconds log_time_ns{0};
  std::uint64_t offset{0};  ///< of the message's record in the chunk's records, uncompressed
};
static_assert(sizeof(IndexEntry) == 16);

/// Collects the records of a chunk, and gives the chunk and its indexes as the file has them.
///
/// The CRC follows while the records are still in the processor's first cache, and whole chunks are handed on in parts
/// as they lie here, so that a message is copied once on its way to the kernel.
class ChunkBuilder {
 public:
  ChunkBuilder(Compression compression, std::size_t chunk_bytes);

  /// Schemas and channels: bytes of whole records.
  void append(ByteView records);

  /// `index` is the channel's place among the indexes of this chunk: small numbers, from 0 on. Inline, with what it
  /// calls: a small message costs as much as a few calls.
  void append_message(std::size_t index, const Message& message) {
    const std::size_t size = kRecordHead + kMessageHead + message.data.size();
    make_room(size);  // first: what is listed must be there, whatever throws
    list(index, message);
    std::byte* room = next(size);
    store(room, Opcode::kMessage);
    store(room + 1, std::uint64_t{kMessageHead + message.data.size()});
    store(room + 9, message.channel);
    store(room + 11, message.sequence);
    store(room + 15, message.log_time_ns);
    store(room + 23, message.publish_time_ns);
    if (!message.data.empty()) {
      std::memcpy(room + 31, message.data.data(), message.data.size());
    }
    if (size_ - crc_size_ > kCrcLag) [[unlikely]] {
      follow_with_crc();
    }
  }

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// The finished chunk, followed by its indexes.
  struct Finished {
    std::span<const ByteView> parts{};  ///< valid until clear()
    core::Nanoseconds start_ns{0};
    core::Nanoseconds end_ns{0};
    Compression compression{};
    std::uint64_t chunk_length{0};  ///< of the chunk's record
    std::uint64_t index_length{0};  ///< of all MessageIndex records
    std::uint64_t compressed_size{0};
    std::uint64_t uncompressed_size{0};
    struct Index {
      ChannelId channel{};
      std::uint64_t offset{0};  ///< behind the start of the chunk's record
    };
    std::span<const Index> indexes{};
  };
  [[nodiscard]] Finished finish();
  void clear() noexcept;

 private:
  struct ChannelIndex {
    ChannelId channel{};
    bool sorted{true};
    core::Nanoseconds last_ns{0};  // of the last entry
    std::vector<IndexEntry> entries{};
  };

  static constexpr std::size_t kCrcLag = 16 * 1024;  // half of a usual first cache

  void make_room(std::size_t size) {
    if (records_.size() - size_ < size) [[unlikely]] {
      grow(size);
    }
  }
  /// What make_room() has made room for.
  [[nodiscard]] std::byte* next(std::size_t size) noexcept {
    std::byte* room = records_.data() + size_;
    size_ += size;
    return room;
  }
  void grow(std::size_t size);

  void list(std::size_t index, const Message& message) {
    if (index >= indexes_.size() || indexes_[index].entries.empty()) [[unlikely]] {
      begin_index(index, message);
    }
    ChannelIndex& channel = indexes_[index];
    if (message.log_time_ns < channel.last_ns) [[unlikely]] {
      channel.sorted = false;
    }
    channel.last_ns = message.log_time_ns;
    channel.entries.push_back({message.log_time_ns, size_});
  }
  void begin_index(std::size_t index, const Message& message);

  void follow_with_crc() noexcept;
  void sort_entries();
  void add_index(const ChannelIndex& index, std::uint64_t& offset);

  Compressor compressor_;
  Compression compression_;
  std::vector<std::byte> records_;  // its size is its capacity; size_ of it are used
  std::size_t size_{0};
  std::size_t crc_size_{0};  // so much of it is in crc_
  std::uint32_t crc_{0};
  std::vector<ChannelIndex> indexes_;
  std::vector<std::size_t> used_;  // of indexes_, in this chunk; each has an entry

  Bytes head_;
  Bytes index_heads_;
  std::vector<ByteView> parts_;
  std::vector<Finished::Index> finished_indexes_;
};

}  // namespace takt::trajectory::mcap::internal
