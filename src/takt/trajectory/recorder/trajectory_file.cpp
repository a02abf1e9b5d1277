#include "takt/trajectory/recorder/trajectory_file.hpp"

#include <memory>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/messages/cdr.hpp"
#include "takt/messages/json.hpp"
#include "takt/trajectory/mcap/writer.hpp"
#include "takt/trajectory/recorder/internal/events.hpp"
#include "takt/trajectory/recorder/internal/recording_file.hpp"
#include "takt/trajectory/recorder/internal/trajectory_rows.hpp"
#include "takt/trajectory/recorder/recorded_state.hpp"
#include "takt/trajectory/recorder/recording.hpp"

namespace takt::trajectory::recorder {
namespace {

using internal::EpisodeChange;
using internal::EpisodeEvent;

/// What the states of a trajectory belong to: there is no run, so no robot of one.
constexpr std::string_view kRobot = "robot";
constexpr std::uint32_t kEpisode = 1;

StateChannelInfo channel_info(const TrajectoryInfo& info) {
  return {.robot = std::string(kRobot),
          .kind = StateKind::kTrajectory,
          .arm = info.robot,
          .robot_type = info.robot_type,
          .joint_names = info.joint_names};
}

RecordedState state_of(const Trajectory& trajectory, std::size_t index) {
  const Frame frame = trajectory.frame(index);
  messages::RobotState state;
  state.stamp_ns = frame.t_ns;
  state.sequence = index + 1;
  state.joint_positions = frame.q_rad;
  state.joint_velocities = frame.dq_rad_s;
  state.gripper_position = frame.gripper;
  state.robot_type = trajectory.info().robot_type;
  return to_recorded(state, frame.t_ns, kEpisode);
}

/// Writes messages of one trajectory: times are its own, from 0.
class TrajectoryWriter {
 public:
  TrajectoryWriter(mcap::Writer& writer, const Trajectory& trajectory)
      : writer_(writer), trajectory_(trajectory), info_(channel_info(trajectory.info())) {
    states_ = internal::add_channel(writer_, internal::state_channel(info_));
    episodes_ = internal::add_channel(writer_, internal::episode_channel());
  }

  void write() {
    episode({.event = EpisodeChange::kBegin, .episode = kEpisode, .task = trajectory_.info().task});
    for (std::size_t i = 0; i < trajectory_.size(); ++i) {
      const RecordedState state = state_of(trajectory_, i);
      scratch_.resize(messages::cdr_size(state));
      put(states_, static_cast<std::uint32_t>(i + 1), state.stamp_ns,
          std::span(scratch_).first(messages::encode_cdr(state, scratch_).value()));
    }
    episode({.event = EpisodeChange::kEnd,
             .recorded_ns = trajectory_.duration_ns(),
             .episode = kEpisode,
             .success = trajectory_.info().success,
             .last_ns = trajectory_.duration_ns(),
             .frames = {{state_topic(info_), trajectory_.size()}}});
  }

 private:
  void episode(const EpisodeEvent& event) {
    put(episodes_, ++episode_events_, event.recorded_ns, internal::bytes_of(messages::to_json(event)));
  }
  void put(mcap::ChannelId channel, std::uint32_t sequence, core::Nanoseconds t_ns, std::span<const std::byte> data) {
    const core::Nanoseconds wall_ns = trajectory_.info().start_wall_ns + t_ns;
    writer_.write(channel, sequence, wall_ns, wall_ns, data);
  }

  mcap::Writer& writer_;
  const Trajectory& trajectory_;
  StateChannelInfo info_;
  mcap::ChannelId states_{};
  mcap::ChannelId episodes_{};
  std::uint32_t episode_events_{0};
  std::vector<std::byte> scratch_{};
};

void require_writable(const std::filesystem::path& path, const Trajectory& trajectory) {
  const TrajectoryInfo& info = trajectory.info();
  if (trajectory.empty()) {
    throw ConfigError(fmt::format("{}: the trajectory '{}' has no frames", path.string(), info.name));
  }
  core::Nanoseconds end_ns = 0;
  if (info.start_wall_ns < 0 || __builtin_add_overflow(info.start_wall_ns, trajectory.duration_ns(), &end_ns)) {
    throw ConfigError(fmt::format("{}: the trajectory '{}' begins at {} ns: before 1970, or too late", path.string(),
                                  info.name, info.start_wall_ns));
  }
}

}  // namespace

void write_trajectory(const std::filesystem::path& path, const Trajectory& trajectory,
                      const TrajectoryFileOptions& options) {
  require_writable(path, trajectory);
  auto file = std::make_unique<mcap::FileSink>(path, mcap::FileSink::Existing::kReplace);
  mcap::Sink& sink = *file;  // the writer's from now on
  mcap::Writer writer(std::move(file));
  writer.add_metadata(internal::kRecordingMetadata,
                      {{"version", std::string(internal::kVersion)},
                       {"wall_offset_ns", std::to_string(trajectory.info().start_wall_ns)}});
  writer.add_metadata(internal::kTrajectoryMetadata, internal::trajectory_metadata(trajectory.info()));
  TrajectoryWriter(writer, trajectory).write();
  writer.close();
  if (options.fsync) {
    sink.sync();
  }
}

Trajectory read_trajectory(const std::filesystem::path& path) {
  const internal::RecordingFile file(path);
  if (file.trajectory_metadata() == nullptr) {
    throw ConfigError(file.name() + ": a recording of a run, not a trajectory: import one of its episodes");
  }
  if (file.contents().recovered) {
    throw ConfigError(fmt::format("{}: broken off or damaged: {}", file.name(), file.contents().missing));
  }
  return internal::read_states(file, {.kind = StateKind::kTrajectory});
}

}  // namespace takt::trajectory::recorder
