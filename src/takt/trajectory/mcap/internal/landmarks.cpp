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

std::uint64_t Landmarks::next_before(std::uint64_t offset, std::uint64_t end) {
  if (known_) {
    const auto place = std::ranges::lower_bound(places_, offset);
    return place == places_.end() ? end : std::min(*place, end);
  }
  while (offset < end) {
    const ByteView block = window_->view(offset, std::min(kBlock, end - offset));
    const auto found = std::ranges::find(block, std::byte{static_cast<std::uint8_t>(Opcode::kChunk)});
    offset += static_cast<std::uint64_t>(found - block.begin());
    if (found != block.end()) {
      if (is_chunk(offset)) {
        return offset;
      }
      ++offset;
    }
  }
  return end;
}

bool Landmarks::hides_chunk(Opcode opcode, std::uint64_t offset, std::uint64_t end) {
  if (known_) {
    return false;  // bound() sees to that
  }
  const bool ends = opcode == Opcode::kChunk ? chunk_length(offset) == end - offset : begins_record(end);
  return !ends && next_before(offset + 1, end) != end;
}

std::optional<std::uint64_t> Landmarks::chunk_length(std::uint64_t offset) {
  return chunk_record_length(window_->view(offset, std::min(kMostChunkHead, end_ - offset)));
}

bool Landmarks::is_chunk(std::uint64_t offset) {
  const auto length = chunk_length(offset);
  return length && *length <= end_ - offset;
}

// What is cut off there is none: the record before it is then believed unless a chunk is in it.
bool Landmarks::begins_record(std::uint64_t offset) {
  if (offset == end_) {
    return true;
  }
  ByteReader head(window_->view(offset, std::min<std::uint64_t>(kRecordHead, end_ - offset)));
  const auto opcode = head.number<Opcode>();
  const auto body = head.number<std::uint64_t>();
  const bool known = opcode != Opcode::kNone && (opcode <= Opcode::kDataEnd || opcode >= kFirstPrivate);
  return head.ok() && known && body <= end_ - offset - kRecordHead && (opcode != Opcode::kChunk || is_chunk(offset));
}

}  // namespace takt::trajectory::mcap::internal
