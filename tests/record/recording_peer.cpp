// What takt's recorder writes, for recording.cjs to read with somebody else's packages.
//
//   recording_peer FILE COMPRESSION

#include <filesystem>
#include <string>
#include <string_view>

#include "takt/core/error.hpp"
#include "takt/trajectory/recorder/recorder.hpp"

namespace {

using namespace takt::trajectory::recorder;  // NOLINT(google-build-using-namespace)

takt::messages::RobotState state(int number) {
  takt::messages::RobotState made;
  made.stamp_ns = 1'000'000'000 + number * takt::core::Nanoseconds{1'000'000};
  made.sequence = static_cast<std::uint64_t>(number);
  made.source_t_s = number * 0.25;
  made.joint_positions = {0.5 * number, -0.5 * number, 1.0 / (number + 1)};
  made.joint_velocities = {1.0, 2.0, 3.0};
  made.gripper_position = 0.125 * (number % 8);
  made.end_effector_pose = {0.25, 0.5, 0.75, 0.0, 0.0, 0.0, 1.0};
  made.robot_type = takt::messages::RobotType::kSo101;
  made.mark = takt::messages::CommandMark::kEngaged;
  made.trace_id = 0xfedcba9876543210ULL + static_cast<std::uint64_t>(number);
  for (int hop = 0; hop < number % 4; ++hop) {
    made.hops.push_back(
        {.stamp_ns = made.stamp_ns + hop, .thread = 77, .point = static_cast<takt::messages::HopPoint>(hop)});
  }
  made.extras.push_back({.key = "voltage_v", .value = 12.5});
  return made;
}

void record(const std::filesystem::path& path, takt::trajectory::mcap::Compression compression) {
  RecorderOptions options;
  options.compression = compression;
  options.configuration = "rate_hz = 100\n";
  options.chunk_bytes = 4096;
  Recorder recorder(path, options);
  const StateChannelInfo info{.robot = "follower",
                              .kind = StateKind::kSent,
                              .arm = "so101",
                              .robot_type = takt::messages::RobotType::kSo101,
                              .joint_names = {"pan", "lift", "gripper"}};
  StateChannel& sent = recorder.states(info);
  recorder.note(Note::kMode, "follower", "teleop", 5);
  if (!recorder.begin_episode("pick the \"Würfel\"")) {
    throw takt::LogicError("no episode");
  }
  for (int number = 1; number <= 200; ++number) {
    sent.record(state(number));
  }
  static_cast<void>(recorder.end_episode(true));
  recorder.event("statistics", R"({"applied":200})");
}

}  // namespace

int main(int count, char** words) {
  using takt::trajectory::mcap::Compression;
  if (count != 3) {
    return 2;
  }
  const std::string_view compression = words[2];
  record(words[1], compression == "zstd"  ? Compression::kZstd
                   : compression == "lz4" ? Compression::kLz4
                                          : Compression::kNone);
  return 0;
}
