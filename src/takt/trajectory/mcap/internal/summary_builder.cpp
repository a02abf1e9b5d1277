#include "takt/trajectory/mcap/internal/summary_builder.hpp"

#include <utility>

#include "takt/trajectory/mcap/internal/crc32.hpp"
#include "takt/trajectory/mcap/internal/records.hpp"

namespace takt::trajectory::mcap::internal {

void SummaryBuilder::add_chunk(const ChunkBuilder::Finished& chunk, std::uint64_t offset) {
  const OpenRecord record(chunks_, Opcode::kChunkIndex);
  append(chunks_, chunk.start_ns);
  append(chunks_, chunk.end_ns);
  append(chunks_, offset);
  append(chunks_, chunk.chunk_length);
  append(chunks_, static_cast<std::uint32_t>(chunk.indexes.size() * (sizeof(ChannelId) + sizeof(std::uint64_t))));
  for (const ChunkBuilder::Finished::Index& index : chunk.indexes) {
    append(chunks_, index.channel);
    append(chunks_, offset + index.offset);
  }
  append(chunks_, chunk.index_length);
  append_text(chunks_, to_text(chunk.compression));
  append(chunks_, chunk.compressed_size);
  append(chunks_, chunk.uncompressed_size);
}

void SummaryBuilder::add_attachment(const Attachment& attachment, std::uint64_t offset, std::uint64_t length) {
  append_attachment_index(attachments_, attachment, offset, length);
}

void SummaryBuilder::add_metadata(std::string_view name, std::uint64_t offset, std::uint64_t length) {
  append_metadata_index(metadata_, name, offset, length);
}

Bytes SummaryBuilder::finish(std::uint64_t offset, const std::vector<Schema>& schemas,
                             const std::vector<Channel>& channels, const Statistics& statistics) const {
  Bytes bytes;
  append_data_end(bytes);
  const std::size_t summary = bytes.size();
  Bytes offsets;
  const auto add_group = [&](Opcode opcode, auto add) {
    const std::size_t start = bytes.size();
    add();
    if (bytes.size() > start) {
      append_summary_offset(offsets, opcode, offset + start, bytes.size() - start);
    }
  };
  add_group(Opcode::kSchema, [&] {
    for (const Schema& schema : schemas) {
      append_schema(bytes, schema);
    }
  });
  add_group(Opcode::kChannel, [&] {
    for (const Channel& channel : channels) {
      append_channel(bytes, channel);
    }
  });
  add_group(Opcode::kStatistics, [&] { append_statistics(bytes, statistics, schemas.size(), channels.size()); });
  add_group(Opcode::kChunkIndex, [&] { append_bytes(bytes, chunks_); });
  add_group(Opcode::kAttachmentIndex, [&] { append_bytes(bytes, attachments_); });
  add_group(Opcode::kMetadataIndex, [&] { append_bytes(bytes, metadata_); });

  const std::uint64_t offsets_start = offset + bytes.size();
  append_bytes(bytes, offsets);
  append(bytes, Opcode::kFooter);
  append(bytes, std::uint64_t{kFooterBody});
  append(bytes, offset + summary);
  append(bytes, offsets_start);
  append(bytes, crc32(ByteView(bytes).subspan(summary)));
  append_bytes(bytes, std::as_bytes(std::span(kMagic)));
  return bytes;
}

}  // namespace takt::trajectory::mcap::internal
