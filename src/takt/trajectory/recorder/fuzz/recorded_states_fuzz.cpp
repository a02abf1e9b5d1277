// Any bytes as a recording: a clear error, or trajectories that make sense.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

#include "takt/core/error.hpp"
#include "takt/trajectory/mcap/source.hpp"
#include "takt/trajectory/recorder/internal/recording_file.hpp"
#include "takt/trajectory/recorder/internal/trajectory_rows.hpp"

namespace {

using takt::trajectory::Trajectory;
using takt::trajectory::recorder::ReadOptions;
using takt::trajectory::recorder::Recording;
using takt::trajectory::recorder::internal::RecordingFile;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void check(const Trajectory& trajectory) {
  require(!trajectory.empty() && trajectory.time_ns(0) == 0);
  for (std::size_t i = 0; i < trajectory.size(); ++i) {
    const auto frame = trajectory.frame(i);
    require(frame.q_rad.size() == trajectory.joints() && frame.q_rad.all_finite());
    require(i == 0 || frame.t_ns > trajectory.time_ns(i - 1));
  }
}

void read(const RecordingFile& file, const ReadOptions& options) {
  try {
    check(takt::trajectory::recorder::internal::read_states(file, options));
  } catch (const takt::ConfigError& error) {
    require(error.what()[0] != '\0');
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
  try {
    const RecordingFile file(std::make_unique<takt::trajectory::mcap::MemorySource>(bytes));
    const Recording& recording = file.contents();
    read(file, {});
    for (std::size_t channel = 0; channel < recording.channels.size() && channel < 8; ++channel) {
      const auto& info = recording.channels[channel].info;
      read(file, {.robot = info.robot, .kind = info.kind});
      for (std::size_t episode = 0; episode < recording.episodes.size() && episode < 4; ++episode) {
        require(recording.episodes[episode].frames.size() == recording.channels.size());
        read(file, {.robot = info.robot, .kind = info.kind, .episode = recording.episodes[episode].number});
      }
    }
  } catch (const takt::ConfigError& error) {
    require(error.what()[0] != '\0');
  }
  return 0;
}
