#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>

#include "takt/trajectory/mcap/internal/contents.hpp"
#include "takt/trajectory/mcap/internal/decoded_chunk.hpp"
#include "takt/trajectory/mcap/reader.hpp"
#include "takt/trajectory/mcap/source.hpp"

namespace takt::trajectory::mcap::internal {

/// Decoded extents, the last used ones kept. Shared: the cache and a range that reads one both hold it, so that it may
/// leave the cache while it is read.
class ChunkCache {
 public:
  /// All must outlive it.
  ChunkCache(Source& source, const Contents& contents, const ReaderOptions& options);

  /// @param extent its index in Contents::extents. @throws ConfigError: it is damaged; SystemError
  [[nodiscard]] std::shared_ptr<const DecodedChunk> get(std::size_t extent);

  /// Of all extents that were decoded, as often as they were.
  [[nodiscard]] std::uint64_t decoded_bytes() const noexcept { return decoded_bytes_; }
  /// What one range may hold besides.
  [[nodiscard]] std::uint64_t most_held() const noexcept { return most_held_; }
  [[noreturn]] void throw_too_much_overlap() const;

 private:
  struct Kept {
    std::size_t extent{0};
    std::shared_ptr<const DecodedChunk> chunk{};
  };

  [[nodiscard]] std::shared_ptr<const DecodedChunk> decode(std::size_t extent);
  void make_room();

  Source* source_;
  const Contents* contents_;
  ChunkDecoder decoder_;
  std::size_t cache_bytes_;
  std::uint64_t most_held_;
  std::uint64_t decoded_bytes_{0};
  std::size_t bytes_{0};
  std::list<Kept> kept_;  // last used first
  std::unordered_map<std::size_t, std::list<Kept>::iterator> places_;
};

}  // namespace takt::trajectory::mcap::internal
