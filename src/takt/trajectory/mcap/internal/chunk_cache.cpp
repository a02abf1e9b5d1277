#include "takt/trajectory/mcap/internal/chunk_cache.hpp"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "takt/core/error.hpp"

namespace takt::trajectory::mcap::internal {

ChunkCache::ChunkCache(Source& source, const Contents& contents, const ReaderOptions& options)
    : source_(&source),
      contents_(&contents),
      decoder_(source, options.max_chunk_bytes),
      cache_bytes_(options.cache_bytes),
      most_held_(options.max_chunk_bytes + options.overlap_bytes) {}

std::shared_ptr<const DecodedChunk> ChunkCache::get(std::size_t extent) {
  if (const auto place = places_.find(extent); place != places_.end()) {
    kept_.splice(kept_.begin(), kept_, place->second);
    return kept_.front().chunk;
  }
  auto chunk = decode(extent);
  kept_.push_front({extent, chunk});
  places_.emplace(extent, kept_.begin());
  bytes_ += chunk->bytes();
  decoded_bytes_ += chunk->bytes();
  make_room();
  return chunk;
}

std::shared_ptr<const DecodedChunk> ChunkCache::decode(std::size_t index) {
  const Extent& extent = contents_->extents[index];
  auto chunk = decoder_.decode(extent);
  // An index that does not say when its messages are would make them come out of order.
  if (chunk && !chunk->entries.empty() &&
      (chunk->entries.front().log_time_ns < extent.start_ns || chunk->entries.back().log_time_ns > extent.end_ns)) {
    chunk = Unexpected<std::string>("its messages are of other times than the index says");
  }
  if (!chunk) {
    throw ConfigError(source_->name(), 0, "",
                      fmt::format("the chunk at byte {} is damaged: {}; `takt traj repair` keeps what is whole",
                                  extent.offset, chunk.error()));
  }
  return std::make_shared<const DecodedChunk>(std::move(*chunk));
}

void ChunkCache::throw_too_much_overlap() const {
  throw ConfigError(
      source_->name(), 0, "",
      fmt::format("more chunks that overlap in time than the {} bytes that may be held: each message would "
                  "decode one again; a greater ReaderOptions::overlap_bytes reads them",
                  most_held_));
}

void ChunkCache::make_room() {
  while (bytes_ > cache_bytes_ && kept_.size() > 1) {
    bytes_ -= kept_.back().chunk->bytes();
    places_.erase(kept_.back().extent);
    kept_.pop_back();
  }
}

}  // namespace takt::trajectory::mcap::internal
