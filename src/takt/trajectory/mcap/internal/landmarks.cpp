#include "takt/trajectory/mcap/internal/landmarks.hpp"

#include <algorithm>

#include "takt/trajectory/mcap/internal/records.hpp"

namespace takt::trajectory::mcap::internal {
namespace {

constexpr std::uint64_t kBlock = 4096;  // that is searched at once

}  // namespace

Landmarks::Landmarks(Window& window, std::uint64_t end, const Contents* summary)
    : window_(&window), end_(end), known_(summary != nullptr) {
  if (known_) {
    for (const Extent& extent : summary->extents) {
      places_.push_back(extent.offset);
    }
    for (const AttachmentEntry& attachment : summary->attachments) {
      places_.push_back(attachment.offset);
    }
    for (const MetadataIndex& metadata : summary->metadata) {
      places_.push_back(metadata.offset);
    }
    std::ranges::sort(places_);
  }
}

std::uint64_t Landmarks::bound(std::uint64_t offset) const noexcept {
  const auto behind = std::ranges::upper_bound(places_, offset);
  return behind == places_.end() ? end_ : *behind;
}

std::uint64_t Landmarks::next(std::uint64_t offset) {
  if (known_) {
    const auto place = std::ranges::lower_bound(places_, offset);
    return place == places_.end() ? end_ : *place;
  }
  while (offset < end_) {
    const ByteView block = window_->view(offset, std::min(kBlock, end_ - offset));
    const auto found = std::ranges::find(block, std::byte{static_cast<std::uint8_t>(Opcode::kChunk)});
    offset += static_cast<std::uint64_t>(found - block.begin());
    if (found != block.end()) {
      if (is_chunk(offset)) {
        return offset;
      }
      ++offset;
    }
  }
  return end_;
}

bool Landmarks::is_chunk(std::uint64_t offset) {
  const auto length = chunk_record_length(window_->view(offset, std::min(kMostChunkHead, end_ - offset)));
  return length && *length <= end_ - offset;
}

}  // namespace takt::trajectory::mcap::internal
