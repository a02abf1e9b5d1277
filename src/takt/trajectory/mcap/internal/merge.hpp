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
/// may be the next, and is held by the cache alone unless it is being read, so that a file in which all overlap takes
/// time and not memory.
class Merge {
 public:
  /// Both must outlive it.
  Merge(const Contents& contents, ChunkCache& cache, const Filter& filter);

  /// Nothing at the end.
  [[nodiscard]] const Message* next();
  void seek(core::Nanoseconds log_time_ns);

 private:
  /// Where in an extent we are. Until it is decoded, `log_time_ns` is the earliest that its next message can have.
  struct Cursor {
    core::Nanoseconds log_time_ns{0};
    std::size_t extent{0};
    std::size_t entry{0};
    bool decoded{false};
  };

  [[nodiscard]] bool selected(const Extent& extent) const;
  [[nodiscard]] bool later(const Cursor& a, const Cursor& b) const noexcept;
  [[nodiscard]] const DecodedChunk& chunk_of(const Cursor& cursor);
  void open_due();
  void push(const Cursor& cursor);
  /// Moves the first cursor to its next selected message, from `entry` on, or drops it.
  void advance(const DecodedChunk& chunk, std::size_t entry);

  const Contents* contents_;
  ChunkCache* cache_;
  core::Nanoseconds filter_from_ns_;
  core::Nanoseconds from_ns_;
  core::Nanoseconds to_ns_;
  std::bitset<65536> channels_;
  std::vector<Cursor> cursors_;  // a heap: the next message's first
  std::size_t next_extent_{0};
  std::shared_ptr<const DecodedChunk> current_;  // shared with the cache
  std::size_t current_extent_{0};
  Message message_;
};

}  // namespace takt::trajectory::mcap::internal
