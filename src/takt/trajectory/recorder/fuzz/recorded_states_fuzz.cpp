// Any bytes as a recording: a clear error, or trajectories that make sense. A file says with CRCs what it must be,
// which no mutation gets past; so bytes that are no file are taken as what lies in one: messages, one after the other,
// each a channel (1 byte), a time (1) and a length (2).

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "takt/core/error.hpp"
#include "takt/trajectory/mcap/sink.hpp"
#include "takt/trajectory/mcap/source.hpp"
#include "takt/trajectory/mcap/writer.hpp"
#include "takt/trajectory/recorder/internal/events.hpp"
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

void read_all(std::span<const std::byte> bytes) {
  try {
    const RecordingFile file(std::make_unique<takt::trajectory::mcap::MemorySource>(bytes));
    const Recording& recording = file.contents();
    read(file, {});
    read(file, {.from_s = 0.001, .to_s = 10.0});
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
}

/// A file with these messages in it.
std::vector<std::byte> file_of(std::span<const std::byte> bytes) {
  using namespace takt::trajectory::recorder;  // NOLINT(google-build-using-namespace)
  namespace mcap = takt::trajectory::mcap;
  std::vector<std::byte> made;
  mcap::Writer writer(std::make_unique<mcap::MemorySink>(made), {.compression = mcap::Compression::kNone});
  writer.add_metadata(internal::kRecordingMetadata, {{"version", std::string(internal::kVersion)}});
  const std::array channels{
      internal::add_channel(writer, internal::state_channel({.robot = "a", .joint_names = {"1", "2"}})),
      internal::add_channel(writer, internal::state_channel({.robot = "b", .joint_names = {"1"}})),
      internal::add_channel(writer, internal::episode_channel()),
      internal::add_channel(writer, internal::dropped_channel())};
  while (bytes.size() >= 4) {
    const auto at = [&](std::size_t i) { return std::to_integer<std::size_t>(bytes[i]); };
    const std::size_t length = std::min(at(2) + 256 * at(3), bytes.size() - 4);
    const auto time_ns = static_cast<takt::core::Nanoseconds>(at(1) * 100'000'000);
    writer.write(channels[at(0) % channels.size()], 1, time_ns, time_ns, bytes.subspan(4, length));
    bytes = bytes.subspan(4 + length);
  }
  writer.close();
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
  if (size > 0 && data[0] == 0x89) {  // as MCAP files begin
    read_all(bytes);
  } else {
    read_all(file_of(bytes));
  }
  return 0;
}
