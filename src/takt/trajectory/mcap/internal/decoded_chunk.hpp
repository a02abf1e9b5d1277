#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "takt/core/error.hpp"
#include "takt/core/time.hpp"
#include "takt/trajectory/mcap/internal/bytes.hpp"
#include "takt/trajectory/mcap/internal/compression.hpp"
#include "takt/trajectory/mcap/internal/contents.hpp"
#include "takt/trajectory/mcap/source.hpp"
#include "takt/trajectory/mcap/values.hpp"

namespace takt::trajectory::mcap::internal {

/// The records of an extent, decompressed and checked, with its messages by time.
struct DecodedChunk {
  struct Entry {
    core::Nanoseconds log_time_ns{0};
    std::uint32_t offset{0};  ///< of the message's body in `records`
    std::uint32_t length{0};
  };

  Buffer storage{};
  ByteView records{};            ///< in `storage`
  std::vector<Entry> entries{};  ///< by rising log time; of one time as in the file
  Compression compression{Compression::kNone};

  [[nodiscard]] std::size_t bytes() const noexcept { return storage.size + entries.capacity() * sizeof(Entry); }
  [[nodiscard]] ChannelId channel(const Entry& entry) const noexcept {
    return load<ChannelId>(records.data() + entry.offset);
  }
  /// `data` refers to the chunk.
  [[nodiscard]] Message message(const Entry& entry) const noexcept;
};

/// Reads extents. Keeps its memory from one to the next.
class ChunkDecoder {
 public:
  ChunkDecoder(Source& source, std::uint64_t max_chunk_bytes) noexcept;

  /// @return what is wrong with it instead: "its CRC is another". @throws SystemError
  [[nodiscard]] Expected<DecodedChunk, std::string> decode(const Extent& extent);

 private:
  [[nodiscard]] std::string unpack(DecodedChunk& chunk);

  Source* source_;
  std::uint64_t max_chunk_bytes_;
  Decompressor decompressor_;
};

}  // namespace takt::trajectory::mcap::internal
