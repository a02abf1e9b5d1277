#include <algorithm>
#include <limits>
#include <utility>

#include "takt/trajectory/mcap/internal/records.hpp"

namespace takt::trajectory::mcap::internal {
namespace {

constexpr auto kLastTime = static_cast<std::uint64_t>(std::numeric_limits<core::Nanoseconds>::max());

// A time that does not fit makes `fits` false.
core::Nanoseconds take_time(ByteReader& reader, bool& fits) noexcept {
  const auto time = reader.number<std::uint64_t>();
  fits = fits && time <= kLastTime;
  return static_cast<core::Nanoseconds>(time & kLastTime);
}

std::string take_string(ByteReader& reader) {
  return std::string(reader.text());
}

std::map<std::string, std::string> take_map(ByteReader& reader, bool& fits) {
  std::map<std::string, std::string> map;
  ByteReader entries(reader.block());
  while (entries.ok() && !entries.empty()) {
    std::string key = take_string(entries);
    std::string value = take_string(entries);
    if (entries.ok()) {
      map.insert_or_assign(std::move(key), std::move(value));
    }
  }
  fits = fits && entries.ok();
  return map;
}

template <class T>
std::optional<T> when(bool good, T value) {
  return good ? std::optional<T>(std::move(value)) : std::nullopt;
}

std::optional<Compression> compression_of(std::string_view text) noexcept {
  for (const Compression compression : {Compression::kNone, Compression::kLz4, Compression::kZstd}) {
    if (text == to_text(compression)) {
      return compression;
    }
  }
  return std::nullopt;
}

// All but the records. A compression that is not known makes `fits` false.
ChunkView take_chunk_head(ByteReader& reader, bool& fits) noexcept {
  ChunkView chunk;
  chunk.start_ns = take_time(reader, fits);
  chunk.end_ns = take_time(reader, fits);
  chunk.uncompressed_size = reader.number<std::uint64_t>();
  chunk.uncompressed_crc = reader.number<std::uint32_t>();
  const auto compression = compression_of(reader.text());
  chunk.compression = compression.value_or(Compression::kNone);
  fits = fits && compression.has_value();
  return chunk;
}

}  // namespace

std::optional<Record> take_record(ByteView& bytes) noexcept {
  ByteReader reader(bytes);
  const auto opcode = reader.number<Opcode>();
  const ByteView body = reader.take(reader.number<std::uint64_t>());
  if (!reader.ok() || opcode == Opcode::kNone) {
    return std::nullopt;
  }
  bytes = reader.rest();
  return Record{opcode, body};
}

std::optional<Header> parse_header(ByteView body) {
  ByteReader reader(body);
  Header header;
  header.profile = take_string(reader);
  header.library = take_string(reader);
  return when(reader.ok(), std::move(header));
}

std::optional<Schema> parse_schema(ByteView body) {
  ByteReader reader(body);
  Schema schema;
  schema.id = reader.number<SchemaId>();
  schema.name = take_string(reader);
  schema.encoding = take_string(reader);
  const ByteView data = reader.block();
  schema.data.assign(data.begin(), data.end());
  return when(reader.ok() && schema.id != kNoSchema, std::move(schema));
}

std::optional<Channel> parse_channel(ByteView body) {
  ByteReader reader(body);
  bool fits = true;
  Channel channel;
  channel.id = reader.number<ChannelId>();
  channel.schema = reader.number<SchemaId>();
  channel.topic = take_string(reader);
  channel.message_encoding = take_string(reader);
  channel.metadata = take_map(reader, fits);
  return when(reader.ok() && fits, std::move(channel));
}

std::optional<Message> parse_message(ByteView body) noexcept {
  ByteReader reader(body);
  bool fits = true;
  Message message;
  message.channel = reader.number<ChannelId>();
  message.sequence = reader.number<std::uint32_t>();
  message.log_time_ns = take_time(reader, fits);
  message.publish_time_ns = take_time(reader, fits);
  message.data = reader.rest();
  return when(reader.ok() && fits, message);
}

std::optional<ChunkView> parse_chunk(ByteView body) noexcept {
  ByteReader reader(body);
  bool fits = true;
  ChunkView chunk = take_chunk_head(reader, fits);
  chunk.records = reader.take(reader.number<std::uint64_t>());
  return when(reader.ok() && fits, chunk);
}

std::optional<std::uint64_t> chunk_record_length(ByteView start) noexcept {
  ByteReader reader(start);
  bool fits = reader.number<Opcode>() == Opcode::kChunk;
  const auto body = reader.number<std::uint64_t>();
  const ChunkView chunk = take_chunk_head(reader, fits);
  const auto records = reader.number<std::uint64_t>();
  const std::uint64_t head = start.size() - reader.rest().size() - kRecordHead;
  fits = fits && chunk.start_ns <= chunk.end_ns && body >= head && body - head == records;
  return when(reader.ok() && fits, kRecordHead + body);
}

bool is_message_index(ByteView body) noexcept {
  constexpr std::size_t kEntry = sizeof(core::Nanoseconds) + sizeof(std::uint64_t);
  ByteReader reader(body);
  static_cast<void>(reader.number<ChannelId>());
  const ByteView entries = reader.block();
  return reader.ok() && reader.empty() && entries.size() % kEntry == 0;
}

std::optional<ChunkIndex> parse_chunk_index(ByteView body) noexcept {
  ByteReader reader(body);
  bool fits = true;
  ChunkIndex index;
  index.start_ns = take_time(reader, fits);
  index.end_ns = take_time(reader, fits);
  index.offset = reader.number<std::uint64_t>();
  index.length = reader.number<std::uint64_t>();
  index.channels = reader.block();
  fits = fits && index.channels.size() % (sizeof(std::uint16_t) + sizeof(std::uint64_t)) == 0;
  return when(reader.ok() && fits, index);
}

std::optional<Statistics> parse_statistics(ByteView body) {
  ByteReader reader(body);
  bool fits = true;
  Statistics statistics;
  statistics.messages = reader.number<std::uint64_t>();
  static_cast<void>(reader.number<std::uint16_t>());  // schemas
  static_cast<void>(reader.number<std::uint32_t>());  // channels
  statistics.attachments = reader.number<std::uint32_t>();
  statistics.metadata = reader.number<std::uint32_t>();
  statistics.chunks = reader.number<std::uint32_t>();
  statistics.first_log_time_ns = take_time(reader, fits);
  statistics.last_log_time_ns = take_time(reader, fits);
  ByteReader counts(reader.block());
  while (counts.ok() && !counts.empty()) {
    const auto channel = counts.number<ChannelId>();
    statistics.messages_of[channel] = counts.number<std::uint64_t>();
  }
  return when(reader.ok() && counts.ok() && fits, std::move(statistics));
}

std::optional<Metadata> parse_metadata(ByteView body) {
  ByteReader reader(body);
  bool fits = true;
  Metadata metadata;
  metadata.name = take_string(reader);
  metadata.values = take_map(reader, fits);
  return when(reader.ok() && fits, std::move(metadata));
}

std::optional<MetadataIndex> parse_metadata_index(ByteView body) noexcept {
  ByteReader reader(body);
  MetadataIndex index;
  index.offset = reader.number<std::uint64_t>();
  index.length = reader.number<std::uint64_t>();
  return when(reader.ok(), index);
}

std::optional<Footer> parse_footer(ByteView body) noexcept {
  ByteReader reader(body);
  Footer footer;
  footer.summary_start = reader.number<std::uint64_t>();
  footer.summary_offset_start = reader.number<std::uint64_t>();
  footer.summary_crc = reader.number<std::uint32_t>();
  return when(reader.ok(), footer);
}

std::optional<AttachmentHead> parse_attachment_head(ByteView start, std::uint64_t body_size) {
  ByteReader reader(start);
  bool fits = true;
  AttachmentHead head;
  head.log_time_ns = take_time(reader, fits);
  head.create_time_ns = take_time(reader, fits);
  head.name = take_string(reader);
  head.media_type = take_string(reader);
  head.data_size = reader.number<std::uint64_t>();
  head.data_offset = start.size() - reader.rest().size();
  fits = fits && reader.ok() && body_size >= head.data_offset + sizeof(std::uint32_t) &&
         head.data_size <= body_size - head.data_offset - sizeof(std::uint32_t);
  return when(fits, std::move(head));
}

std::optional<AttachmentIndex> parse_attachment_index(ByteView body) {
  ByteReader reader(body);
  bool fits = true;
  AttachmentIndex index;
  index.offset = reader.number<std::uint64_t>();
  index.length = reader.number<std::uint64_t>();
  index.head.log_time_ns = take_time(reader, fits);
  index.head.create_time_ns = take_time(reader, fits);
  index.head.data_size = reader.number<std::uint64_t>();
  index.head.name = take_string(reader);
  index.head.media_type = take_string(reader);
  return when(reader.ok() && fits, std::move(index));
}

}  // namespace takt::trajectory::mcap::internal
