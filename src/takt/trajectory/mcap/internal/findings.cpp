#include "takt/trajectory/mcap/internal/findings.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace takt::trajectory::mcap::internal {
namespace {

constexpr std::uint64_t kStretch = 256 * 1024;

}  // namespace

Findings::Findings(std::string why, const Contents* summary, std::uint64_t max_extent_bytes)
    : stretch_(std::min(kStretch, max_extent_bytes)) {
  recovery_.why = std::move(why);
  if (summary != nullptr) {
    contents_.schemas = summary->schemas;
    contents_.channels = summary->channels;
    contents_.definition_bytes = summary->definition_bytes;
  }
}

void Findings::lose(std::string what) {
  in_stretch_ = false;
  if (recovery_.first_loss.empty()) {
    recovery_.first_loss = std::move(what);
  }
}

void Findings::lose_record(const char* what, const Place& place) {
  lose(fmt::format("the {} at byte {} is damaged", what, place.offset));
  ++recovery_.broken_records;
}

void Findings::lose_great(const Place& place, std::uint64_t most) {
  lose(fmt::format("the record at byte {} has {} bytes, more than the {} that are allowed", place.offset,
                   place.length(), most));
  ++recovery_.broken_records;
}

void Findings::lose_chunk(std::string_view why, const Place& place) {
  lose(fmt::format("the chunk at byte {} is damaged: {}", place.offset, why));
  ++recovery_.broken_chunks;
}

bool Findings::define(Opcode opcode, ByteView body) {
  if (body.size() > kMostDefinitions) {
    return false;  // before a copy is made
  }
  if (opcode == Opcode::kSchema) {
    auto schema = parse_schema(body);
    return schema && contents_.add(std::move(*schema));
  }
  auto channel = parse_channel(body);
  return channel && contents_.add(std::move(*channel));
}

void Findings::count(ChannelId channel, core::Nanoseconds log_time_ns) {
  Statistics& statistics = contents_.statistics;
  const bool first = statistics.messages == 0;
  statistics.first_log_time_ns = first ? log_time_ns : std::min(statistics.first_log_time_ns, log_time_ns);
  statistics.last_log_time_ns = std::max(statistics.last_log_time_ns, log_time_ns);
  ++statistics.messages;
  ++statistics.messages_of[channel];
}

void Findings::add_message(const Place& place, const Message& message) {
  if (!in_stretch_ || place.end() - contents_.extents.back().offset > stretch_) {
    contents_.extents.push_back(
        {.start_ns = message.log_time_ns, .end_ns = message.log_time_ns, .offset = place.offset, .chunk = false});
    in_stretch_ = true;
  }
  Extent& stretch = contents_.extents.back();
  stretch.length = place.end() - stretch.offset;
  stretch.start_ns = std::min(stretch.start_ns, message.log_time_ns);
  stretch.end_ns = std::max(stretch.end_ns, message.log_time_ns);
  count(message.channel, message.log_time_ns);
}

void Findings::add_attachment(const Place& place, AttachmentHead head) {
  in_stretch_ = false;
  contents_.attachments.push_back({.name = std::move(head.name),
                                   .media_type = std::move(head.media_type),
                                   .log_time_ns = head.log_time_ns,
                                   .create_time_ns = head.create_time_ns,
                                   .offset = place.offset,
                                   .length = place.length(),
                                   .size = head.data_size});
  ++contents_.statistics.attachments;
}

void Findings::add_metadata(const Place& place) {
  contents_.metadata.push_back({place.offset, place.length()});
  ++contents_.statistics.metadata;
}

const std::vector<ChannelId>& Findings::channels_of(const DecodedChunk& chunk) {
  for (const ChannelId channel : channels_) {
    seen_.reset(static_cast<std::size_t>(channel));
  }
  channels_.clear();
  for (const DecodedChunk::Entry& entry : chunk.entries) {
    const ChannelId channel = chunk.channel(entry);
    if (!seen_.test(static_cast<std::size_t>(channel))) {
      seen_.set(static_cast<std::size_t>(channel));
      channels_.push_back(channel);
    }
  }
  return channels_;
}

void Findings::add_chunk(const Place& place, const DecodedChunk& chunk) {
  in_stretch_ = false;
  const auto& channels = channels_of(chunk);
  const auto undescribed = [this](ChannelId channel) { return !describes(channel); };
  if (!channels.empty() && std::ranges::all_of(channels, undescribed)) {
    return;
  }
  ++contents_.statistics.chunks;
  recovery_.compression = std::max(recovery_.compression, chunk.compression);
  if (chunk.entries.empty()) {
    return;
  }
  std::ranges::for_each(
      channels, [&](ChannelId channel) { seen_.set(static_cast<std::size_t>(channel), !undescribed(channel)); });
  for (const DecodedChunk::Entry& entry : chunk.entries) {
    if (const ChannelId channel = chunk.channel(entry); seen_.test(static_cast<std::size_t>(channel))) {
      count(channel, entry.log_time_ns);
    }
  }
  contents_.extents.push_back({.start_ns = chunk.entries.front().log_time_ns,
                               .end_ns = chunk.entries.back().log_time_ns,
                               .offset = place.offset,
                               .length = place.length(),
                               .channels_known = true,
                               .channels_first = static_cast<std::uint32_t>(contents_.extent_channels.size()),
                               .channels_count = static_cast<std::uint32_t>(channels.size())});
  contents_.extent_channels.insert(contents_.extent_channels.end(), channels.begin(), channels.end());
}

Contents Findings::finish(std::uint64_t file_bytes, const Contents* summary) {
  if (summary != nullptr) {
    const Statistics& said = summary->statistics;
    const Statistics& found = contents_.statistics;
    if (found.messages < said.messages || found.chunks < said.chunks || found.attachments < said.attachments ||
        found.metadata < said.metadata) {
      lose(fmt::format("there are {} of {} messages, {} of {} chunks, {} of {} attachments and {} of {} metadata",
                       found.messages, said.messages, found.chunks, said.chunks, found.attachments, said.attachments,
                       found.metadata, said.metadata));
    }
  }
  recovery_.whole_bytes = file_bytes - recovery_.lost_bytes;
  contents_.recovery = std::move(recovery_);
  contents_.sort();
  return std::move(contents_);
}

}  // namespace takt::trajectory::mcap::internal
