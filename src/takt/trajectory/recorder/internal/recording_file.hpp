#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "takt/trajectory/mcap/reader.hpp"
#include "takt/trajectory/recorder/internal/events.hpp"
#include "takt/trajectory/recorder/recorded_state.hpp"
#include "takt/trajectory/recorder/recording.hpp"

namespace takt::trajectory::recorder::internal {

/// A state as it lies in a file.
struct StateRow {
  RecordedState state{};
  core::Nanoseconds log_time_ns{0};
  core::Nanoseconds publish_time_ns{0};
  std::uint32_t sequence{0};  ///< in the channel, from 1; 0: the writer did not count
};

/// A recording that is open to be read, with what it says of itself. Errors are ConfigErrors that begin with the path.
class RecordingFile {
 public:
  explicit RecordingFile(const std::filesystem::path& path);
  explicit RecordingFile(std::unique_ptr<mcap::Source> source);

  [[nodiscard]] const Recording& contents() const noexcept { return contents_; }
  [[nodiscard]] const std::string& name() const noexcept { return reader_.name(); }

  /// Of the metadata takt.trajectory; null when it is a recording of a run.
  [[nodiscard]] const std::map<std::string, std::string>* trajectory_metadata() const noexcept {
    return trajectory_ ? &*trajectory_ : nullptr;
  }

  /// The states of a channel, of one episode or of all, by log time. What `visit` throws passes through.
  void visit_states(std::size_t channel, std::optional<std::uint32_t> episode,
                    const std::function<void(const StateRow&)>& visit) const;

 private:
  /// Between which log times an episode's states lie, both included.
  struct Span {
    core::Nanoseconds from_ns{0};
    core::Nanoseconds to_ns{0};
  };

  [[noreturn]] void refuse(const std::string& what) const;
  void add_missing(const std::string& what);
  void read_metadata();
  void require_version(const std::vector<mcap::Metadata>& all);
  void read_channels();
  void read_dropped();
  void read_episodes();
  void apply(const EpisodeEvent& event, core::Nanoseconds log_time_ns);
  void begin_episode(const EpisodeEvent& event, core::Nanoseconds log_time_ns);
  [[nodiscard]] std::size_t find_or_miss(std::uint32_t episode, core::Nanoseconds log_time_ns);
  std::size_t add_episode(RecordedEpisode episode, core::Nanoseconds from_ns);
  void end_episode(std::size_t index, const EpisodeEvent& event, core::Nanoseconds log_time_ns);
  void add_unheard_of();
  void settle_unheard_of(std::size_t heard_of);
  void tell_begins_that_miss();
  void tell_states_that_miss();
  void measure_unended();
  void visit_span(std::size_t channel, const Span& span, const std::function<void(const StateRow&)>& visit) const;
  [[nodiscard]] std::vector<std::uint64_t> by_channel(const std::map<std::string, std::uint64_t>& by_topic) const;

  mcap::Reader reader_;
  Recording contents_{};
  std::vector<mcap::ChannelId> channel_ids_{};       ///< of contents_.channels
  std::map<std::uint32_t, std::size_t> index_of_{};  ///< episodes by number
  std::vector<Span> spans_{};                        ///< of contents_.episodes
  std::optional<std::map<std::string, std::string>> trajectory_{};
};

}  // namespace takt::trajectory::recorder::internal
