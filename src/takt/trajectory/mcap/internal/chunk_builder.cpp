#include "takt/trajectory/mcap/internal/chunk_builder.hpp"

#include <algorithm>
#include <utility>

namespace takt::trajectory::mcap::internal {
namespace {

constexpr std::size_t kCrcLag = 16 * 1024;  // half of a usual first cache
constexpr std::size_t kIndexHead = kRecordHead + sizeof(std::uint16_t) + sizeof(std::uint32_t);

}  // namespace

ChunkBuilder::ChunkBuilder(Compression compression, std::size_t chunk_bytes)
    : compressor_(compression), compression_(compression), records_(chunk_bytes + chunk_bytes / 4) {}

std::byte* ChunkBuilder::room_for(std::size_t size) {
  if (records_.size() - size_ < size) [[unlikely]] {
    records_.resize(std::max(size_ + size, 2 * records_.size()));
  }
  std::byte* room = records_.data() + size_;
  size_ += size;
  return room;
}

void ChunkBuilder::follow_with_crc(std::size_t lag) noexcept {
  if (size_ - crc_size_ > lag) {
    crc_ = crc32(ByteView(records_).subspan(crc_size_, size_ - crc_size_), crc_);
    crc_size_ = size_;
  }
}

void ChunkBuilder::append(ByteView records) {
  std::byte* room = room_for(records.size());
  std::copy(records.begin(), records.end(), room);
}

void ChunkBuilder::append_message(std::size_t index, const Message& message) {
  if (index >= indexes_.size()) [[unlikely]] {
    indexes_.resize(index + 1);
  }
  ChannelIndex& channel = indexes_[index];
  if (channel.entries.empty()) [[unlikely]] {
    used_.push_back(index);
    channel.channel = message.channel;
  } else if (channel.entries.back().log_time_ns > message.log_time_ns) {
    channel.sorted = false;
  }
  channel.entries.push_back({message.log_time_ns, size_});
  start_ns_ = has_messages_ ? std::min(start_ns_, message.log_time_ns) : message.log_time_ns;
  end_ns_ = has_messages_ ? std::max(end_ns_, message.log_time_ns) : message.log_time_ns;
  has_messages_ = true;

  std::byte* room = room_for(kRecordHead + kMessageHead + message.data.size());
  store(room, Opcode::kMessage);
  store(room + 1, std::uint64_t{kMessageHead + message.data.size()});
  store(room + 9, message.channel);
  store(room + 11, message.sequence);
  store(room + 15, message.log_time_ns);
  store(room + 23, message.publish_time_ns);
  if (!message.data.empty()) {
    std::memcpy(room + 31, message.data.data(), message.data.size());
  }
  follow_with_crc(kCrcLag);
}

void ChunkBuilder::add_index(ChannelIndex& index, std::uint64_t& offset) {
  if (!index.sorted) {
    std::ranges::sort(index.entries, {}, [](const IndexEntry& one) { return std::pair(one.log_time_ns, one.offset); });
  }
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
  follow_with_crc(0);
  const ByteView records = ByteView(records_).first(size_);
  const ByteView compressed = compressor_.compress(records);
  const ByteView stored = compressed.empty() ? records : compressed;

  Finished finished;
  finished.start_ns = start_ns_;
  finished.end_ns = end_ns_;
  finished.compression = compressed.empty() ? Compression::kNone : compression_;
  finished.uncompressed_size = records.size();
  finished.compressed_size = stored.size();
  {
    const OpenRecord record(head_, Opcode::kChunk);
    internal::append(head_, start_ns_);
    internal::append(head_, end_ns_);
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
  start_ns_ = 0;
  end_ns_ = 0;
  has_messages_ = false;
}

}  // namespace takt::trajectory::mcap::internal
