#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "takt/trajectory/mcap/internal/compression.hpp"
#include "takt/trajectory/mcap/internal/contents.hpp"
#include "takt/trajectory/mcap/internal/crc32.hpp"
#include "takt/trajectory/mcap/internal/decoded_chunk.hpp"
#include "takt/trajectory/mcap/internal/window.hpp"

// Record by record from the file's start. A record that does not fit into the file, or begins with 0 as what a file
// system left behind does, ends the scan: nothing behind it is where a length would say. A record that fits and is
// damaged is left out, and the scan goes on behind it. An opcode is one byte that may be damaged as any other: it is
// believed where the record's place and content are those of its kind.

namespace takt::trajectory::mcap::internal {
namespace {

constexpr Opcode kFirstPrivate{0x80};
constexpr std::uint64_t kStretch = 256 * 1024;  // of messages outside chunks that become one extent

// A record's place in the file.
struct Place {
  std::uint64_t offset{0};
  std::uint64_t body{0};  // length
  [[nodiscard]] std::uint64_t body_offset() const noexcept { return offset + kRecordHead; }
  [[nodiscard]] std::uint64_t length() const noexcept { return kRecordHead + body; }
};

class Scanner {
 public:
  Scanner(Source& source, std::string why, std::uint64_t max_chunk_bytes)
      : source_(&source), window_(source), decoder_(source, max_chunk_bytes) {
    recovery_.why = std::move(why);
  }

  [[nodiscard]] Contents run() {
    std::uint64_t offset = kMagic.size();
    while (offset < source_->size() && !ended_) {
      const std::uint64_t left = source_->size() - offset;
      if (left < kRecordHead) {
        lose(fmt::format("the record at byte {} is cut off", offset));
        break;
      }
      ByteReader head(window_.view(offset, kRecordHead));
      const auto opcode = head.number<Opcode>();
      const Place place{offset, head.number<std::uint64_t>()};
      if (opcode == Opcode::kNone || place.body > left - kRecordHead) {
        lose(opcode == Opcode::kNone ? fmt::format("no record begins at byte {}", offset)
                                     : fmt::format("the record at byte {} is cut off", offset));
        break;
      }
      take(opcode, place);
      offset += place.length();
    }
    recovery_.whole_bytes = ended_ ? source_->size() : offset;
    recovery_.lost_bytes = source_->size() - recovery_.whole_bytes;
    contents_.recovery = std::move(recovery_);
    contents_.sort_extents();
    return std::move(contents_);
  }

 private:
  void lose(std::string what) {
    if (recovery_.first_loss.empty()) {
      recovery_.first_loss = std::move(what);
    }
  }

  void broken(const char* what, const Place& place) {
    lose(fmt::format("the {} at byte {} is damaged", what, place.offset));
    ++recovery_.broken_records;
    in_stretch_ = false;
  }

  void take(Opcode opcode, const Place& place) {
    const bool behind_chunk = std::exchange(behind_chunk_, opcode == Opcode::kChunk);
    if ((opcode == Opcode::kHeader) != (place.offset == kMagic.size())) {
      return broken(opcode == Opcode::kHeader ? "header" : "record before the header", place);
    }
    switch (opcode) {
      case Opcode::kHeader:
        return take_header(place);
      case Opcode::kSchema:
      case Opcode::kChannel:
        return take_definition(opcode, place);
      case Opcode::kMessage:
        return take_message(place, behind_chunk);
      case Opcode::kChunk:
        return take_chunk(place);
      case Opcode::kAttachment:
        return take_attachment(place);
      case Opcode::kMetadata:
        return take_metadata(place);
      case Opcode::kMessageIndex:
        return take_message_index(place, behind_chunk);
      case Opcode::kDataEnd:
      case Opcode::kFooter:
        return take_end(opcode, place);
      default:
        if (opcode < kFirstPrivate) {
          broken("record", place);  // of no kind that there is, or one that is in the summary only
        }
    }
  }

  // Its messages are known from the chunk.
  void take_message_index(const Place& place, bool behind_chunk) {
    behind_chunk_ = behind_chunk;
    if (!behind_chunk || !is_message_index(body_of(place))) {
      broken("index of messages", place);
    }
  }

  // What follows repeats what was before.
  void take_end(Opcode opcode, const Place& place) {
    const std::uint64_t behind = source_->size() - place.offset - place.length();
    ended_ =
        opcode == Opcode::kDataEnd ? place.body == kDataEndBody : place.body == kFooterBody && behind <= kMagic.size();
    if (!ended_) {
      broken("end", place);
    }
  }

  [[nodiscard]] ByteView body_of(const Place& place) { return window_.view(place.body_offset(), place.body); }

  void take_header(const Place& place) {
    if (auto header = parse_header(body_of(place))) {
      contents_.header = std::move(*header);
    } else {
      broken("header", place);
    }
  }

  [[nodiscard]] bool define(Opcode opcode, ByteView body) {
    if (opcode == Opcode::kSchema) {
      auto schema = parse_schema(body);
      return schema && contents_.add(std::move(*schema));
    }
    auto channel = parse_channel(body);
    return channel && contents_.add(std::move(*channel));
  }

  void take_definition(Opcode opcode, const Place& place) {
    if (!define(opcode, body_of(place))) {
      broken(opcode == Opcode::kSchema ? "schema" : "channel", place);
    }
  }

