#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "takt/trajectory/mcap/internal/contents.hpp"
#include "takt/trajectory/mcap/internal/crc32.hpp"
#include "takt/trajectory/mcap/internal/decoded_chunk.hpp"
#include "takt/trajectory/mcap/internal/findings.hpp"
#include "takt/trajectory/mcap/internal/landmarks.hpp"
#include "takt/trajectory/mcap/internal/window.hpp"

// Record by record from the file's start. A record that does not fit into the file, or begins with 0 as what a file
// system left behind does, leaves no length to go on by: the scan goes on at the next landmark. So it does where a
// length fits and cannot be: without a summary, behind the record is none and in it is a chunk. A record that fits and
// is damaged is left out, and the scan goes on behind it. An opcode is one byte that may be damaged as any other: it is
// believed where the record's place and content are those of its kind.
//
// A chunk with messages of a channel that is not described yet waits until all is read: the chunk that described it may
// have been lost, and writers of takt describe their channels again and again.

namespace takt::trajectory::mcap::internal {
namespace {

constexpr std::string_view kLibrary = "takt";  // which writes no private records
constexpr std::uint64_t kPiece = 256 * 1024;   // of an attachment that is read at once

std::string cut_off(std::uint64_t offset) {
  return fmt::format("the record at byte {} is cut off", offset);
}

class Scanner {
 public:
  /// @param summary null: there is none to be trusted.
  Scanner(Source& source, std::string why, const Contents* summary, std::uint64_t max_chunk_bytes)
      : source_(&source),
        summary_(summary),
        end_(summary != nullptr ? summary->sure_data_end : source.size()),
        window_(source),
        landmarks_(window_, end_, summary),
        decoder_(source, max_chunk_bytes),
        max_record_bytes_(max_chunk_bytes),
        findings_(std::move(why), summary, max_chunk_bytes) {}

  [[nodiscard]] Contents run() {
    for (std::uint64_t offset = kMagic.size(); offset < end_ && !ended_;) {
      offset = step(offset);
    }
    for (const Place& place : waiting_) {
      take_waiting(place);
    }
    return findings_.finish(source_->size(), summary_);
  }

 private:
  // @return where to go on.
  [[nodiscard]] std::uint64_t step(std::uint64_t offset) {
    const std::uint64_t room = landmarks_.bound(offset) - offset;
    if (room < kRecordHead) {
      return skip(offset, cut_off(offset));
    }
    ByteReader head(window_.view(offset, kRecordHead));
    const auto opcode = head.number<Opcode>();
    const Place place{offset, head.number<std::uint64_t>()};
    if (opcode == Opcode::kNone) {
      return skip(offset, fmt::format("no record begins at byte {}", offset));
    }
    if (place.body > room - kRecordHead) {
      return skip(offset, cut_off(offset));
    }
    if (landmarks_.hides_chunk(opcode, place.offset, place.end())) {
      return skip(offset, fmt::format("the length of the record at byte {} is damaged", offset));
    }
    if (place.body > max_record_bytes_ && opcode != Opcode::kChunk && opcode < kFirstPrivate) {
      findings_.lose_great(place, max_record_bytes_);
    } else {
      take(opcode, place);
    }
    return place.end();
  }

  [[nodiscard]] std::uint64_t skip(std::uint64_t offset, std::string why) {
    findings_.lose(std::move(why));
    behind_chunk_ = false;
    const std::uint64_t next = landmarks_.next(offset + 1);
    findings_.lose_bytes(next - offset);
    return next;
  }

  void take(Opcode opcode, const Place& place) {
    const bool behind_chunk = std::exchange(behind_chunk_, opcode == Opcode::kChunk);
    if ((opcode == Opcode::kHeader) != (place.offset == kMagic.size())) {
      return findings_.lose_record(opcode == Opcode::kHeader ? "header" : "record before the header", place);
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
        if (opcode < kFirstPrivate || findings_.library() == kLibrary) {
          findings_.lose_record("record", place);  // of no kind that there is, or one that is in the summary only
        }
    }
  }

  [[nodiscard]] ByteView body_of(const Place& place) { return window_.view(place.body_offset(), place.body); }

  // Its messages are known from the chunk.
  void take_message_index(const Place& place, bool behind_chunk) {
    behind_chunk_ = behind_chunk;
    if (!behind_chunk || !is_message_index(body_of(place))) {
      findings_.lose_record("index of messages", place);
    }
  }

