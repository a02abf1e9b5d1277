#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "takt/messages/json.hpp"
#include "takt/trajectory/recorder/internal/recording_file.hpp"

// The episodes of a recording, by their events, and by their states where events are lost.

namespace takt::trajectory::recorder::internal {
namespace {

/// An episode that was not ended goes to the end of the file; states may have been handed over just before its begin.
constexpr core::Nanoseconds kSlack = core::kNanosecondsPerSecond;
constexpr core::Nanoseconds kForEver = std::numeric_limits<core::Nanoseconds>::max();
constexpr std::size_t kMostEpisodes = 65'536;  // counts are kept of each, of each channel

std::string_view text_of(std::span<const std::byte> data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
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

void RecordingFile::read_episodes() {
  for (const mcap::Message& message : reader_.messages({.topics = {std::string(kEpisodeTopic)}})) {
    const auto event = messages::from_json<EpisodeEvent>(text_of(message.data));
    if (!event) {
      refuse(fmt::format("{}, message {}: {}", kEpisodeTopic, message.sequence, event.error().text()));
    }
    apply(*event, message.log_time_ns);
  }
  const std::size_t heard_of = contents_.episodes.size();
  add_unheard_of();
  measure_unended();
  if (contents_.episodes.size() > heard_of) {
    settle_unheard_of(heard_of);
  }
  tell_begins_that_miss();
  tell_states_that_miss();
}

// A recorder counts episodes from 1: of a number that no event has, all events are lost, and perhaps not the states.
void RecordingFile::add_unheard_of() {
  const std::uint32_t last = index_of_.empty() ? 0 : index_of_.rbegin()->first;
  for (std::uint32_t number = 1; number < last && last <= kMostEpisodes; ++number) {
    if (!index_of_.contains(number)) {
      add_episode({.number = number, .began = false, .start_wall_ns = kForEver}, 0);
    }
  }
}

// By number, and without those from `heard_of` on that have no states.
void RecordingFile::settle_unheard_of(std::size_t heard_of) {
  std::map<std::uint32_t, std::size_t> kept;
  for (const auto& [number, index] : index_of_) {
    const std::vector<std::uint64_t>& frames = contents_.episodes[index].frames;
    if (index < heard_of || std::ranges::any_of(frames, [](std::uint64_t count) { return count != 0; })) {
      kept.emplace(number, index);
    }
  }
  std::vector<RecordedEpisode> episodes;
  std::vector<Span> spans;
  for (auto& [number, index] : kept) {
    episodes.push_back(std::move(contents_.episodes[index]));
    spans.push_back(spans_[index]);
    index = spans.size() - 1;
  }
  contents_.episodes = std::move(episodes);
  spans_ = std::move(spans);
  index_of_ = std::move(kept);
}

void RecordingFile::tell_states_that_miss() {
  for (std::size_t i = 0; i < contents_.channels.size(); ++i) {
    const RecordedChannel& channel = contents_.channels[i];
    std::uint64_t said = 0;
    for (const RecordedEpisode& episode : contents_.episodes) {
      said += episode.frames[i];
    }
    if (said > channel.frames) {
      add_missing(fmt::format("{} of {} states of {}", said - channel.frames, said, state_topic(channel.info)));
    }
  }
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

}  // namespace takt::trajectory::recorder::internal
