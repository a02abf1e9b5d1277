#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "takt/trajectory/mcap/internal/compression.hpp"
#include "takt/trajectory/mcap/internal/contents.hpp"
#include "takt/trajectory/mcap/internal/crc32.hpp"

// The end of the file tells where the summary begins; the summary is read at once. Whatever in it cannot be makes it
// unusable as a whole, and the reader scans instead: half a summary would hide messages.

namespace takt::trajectory::mcap::internal {
namespace {

using Failed = Unexpected<std::string>;

constexpr std::size_t kTail = kRecordHead + kFooterBody + kMagic.size();
constexpr std::uint64_t kGuess = 256 * 1024;  // of summary and tail: read at once with the tail

struct Tail {
  Buffer bytes{};           // the end of the file
  std::uint64_t offset{0};  // of these in the file
  Footer footer{};
};

Expected<Tail, std::string> read_tail(Source& source) {
  if (source.size() < kMagic.size() + kTail) {
    return Failed("the file has no end");
  }
  Tail tail;
  tail.bytes = Buffer::of(std::min(source.size(), kGuess));
  tail.offset = source.size() - tail.bytes.size;
  source.read(tail.offset, tail.bytes.span());
  ByteView end = tail.bytes.view().last(kTail);
  if (!std::ranges::equal(end.last(kMagic.size()), std::as_bytes(std::span(kMagic)))) {
    return Failed("the file does not end as an MCAP file does");
  }
  const auto record = take_record(end);
  const auto footer = record && record->opcode == Opcode::kFooter ? parse_footer(record->body) : std::nullopt;
  if (!footer) {
    return Failed("the file has no footer");
  }
  tail.footer = *footer;
  return tail;
}

// The summary's records, those of the offsets too. `room` keeps them when they were not in the tail.
Expected<ByteView, std::string> summary_of(Source& source, const Tail& tail, std::uint64_t max_bytes, Buffer& room) {
  const Footer& footer = tail.footer;
  const std::uint64_t end = source.size() - kTail;
  if (footer.summary_start == 0) {
    return Failed("the file has no summary");
  }
  if (footer.summary_start < kMagic.size() || footer.summary_start > end) {
    return Failed("the footer is damaged");
  }
  if (end - footer.summary_start > max_bytes) {
    return Failed(fmt::format("the summary has {} bytes, more than the {} that are allowed", end - footer.summary_start,
                              max_bytes));
  }
  const std::uint64_t crc_end = source.size() - kMagic.size() - sizeof(std::uint32_t);
  ByteView bytes;  // from the summary's start to the footer's CRC
  if (footer.summary_start >= tail.offset) {
    bytes = tail.bytes.view().subspan(footer.summary_start - tail.offset, crc_end - footer.summary_start);
  } else {
    room = Buffer::of(crc_end - footer.summary_start);
    source.read(footer.summary_start, room.span());
    bytes = room.view();
  }
  if (footer.summary_crc != 0 && crc32(bytes) != footer.summary_crc) {
    return Failed("the summary is damaged");
  }
  return bytes.first(end - footer.summary_start);
}

class SummaryReader {
 public:
  explicit SummaryReader(std::uint64_t data_end) noexcept : data_end_(data_end) {}

  /// False for what cannot be.
  [[nodiscard]] bool take(const Record& record) {
    switch (record.opcode) {
      case Opcode::kSchema:
        return take_schema(record.body);
      case Opcode::kChannel:
        return take_channel(record.body);
      case Opcode::kChunkIndex:
        return take_chunk(record.body);
      case Opcode::kAttachmentIndex:
        return take_attachment(record.body);
      case Opcode::kMetadataIndex:
        return take_metadata(record.body);
      case Opcode::kStatistics:
        return take_statistics(record.body);
      default:
        return true;
    }
  }

  /// Why it is not whole.
  [[nodiscard]] std::optional<std::string> complaint() const {
    if (!has_statistics_) {
      return "the summary has no statistics";
    }
    const Statistics& said = contents_.statistics;
    if (said.chunks != contents_.extents.size() || (said.messages > 0 && said.chunks == 0)) {
      return "the summary has no index of all chunks";
    }
    if (said.attachments != contents_.attachments.size() || said.metadata != contents_.metadata.size()) {
      return "the summary has no index of all attachments and metadata";
    }
    if (overlap()) {
      return "the summary names bytes of the file twice";
    }
    return std::nullopt;
  }

  [[nodiscard]] Contents& contents() noexcept { return contents_; }

 private:
  [[nodiscard]] bool within_data(std::uint64_t offset, std::uint64_t length) const noexcept {
    return offset >= kMagic.size() && offset <= data_end_ && length >= kRecordHead && length <= data_end_ - offset;
  }