  // What follows repeats what was before.
  void take_end(Opcode opcode, const Place& place) {
    const std::uint64_t behind = end_ - place.end();
    ended_ = opcode == Opcode::kDataEnd ? place.body == kDataEndBody && (summary_ == nullptr || behind == 0)
                                        : place.body == kFooterBody && behind <= kMagic.size();
    if (!ended_) {
      findings_.lose_record("end", place);
    }
  }

  void take_header(const Place& place) {
    if (auto header = parse_header(body_of(place))) {
      findings_.take_header(std::move(*header));
    } else {
      findings_.lose_record("header", place);
    }
  }

  void take_definition(Opcode opcode, const Place& place) {
    if (!findings_.define(opcode, body_of(place))) {
      findings_.lose_record(opcode == Opcode::kSchema ? "schema" : "channel", place);
    }
  }

  void take_message(const Place& place, bool behind_chunk) {
    if (behind_chunk && is_message_index(body_of(place))) {
      return findings_.lose_record("index of messages", place);  // one bit of the opcode makes a message of it
    }
    const auto message = parse_message(window_.view(place.body_offset(), std::min(place.body, kMessageHead)));
    if (!message || !findings_.describes(message->channel)) {
      return findings_.lose_record("message", place);
    }
    findings_.add_message(place, *message);
  }

  [[nodiscard]] Expected<DecodedChunk, std::string> decode(const Place& place) {
    return decoder_.decode({.offset = place.offset, .length = place.length()});
  }

  void take_chunk(const Place& place) {
    const auto chunk = decode(place);
    if (!chunk) {
      return findings_.lose_chunk(chunk.error(), place);
    }
    for (ByteView rest = chunk->records; !rest.empty();) {
      const auto record = take_record(rest);
      if ((record->opcode == Opcode::kSchema || record->opcode == Opcode::kChannel) &&
          !findings_.define(record->opcode, record->body)) {
        return findings_.lose_chunk("a schema or channel in it contradicts another, makes no sense, or is too great",
                                    place);
      }
    }
    if (all_described(*chunk)) {
      findings_.add_chunk(place, *chunk);
    } else {
      waiting_.push_back(place);
    }
  }

  [[nodiscard]] bool all_described(const DecodedChunk& chunk) {
    return std::ranges::all_of(findings_.channels_of(chunk),
                               [this](ChannelId channel) { return findings_.describes(channel); });
  }

  void take_waiting(const Place& place) {
    const auto chunk = decode(place);
    if (!chunk) {
      return findings_.lose_chunk(chunk.error(), place);
    }
    if (!all_described(*chunk)) {
      findings_.lose_chunk("it has messages of a channel that is not described", place);
    }
    findings_.add_chunk(place, *chunk);
  }

  void take_attachment(const Place& place) {
    auto head = parse_attachment_head(window_.view(place.body_offset(), std::min(place.body, kPiece)), place.body);
    if (!head || !attachment_is_sound(place, *head)) {
      return findings_.lose_record("attachment", place);
    }
    findings_.add_attachment(place, std::move(*head));
  }

  [[nodiscard]] bool attachment_is_sound(const Place& place, const AttachmentHead& head) {
    const std::uint64_t end = place.body_offset() + head.data_offset + head.data_size;
    std::uint32_t crc = 0;
    for (std::uint64_t at = place.body_offset(); at < end;) {
      const std::uint64_t size = std::min(end - at, kPiece);
      crc = crc32(window_.view(at, size), crc);
      at += size;
    }
    const auto said = load<std::uint32_t>(window_.view(end, sizeof(std::uint32_t)).data());
    return said == 0 || said == crc;
  }

  void take_metadata(const Place& place) {
    if (!parse_metadata(body_of(place))) {
      return findings_.lose_record("metadata", place);
    }
    findings_.add_metadata(place);
  }

  Source* source_;
  const Contents* summary_;
  std::uint64_t end_;  // of the data
  Window window_;
  Landmarks landmarks_;
  ChunkDecoder decoder_;
  std::uint64_t max_record_bytes_;  // what a reader would refuse; a chunk's is the decoder's to tell
  Findings findings_;
  std::vector<Place> waiting_;
  bool behind_chunk_{false};  // and its indexes
  bool ended_{false};
};

}  // namespace

Contents scan(Source& source, const Expected<Contents, std::string>& summary, std::uint64_t max_chunk_bytes) {
  const Contents* sure = summary && summary->sure_data_end > 0 ? &*summary : nullptr;
  return Scanner(source, summary ? std::string{} : summary.error(), sure, max_chunk_bytes).run();
}

}  // namespace takt::trajectory::mcap::internal