  void count(ChannelId channel, core::Nanoseconds log_time_ns) {
    Statistics& statistics = contents_.statistics;
    const bool first = statistics.messages == 0;
    statistics.first_log_time_ns = first ? log_time_ns : std::min(statistics.first_log_time_ns, log_time_ns);
    statistics.last_log_time_ns = std::max(statistics.last_log_time_ns, log_time_ns);
    ++statistics.messages;
    ++statistics.messages_of[channel];
  }

  void take_message(const Place& place, bool behind_chunk) {
    if (behind_chunk && is_message_index(body_of(place))) {
      return broken("index of messages", place);  // one bit of the opcode makes a message of it
    }
    const ByteView head = window_.view(place.body_offset(), std::min<std::uint64_t>(place.body, kMessageHead));
    const auto message = parse_message(head);
    if (!message || contents_.find(message->channel) == nullptr) {
      return broken("message", place);
    }
    const std::uint64_t end = place.offset + place.length();
    if (!in_stretch_ || end - contents_.extents.back().offset > kStretch) {
      contents_.extents.push_back(
          {.start_ns = message->log_time_ns, .end_ns = message->log_time_ns, .offset = place.offset, .chunk = false});
      in_stretch_ = true;
    }
    Extent& stretch = contents_.extents.back();
    stretch.length = end - stretch.offset;
    stretch.start_ns = std::min(stretch.start_ns, message->log_time_ns);
    stretch.end_ns = std::max(stretch.end_ns, message->log_time_ns);
    count(message->channel, message->log_time_ns);
  }

  void take_chunk(const Place& place) {
    in_stretch_ = false;
    Extent extent{.offset = place.offset, .length = place.length()};
    const auto chunk = decoder_.decode(extent);
    const std::string wrong = chunk ? accept(*chunk, extent) : chunk.error();
    if (!wrong.empty()) {
      lose(fmt::format("the chunk at byte {} is damaged: {}", place.offset, wrong));
      ++recovery_.broken_chunks;
      return;
    }
    contents_.statistics.chunks += 1;
    recovery_.compression = std::max(recovery_.compression, chunk->compression);
    if (!chunk->entries.empty()) {
      contents_.extents.push_back(extent);
    }
  }

  // @return what is wrong with it, or nothing; then it is in the contents.
  [[nodiscard]] std::string accept(const DecodedChunk& chunk, Extent& extent) {
    for (ByteView rest = chunk.records; !rest.empty();) {
      const auto record = take_record(rest);
      if ((record->opcode == Opcode::kSchema || record->opcode == Opcode::kChannel) &&
          !define(record->opcode, record->body)) {
        return "a schema or channel in it contradicts another, or makes no sense";
      }
    }
    std::vector<ChannelId> seen;
    for (const DecodedChunk::Entry& entry : chunk.entries) {
      const ChannelId channel = chunk.channel(entry);
      if (std::ranges::find(seen, channel) == seen.end()) {
        if (contents_.find(channel) == nullptr) {
          return "it has messages of a channel that is not described before";
        }
        seen.push_back(channel);
      }
    }
    for (const DecodedChunk::Entry& entry : chunk.entries) {
      count(chunk.channel(entry), entry.log_time_ns);
    }
    if (!chunk.entries.empty()) {
      extent.start_ns = chunk.entries.front().log_time_ns;
      extent.end_ns = chunk.entries.back().log_time_ns;
    }
    extent.channels_known = true;
    extent.channels_first = static_cast<std::uint32_t>(contents_.extent_channels.size());
    extent.channels_count = static_cast<std::uint32_t>(seen.size());
    contents_.extent_channels.insert(contents_.extent_channels.end(), seen.begin(), seen.end());
    return {};
  }

  void take_attachment(const Place& place) {
    in_stretch_ = false;
    auto head = parse_attachment_head(window_.view(place.body_offset(), std::min(place.body, kStretch)), place.body);
    if (!head || !attachment_is_sound(place, *head)) {
      return broken("attachment", place);
    }
    contents_.attachments.push_back({.name = std::move(head->name),
                                     .media_type = std::move(head->media_type),
                                     .log_time_ns = head->log_time_ns,
                                     .create_time_ns = head->create_time_ns,
                                     .offset = place.offset,
                                     .length = place.length(),
                                     .size = head->data_size});
    ++contents_.statistics.attachments;
  }

  [[nodiscard]] bool attachment_is_sound(const Place& place, const AttachmentHead& head) {
    const std::uint64_t end = place.body_offset() + head.data_offset + head.data_size;
    std::uint32_t crc = 0;
    for (std::uint64_t at = place.body_offset(); at < end;) {
      const std::uint64_t size = std::min(end - at, kStretch);
      crc = crc32(window_.view(at, size), crc);
      at += size;
    }
    const auto said = load<std::uint32_t>(window_.view(end, sizeof(std::uint32_t)).data());
    return said == 0 || said == crc;
  }

  void take_metadata(const Place& place) {
    if (!parse_metadata(body_of(place))) {
      return broken("metadata", place);
    }
    contents_.metadata.push_back({place.offset, place.length()});
    ++contents_.statistics.metadata;
  }

  Source* source_;
  Window window_;
  ChunkDecoder decoder_;
  Contents contents_;
  Recovery recovery_;
  bool behind_chunk_{false};  // and its indexes
  bool in_stretch_{false};    // the last extent is one, and may grow
  bool ended_{false};
};

}  // namespace

Contents scan(Source& source, std::string why, std::uint64_t max_chunk_bytes) {
  return Scanner(source, std::move(why), max_chunk_bytes).run();
}

}  // namespace takt::trajectory::mcap::internal
