#include "takt/trajectory/mcap/internal/decoded_chunk.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "takt/trajectory/mcap/internal/crc32.hpp"
#include "takt/trajectory/mcap/internal/records.hpp"

namespace takt::trajectory::mcap::internal {
namespace {

constexpr std::uint64_t kMostChunkBytes = std::numeric_limits<std::uint32_t>::max();  // an Entry's offsets
constexpr std::uint64_t kMostHead = 4096;                                             // of a chunk, beside its records
constexpr std::size_t kUsualMessage = 256;

// Lists the messages. @return false for a record that does not fit in or a message that cannot be.
bool index_messages(DecodedChunk& chunk) {
  chunk.entries.reserve(chunk.records.size() / kUsualMessage + 1);
  bool sorted = true;
  ByteView rest = chunk.records;
  while (!rest.empty()) {
    const auto record = take_record(rest);
    if (!record) {
      return false;
    }
    if (record->opcode != Opcode::kMessage) {
      continue;
    }
    const auto message = parse_message(record->body);
    if (!message) {
      return false;
    }
    sorted = sorted && (chunk.entries.empty() || chunk.entries.back().log_time_ns <= message->log_time_ns);
    chunk.entries.push_back({message->log_time_ns,
                             static_cast<std::uint32_t>(record->body.data() - chunk.records.data()),
                             static_cast<std::uint32_t>(record->body.size())});
  }
  if (!sorted) {
    std::ranges::sort(chunk.entries, {},
                      [](const DecodedChunk::Entry& one) { return std::pair(one.log_time_ns, one.offset); });
  }
  return true;
}

}  // namespace

Message DecodedChunk::message(const Entry& entry) const noexcept {
  const std::byte* body = records.data() + entry.offset;
  return {.channel = load<ChannelId>(body),
          .sequence = load<std::uint32_t>(body + 2),
          .log_time_ns = entry.log_time_ns,
          .publish_time_ns = load<core::Nanoseconds>(body + 14),
          .data = records.subspan(entry.offset + kMessageHead, entry.length - kMessageHead)};
}

ChunkDecoder::ChunkDecoder(Source& source, std::uint64_t max_chunk_bytes) noexcept
    : source_(&source), max_chunk_bytes_(std::min(max_chunk_bytes, kMostChunkBytes)) {}

// From the chunk's record, which is in `storage`, to its records. @return what is wrong, or nothing.
std::string ChunkDecoder::unpack(DecodedChunk& chunk) {
  ByteView rest = chunk.storage.view();
  const auto record = take_record(rest);
  if (!record || record->opcode != Opcode::kChunk || !rest.empty()) {
    return "it is not where it should be";
  }
  const auto packed = parse_chunk(record->body);
  if (!packed) {
    return "its first bytes make no sense, or its compression is not known here";
  }
  if (packed->uncompressed_size > max_chunk_bytes_) {
    return fmt::format("it claims to hold {} bytes, more than the {} that are allowed", packed->uncompressed_size,
                       max_chunk_bytes_);
  }
  chunk.compression = packed->compression;
  chunk.records = packed->records;
  if (packed->compression != Compression::kNone) {
    auto decompressed = decompressor_.decompress(packed->compression, packed->records, packed->uncompressed_size);
    if (!decompressed) {
      return decompressed.error();
    }
    chunk.storage = std::move(*decompressed);
    chunk.records = chunk.storage.view();
  }
  if (chunk.records.size() != packed->uncompressed_size) {
    return "it does not have the size that it says";
  }
  if (packed->uncompressed_crc != 0 && crc32(chunk.records) != packed->uncompressed_crc) {
    return "its CRC is another";
  }
  return {};
}

Expected<DecodedChunk, std::string> ChunkDecoder::decode(const Extent& extent) {
  if (extent.length > max_chunk_bytes_ + kMostHead) {
    return Unexpected<std::string>(
        fmt::format("it has {} bytes, more than the {} that are allowed", extent.length, max_chunk_bytes_));
  }
  DecodedChunk chunk;
  chunk.storage = Buffer::of(extent.length);
  source_->read(extent.offset, chunk.storage.span());
  chunk.records = chunk.storage.view();
  if (extent.chunk) {
    if (std::string wrong = unpack(chunk); !wrong.empty()) {
      return Unexpected<std::string>(std::move(wrong));
    }
  }
  if (!index_messages(chunk)) {
    return Unexpected<std::string>("a record in it cannot be");
  }
  return chunk;
}

}  // namespace takt::trajectory::mcap::internal
