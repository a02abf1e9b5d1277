#include "takt/trajectory/mcap/reader.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/mcap/internal/chunk_cache.hpp"
#include "takt/trajectory/mcap/internal/compression.hpp"
#include "takt/trajectory/mcap/internal/contents.hpp"
#include "takt/trajectory/mcap/internal/crc32.hpp"
#include "takt/trajectory/mcap/internal/merge.hpp"
#include "takt/trajectory/mcap/internal/records.hpp"

namespace takt::trajectory::mcap {
namespace {

using internal::Buffer;
using internal::ByteView;
using internal::Contents;
using internal::Opcode;

Contents open_contents(Source& source, const ReaderOptions& options) {
  internal::require_magic(source);
  auto contents = internal::read_summary(source, options.max_chunk_bytes);
  if (contents && !options.read_all) {
    return std::move(*contents);
  }
  return internal::scan(source, contents, options.max_chunk_bytes);
}

// The body of a record that fills its place and has at most `most` bytes. @return empty when there is another.
ByteView body_at(Source& source, std::uint64_t offset, std::uint64_t length, Opcode opcode, std::uint64_t most,
                 Buffer& room) {
  if (offset > source.size() || length > source.size() - offset) {
    return {};
  }
  if (length > internal::kRecordHead + most) {
    throw ConfigError(
        source.name(), 0, "",
        fmt::format("the record at byte {} has {} bytes, more than the {} that are allowed", offset, length, most));
  }
  room = Buffer::of(length);
  source.read(offset, room.span());
  ByteView rest = room.view();
  const auto record = internal::take_record(rest);
  return record && record->opcode == opcode && rest.empty() ? record->body : ByteView{};
}

[[noreturn]] void throw_damaged(const Source& source, const char* what, std::uint64_t offset) {
  throw ConfigError(source.name(), 0, "",
                    fmt::format("the {} at byte {} is damaged; `takt traj repair` keeps what is whole", what, offset));
}

}  // namespace

class Reader::State {
 public:
  State(std::unique_ptr<Source> from, const ReaderOptions& options)
      : source(std::move(from)),
        max_record_bytes(options.max_chunk_bytes),
        contents(open_contents(*source, options)),
        cache(*source, contents, options) {}

  // Valid as long as `room`.
  [[nodiscard]] ByteView body_of(std::uint64_t offset, std::uint64_t length, Opcode opcode, Buffer& room) const {
    return body_at(*source, offset, length, opcode, max_record_bytes, room);
  }

  std::unique_ptr<Source> source;
  std::uint64_t max_record_bytes;
  Contents contents;
  internal::ChunkCache cache;
};

Reader::Reader(const std::filesystem::path& path, ReaderOptions options)
    : Reader(std::make_unique<FileSource>(path), options) {}

Reader::Reader(std::unique_ptr<Source> source, ReaderOptions options) {
  if (source == nullptr) {
    throw LogicError("an MCAP reader needs a source");
  }
  state_ = std::make_unique<State>(std::move(source), options);
}

Reader::~Reader() = default;

const std::string& Reader::name() const noexcept {
  return state_->source->name();
}

const std::string& Reader::profile() const noexcept {
  return state_->contents.header.profile;
}

const std::string& Reader::library() const noexcept {
  return state_->contents.header.library;
}

const std::vector<Schema>& Reader::schemas() const noexcept {
  return state_->contents.schemas.values();
}

const std::vector<Channel>& Reader::channels() const noexcept {
  return state_->contents.channels.values();
}

const Schema* Reader::find(SchemaId schema) const noexcept {
  return state_->contents.find(schema);
}

const Channel* Reader::find(ChannelId channel) const noexcept {
  return state_->contents.find(channel);
}

const Channel* Reader::find_topic(std::string_view topic) const noexcept {
  const auto found = std::ranges::find(channels(), topic, &Channel::topic);
  return found == channels().end() ? nullptr : &*found;
}

const Statistics& Reader::statistics() const noexcept {
  return state_->contents.statistics;
}

const std::optional<Recovery>& Reader::recovery() const noexcept {
  return state_->contents.recovery;
}

std::vector<Metadata> Reader::metadata() const {
  std::vector<Metadata> all;
  for (const internal::MetadataIndex& index : state_->contents.metadata) {
    Buffer room;
    auto metadata = internal::parse_metadata(state_->body_of(index.offset, index.length, Opcode::kMetadata, room));
    if (!metadata) {
      throw_damaged(*state_->source, "metadata", index.offset);
    }
    all.push_back(std::move(*metadata));
  }
  return all;
}

const std::vector<AttachmentEntry>& Reader::attachments() const noexcept {
  return state_->contents.attachments;
}

Attachment Reader::attachment(const AttachmentEntry& entry) const {
  Buffer room;
  const ByteView body = state_->body_of(entry.offset, entry.length, Opcode::kAttachment, room);
  auto head = internal::parse_attachment_head(body, body.size());
  if (!head) {
    throw_damaged(*state_->source, "attachment", entry.offset);
  }
  const std::size_t end = head->data_offset + head->data_size;
  const auto crc = internal::load<std::uint32_t>(body.data() + end);
  if (crc != 0 && crc != internal::crc32(body.first(end))) {
    throw_damaged(*state_->source, "attachment", entry.offset);
  }
  const ByteView data = body.subspan(head->data_offset, head->data_size);
  return {head->log_time_ns,
          head->create_time_ns,
          std::move(head->name),
          std::move(head->media_type),
          {data.begin(), data.end()}};
}

MessageRange Reader::messages(const Filter& filter) const {
  return MessageRange(std::make_unique<internal::Merge>(state_->contents, state_->cache, filter));
}

}  // namespace takt::trajectory::mcap
