#include "takt/trajectory/recorder/internal/recording_file.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/messages/cdr.hpp"
#include "takt/messages/json.hpp"
#include "takt/trajectory/mcap/repair.hpp"

namespace takt::trajectory::recorder::internal {
namespace {

constexpr core::Nanoseconds kForEver = std::numeric_limits<core::Nanoseconds>::max();

// What a file may make a reader keep counts of: each episode's of each channel; see also kMostEpisodes.
constexpr std::size_t kMostChannels = 256;

std::string_view text_of(std::span<const std::byte> data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

}  // namespace

RecordingFile::RecordingFile(const std::filesystem::path& path)
    : RecordingFile(std::make_unique<mcap::FileSource>(path)) {}

RecordingFile::RecordingFile(std::unique_ptr<mcap::Source> source) : reader_(std::move(source)) {
  contents_.path = reader_.name();
  contents_.recovered = reader_.recovered();
  if (reader_.recovered()) {
    add_missing(reader_.recovery()->why);
    if (!reader_.recovery()->lossless()) {
      add_missing(reader_.recovery()->first_loss);
    }
  }
  const mcap::Statistics& statistics = reader_.statistics();
  contents_.duration_ns =
      std::max<core::Nanoseconds>(0, statistics.last_log_time_ns - statistics.first_log_time_ns);  // both from 1970 on
  read_metadata();
  read_channels();
  read_dropped();
  read_episodes();
}

void RecordingFile::refuse(const std::string& what) const {
  throw ConfigError(name() + ": " + what);
}

void RecordingFile::add_missing(const std::string& what) {
  contents_.missing += contents_.missing.empty() ? "" : "; ";
  contents_.missing += what;
}

// No CRC covers metadata. A damage there, or their loss, costs none of the states: what is no number is no version.
void RecordingFile::require_version(const std::vector<mcap::Metadata>& all) {
  bool told = false;
  for (const mcap::Metadata& metadata : all) {
    const auto found = metadata.values.find("version");
    if ((metadata.name == kRecordingMetadata || metadata.name == kClosedMetadata) && found != metadata.values.end()) {
      const std::string& version = found->second;
      if (version != kVersion && !version.empty() && std::ranges::all_of(version, is_digit)) {
        refuse(fmt::format("a recording of version '{}'; this takt reads version {}", version, kVersion));
      }
      told = told || version == kVersion;
    }
  }
  if (told) {
    return;
  }
  const bool has_states = std::ranges::any_of(
      reader_.schemas(), [](const mcap::Schema& schema) { return schema.name == RecordedState::kRosName; });
  if (!has_states) {
    refuse("an MCAP file, but no recording of takt: it has no metadata 'takt.recording'");
  }
  add_missing("its metadata");
}

void RecordingFile::read_metadata() {
  const std::vector<mcap::Metadata> all = reader_.metadata();
  require_version(all);
  for (const mcap::Metadata& metadata : all) {
    if (metadata.name == kTrajectoryMetadata) {
      trajectory_ = metadata.values;
    } else if (metadata.name == mcap::kRepairedMetadata) {
      const auto lost = metadata.values.find("lost");
      add_missing("repaired: " + (lost == metadata.values.end() ? "something was lost" : lost->second));
    }
  }
  if (trajectory_ && trajectory_->contains("name")) {
    contents_.trajectory = trajectory_->at("name");
  }
  if (!reader_.attachments().empty()) {
    const mcap::Attachment configuration = reader_.attachment(reader_.attachments().front());
    contents_.configuration = text_of(configuration.data);
  }
}

void RecordingFile::read_channels() {
  for (const mcap::Channel& channel : reader_.channels()) {
    const mcap::Schema* schema = reader_.find(channel.schema);
    if (channel.message_encoding != "cdr" || schema == nullptr || schema->name != RecordedState::kRosName) {
      continue;
    }
    auto info = read_channel_metadata(channel.metadata);
    if (!info) {
      refuse(fmt::format("channel {}: {}", channel.topic, info.error()));
    }
    const auto& counts = reader_.statistics().messages_of;
    const auto count = counts.find(channel.id);
    contents_.channels.push_back({.info = std::move(*info), .frames = count == counts.end() ? 0 : count->second});
    channel_ids_.push_back(channel.id);
    if (contents_.channels.size() > kMostChannels) {
      refuse(fmt::format("more than {} state channels", kMostChannels));
    }
    if (state_topic(contents_.channels.back().info) != channel.topic) {
      refuse(fmt::format("channel {}: its metadata are those of {}", channel.topic,
                         state_topic(contents_.channels.back().info)));
    }
  }
}

std::vector<std::uint64_t> RecordingFile::by_channel(const std::map<std::string, std::uint64_t>& by_topic) const {
  std::vector<std::uint64_t> counts;
  for (const RecordedChannel& channel : contents_.channels) {
    const auto found = by_topic.find(state_topic(channel.info));
    counts.push_back(found == by_topic.end() ? 0 : found->second);
  }
  return counts;
}

void RecordingFile::read_dropped() {
  for (const mcap::Message& message : reader_.messages({.topics = {std::string(kDroppedTopic)}})) {
    const auto event = messages::from_json<DroppedEvent>(text_of(message.data));
    if (!event) {
      refuse(fmt::format("{}, message {}: {}", kDroppedTopic, message.sequence, event.error().text()));
    }
    const std::vector<std::uint64_t> dropped = by_channel(event->dropped);
    for (std::size_t i = 0; i < dropped.size(); ++i) {
      contents_.channels[i].dropped = dropped[i];  // totals: the last one counts
    }
  }
}

void RecordingFile::visit_states(std::size_t channel, std::optional<std::uint32_t> episode,
                                 const std::function<void(const StateRow&)>& visit) const {
  if (!episode) {
    visit_span(channel, {.from_ns = 0, .to_ns = kForEver}, visit);
    return;
  }
  const auto found = index_of_.find(*episode);
  if (found == index_of_.end()) {
    throw LogicError(fmt::format("{}: there is no episode {}", name(), *episode));
  }
  visit_span(channel, spans_[found->second], [&](const StateRow& row) {
    if (row.state.episode == *episode) {
      visit(row);
    }
  });
}

void RecordingFile::visit_span(std::size_t channel, const Span& span,
                               const std::function<void(const StateRow&)>& visit) const {
  const std::string topic = state_topic(contents_.channels[channel].info);
  for (const mcap::Message& message :
       reader_.messages({.topics = {topic}, .from_ns = span.from_ns, .to_ns = span.to_ns})) {
    if (message.channel != channel_ids_[channel]) {
      continue;
    }
    auto state = messages::from_cdr<RecordedState>(message.data);
    if (!state) {
      refuse(fmt::format("{}, message {}: {}", topic, message.sequence, state.error().text()));
    }
    visit({.state = *state,
           .log_time_ns = message.log_time_ns,
           .publish_time_ns = message.publish_time_ns,
           .sequence = message.sequence});
  }
}

}  // namespace takt::trajectory::recorder::internal
