#include "takt/trajectory/mcap/internal/crc32.hpp"
#include "takt/trajectory/mcap/internal/records.hpp"

namespace takt::trajectory::mcap::internal {
namespace {

// u32 length in bytes, and then what `entries` appends.
template <class Entries>
void append_block(Bytes& bytes, Entries entries) {
  const std::size_t start = bytes.size();
  append(bytes, std::uint32_t{0});
  entries();
  store(bytes.data() + start, static_cast<std::uint32_t>(bytes.size() - start - sizeof(std::uint32_t)));
}

void append_map(Bytes& bytes, const std::map<std::string, std::string>& map) {
  append_block(bytes, [&] {
    for (const auto& [key, value] : map) {
      append_text(bytes, key);
      append_text(bytes, value);
    }
  });
}

}  // namespace

void append_header(Bytes& bytes, const Header& header) {
  const OpenRecord record(bytes, Opcode::kHeader);
  append_text(bytes, header.profile);
  append_text(bytes, header.library);
}

void append_schema(Bytes& bytes, const Schema& schema) {
  const OpenRecord record(bytes, Opcode::kSchema);
  append(bytes, schema.id);
  append_text(bytes, schema.name);
  append_text(bytes, schema.encoding);
  append(bytes, static_cast<std::uint32_t>(schema.data.size()));
  append_bytes(bytes, schema.data);
}

void append_channel(Bytes& bytes, const Channel& channel) {
  const OpenRecord record(bytes, Opcode::kChannel);
  append(bytes, channel.id);
  append(bytes, channel.schema);
  append_text(bytes, channel.topic);
  append_text(bytes, channel.message_encoding);
  append_map(bytes, channel.metadata);
}

void append_statistics(Bytes& bytes, const Statistics& statistics, std::size_t schemas, std::size_t channels) {
  const OpenRecord record(bytes, Opcode::kStatistics);
  append(bytes, statistics.messages);
  append(bytes, static_cast<std::uint16_t>(schemas));
  append(bytes, static_cast<std::uint32_t>(channels));
  append(bytes, static_cast<std::uint32_t>(statistics.attachments));
  append(bytes, static_cast<std::uint32_t>(statistics.metadata));
  append(bytes, static_cast<std::uint32_t>(statistics.chunks));
  append(bytes, statistics.first_log_time_ns);
  append(bytes, statistics.last_log_time_ns);
  append_block(bytes, [&] {
    for (const auto& [channel, messages] : statistics.messages_of) {
      append(bytes, channel);
      append(bytes, messages);
    }
  });
}

void append_attachment(Bytes& bytes, const Attachment& attachment) {
  const OpenRecord record(bytes, Opcode::kAttachment);
  const std::size_t start = bytes.size();
  append(bytes, attachment.log_time_ns);
  append(bytes, attachment.create_time_ns);
  append_text(bytes, attachment.name);
  append_text(bytes, attachment.media_type);
  append(bytes, std::uint64_t{attachment.data.size()});
  append_bytes(bytes, attachment.data);
  append(bytes, crc32(ByteView(bytes).subspan(start)));
}

void append_attachment_index(Bytes& bytes, const Attachment& attachment, std::uint64_t offset, std::uint64_t length) {
  const OpenRecord record(bytes, Opcode::kAttachmentIndex);
  append(bytes, offset);
  append(bytes, length);
  append(bytes, attachment.log_time_ns);
  append(bytes, attachment.create_time_ns);
  append(bytes, std::uint64_t{attachment.data.size()});
  append_text(bytes, attachment.name);
  append_text(bytes, attachment.media_type);
}

void append_metadata(Bytes& bytes, std::string_view name, const std::map<std::string, std::string>& values) {
  const OpenRecord record(bytes, Opcode::kMetadata);
  append_text(bytes, name);
  append_map(bytes, values);
}

void append_metadata_index(Bytes& bytes, std::string_view name, std::uint64_t offset, std::uint64_t length) {
  const OpenRecord record(bytes, Opcode::kMetadataIndex);
  append(bytes, offset);
  append(bytes, length);
  append_text(bytes, name);
}

void append_summary_offset(Bytes& bytes, Opcode group, std::uint64_t start, std::uint64_t length) {
  const OpenRecord record(bytes, Opcode::kSummaryOffset);
  append(bytes, group);
  append(bytes, start);
  append(bytes, length);
}

// Its CRC of all that is before it is optional, and left out: chunks and attachments carry their own, and a reader
// that seeks could not check it.
void append_data_end(Bytes& bytes) {
  const OpenRecord record(bytes, Opcode::kDataEnd);
  append(bytes, std::uint32_t{0});
}

}  // namespace takt::trajectory::mcap::internal
