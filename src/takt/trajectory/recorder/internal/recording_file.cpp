#include "takt/trajectory/recorder/internal/recording_file.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/messages/cdr.hpp"
#include "takt/messages/json.hpp"

namespace takt::trajectory::recorder::internal {
namespace {

/// An episode that was not ended goes to the end of the file; states may have been handed over just before its begin.
constexpr core::Nanoseconds kSlack = core::kNanosecondsPerSecond;
constexpr core::Nanoseconds kForEver = std::numeric_limits<core::Nanoseconds>::max();

// What a file may make a reader keep counts of: each episode's of each channel.
constexpr std::size_t kMostChannels = 256;
constexpr std::size_t kMostEpisodes = 65'536;

std::string_view text_of(std::span<const std::byte> data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

core::Nanoseconds difference(core::Nanoseconds a, core::Nanoseconds b) {
  core::Nanoseconds result = 0;
  return __builtin_sub_overflow(a, b, &result) ? 0 : result;
}

core::Nanoseconds sum(core::Nanoseconds a, core::Nanoseconds b) {
  core::Nanoseconds result = 0;
  return __builtin_add_overflow(a, b, &result) ? kForEver : result;
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
      std::max<core::Nanoseconds>(0, difference(statistics.last_log_time_ns, statistics.first_log_time_ns));
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

void RecordingFile::read_episodes() {
  for (const mcap::Message& message : reader_.messages({.topics = {std::string(kEpisodeTopic)}})) {
    const auto event = messages::from_json<EpisodeEvent>(text_of(message.data));
    if (!event) {
      refuse(fmt::format("{}, message {}: {}", kEpisodeTopic, message.sequence, event.error().text()));
    }
    apply(*event, message.log_time_ns);
  }
  tell_begins_that_miss();
  measure_unended();
}

void RecordingFile::tell_begins_that_miss() {
  const auto count = std::ranges::count(contents_.episodes, false, &RecordedEpisode::began);
  if (count > 0) {
    const auto first = std::ranges::find(contents_.episodes, false, &RecordedEpisode::began);
    add_missing(count == 1 ? fmt::format("the begin of episode {}", first->number)
                           : fmt::format("the begins of {} episodes, first of {}", count, first->number));
  }
}

void RecordingFile::apply(const EpisodeEvent& event, core::Nanoseconds log_time_ns) {
  if (event.event == EpisodeChange::kBegin) {
    begin_episode(event, log_time_ns);
    return;
  }
  const std::size_t index = find_or_miss(event.episode, log_time_ns);
  RecordedEpisode& episode = contents_.episodes[index];
  if (event.success) {
    episode.success = event.success;
  }
  episode.discarded = episode.discarded || event.event == EpisodeChange::kDiscard;
  if (!episode.ended && event.event != EpisodeChange::kMark) {
    end_episode(index, event, log_time_ns);
  }
}

// A repair leaves out what is damaged, be it the begin of an episode: the others are none the worse for it.
std::size_t RecordingFile::find_or_miss(std::uint32_t episode, core::Nanoseconds log_time_ns) {
  if (const auto found = index_of_.find(episode); found != index_of_.end()) {
    return found->second;
  }
  return add_episode({.number = episode, .began = false, .start_wall_ns = log_time_ns}, 0);
}

void RecordingFile::begin_episode(const EpisodeEvent& event, core::Nanoseconds log_time_ns) {
  if (index_of_.contains(event.episode)) {
    refuse(fmt::format("{}: episode {} begins twice", kEpisodeTopic, event.episode));
  }
  add_episode({.number = event.episode, .task = event.task, .start_wall_ns = log_time_ns},
              std::max<core::Nanoseconds>(0, log_time_ns - kSlack));
}

// Its end may come.
std::size_t RecordingFile::add_episode(RecordedEpisode episode, core::Nanoseconds from_ns) {
  if (episode.number == 0) {
    refuse(fmt::format("{}: an episode of number 0", kEpisodeTopic));
  }
  if (index_of_.size() == kMostEpisodes) {
    refuse(fmt::format("more than {} episodes", kMostEpisodes));
  }
  episode.ended = false;
  episode.frames = by_channel({});
  episode.dropped = by_channel({});
  const std::size_t index = contents_.episodes.size();
  index_of_.emplace(episode.number, index);
  contents_.episodes.push_back(std::move(episode));
  spans_.push_back({.from_ns = from_ns, .to_ns = kForEver});
  return index;
}

void RecordingFile::end_episode(std::size_t index, const EpisodeEvent& event, core::Nanoseconds log_time_ns) {
  RecordedEpisode& episode = contents_.episodes[index];
  const core::Nanoseconds wall_offset_ns = difference(log_time_ns, event.recorded_ns);
  spans_[index] = {.from_ns = sum(event.first_ns, wall_offset_ns), .to_ns = sum(event.last_ns, wall_offset_ns)};
  if (!episode.began && event.first_ns != 0) {
    episode.start_wall_ns = spans_[index].from_ns;
  }
  episode.ended = true;
  episode.duration_ns = std::max<core::Nanoseconds>(0, difference(log_time_ns, episode.start_wall_ns));
  episode.frames = by_channel(event.frames);
  episode.dropped = by_channel(event.dropped);
}

// Of these nobody has counted; there is one at most, unless the file was made by hand or lacks a part.
void RecordingFile::measure_unended() {
  std::optional<Span> span;
  std::vector<core::Nanoseconds> last_ns(spans_.size());
  for (std::size_t i = 0; i < spans_.size(); ++i) {
    if (!contents_.episodes[i].ended) {
      span = Span{.from_ns = std::min(span.value_or(spans_[i]).from_ns, spans_[i].from_ns), .to_ns = kForEver};
    }
  }
  for (std::size_t channel = 0; span && channel < contents_.channels.size(); ++channel) {
    visit_span(channel, *span, [&](const StateRow& row) {
      const auto found = index_of_.find(row.state.episode);
      if (found == index_of_.end() || contents_.episodes[found->second].ended) {
        return;
      }
      RecordedEpisode& episode = contents_.episodes[found->second];
      ++episode.frames[channel];
      if (!episode.began) {
        episode.start_wall_ns = std::min(episode.start_wall_ns, row.log_time_ns);
      }
      last_ns[found->second] = std::max(last_ns[found->second], row.log_time_ns);
    });
  }
  for (std::size_t i = 0; i < spans_.size(); ++i) {
    RecordedEpisode& episode = contents_.episodes[i];
    if (!episode.ended) {
      episode.duration_ns = std::max<core::Nanoseconds>(0, difference(last_ns[i], episode.start_wall_ns));
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
    visit({.state = *state, .log_time_ns = message.log_time_ns, .publish_time_ns = message.publish_time_ns});
  }
}

}  // namespace takt::trajectory::recorder::internal
