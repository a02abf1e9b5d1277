#include "takt/trajectory/recorder/recording.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "takt/core/error.hpp"
#include "takt/messages/enum_name.hpp"
#include "takt/trajectory/recorder/internal/recording_file.hpp"
#include "takt/trajectory/recorder/internal/trajectory_rows.hpp"

namespace takt::trajectory::recorder {
namespace {

using internal::RecordingFile;
using internal::StateRow;
using internal::TrajectoryRows;

constexpr std::array kBestFirst{StateKind::kTrajectory, StateKind::kSent,   StateKind::kReadBack,
                                StateKind::kGuarded,    StateKind::kMapped, StateKind::kLeader};

std::string name_of(StateKind kind) {
  return std::string(messages::enum_name(kind).view());
}

[[noreturn]] void refuse(const RecordingFile& file, const std::string& what) {
  throw ConfigError(file.name() + ": " + what);
}

/// "follower (mapped, sent), leader (leader)"
std::string channels_text(const Recording& recording) {
  std::map<std::string, std::vector<std::string>> kinds;
  for (const RecordedChannel& channel : recording.channels) {
    kinds[channel.info.robot].push_back(name_of(channel.info.kind) + (channel.frames == 0 ? " without states" : ""));
  }
  std::vector<std::string> texts;
  for (const auto& [robot, of_robot] : kinds) {
    texts.push_back(fmt::format("{} ({})", robot, fmt::join(of_robot, ", ")));
  }
  return texts.empty() ? "no states at all" : fmt::format("{}", fmt::join(texts, ", "));
}

/// "1 'pick' (success), 2 (discarded)"
std::string episodes_text(const Recording& recording) {
  std::vector<std::string> texts;
  for (const RecordedEpisode& episode : recording.episodes) {
    std::string text = std::to_string(episode.number);
    text += episode.task.empty() ? "" : fmt::format(" '{}'", episode.task);
    text += episode.discarded                 ? " (discarded)"
            : !episode.success                ? ""
            : episode.success.value_or(false) ? " (success)"
                                              : " (no success)";
    texts.push_back(std::move(text));
  }
  return texts.empty() ? "no episodes" : fmt::format("{}", fmt::join(texts, ", "));
}

std::vector<std::size_t> channels_of(const Recording& recording, const ReadOptions& options, StateKind kind) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < recording.channels.size(); ++i) {
    const RecordedChannel& channel = recording.channels[i];
    if (channel.info.kind == kind && (options.robot.empty() || channel.info.robot == options.robot) &&
        (options.kind || channel.frames > 0)) {
      found.push_back(i);
    }
  }
  return found;
}

std::size_t choose_channel(const RecordingFile& file, const ReadOptions& options) {
  const Recording& recording = file.contents();
  std::vector<std::size_t> found;
  if (options.kind) {
    found = channels_of(recording, options, *options.kind);
  }
  for (std::size_t i = 0; !options.kind && found.empty() && i < kBestFirst.size(); ++i) {
    found = channels_of(recording, options, kBestFirst[i]);
  }
  if (found.empty()) {
    refuse(file,
           fmt::format("no states{}{}; it has {}", options.kind ? fmt::format(" '{}'", name_of(*options.kind)) : "",
                       options.robot.empty() ? "" : fmt::format(" of a robot '{}'", options.robot),
                       channels_text(recording)));
  }
  if (found.size() > 1) {
    refuse(file, fmt::format("states '{}' of several robots, name one: it has {}",
                             name_of(recording.channels[found.front()].info.kind), channels_text(recording)));
  }
  return found.front();
}

/// Nothing: all states, in a recording without episodes.
std::optional<std::uint32_t> choose_episode(const RecordingFile& file, const ReadOptions& options) {
  const Recording& recording = file.contents();
  std::vector<std::uint32_t> found;
  for (const RecordedEpisode& episode : recording.episodes) {
    if (options.episode ? episode.number == *options.episode : !episode.discarded) {
      found.push_back(episode.number);
    }
  }
  if (found.size() == 1) {
    return found.front();
  }
  if (options.episode) {
    refuse(file, fmt::format("no episode {}; it has {}", *options.episode, episodes_text(recording)));
  }
  if (!recording.episodes.empty()) {
    refuse(file,
           fmt::format("{}, name one: it has {}", found.empty() ? "all episodes are discarded" : "several episodes",
                       episodes_text(recording)));
  }
  return std::nullopt;
}

void require_arm(const RecordingFile& file, const StateChannelInfo& info, const ReadOptions& options) {
  if (!options.expect_arm.empty() && info.arm != options.expect_arm) {
    refuse(file, fmt::format("it is of another robot: {} is of the arm '{}', not '{}'", state_topic(info), info.arm,
                             options.expect_arm));
  }
  if (!options.expect_joint_names.empty() && info.joint_names != options.expect_joint_names) {
    refuse(file, fmt::format("it is of another robot: {} has the joints {}, not {}", state_topic(info),
                             fmt::join(info.joint_names, ", "), fmt::join(options.expect_joint_names, ", ")));
  }
}

TrajectoryInfo trajectory_info(const RecordingFile& file, const StateChannelInfo& channel,
                               std::optional<std::uint32_t> episode_number) {
  const Recording& recording = file.contents();
  TrajectoryInfo info{.name = recording.path.stem().string(),
                      .robot = channel.arm,
                      .robot_type = channel.robot_type,
                      .joint_names = channel.joint_names,
                      .source = fmt::format("{} {}", file.name(), state_topic(channel))};
  for (const RecordedEpisode& episode : recording.episodes) {
    if (episode.number == episode_number) {
      info.task = episode.task;
      info.success = episode.success;
    }
  }
  if (recording.episodes.size() > 1) {
    info.name += fmt::format("-{}", episode_number.value_or(0));
    info.source += fmt::format(" episode {}", episode_number.value_or(0));
  }
  return info;
}

}  // namespace

Recording list_recording(const std::filesystem::path& path) {
  return RecordingFile(path).contents();
}

Trajectory read_states(const std::filesystem::path& path, const ReadOptions& options) {
  return internal::read_states(RecordingFile(path), options);
}

Trajectory internal::read_states(const RecordingFile& file, const ReadOptions& options) {
  const std::size_t channel = choose_channel(file, options);
  const std::optional<std::uint32_t> episode = choose_episode(file, options);
  const StateChannelInfo& info = file.contents().channels[channel].info;
  require_arm(file, info, options);
  TrajectoryRows rows(
      trajectory_info(file, info, episode),
      fmt::format("{}: {}{}", file.name(), state_topic(info), episode ? fmt::format(", episode {}", *episode) : ""),
      options);
  file.visit_states(channel, episode, [&](const StateRow& row) { rows.add(row); });
  Trajectory trajectory = rows.take();
  if (const auto* stored = file.trajectory_metadata(); stored != nullptr) {
    TrajectoryInfo info_stored = stored_info(trajectory.info(), *stored);
    std::int64_t& start_ns = info_stored.start_wall_ns;
    if (start_ns != 0 && __builtin_add_overflow(start_ns, rows.begin_ns(), &start_ns)) {
      start_ns = 0;
    }
    trajectory.set_info(std::move(info_stored));
  }
  return trajectory;
}

}  // namespace takt::trajectory::recorder
