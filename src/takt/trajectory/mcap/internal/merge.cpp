#include "takt/trajectory/mcap/internal/merge.hpp"

#include <algorithm>
#include <utility>

namespace takt::trajectory::mcap::internal {
namespace {

constexpr std::uint64_t kMostTurns = 16;  // how often all is decoded, on the average

}  // namespace

Merge::Merge(const Contents& contents, ChunkCache& cache, const Filter& filter)
    : contents_(&contents),
      cache_(&cache),
      filter_from_ns_(filter.from_ns),
      from_ns_(filter.from_ns),
      to_ns_(filter.to_ns) {
  for (const Channel& channel : contents.channels.values()) {
    if (filter.topics.empty() || std::ranges::find(filter.topics, channel.topic) != filter.topics.end()) {
      channels_.set(static_cast<std::size_t>(channel.id));
    }
  }
  seek(filter.from_ns);
}

void Merge::seek(core::Nanoseconds log_time_ns) {
  from_ns_ = std::max(filter_from_ns_, log_time_ns);
  cursors_.clear();
  held_bytes_ = opened_bytes_ = decoded_bytes_ = 0;
  // All extents before this one end before from_ns_.
  const auto& ends = contents_->latest_end_ns;
  next_extent_ = static_cast<std::size_t>(std::ranges::lower_bound(ends, from_ns_) - ends.begin());
}

bool Merge::selected(const Extent& extent) const {
  if (extent.end_ns < from_ns_) {
    return false;
  }
  if (!extent.channels_known) {
    return true;
  }
  const auto first = contents_->extent_channels.begin() + extent.channels_first;
  return std::any_of(first, first + extent.channels_count,
                     [this](ChannelId channel) { return channels_.test(static_cast<std::size_t>(channel)); });
}

bool Merge::later(const Cursor& a, const Cursor& b) const noexcept {
  if (a.log_time_ns != b.log_time_ns) {
    return a.log_time_ns > b.log_time_ns;
  }
  return contents_->extents[a.extent].offset > contents_->extents[b.extent].offset;
}

void Merge::push(Cursor cursor) {
  cursors_.push_back(std::move(cursor));
  std::ranges::push_heap(cursors_, [this](const Cursor& a, const Cursor& b) { return later(a, b); });
}

// An extent that begins at the time of the next message may hold one that comes first in the file.
void Merge::open_due() {
  const auto& extents = contents_->extents;
  while (next_extent_ < extents.size() && extents[next_extent_].start_ns <= to_ns_ &&
         (cursors_.empty() || extents[next_extent_].start_ns <= cursors_.front().log_time_ns)) {
    const Extent& extent = extents[next_extent_];
    if (selected(extent)) {
      push({.log_time_ns = std::max(extent.start_ns, from_ns_), .extent = next_extent_});
    }
    ++next_extent_;
  }
}

const DecodedChunk& Merge::chunk_of(Cursor& cursor) {
  if (cursor.chunk != nullptr) {
    return *cursor.chunk;
  }
  if (current_ == nullptr || current_extent_ != cursor.extent) {
    const std::uint64_t before = cache_->decoded_bytes();
    current_ = cache_->get(cursor.extent);
    current_extent_ = cursor.extent;
    opened_bytes_ += cursor.decoded ? 0 : current_->bytes();
    decoded_bytes_ += cache_->decoded_bytes() - before;
    if (decoded_bytes_ / kMostTurns > opened_bytes_) {
      cache_->throw_too_much_overlap();
    }
  }
  if (held_bytes_ + current_->bytes() <= cache_->most_held()) {
    held_bytes_ += current_->bytes();
    cursor.chunk = std::move(current_);
    return *cursor.chunk;
  }
  return *current_;
}

void Merge::advance(const DecodedChunk& chunk, std::size_t entry) {
  const auto& entries = chunk.entries;
  while (entry < entries.size() && !channels_.test(static_cast<std::size_t>(chunk.channel(entries[entry])))) {
    ++entry;
  }
  const auto order = [this](const Cursor& a, const Cursor& b) { return later(a, b); };
  std::ranges::pop_heap(cursors_, order);
  if (entry == entries.size()) {
    held_bytes_ -= cursors_.back().chunk != nullptr ? chunk.bytes() : 0;
    done_ = std::move(cursors_.back().chunk);
    cursors_.pop_back();
    return;
  }
  Cursor& cursor = cursors_.back();
  cursor.entry = entry;
  cursor.log_time_ns = entries[entry].log_time_ns;
  cursor.decoded = true;
  std::ranges::push_heap(cursors_, order);
}

const Message* Merge::next() {
  while (true) {
    open_due();
    if (cursors_.empty() || cursors_.front().log_time_ns > to_ns_) {
      return nullptr;
    }
    Cursor& first = cursors_.front();
    const DecodedChunk& chunk = chunk_of(first);
    if (first.decoded) {
      message_ = chunk.message(chunk.entries[first.entry]);
      advance(chunk, first.entry + 1);
      return &message_;
    }
    const auto from = std::ranges::lower_bound(chunk.entries, from_ns_, {}, &DecodedChunk::Entry::log_time_ns);
    advance(chunk, static_cast<std::size_t>(from - chunk.entries.begin()));
  }
}

}  // namespace takt::trajectory::mcap::internal