  // Whether two entries share bytes. Where none do, what is read by them all is no more than the file.
  [[nodiscard]] bool overlap() const {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> places;  // offset, length
    const auto add = [&](const auto& entries) {
      for (const auto& entry : entries) {
        places.emplace_back(entry.offset, entry.length);
      }
    };
    add(contents_.extents);
    add(contents_.attachments);
    add(contents_.metadata);
    std::ranges::sort(places);
    return std::ranges::adjacent_find(
               places, [](const auto& a, const auto& b) { return b.first - a.first < a.second; }) != places.end();
  }

  [[nodiscard]] bool take_schema(ByteView body) {
    auto schema = parse_schema(body);
    return schema && contents_.add(std::move(*schema));
  }

  [[nodiscard]] bool take_channel(ByteView body) {
    auto channel = parse_channel(body);
    return channel && contents_.add(std::move(*channel));
  }

  [[nodiscard]] bool take_chunk(ByteView body) {
    const auto index = parse_chunk_index(body);
    if (!index || !within_data(index->offset, index->length) || index->start_ns > index->end_ns) {
      return false;
    }
    Extent extent{.start_ns = index->start_ns,
                  .end_ns = index->end_ns,
                  .offset = index->offset,
                  .length = index->length,
                  .channels_first = static_cast<std::uint32_t>(contents_.extent_channels.size())};
    ByteReader channels(index->channels);
    while (!channels.empty()) {
      contents_.extent_channels.push_back(channels.number<ChannelId>());
      static_cast<void>(channels.number<std::uint64_t>());
    }
    extent.channels_count = static_cast<std::uint32_t>(contents_.extent_channels.size()) - extent.channels_first;
    extent.channels_known = extent.channels_count > 0;  // a writer may leave the index of messages out
    contents_.extents.push_back(extent);
    return true;
  }

  [[nodiscard]] bool take_attachment(ByteView body) {
    auto index = parse_attachment_index(body);
    if (!index || !within_data(index->offset, index->length) || index->head.data_size > index->length) {
      return false;
    }
    AttachmentHead& head = index->head;
    contents_.attachments.push_back({.name = std::move(head.name),
                                     .media_type = std::move(head.media_type),
                                     .log_time_ns = head.log_time_ns,
                                     .create_time_ns = head.create_time_ns,
                                     .offset = index->offset,
                                     .length = index->length,
                                     .size = head.data_size});
    return true;
  }

  [[nodiscard]] bool take_metadata(ByteView body) {
    const auto index = parse_metadata_index(body);
    if (!index || !within_data(index->offset, index->length)) {
      return false;
    }
    contents_.metadata.push_back(*index);
    return true;
  }

  [[nodiscard]] bool take_statistics(ByteView body) {
    auto statistics = parse_statistics(body);
    if (!statistics || has_statistics_) {
      return false;
    }
    contents_.statistics = std::move(*statistics);
    has_statistics_ = true;
    return true;
  }

  std::uint64_t data_end_;
  Contents contents_;
  bool has_statistics_{false};
};

Expected<Header, std::string> read_file_header(Source& source, std::uint64_t max_bytes) {
  constexpr std::uint64_t kEnough = 4096;
  Buffer start = Buffer::of(std::min(source.size() - kMagic.size(), kEnough));
  source.read(kMagic.size(), start.span());
  ByteReader head(start.view());
  const auto opcode = head.number<Opcode>();
  const auto length = head.number<std::uint64_t>();
  if (!head.ok() || opcode != Opcode::kHeader || length > source.size() - kMagic.size() - kRecordHead) {
    return Failed("the file has no header");
  }
  if (length > max_bytes) {
    return Failed(fmt::format("the header has {} bytes, more than the {} that are allowed", length, max_bytes));
  }
  if (length > start.size - kRecordHead) {
    start = Buffer::of(kRecordHead + length);
    source.read(kMagic.size(), start.span());
  }
  auto header = parse_header(start.view().subspan(kRecordHead, length));
  if (!header) {
    return Failed("the header is damaged");
  }
  return std::move(*header);
}

}  // namespace

Expected<Contents, std::string> read_summary(Source& source, std::uint64_t max_bytes) {
  const auto tail = read_tail(source);
  if (!tail) {
    return Failed(tail.error());
  }
  auto header = read_file_header(source, max_bytes);
  if (!header) {
    return Failed(header.error());
  }
  Buffer room;
  const auto summary = summary_of(source, *tail, max_bytes, room);
  if (!summary) {
    return Failed(summary.error());
  }
  SummaryReader reader(tail->footer.summary_start);
  for (ByteView rest = *summary; !rest.empty();) {
    const auto record = take_record(rest);
    if (!record || !reader.take(*record)) {
      return Failed("the summary is damaged");
    }
  }
  if (const auto complaint = reader.complaint()) {
    return Failed(*complaint);
  }
  Contents contents = std::move(reader.contents());
  contents.header = std::move(*header);
  contents.sure_data_end = tail->footer.summary_crc != 0 ? tail->footer.summary_start : 0;
  contents.sort();
  return contents;
}

}  // namespace takt::trajectory::mcap::internal
