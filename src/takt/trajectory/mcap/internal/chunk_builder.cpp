#include "takt/trajectory/mcap/internal/chunk_builder.hpp"

#include <algorithm>
#include <utility>

namespace takt::trajectory::mcap::internal {
namespace {

constexpr std::size_t kIndexHead = kRecordHead + sizeof(std::uint16_t) + sizeof(std::uint32_t);

}  // namespace

ChunkBuilder::ChunkBuilder(Compression compression, std::size_t chunk_bytes)
    : compressor_(compression), compression_(compression), records_(chunk_bytes + chunk_bytes / 4) {}

void ChunkBuilder::grow(std::size_t size) {
  records_.resize(std::max(size_ + size, 2 * records_.size()));
}

void ChunkBuilder::follow_with_crc() noexcept {
  crc_ = crc32(ByteView(records_).subspan(crc_size_, size_ - crc_size_), crc_);
  crc_size_ = size_;
}

void ChunkBuilder::append(ByteView records) {
  make_room(records.size());
  std::copy(records.begin(), records.end(), next(records.size()));
}

void ChunkBuilder::begin_index(std::size_t index, const Message& message) {
  if (index >= indexes_.size()) {
    indexes_.resize(index + 1);
  }
  indexes_[index].entries.reserve(1);  // first: none that is used is without an entry, whatever throws
  used_.push_back(index);
  indexes_[index].channel = message.channel;
  indexes_[index].last_ns = message.log_time_ns;
}

void ChunkBuilder::sort_entries() {
  for (const std::size_t used : used_) {
    if (!indexes_[used].sorted) {
      std::ranges::sort(indexes_[used].entries, {},
                        [](const IndexEntry& one) { return std::pair(one.log_time_ns, one.offset); });
    }
  }
}

void ChunkBuilder::add_index(const ChannelIndex& index, std::uint64_t& offset) {
  const ByteView entries = std::as_bytes(std::span(index.entries));
  const std::size_t at = index_heads_.size();
  internal::append(index_heads_, Opcode::kMessageIndex);
  internal::append(index_heads_, std::uint64_t{kIndexHead - kRecordHead + entries.size()});
  internal::append(index_heads_, index.channel);
  internal::append(index_heads_, static_cast<std::uint32_t>(entries.size()));
  parts_.push_back(ByteView(index_heads_).subspan(at));
  parts_.push_back(entries);
  finished_indexes_.push_back({index.channel, offset});
  offset += kIndexHead + entries.size();
}

ChunkBuilder::Finished ChunkBuilder::finish() {
  follow_with_crc();
  sort_entries();
  const ByteView records = ByteView(records_).first(size_);
  const ByteView compressed = compressor_.compress(records);
  const ByteView stored = compressed.empty() ? records : compressed;

  Finished finished;
  for (const std::size_t used : used_) {
    const auto& entries = indexes_[used].entries;
    const bool first = used == used_.front();
    finished.start_ns = first ? entries.front().log_time_ns : std::min(finished.start_ns, entries.front().log_time_ns);
    finished.end_ns = first ? entries.back().log_time_ns : std::max(finished.end_ns, entries.back().log_time_ns);
  }
  finished.compression = compressed.empty() ? Compression::kNone : compression_;
  finished.uncompressed_size = records.size();
  finished.compressed_size = stored.size();
  {
    const OpenRecord record(head_, Opcode::kChunk);
    internal::append(head_, finished.start_ns);
    internal::append(head_, finished.end_ns);
    internal::append(head_, std::uint64_t{records.size()});
    internal::append(head_, crc_);
    append_text(head_, to_text(finished.compression));
    internal::append(head_, std::uint64_t{stored.size()});
  }
  store(head_.data() + 1, std::uint64_t{head_.size() - kRecordHead + stored.size()});
  finished.chunk_length = head_.size() + stored.size();

  parts_ = {head_, stored};
  index_heads_.reserve(used_.size() * kIndexHead);  // parts_ points into it
  std::uint64_t offset = finished.chunk_length;
  for (const std::size_t used : used_) {
    add_index(indexes_[used], offset);
  }
  finished.index_length = offset - finished.chunk_length;
  finished.parts = parts_;
  finished.indexes = finished_indexes_;
  return finished;
}

void ChunkBuilder::clear() noexcept {
  for (const std::size_t used : used_) {
    indexes_[used].entries.clear();
    indexes_[used].sorted = true;
  }
  used_.clear();
  head_.clear();
  index_heads_.clear();
  parts_.clear();
  finished_indexes_.clear();
  size_ = 0;
  crc_size_ = 0;
  crc_ = 0;
}

}  // namespace takt::trajectory::mcap::internal
