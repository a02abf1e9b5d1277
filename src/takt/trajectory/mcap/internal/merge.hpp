#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "takt/core/time.hpp"
#include "takt/trajectory/mcap/internal/chunk_cache.hpp"
#include "takt/trajectory/mcap/internal/contents.hpp"
#include "takt/trajectory/mcap/reader.hpp"
#include "takt/trajectory/mcap/values.hpp"

namespace takt::trajectory::mcap::internal {

/// Messages of several extents in the order of their times. Extents may overlap; one is decoded when its first message
/// may be the next, and is held until its last, as long as all that are held fit into ReaderOptions::max_chunk_bytes
/// and overlap_bytes; others are decoded again and again, but not without end.
class Merge {
 public:
  /// Both must outlive it.
  Merge(const Contents& contents, ChunkCache& cache, const Filter& filter);

  /// Nothing at the end. @throws ConfigError: a chunk is damaged, or more overlap than fit and take turns so often that
  /// most of the time would go into decoding them.
  [[nodiscard]] const Message* next();
  void seek(core::Nanoseconds log_time_ns);

 private:
  /// Where in an extent we are. Until it is decoded, `log_time_ns` is the earliest that its next message can have.
  struct Cursor {
    core::Nanoseconds log_time_ns{0};
    std::size_t extent{0};
    std::size_t entry{0};
    bool decoded{false};
    std::shared_ptr<const DecodedChunk> chunk{};  ///< null: the cache may have it
  };

  [[nodiscard]] bool selected(const Extent& extent) const;
  [[nodiscard]] bool later(const Cursor& a, const Cursor& b) const noexcept;
  [[nodiscard]] const DecodedChunk& chunk_of(Cursor& cursor);
  void open_due();
  void push(Cursor cursor);
  /// Moves the first cursor to its next selected message, from `entry` on, or drops it.
  void advance(const DecodedChunk& chunk, std::size_t entry);

  const Contents* contents_;
  ChunkCache* cache_;
  core::Nanoseconds filter_from_ns_;
  core::Nanoseconds from_ns_;
  core::Nanoseconds to_ns_;
  std::bitset<65536> channels_;
  std::vector<Cursor> cursors_;     // a heap: the next message's first
  std::size_t held_bytes_{0};       // by cursors
  std::uint64_t opened_bytes_{0};   // of extents, decoded, once each
  std::uint64_t decoded_bytes_{0};  // as often as they were
  std::size_t next_extent_{0};
  std::shared_ptr<const DecodedChunk> current_;  // shared with the cache; of a cursor that holds none
  std::size_t current_extent_{0};
  std::shared_ptr<const DecodedChunk> done_;  // the last message's may be in it
  Message message_;
};

}  // namespace takt::trajectory::mcap::internal
