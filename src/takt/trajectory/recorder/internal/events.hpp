#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <boost/describe.hpp>

#include "takt/trajectory/recorder/internal/record.hpp"
#include "takt/trajectory/recorder/recorded_state.hpp"
#include "takt/trajectory/trajectory.hpp"

/// What a recording says of itself, as JSON. docs/formats/recording.md has the members.
namespace takt::trajectory::recorder::internal {

inline constexpr std::string_view kVersion = "1";
inline constexpr std::string_view kRecordingMetadata = "takt.recording";
inline constexpr std::string_view kClosedMetadata = "takt.closed";
inline constexpr std::string_view kTrajectoryMetadata = "takt.trajectory";
inline constexpr std::string_view kEpisodeTopic = "/takt/episode";
inline constexpr std::string_view kDroppedTopic = "/takt/dropped";

enum class EpisodeChange : std::uint8_t { kBegin, kEnd, kMark, kDiscard };
BOOST_DESCRIBE_ENUM(EpisodeChange, kBegin, kEnd, kMark, kDiscard)

/// A message of /takt/episode. frames, dropped, first_ns and last_ns: of an episode's end.
struct EpisodeEvent {
  EpisodeChange event{EpisodeChange::kBegin};
  std::int64_t recorded_ns{0};
  std::uint32_t episode{0};
  std::string task{};
  std::optional<bool> success{};
  std::int64_t first_ns{0};                        ///< the least recorded_ns of its states; 0: none
  std::int64_t last_ns{0};                         ///< the greatest
  std::map<std::string, std::uint64_t> frames{};   ///< by topic
  std::map<std::string, std::uint64_t> dropped{};  ///< likewise, where any
};
BOOST_DESCRIBE_STRUCT(EpisodeEvent, (),
                      (event, recorded_ns, episode, task, success, first_ns, last_ns, frames, dropped))

/// A message of /takt/mode, /takt/fault and /takt/engaged.
struct NoteEvent {
  std::int64_t recorded_ns{0};
  std::uint32_t episode{0};
  std::string trace_id{};  ///< 16 hexadecimal digits
  std::string robot{};
  std::string text{};
};
BOOST_DESCRIBE_STRUCT(NoteEvent, (), (recorded_ns, episode, trace_id, robot, text))

/// A message of /takt/dropped: what was refused since the recording began, by topic.
struct DroppedEvent {
  std::int64_t recorded_ns{0};
  std::map<std::string, std::uint64_t> dropped{};
};
BOOST_DESCRIBE_STRUCT(DroppedEvent, (), (recorded_ns, dropped))

[[nodiscard]] ChannelSpec state_channel(const StateChannelInfo& info);
[[nodiscard]] ChannelSpec episode_channel();
[[nodiscard]] ChannelSpec dropped_channel();
[[nodiscard]] ChannelSpec note_channel(std::string_view kind);
[[nodiscard]] ChannelSpec event_channel(std::string_view kind);

/// Adds the channel and its schema to the file.
[[nodiscard]] mcap::ChannelId add_channel(mcap::Writer& writer, const ChannelSpec& spec);

[[nodiscard]] std::span<const std::byte> bytes_of(std::string_view text) noexcept;

/// The metadata of a state channel, as state_channel makes it; or what is wrong with it.
[[nodiscard]] Expected<StateChannelInfo, std::string> read_channel_metadata(
    const std::map<std::string, std::string>& metadata);

/// The metadata takt.trajectory of a trajectory with this info, and `info` with what is only there.
[[nodiscard]] std::map<std::string, std::string> trajectory_metadata(const TrajectoryInfo& info);
[[nodiscard]] TrajectoryInfo stored_info(TrajectoryInfo info, const std::map<std::string, std::string>& metadata);

}  // namespace takt::trajectory::recorder::internal
